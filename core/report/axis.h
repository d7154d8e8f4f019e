#pragma once
// Round axis numbers and how they are written. Inside core/report only.
#include <cmath>
#include <string>
#include <vector>

namespace rlcm::report {

/// An axis that begins and ends at a tick or at the data.
struct Axis {
    double low = 0, high = 1;
    double step = 0.2;               ///< distance of the ticks: 1, 2 or 5 times a power of ten; 0: they are decades and parts of them
    std::vector<double> ticks = {};  ///< inside [low, high]
    bool isLog = false;              ///< logarithmic: low is above 0
    /// Tick as text, see tickText.
    std::string label(double tick) const;
    /// Whether a value can stand on the axis.
    bool hasPlace(double value) const { return std::isfinite(value) && (!isLog || value > 0); }
    /// 0 at low, 1 at high.
    double fraction(double value) const;
};
/// An axis over [low, high] with about `count` ticks, at least `leastStep` apart; an empty or endless range is widened to something drawable.
/// Two ticks or more, but where `leastStep` forbids it.
Axis makeAxis(double low, double high, int count, double margin, double leastStep = 0);
/// The same with decades at even distances; less than about a decade has ticks at even values. An empty range or one without a value above 0
/// becomes [0.1, 10].
Axis makeLogAxis(double low, double high, int count, double margin);

}  // namespace rlcm::report
