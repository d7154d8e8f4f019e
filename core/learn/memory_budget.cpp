#include "core/learn/memory_budget.h"

#include <algorithm>

#include "core/tensor/device.h"
#include "core/tensor/memory.h"
#include "core/tensor/torch.h"

namespace rlcm::learn {

std::int64_t graphBytesPerImage(const sampling::Denoiser& denoiser, const at::Tensor& latents, const sampling::Condition& condition,
                                const std::vector<nn::MergedProjection>& projections) {
    const at::Device cpu(at::kCPU);
    const tensor::GradMode grad(true);
    denoiser.predict(0, latents, condition, projections);  // one-time buffers of the libraries are made here
    const std::int64_t before = tensor::usedMemory(cpu);
    const at::Tensor kept = denoiser.predict(0, latents, condition, projections);
    return std::max<std::int64_t>(1, (tensor::usedMemory(cpu) - before) / latents.size(0));
}

}  // namespace rlcm::learn
