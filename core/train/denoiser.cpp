#include "core/train/denoiser.h"

#include "core/tensor/device.h"
#include "core/tensor/torch.h"

namespace rlcm::train {

Denoiser::Denoiser(const models::Pipeline& pipeline, const diffusion::Policy& policy, double guidance, at::Device device)
    : m_unet(pipeline.unet),
      m_isDoubled(pipeline.kind == models::PipelineKind::Diffusion && guidance != 1.0),
      m_guidance(guidance) {
    const tensor::GradMode noGrad(false);
    const auto steps = policy.timesteps();
    const at::Tensor timesteps = at::tensor(std::vector<std::int64_t>(steps.begin(), steps.end())).to(device);
    at::Tensor embedding;
    if (pipeline.kind == models::PipelineKind::Consistency) {
        embedding = diffusion::guidanceEmbedding(guidance, *m_unet.config().timeCondProjDim).to(device).expand({timesteps.size(0), -1});
    }
    m_allSteps = m_unet.timeFeatures(timesteps, embedding);
    for (std::int64_t step = 0; step < policy.steps(); ++step) {
        m_singleStep.push_back(m_allSteps.select(at::full({1}, step, timesteps.options())));
    }
}

at::Tensor Denoiser::context(const at::Tensor& embeddings, const at::Tensor& unconditional) const {
    if (!m_isDoubled) {
        return embeddings;
    }
    return at::cat({unconditional.expand({embeddings.size(0), -1, -1}), embeddings});
}

at::Tensor Denoiser::predict(std::int64_t step, const at::Tensor& x, const at::Tensor& context, std::span<const at::Tensor> projections) const {
    return run(m_singleStep[static_cast<std::size_t>(step)], x, context, projections);
}

at::Tensor Denoiser::predictMixed(const at::Tensor& step, const at::Tensor& x, const at::Tensor& context, std::span<const at::Tensor> projections) const {
    return run(m_allSteps.select(step), x, context, projections);
}

at::Tensor Denoiser::run(const models::TimeFeatures& time, const at::Tensor& x, const at::Tensor& context, std::span<const at::Tensor> projections) const {
    const at::Tensor eps = m_unet.forward(x, time, context, projections).to(at::kFloat);
    return m_isDoubled ? diffusion::combineGuidance(eps, m_guidance) : eps;
}

}  // namespace rlcm::train
