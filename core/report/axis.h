#pragma once
// Round axis numbers and how they are written. Inside core/report only.
#include <string>
#include <vector>

namespace rlcm::report {

/// An axis that begins and ends at a tick or at the data.
struct Axis {
    double low = 0, high = 1;
    double step = 0.2;              ///< distance of the ticks: 1, 2 or 5 times a power of ten
    std::vector<double> ticks;      ///< inside [low, high]
    /// Tick as text, see tickText.
    std::string label(double tick) const;
    /// 0 at low, 1 at high.
    double fraction(double value) const { return (value - low) / (high - low); }
};
/// An axis over [low, high] with about `count` ticks; an empty or endless range is widened to something drawable.
Axis makeAxis(double low, double high, int count, double margin);

}  // namespace rlcm::report
