#pragma once
// Log-probability of sampled transitions, their loss and its gradient for the adapter: the arithmetic of every update.
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/diffusion/policy.h"
#include "core/nn/lora.h"
#include "core/rl/policy_loss.h"
#include "core/sampling/denoiser.h"

namespace rlcm::learn {

/// Transitions that one denoiser call scores.
struct Transitions {
    at::Tensor step;                 ///< [N] i64
    at::Tensor x, next;              ///< [N,C,h,w] f32: state and the one that was sampled from it
    sampling::Condition condition;   ///< of the rows
};

/// A network seen as the policy whose transitions are scored.
struct Scorer {
    const sampling::Denoiser& denoiser;
    const diffusion::Policy& policy;

    /// Log-probability [N] f32 of transitions, mean over elements. Differentiable in the leaves of `projections`. thread: any.
    at::Tensor logProb(const Transitions& transitions, std::span<const nn::MergedProjection> projections) const;
    /// The same where the prediction [N,C,h,w] of the network is at hand.
    at::Tensor logProb(const Transitions& transitions, const at::Tensor& prediction) const;
};

/// Scored rows, all [N] f32.
struct Scored {
    at::Tensor logProb, oldLogProb, advantage;
};

/// The clip of the loss.
struct ClipOptions {
    double rangePerElement = 1e-4, advantage = 10.0;
};

struct LossGradient {
    rl::PolicyLoss loss;             ///< mean over the rows
    std::vector<at::Tensor> leaves;  ///< gradient of weight * loss for each leaf; undefined: zero
};
/// Goes backward from the loss of scored rows to the leaves, and frees the graph. thread: any; grad mode must be on.
LossGradient lossGradient(const Scored& scored, const ClipOptions& clip, double weight, const std::vector<at::Tensor>& leaves);

}  // namespace rlcm::learn
