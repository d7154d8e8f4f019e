#pragma once
// Statistics over runs that differ only in their seed; pure functions, no Qt.
#include <span>
#include <vector>

namespace rlcm::figure {

struct Curve {
    std::vector<double> x, y;  ///< x ascending; y may hold NaN
};

enum class Band {
    MinMax,
    StandardDeviation,  ///< sample standard deviation (n − 1)
    Confidence95,       ///< of the mean, Student's t
};

/// Mean and band of several runs; all vectors have the same length.
struct GroupCurve {
    std::vector<double> x, mean, low, high;
    std::vector<int> counts;  ///< runs behind each point
    int runs = 0;             ///< of all
};

/// Value of a curve at x by linear interpolation; NaN outside its range and inside a gap (never
/// extrapolates).
double interpolate(const Curve& curve, double x);
/// Mean and band on the union of the curves' x values, at each over the curves that have begun and not yet ended there
/// (between first and last finite point): a run that has only just begun takes nothing from the others. A gap inside a curve
/// makes a gap in the mean. One curve: mean = low = high. Curves without a finite point are left out.
GroupCurve groupCurves(std::span<const Curve> curves, Band band);
/// Two-sided 95 % quantile of Student's t.
double studentT95(int degreesOfFreedom);

}  // namespace rlcm::figure
