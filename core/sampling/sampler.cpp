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
        .keepsPredictions = !batch.reference.empty(),
    };
    Drawn drawn;
    const Stopwatch sampling;
    drawn.trajectory = sampleTrajectory(m_denoiser, *m_policy, inputs, gate);
    drawn.sampleSeconds = sampling.seconds() - drawn.trajectory.pausedSeconds;

    if (!batch.reference.empty()) {
        drawn.distance = distanceOf(table, batch, drawn.trajectory, gate);
    }

    const Stopwatch decoding;
    double paused = 0;
    drawn.images = decode(drawn.trajectory.finalLatent, gate, paused);
    drawn.decodeSeconds = decoding.seconds() - paused;
    return drawn;
}

PathDistance Sampler::distanceOf(const PromptTable& table, const Batch& batch, const Trajectory& trajectory, Gate& gate) const {
    const tensor::GradMode noGrad(false);
    const auto rows = static_cast<std::int64_t>(batch.prompts.size());
    std::vector<std::pair<std::int64_t, std::int64_t>> asked;  // (step, row) by step
    for (std::int64_t step = 0; step < m_policy->steps(); ++step) {
        for (std::int64_t row = 0; row < rows; ++row) {
            if ((batch.firstRow + row + step) % batch.referenceEvery == 0) {
                asked.emplace_back(step, row);
            }
        }
    }
    PathDistance distance;
    // As many rows in a call as in those that drew the paths, whatever their steps.
    for (std::size_t first = 0; first < asked.size(); first += batch.prompts.size()) {
        gate.pass();
        const Stopwatch watch;
        const std::span some(asked.data() + first, std::min(batch.prompts.size(), asked.size() - first));
        std::vector<std::int64_t> steps, prompts;
        std::vector<at::Tensor> x, ours;
        for (const auto& [step, row] : some) {
            steps.push_back(step);
            prompts.push_back(batch.prompts[static_cast<std::size_t>(row)]);
            x.push_back(trajectory.states[static_cast<std::size_t>(step)][row]);
            ours.push_back(trajectory.predictions[static_cast<std::size_t>(step)][row]);
        }
        const at::Tensor step = at::tensor(steps).to(m_device), states = at::stack(x), own = at::stack(ours);
        const at::Tensor theirs = m_denoiser.predictMixed(step, states, condition(table, prompts, states.sizes()), batch.reference);
        const auto count = static_cast<std::int64_t>(some.size());
        for (std::int64_t begin = 0, end = 0; begin < count; begin = end) {
            const std::int64_t same = steps[static_cast<std::size_t>(begin)];
            end = std::ranges::upper_bound(steps, same) - steps.begin();
            const auto part = [&](const at::Tensor& prediction) {
                return m_policy->transition(step.narrow(0, begin, 1), states.slice(0, begin, end), prediction.slice(0, begin, end));
            };
            distance.add(*m_policy, same, part(own), part(theirs));
        }
        gate.noteCall(watch.seconds());
    }
    return distance;
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
