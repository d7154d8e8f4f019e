#pragma once
// What an update minimises: scored rows in, a loss and what to watch about it out.
#include <memory>

#include <ATen/core/Tensor.h>

#include "core/run/measures.h"
#include "core/run/needs.h"
#include "core/run/run_config.h"

namespace rlcm::rl {

/// Rows (sample, step) of one denoiser call, all [N] f32.
struct Scored {
    at::Tensor logProb;     ///< under the policy that is trained, mean over elements; differentiable
    at::Tensor oldLogProb;  ///< when they were sampled
    at::Tensor advantage;
};

/// thread: any number at a time.
class Objective {
public:
    virtual ~Objective() = default;
    virtual run::Needs needs() const = 0;
    /// [] mean over the rows, differentiable in logProb. Adds what to watch to `measures`, weighted by `share`, the rows' part of an update.
    virtual at::Tensor loss(const Scored& rows, double share, run::Measures& measures) const = 0;
};

struct ClipOptions {
    double rangePerElement = 1e-4;  ///< c: the ratio counts between 1 - c and 1 + c
    double advantage = 10.0;        ///< advantages are clamped to +- this
};
/// Clipped importance weights: mean of max(-A*ratio, -A*clamp(ratio, 1-c, 1+c)). Measures: loss, approx_kl 0.5 * mean((logp - old)^2),
/// clip_fraction (share of rows with |ratio - 1| > c), clip_fraction_higher and clip_fraction_lower (those above 1 + c and below 1 - c), ratio_mean,
/// ratio_std (of the population) and ratio_max_deviation (max |ratio - 1|).
/// source: Schulman et al. 2017 eq. 7; ddpo-pytorch train loop.
class ClippedObjective final : public Objective {
public:
    explicit ClippedObjective(const ClipOptions& clip) : m_clip(clip) {}
    run::Needs needs() const override { return {}; }
    at::Tensor loss(const Scored& rows, double share, run::Measures& measures) const override;

private:
    ClipOptions m_clip;
};

/// The objective of a config.
std::unique_ptr<Objective> makeObjective(const run::TrainingConfig& training);

}  // namespace rlcm::rl
