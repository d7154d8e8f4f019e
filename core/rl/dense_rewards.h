#pragma once
// A reward for every step of a trajectory from those of three of its predictions.
// source: SDPO (arXiv 2411.11727) and its code; tested against golden/rules (sdpo).
#include <vector>

#include <ATen/core/Tensor.h>

namespace rlcm::rl {

/// How similar the clean images that a trajectory predicts are to three of them: cosines of the flattened latents, f64 on the CPU.
struct Similarities {
    at::Tensor anchor;                     ///< [N] i64: the step least similar to both ends; 0 where no step lies between them
    at::Tensor toFirst, toAnchor, toLast;  ///< [N,H]
};
/// predictions [N,H,...] of all steps, in their order.
Similarities similaritiesOf(const at::Tensor& predictions);

/// Rewards [N] f64 of the pictures of three predictions.
struct QueriedRewards {
    at::Tensor first, anchor, last;
};
/// [N,H] the mean of the three, weighted by similarity; the three steps keep their own. throws: Numeric when the weights of a step add to less than 0.1.
at::Tensor denseRewards(const Similarities& similar, const QueriedRewards& rewards);

/// [N,H] the step's reward and all later ones, each step later counting `discount` times as much.
at::Tensor discountedReturns(const at::Tensor& rewards, double discount);

}  // namespace rlcm::rl
