#include "core/base/order_statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/error.h"

namespace rlcm {

double quantile(std::vector<double> values, double q) {
    std::erase_if(values, [](double v) { return !std::isfinite(v); });
    if (values.empty()) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    const double place = std::clamp(q, 0.0, 1.0) * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::ptrdiff_t>(std::floor(place));
    std::nth_element(values.begin(), values.begin() + below, values.end());
    const double low = values[static_cast<std::size_t>(below)];
    const double share = place - static_cast<double>(below);
    if (share == 0) {
        return low;
    }
    return low + share * (*std::min_element(values.begin() + below + 1, values.end()) - low);
}

double median(std::vector<double> values) {
    ensure(!values.empty(), "a median needs a value");
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
}

}  // namespace rlcm
