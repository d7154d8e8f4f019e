#pragma once
// The reward's own gradient, through the last step of a trajectory, which adds no noise, and the decoder.
#include <cstdint>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/learn/latent_gradient.h"
#include "core/learn/pair_rows.h"
#include "core/learn/policy_gradient.h"
#include "core/rl/gradient_mix.h"

namespace rlcm::learn {

/// The last steps of images of a round, for one call of the network.
struct LastSteps {
    const Rollouts& round;
    std::span<const Pair> pairs;
    std::span<const nn::MergedProjection> projections;
    const std::vector<at::Tensor>& leaves;  ///< of the projections
    bool isAsSampled = true;                ///< by the policy that drew the round
};

/// Goes up the terms of the reward that are differentiable in the picture. The state that the last step starts from is a constant, so that nothing flows to
/// earlier steps. source: RTDMD (arXiv 2605.26108), without its hinge and its second network; DRaFT with K = 1. thread: lossGradient() on any; mix() on the trainer's.
class RewardAscent {
public:
    /// `together`: pictures whose graph of the decoder is alive at once, in a call.
    RewardAscent(const RoundParts& parts, std::int64_t together, const rl::MixOptions& mix) : m_parts(parts), m_together(together), m_mix(mix) {}
    /// Gradient of the negative mean reward for each leaf (undefined: zero). Measures: gradient_reward, the mean that goes up; clamped_share; and, where the images
    /// are as they were drawn, gradient_reward_gap, the mean distance of their rewards from those that were reported.
    std::vector<at::Tensor> lossGradient(const LastSteps& last, const Weight& weight, run::Measures& measures) const;
    rl::GradientMix& mix() { return m_mix; }
    const rl::GradientMix& mix() const { return m_mix; }

private:
    RewardChain chainOf(const LastSteps& last) const;
    double meanGap(const at::Tensor& rewards, const LastSteps& last) const;

    const RoundParts& m_parts;
    std::int64_t m_together;
    rl::GradientMix m_mix;
};

}  // namespace rlcm::learn
