#pragma once
// Smoothing as a view option; pure functions, no Qt.
#include <span>
#include <vector>

namespace rlcm::figure {

/// Debiased exponential mean by half-life: out[i] = Σ_{j≤i} w_ij y_j / Σ_{j≤i} w_ij with w_ij = 2^(−(x_i −
/// x_j)/halfLife), over finite y_j only. For evenly spaced points this is the bias-corrected EMA with factor
/// 2^(−Δx/halfLife); a half-life in x units makes runs logged at different density look alike. Points whose y
/// is not finite come out as NaN and carry no weight. range: x ascending; halfLife <= 0 returns y with
/// infinities as NaN.
std::vector<double> smoothByHalfLife(std::span<const double> x, std::span<const double> y, double halfLife);

}  // namespace rlcm::figure
