#pragma once
// A sampling policy: the Gaussian of the next latent given the network's prediction. One function serves sampling and
// scoring, so the two cannot disagree.
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/diffusion/noise_schedule.h"

namespace rlcm::diffusion {

/// The distribution of the next state of each row.
struct Transition {
    at::Tensor mean;      ///< [B,C,h,w] f32
    at::Tensor std;       ///< [B,1,1,1] f32
    at::Tensor denoised;  ///< [B,C,h,w] f32: RLCM: consistency output f; DDIM: x0 prediction. The image is decoded from the last one.
};

/// Mean over all elements of each row of log N(y; mean, std^2). Not the sum: see algorithms, clip range per element.
/// shapes: y, mean [B,...], std [B,1,1,1]; returns [B] f32.
at::Tensor logProbPerElement(const at::Tensor& y, const at::Tensor& mean, const at::Tensor& std);

/// Kullback-Leibler divergence of N(mean, std^2) from N(reference, std^2), mean over all elements of each row; times the elements it is in nats.
/// shapes: mean, reference [B,...], std [B,1,1,1]; returns [B] f32. source: (mean - reference)^2 / (2 std^2), exact for one deviation.
at::Tensor klPerElement(const at::Tensor& mean, const at::Tensor& reference, const at::Tensor& std);

class Policy {
public:
    virtual ~Policy() = default;
    /// H timesteps, descending.
    virtual std::span<const std::int64_t> timesteps() const = 0;
    std::int64_t steps() const { return static_cast<std::int64_t>(timesteps().size()); }
    /// Steps whose next state is random: 0 .. stochasticSteps()-1. The later ones take next = deterministicNext.
    virtual std::int64_t stochasticSteps() const = 0;
    /// The transition at step index `step` for states x and predicted noise eps.
    /// shapes: step [B] i64 (each in [0,H)) or a single value for all rows when numel 1; x, eps [B,C,h,w]; eps any float dtype, arithmetic in f32.
    /// Differentiable in eps.
    virtual Transition transition(const at::Tensor& step, const at::Tensor& x, const at::Tensor& eps) const = 0;
    /// Next state where no noise is added (only for steps >= stochasticSteps()).
    virtual at::Tensor deterministicNext(const Transition& transition) const = 0;
    /// Latent to decode after the last step: RLCM decodes the consistency output, DDIM the last state.
    virtual at::Tensor finalLatent(const Transition& last, const at::Tensor& lastState) const = 0;
};

enum class TimestepRule { Rlcm, Diffusers };
/// faithful: noise on every step when H > 1, the last goes back to its own level, all steps in the loss (released RLCM code).
/// deterministic: the last step adds no noise and is not in the loss (the paper; diffusers).
enum class LastStep { Faithful, Deterministic };

/// LCM timesteps for a horizon. throws: Config when steps is not in 1..originalSteps.
std::vector<std::int64_t> lcmTimesteps(std::int64_t steps, TimestepRule rule, std::int64_t originalSteps = 50, std::int64_t trainSteps = 1000);
/// Where DDIM's timesteps lie: multiples of train steps / steps from 0 up, moved by the offset; spread over all from the first to the last; or
/// counted down from the last.
enum class TimestepSpacing { Leading, Linspace, Trailing };
/// DDIM timesteps, descending; `offset` is of Leading. throws: Config when they do not fit.
/// source: diffusers DDIMScheduler.set_timesteps.
std::vector<std::int64_t> ddimTimesteps(std::int64_t steps, std::int64_t offset = 1, std::int64_t trainSteps = 1000,
                                        TimestepSpacing spacing = TimestepSpacing::Leading);

/// Factors of the consistency boundary condition f = out * x0 + skip * x, sigma_data 0.5.
struct LcmBoundary {
    double skip = 0, out = 0;
};
LcmBoundary lcmBoundary(double t, double timestepScaling = 10.0);

struct LcmOptions {
    std::int64_t steps = 4;
    TimestepRule rule = TimestepRule::Rlcm;
    LastStep lastStep = LastStep::Faithful;
    std::int64_t originalSteps = 50;
    double timestepScaling = 10.0;
};
std::unique_ptr<Policy> makeLcmPolicy(const NoiseSchedule& schedule, const LcmOptions& options, at::Device device);

struct DdimOptions {
    std::int64_t steps = 20;
    double eta = 1.0;
    std::int64_t stepsOffset = 1;
    TimestepSpacing spacing = TimestepSpacing::Leading;
    bool endsClean = false;  ///< the last step goes to the clean latent (set_alpha_to_one) instead of to timestep 0
};
/// The timestep behind the last is 0 as in ddpo-pytorch; eta 0 has no stochastic step.
std::unique_ptr<Policy> makeDdimPolicy(const NoiseSchedule& schedule, const DdimOptions& options, at::Device device);

/// LCM guidance embedding of w = guidanceScale - 1: [1, dim] f32, sin first, in the float32 operations of diffusers (within a few
/// float32 steps of the phase; the same on every processor).
at::Tensor guidanceEmbedding(double guidanceScale, std::int64_t dim);
/// eps of doubled rows [uncond; cond] -> uncond + scale * (cond - uncond), f32.
at::Tensor combineGuidance(const at::Tensor& doubledEps, double scale);

}  // namespace rlcm::diffusion
