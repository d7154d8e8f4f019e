#pragma once
// From prompts and noise to pictures: the one chain that rollouts, evaluations, `rlcm sample` and the benchmark draw with.
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/diffusion/policy.h"
#include "core/image/rgb8_image.h"
#include "core/models/pipeline.h"
#include "core/sampling/denoiser.h"
#include "core/sampling/gate.h"
#include "core/sampling/noise.h"
#include "core/sampling/path_distance.h"
#include "core/sampling/setup.h"
#include "core/sampling/trajectory.h"

namespace rlcm::sampling {

/// What is to be drawn.
struct Batch {
    std::vector<std::int64_t> prompts;  ///< [B] rows of the table
    Noise noise;
    std::span<const nn::MergedProjection> projections;
    std::int64_t scoredSteps = 0;                   ///< as TrajectoryInputs
    std::span<const std::int64_t> graphSteps = {};  ///< as TrajectoryInputs
    bool keepsMeans = false;                        ///< as TrajectoryInputs
    bool keepsDenoised = false;                     ///< as TrajectoryInputs
    /// Another network's, as the model without its adapter, that is asked for states of the paths (see Drawn::distance). Empty: none.
    std::span<const nn::MergedProjection> reference = {};
    std::int64_t referenceEvery = 1;  ///< of an image's states every so manieth
    std::int64_t firstRow = 0;        ///< number of the first image: the next begins one state earlier, so that every state is asked for of some image
};

/// What was drawn.
struct Drawn {
    Trajectory trajectory;
    std::vector<image::Rgb8Image> images;         ///< [B]
    PathDistance distance;                        ///< from the reference, where there is one
    double sampleSeconds = 0, decodeSeconds = 0;  ///< without pauses
};

/// A model with the policy that it is sampled by. thread: any number at a time.
class Sampler {
public:
    /// `pipeline` must outlive it. `guidance` as Denoiser.
    Sampler(const models::Pipeline& pipeline, std::unique_ptr<diffusion::Policy> policy, double guidance, at::Device device);

    const diffusion::Policy& policy() const { return *m_policy; }
    const Denoiser& denoiser() const { return m_denoiser; }
    at::Device device() const { return m_device; }
    /// [C,h,w] of one image's latents.
    std::vector<std::int64_t> latentShape() const;
    /// Condition of rows of a table for latents whose shape ends in [h,w].
    Condition condition(const PromptTable& table, const std::vector<std::int64_t>& prompts, at::IntArrayRef latents) const;
    /// From now on no more than so many images are decoded in one call, to bound its memory: large images take more than the rows of
    /// the network that they came from. Call before drawing.
    void limitDecoding(std::int64_t images) { m_decodedTogether = images; }
    /// As Denoiser::recordCalls.
    void recordCalls(std::unique_ptr<tensor::LaunchRecorder> recorder) { m_denoiser.recordCalls(std::move(recorder)); }
    /// What the decoder makes of latents, around -1..1, [B,3,H,W] in its dtype; differentiable.
    at::Tensor decoded(const at::Tensor& latents) const { return m_pipeline.vae.decodeScaled(latents); }
    /// Samples and decodes a batch; looks at the gate before every call of a network. throws: as sampleTrajectory.
    Drawn draw(const PromptTable& table, const Batch& batch, Gate& gate) const;
    /// Pictures of latents [B,C,h,w]; looks at the gate and adds what it waited to `pausedSeconds`.
    std::vector<image::Rgb8Image> decode(const at::Tensor& latents, Gate& gate, double& pausedSeconds) const;

private:
    /// Asks the reference for states of paths whose predictions were kept.
    PathDistance distanceOf(const PromptTable& table, const Batch& batch, const Trajectory& trajectory, Gate& gate) const;

    const models::Pipeline& m_pipeline;
    std::unique_ptr<diffusion::Policy> m_policy;
    at::Device m_device;
    Denoiser m_denoiser;
    std::int64_t m_decodedTogether = std::numeric_limits<std::int64_t>::max();
};

}  // namespace rlcm::sampling
