#pragma once
// Smoothing as a view option; pure functions, no Qt.
#include <span>
#include <vector>

namespace rlcm::figure {

/// How a curve is smoothed. All but the first forget what is further away than the width.
enum class Smoother {
    Exponential,  ///< debiased mean of what came before, by half-life
    Mean,         ///< of the points at most the width away on either side
    Median,       ///< of the same points: one outlier moves it little
};

/// How much and how; the width is in the unit of x.
struct Smoothing {
    double width = 0;  ///< half-life, or how far points may lie on either side; 0: off
    Smoother smoother = Smoother::Exponential;
};

/// Debiased exponential mean by half-life: out[i] = Σ_{j≤i} w_ij y_j / Σ_{j≤i} w_ij with w_ij = 2^(−(x_i −
/// x_j)/halfLife), over finite y_j only. For evenly spaced points this is the bias-corrected EMA with factor
/// 2^(−Δx/halfLife); a half-life in x units makes runs logged at different density look alike. Points whose y
/// is not finite come out as NaN and carry no weight. range: x ascending; halfLife <= 0 returns y with
/// infinities as NaN.
std::vector<double> smoothByHalfLife(std::span<const double> x, std::span<const double> y, double halfLife);
/// Mean or median over the finite y_j with |x_j − x_i| <= width; otherwise as smoothByHalfLife. Takes O(n log n).
std::vector<double> smoothByWindow(std::span<const double> x, std::span<const double> y, const Smoothing& smoothing);
/// By the smoother that is asked for.
std::vector<double> smoothed(std::span<const double> x, std::span<const double> y, const Smoothing& smoothing);

}  // namespace rlcm::figure
