#include "core/figure/smoothing.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rlcm::figure {

std::vector<double> smoothByHalfLife(std::span<const double> x, std::span<const double> y, double halfLife) {
    constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
    const std::size_t count = std::min(x.size(), y.size());
    std::vector<double> out(count, kNan);
    double sum = 0, weight = 0, lastX = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (!std::isfinite(y[i])) {
            continue;
        }
        if (halfLife <= 0) {
            out[i] = y[i];
            continue;
        }
        const double decay = weight > 0 ? std::exp2(-std::max(0.0, x[i] - lastX) / halfLife) : 0.0;
        sum = sum * decay + y[i];
        weight = weight * decay + 1.0;
        lastX = x[i];
        out[i] = sum / weight;
    }
    return out;
}

}  // namespace rlcm::figure
