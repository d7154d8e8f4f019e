#include "core/sampling/sampler.h"

#include <algorithm>
#include <iterator>
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
        .keepsMeans = batch.keepsMeans,
        .keepsDenoised = batch.keepsDenoised,
        .reference = batch.reference,
    };
    Drawn drawn;
    const Stopwatch sampling;
    drawn.trajectory = sampleTrajectory(m_denoiser, *m_policy, inputs, gate);
    drawn.sampleSeconds = sampling.seconds() - drawn.trajectory.pausedSeconds;

    const Stopwatch decoding;
    double paused = 0;
    drawn.images = decode(drawn.trajectory.finalLatent, gate, paused);
    drawn.decodeSeconds = decoding.seconds() - paused;
    return drawn;
}

std::vector<image::Rgb8Image> Sampler::decode(const at::Tensor& latents, Gate& gate, double& pausedSeconds) const {
    const tensor::GradMode noGrad(false);
    std::vector<image::Rgb8Image> images;
    for (std::int64_t first = 0; first < latents.size(0); first += m_decodedTogether) {
        pausedSeconds += gate.pass();
        const at::Tensor some = latents.narrow(0, first, std::min(m_decodedTogether, latents.size(0) - first));
        std::vector<image::Rgb8Image> decoded = tensor::toImages(m_pipeline.vae.decodeScaled(some));
        std::move(decoded.begin(), decoded.end(), std::back_inserter(images));
    }
    return images;
}

}  // namespace rlcm::sampling
