#include "core/sampling/denoiser.h"

#include "core/base/error.h"
#include "core/nn/layers.h"
#include "core/tensor/device.h"
#include "core/tensor/torch.h"

namespace rlcm::sampling {

Denoiser::Denoiser(const models::Network& network, const diffusion::Policy& policy, const DenoiserOptions& options, at::Device device)
    : m_network(network),
      m_pixelsPerLatent(options.pixelsPerLatent),
      m_isDoubled(network.dims().guidanceWidth == 0 && options.guidance != 1.0),
      m_guidance(options.guidance) {
    const tensor::GradMode noGrad(false);
    const auto steps = policy.timesteps();
    const at::Tensor timesteps = at::tensor(std::vector<std::int64_t>(steps.begin(), steps.end())).to(device);
    at::Tensor embedding;
    if (const std::int64_t width = network.dims().guidanceWidth; width > 0) {
        const at::Tensor one = options.guidanceEmbedding.defined() ? options.guidanceEmbedding : diffusion::guidanceEmbedding(options.guidance, width);
        embedding = one.to(device).expand({timesteps.size(0), -1});
    }
    m_stepEmbeddings = m_network.timeEmbedding(timesteps, embedding);
    if (m_network.dims().pooledWidth > 0) {
        return;  // the features depend on the prompts too
    }
    m_allSteps = m_network.timeFeatures(m_stepEmbeddings);
    for (std::int64_t step = 0; step < policy.steps(); ++step) {
        m_singleStep.push_back(m_allSteps.select(at::full({1}, step, timesteps.options())));
    }
}

Condition Denoiser::condition(const models::PromptEmbeddings& prompts, const models::PromptEmbeddings& none, at::IntArrayRef latentShape) const {
    const tensor::GradMode noGrad(false);
    const models::PromptEmbeddings rows = m_isDoubled ? models::PromptEmbeddings::cat({none.expand(prompts.context.size(0)), prompts}) : prompts;
    if (m_network.dims().pooledWidth == 0) {
        return {rows.context, {}};
    }
    ensure(latentShape.size() >= 2, "the shape of latents ends in height and width");
    const auto height = static_cast<double>(latentShape[latentShape.size() - 2] * m_pixelsPerLatent);
    const auto width = static_cast<double>(latentShape[latentShape.size() - 1] * m_pixelsPerLatent);
    return {rows.context, m_network.addedEmbedding(rows.pooled, at::tensor({height, width, 0.0, 0.0, height, width}).unsqueeze(0))};
}

at::Tensor Denoiser::predict(std::int64_t step, const at::Tensor& x, const Condition& condition, std::span<const nn::MergedProjection> projections) const {
    if (condition.added.defined()) {
        return run(withAdded(m_stepEmbeddings.narrow(0, step, 1), condition.added), x, condition, projections);
    }
    return run(m_singleStep[static_cast<std::size_t>(step)], x, condition, projections);
}

at::Tensor Denoiser::predictMixed(const at::Tensor& step, const at::Tensor& x, const Condition& condition,
                                  std::span<const nn::MergedProjection> projections) const {
    if (condition.added.defined()) {
        return run(withAdded(m_stepEmbeddings.index_select(0, step), condition.added), x, condition, projections);
    }
    return run(m_allSteps.select(step), x, condition, projections);
}

models::TimeFeatures Denoiser::withAdded(const at::Tensor& steps, const at::Tensor& added) const {
    const tensor::GradMode noGrad(false);
    return m_network.timeFeatures(added + (steps.size(0) == 1 ? steps : nn::repeatRows(steps, added.size(0))));
}

at::Tensor Denoiser::run(const models::TimeFeatures& time, const at::Tensor& x, const Condition& condition,
                         std::span<const nn::MergedProjection> projections) const {
    m_rowsDone += x.size(0) * rowsPerImage();
    const at::Tensor narrow = m_network.forward(x, time, condition.context, projections);
    const at::Tensor eps = narrow.scalar_type() == at::kDouble ? narrow : narrow.to(at::kFloat);  // f64: parity only
    return m_isDoubled ? diffusion::combineGuidance(eps, m_guidance) : eps;
}

}  // namespace rlcm::sampling
