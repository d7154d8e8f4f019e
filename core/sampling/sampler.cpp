#include "core/sampling/sampler.h"

#include <utility>

#include "core/tensor/device.h"
#include "core/tensor/image_tensor.h"
#include "core/tensor/torch.h"

namespace rlcm::sampling {

Sampler::Sampler(const models::Pipeline& pipeline, std::unique_ptr<diffusion::Policy> policy, double guidance, at::Device device)
    : m_pipeline(pipeline),
      m_policy(std::move(policy)),
      m_device(device),
      m_denoiser(*pipeline.network, *m_policy, {.guidance = guidance, .pixelsPerLatent = pipeline.vae.config().downFactor(), .guidanceEmbedding = {}}, device) {
}

std::vector<std::int64_t> Sampler::latentShape() const {
    const shapes::LatentShape& latent = m_pipeline.network->dims().latent;
    return {latent.channels, latent.height, latent.width};
}

Condition Sampler::condition(const PromptTable& table, const std::vector<std::int64_t>& prompts, at::IntArrayRef latents) const {
    return m_denoiser.condition(table.embeddings.select(at::tensor(prompts).to(m_device)), table.none, latents);
}

Drawn Sampler::draw(const PromptTable& table, const Batch& batch, Gate& gate) const {
    const TrajectoryInputs inputs{
        .noise = batch.noise,
        .condition = condition(table, batch.prompts, batch.noise.initial.sizes()),
        .projections = batch.projections,
        .scoredSteps = batch.scoredSteps,
        .graphSteps = batch.graphSteps,
        .reference = batch.reference,
    };
    Drawn drawn;
    const Stopwatch sampling;
    drawn.trajectory = sampleTrajectory(m_denoiser, *m_policy, inputs, gate);
    drawn.sampleSeconds = sampling.seconds() - drawn.trajectory.pausedSeconds;

    gate.pass();
    const Stopwatch decoding;
    const tensor::GradMode noGrad(false);
    drawn.images = tensor::toImages(m_pipeline.vae.decodeScaled(drawn.trajectory.finalLatent));
    drawn.decodeSeconds = decoding.seconds();
    return drawn;
}

}  // namespace rlcm::sampling
