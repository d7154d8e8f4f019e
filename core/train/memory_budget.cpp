#include "core/train/memory_budget.h"

#include <algorithm>
#include <fstream>
#include <string>

#include <malloc.h>

#include "core/tensor/device.h"
#include "core/tensor/torch.h"

namespace rlcm::train {
namespace {

std::int64_t heapBytes() {
    const struct mallinfo2 info = ::mallinfo2();
    return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
}

}  // namespace

std::int64_t graphBytesPerImage(const Denoiser& denoiser, const at::Tensor& latents, const at::Tensor& context,
                                const std::vector<at::Tensor>& projections) {
    const tensor::GradMode grad(true);
    denoiser.predict(0, latents, context, projections);  // one-time buffers of the libraries are made here
    const std::int64_t before = heapBytes();
    const at::Tensor kept = denoiser.predict(0, latents, context, projections);
    return std::max<std::int64_t>(1, (heapBytes() - before) / latents.size(0));
}

std::int64_t availableMemory() {
    std::ifstream file("/proc/meminfo");
    std::string word;
    std::int64_t kib = 0;
    while (file >> word) {
        if (word == "MemAvailable:" && file >> kib) {
            return kib * 1024;
        }
    }
    return std::int64_t{2} << 30;
}

}  // namespace rlcm::train
