#pragma once
// Log-probability of sampled transitions, their loss and its gradient for the adapter: the arithmetic of every update.
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/diffusion/policy.h"
#include "core/nn/lora.h"
#include "core/rl/objective.h"
#include "core/sampling/denoiser.h"

namespace rlcm::learn {

/// Transitions that one denoiser call scores.
struct Transitions {
    at::Tensor step;                ///< [N] i64
    at::Tensor x, next;             ///< [N,C,h,w] f32: state and the one that was sampled from it
    sampling::Condition condition;  ///< of the rows
};

/// A network seen as the policy whose transitions are scored.
struct Scorer {
    const sampling::Denoiser& denoiser;
    const diffusion::Policy& policy;

    /// Log-probability [N] f32 of transitions, mean over elements. Differentiable in the leaves of `projections`. thread: any.
    at::Tensor logProb(const Transitions& transitions, std::span<const nn::MergedProjection> projections) const;
    /// The same where the prediction [N,C,h,w] of the network is at hand.
    at::Tensor logProb(const Transitions& transitions, const at::Tensor& prediction) const;
    /// Divergence [N] f32 of what two predictions make of the states of random steps, mean over elements. Differentiable in `prediction`. source: closed form
    /// for Gaussians of one deviation, (mean - mean_ref)^2 / (2 std^2).
    at::Tensor kl(const Transitions& transitions, const at::Tensor& prediction, const at::Tensor& reference) const;
    /// The same from means [N,C,h,w] that were kept; a constant.
    at::Tensor klToMean(const Transitions& transitions, const at::Tensor& prediction, const at::Tensor& mean) const;
    /// The network's prediction for the states of transitions.
    at::Tensor predict(const Transitions& transitions, std::span<const nn::MergedProjection> projections) const;
};

/// The rows' part of an update: their share of its loss, and a factor on the gradient besides.
struct Weight {
    double share = 1.0, scale = 1.0;
};
/// Gradient of the weighted loss of scored rows for each leaf (undefined: zero); frees the graph. thread: any; grad mode must be on.
std::vector<at::Tensor> lossGradient(const rl::Objective& objective, const rl::Scored& rows, const Weight& weight, const std::vector<at::Tensor>& leaves,
                                     run::Measures& measures);

}  // namespace rlcm::learn
