#include "core/tensor/failure.h"

#include <new>

#include "core/base/error.h"
#include "core/tensor/torch.h"

namespace rlcm::tensor {
namespace {

std::string usedUp(const std::string& details) {
    return "memory is used up; what takes less: a smaller compute.chunk_images, compute.gradient_checkpointing on, compute.dtype bf16, or a limit "
           "with compute.memory_gib" +
           details;
}

}  // namespace

std::string failureText(const std::exception& failure) {
    if (dynamic_cast<const Error*>(&failure) != nullptr) {
        return failure.what();
    }
    if (dynamic_cast<const std::bad_alloc*>(&failure) != nullptr) {
        return usedUp("");
    }
    const auto* torchError = dynamic_cast<const c10::Error*>(&failure);
    const std::string text = torchError != nullptr ? torchError->what_without_backtrace() : failure.what();
    const bool isMemory = dynamic_cast<const c10::OutOfMemoryError*>(torchError) != nullptr ||  // of a GPU
                          text.find("can't allocate memory") != std::string::npos;              // of the CPU's allocator
    return isMemory ? usedUp(". torch says: " + text) : "internal error: " + text;
}

}  // namespace rlcm::tensor
