#pragma once
#include <ATen/core/Tensor.h>

namespace rlcm::rl {

/// Clipped importance-weighted loss and what to watch about it. All vectors are per (sample, step) row.
struct PolicyLoss {
    at::Tensor loss;         ///< [] mean over rows of max(-A*ratio, -A*clamp(ratio, 1-c, 1+c)); differentiable
    double approxKl = 0;     ///< 0.5 * mean((logp - old)^2)
    double clipFraction = 0; ///< share of rows with |ratio - 1| > c
    double ratioMaxDeviation = 0;  ///< max |ratio - 1|
};
/// shapes: logProb, oldLogProb, advantages [N] f32; advantages are clamped to +-advantageClip here.
/// source: Schulman et al. 2017 eq. 7; ddpo-pytorch train loop. logProb is the mean over elements.
PolicyLoss clippedPolicyLoss(const at::Tensor& logProb, const at::Tensor& oldLogProb, const at::Tensor& advantages,
                             double clipRangePerElement, double advantageClip);

}  // namespace rlcm::rl
