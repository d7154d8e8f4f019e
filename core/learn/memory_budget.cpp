#include "core/learn/memory_budget.h"

#include <algorithm>

#include "core/tensor/device.h"
#include "core/tensor/tensor_bytes.h"
#include "core/tensor/torch.h"

namespace rlcm::learn {

std::int64_t graphBytesPerImage(const sampling::Sampler& sampler, const sampling::PromptTable& prompts, const std::vector<nn::MergedProjection>& projections) {
    constexpr std::int64_t kRows = 2;
    std::vector<std::int64_t> shape = sampler.latentShape();
    shape.insert(shape.begin(), kRows);
    const at::Tensor latents = at::zeros(shape, at::kFloat);
    const sampling::Condition condition = sampler.condition(prompts, std::vector<std::int64_t>(kRows, 0), shape);
    const tensor::GradMode grad(true);
    sampler.denoiser().predict(0, latents, condition, projections);  // one-time buffers of the libraries are made here
    const tensor::TensorBytes made;
    const at::Tensor kept = sampler.denoiser().predict(0, latents, condition, projections);
    return std::max<std::int64_t>(1, made.held() / kRows);
}

double graphBudget(std::int64_t freeBytes, std::int64_t totalBytes) {
    constexpr double kShareOfFree = 0.4;  // the rest: weights, decoding, the window, other programs
    constexpr double kShareOfAll = 0.2;
    return std::min(kShareOfFree * static_cast<double>(freeBytes), kShareOfAll * static_cast<double>(totalBytes));
}

bool GraphKeeping::decide(std::int64_t freeBytes, std::int64_t totalBytes) {
    constexpr double kShareOfOthers = 0.1;
    const std::int64_t wanted = m_isKept ? 0 : m_graphBytes;
    m_isKept = static_cast<double>(freeBytes - wanted) >= kShareOfOthers * static_cast<double>(totalBytes);
    return m_isKept;
}

}  // namespace rlcm::learn
