#pragma once
// What an update minimises: scored rows in, a loss and what to watch about it out.
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

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
    at::Tensor kl{};               ///< divergence from the reference's transition, mean over elements; differentiable. Undefined unless needed
    at::Tensor klFactor{};         ///< how often the row counts in the mean of kl, a constant; undefined: every row once
    at::Tensor klSinceSampling{};  ///< divergence from the transition that was drawn, mean over elements; a constant. Undefined unless needed
    at::Tensor error{}, slope{};   ///< the row's of TwinTargets, constants. Undefined unless needed
};

/// Images of an update at their trained steps, twins (two images of a prompt) side by side.
struct TwinRows {
    at::Tensor change;                ///< [N,S] log-ratios under the policy as it is
    at::Tensor advantage;             ///< [N,S]
    std::vector<std::int64_t> steps;  ///< [S] which they are
};
/// What twins ask of their rows, both [N,S]. The loss is the mean of the errors over all rows.
struct TwinTargets {
    at::Tensor error;  ///< the same for both
    at::Tensor slope;  ///< its derivative for the row's log-ratio, as that of a term of the mean
};

/// thread: any number at a time.
class Objective {
public:
    virtual ~Objective() = default;
    virtual run::Needs needs() const = 0;
    /// Only for objectives that need twins.
    virtual TwinTargets twinTargets(const TwinRows& twins) const;
    /// [] mean over the rows, differentiable in logProb. Adds what to watch to `measures`, weighted by `share`, the rows' part of an update.
    virtual at::Tensor loss(const Scored& rows, double share, run::Measures& measures) const = 0;
};

struct ClipOptions {
    double rangePerElement = 1e-4;   ///< c: the ratio counts between 1 - c and 1 + c
    std::optional<double> higher{};  ///< in place of c above 1
    double advantage = 10.0;         ///< advantages are clamped to +- this
    double klWeight = 0.0;           ///< adds so much of the mean of Scored::kl
};
/// Clipped importance weights, and a penalty on the distance from the reference: mean of max(-A*ratio, -A*clamp(ratio, 1-c, 1+c)). Measures: loss, approx_kl 0.5 * mean((logp - old)^2),
/// clip_fraction (share of rows whose ratio is outside), clip_fraction_higher and clip_fraction_lower (those above and below), ratio_mean,
/// ratio_std (of the population) and ratio_max_deviation (max |ratio - 1|); kl_loss, the mean divergence, where it has a weight.
/// source: Schulman et al. 2017 eq. 7; ddpo-pytorch train loop; the two ranges: DAPO (arXiv 2503.14476).
class ClippedObjective final : public Objective {
public:
    explicit ClippedObjective(const ClipOptions& clip) : m_clip(clip) {}
    run::Needs needs() const override { return {.referenceForward = m_clip.klWeight > 0, .decoderGraph = false}; }
    at::Tensor loss(const Scored& rows, double share, run::Measures& measures) const override;

private:
    ClipOptions m_clip;
};

struct MaskOptions {
    double limit = 1e-5;      ///< tau, of a divergence for each element
    double advantage = 10.0;  ///< advantages are clamped to +- this
    double klWeight = 0.0;    ///< adds so much of the mean of Scored::kl
};
/// A divergence mask in place of the clip: mean over all rows of -A*ratio, 0 where the divergence since sampling is tau or more and the row goes on (ratio > 1
/// and A > 0, or ratio < 1 and A < 0). Measures: as ClippedObjective without those of the clip; kl_new_old_mean, kl_new_old_max, kl_mask_fraction (beyond tau),
/// masked_fraction (left out). source: Flow-DPPO (arXiv 2606.11025) eq. 14 and 18; tested against golden/rules (dppo).
class MaskedObjective final : public Objective {
public:
    explicit MaskedObjective(const MaskOptions& mask) : m_mask(mask) {}
    run::Needs needs() const override { return {.referenceForward = m_mask.klWeight > 0, .decoderGraph = false, .oldMeans = true}; }
    at::Tensor loss(const Scored& rows, double share, run::Measures& measures) const override;

private:
    MaskOptions m_mask;
};

struct RebelOptions {
    double scale = 1.0;       ///< lambda
    double advantage = 10.0;  ///< advantages are clamped to +- this
    double klWeight = 0.0;    ///< adds so much of the mean of Scored::kl
};
/// Regression of differences between twins x, y. The value and the gradient are exact however twins and steps are spread over calls: what ties them together comes
/// in as constants. Measures: as ClippedObjective without those of the clip.
class TwinObjective : public Objective {
public:
    explicit TwinObjective(double klWeight) : m_klWeight(klWeight) {}
    at::Tensor loss(const Scored& rows, double share, run::Measures& measures) const override;

private:
    double m_klWeight;
};

/// Mean over twins of (lambda (sum of x's log-ratios - sum of y's) - (A_x - A_y))^2, sums over the steps.
/// source: REBEL (arXiv 2404.16767), as the RLCM code means it; tested against golden/rules (rebel).
class RebelObjective final : public TwinObjective {
public:
    explicit RebelObjective(const RebelOptions& options) : TwinObjective(options.klWeight), m_options(options) {}
    run::Needs needs() const override { return {.referenceForward = m_options.klWeight > 0, .decoderGraph = false, .oldMeans = false, .twins = true}; }
    TwinTargets twinTargets(const TwinRows& twins) const override;

private:
    RebelOptions m_options;
};

struct StepwiseOptions {
    double stepWeight = 0.99;       ///< lambda
    double rangePerElement = 1e-4;  ///< c, as ClipOptions
    double advantage = 5.0;         ///< advantages are clamped to +- this
    double klWeight = 0.0;          ///< adds so much of the mean of Scored::kl
};
/// Step by step: mean over twins and steps t of the larger of (lambda^t (x's log-ratio - y's) - (A_x - A_y))^2 and the same with both log-ratios clamped to +-c;
/// step 0 is the noisiest. source: SDPO (arXiv 2411.11727) and its code; tested against golden/rules (sdpo).
class StepwiseObjective final : public TwinObjective {
public:
    explicit StepwiseObjective(const StepwiseOptions& options) : TwinObjective(options.klWeight), m_options(options) {}
    run::Needs needs() const override {
        return {.referenceForward = m_options.klWeight > 0, .decoderGraph = false, .oldMeans = false, .twins = true, .stepRewards = true};
    }
    TwinTargets twinTargets(const TwinRows& twins) const override;

private:
    StepwiseOptions m_options;
};

/// What a reward's own gradient leaves to the policy: nothing. Has no rows.
class NoObjective final : public Objective {
public:
    run::Needs needs() const override { return {}; }
    at::Tensor loss(const Scored& rows, double share, run::Measures& measures) const override;
};

/// The objective of a config.
std::unique_ptr<Objective> makeObjective(const run::TrainingConfig& training);

}  // namespace rlcm::rl
