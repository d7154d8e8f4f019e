#include "core/sampling/denoiser.h"

#include <utility>

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

void Denoiser::recordCalls(std::unique_ptr<tensor::LaunchRecorder> recorder) {
    m_recorded =
        std::make_unique<RecordedCalls>(std::move(recorder), [this](const CallInputs& inputs) { return run(features(inputs.step, inputs.added), inputs); });
}

at::Tensor Denoiser::predict(std::int64_t step, const at::Tensor& x, const Condition& condition, std::span<const nn::MergedProjection> projections) const {
    CallInputs inputs{.step = {}, .x = x, .context = condition.context, .added = condition.added, .projections = projections};
    if (m_recorded || condition.added.defined()) {
        inputs.step = at::full({1}, step, at::TensorOptions(at::kLong).device(x.device()));
        return call(inputs);
    }
    m_rowsDone += x.size(0) * rowsPerImage();
    return run(m_singleStep[static_cast<std::size_t>(step)], inputs);
}

at::Tensor Denoiser::predictMixed(const at::Tensor& step, const at::Tensor& x, const Condition& condition,
                                  std::span<const nn::MergedProjection> projections) const {
    return call({.step = step, .x = x, .context = condition.context, .added = condition.added, .projections = projections});
}

at::Tensor Denoiser::call(const CallInputs& inputs) const {
    m_rowsDone += inputs.x.size(0) * rowsPerImage();
    return m_recorded ? (*m_recorded)(inputs) : run(features(inputs.step, inputs.added), inputs);
}

models::TimeFeatures Denoiser::features(const at::Tensor& step, const at::Tensor& added) const {
    if (!added.defined()) {
        return m_allSteps.select(step);
    }
    const tensor::GradMode noGrad(false);
    const at::Tensor steps = m_stepEmbeddings.index_select(0, step);
    return m_network.timeFeatures(added + (steps.size(0) == 1 ? steps : nn::repeatRows(steps, added.size(0))));
}

at::Tensor Denoiser::run(const models::TimeFeatures& time, const CallInputs& inputs) const {
    const at::Tensor narrow = m_network.forward(inputs.x, time, inputs.context, inputs.projections);
    const at::Tensor eps = narrow.scalar_type() == at::kDouble ? narrow : narrow.to(at::kFloat);  // f64: parity only
    return m_isDoubled ? diffusion::combineGuidance(eps, m_guidance) : eps;
}

}  // namespace rlcm::sampling
