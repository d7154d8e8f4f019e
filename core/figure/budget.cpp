#include "core/figure/budget.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/error.h"
#include "core/base/order_statistics.h"

namespace rlcm::figure {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<std::size_t> finitePoints(const Curve& curve) {
    std::vector<std::size_t> points;
    for (std::size_t i = 0; i < curve.y.size(); ++i) {
        if (std::isfinite(curve.y[i])) {
            points.push_back(i);
        }
    }
    return points;
}

}  // namespace

std::optional<double> valueAt(const Curve& curve, double budget) {
    const double value = interpolate(curve, budget);
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::optional<Range> commonRange(std::span<const Curve> curves) {
    Range range{-kInfinity, kInfinity};
    for (const Curve& curve : curves) {
        const std::vector<std::size_t> points = finitePoints(curve);
        if (points.empty()) {
            return std::nullopt;
        }
        range.from = std::max(range.from, curve.x[points.front()]);
        range.to = std::min(range.to, curve.x[points.back()]);
    }
    return !curves.empty() && range.from <= range.to ? std::optional(range) : std::nullopt;
}

std::optional<double> meanHeight(const Curve& curve, const Range& range) {
    std::vector<double> places{range.from};
    std::copy_if(curve.x.begin(), curve.x.end(), std::back_inserter(places), [&](double x) { return x > range.from && x < range.to; });
    places.push_back(range.to);
    double area = 0;
    std::optional<double> before;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const std::optional<double> here = valueAt(curve, places[i]);
        if (!here) {
            return std::nullopt;
        }
        area += before ? (*here + *before) / 2 * (places[i] - places[i - 1]) : 0;
        before = here;
    }
    return range.to > range.from ? std::optional(area / (range.to - range.from)) : std::nullopt;
}

std::optional<double> timeToThreshold(const Curve& curve, double threshold, int hold) {
    ensure(hold >= 1, "a crossing is confirmed by one record or more");
    const auto& y = curve.y;
    const auto needed = static_cast<std::size_t>(hold);
    for (std::size_t i = 0; i + needed <= y.size(); ++i) {
        const auto begin = y.begin() + static_cast<std::ptrdiff_t>(i);
        if (!std::all_of(begin, begin + hold, [&](double v) { return v >= threshold; })) {
            continue;
        }
        if (i == 0 || !std::isfinite(y[i - 1]) || y[i - 1] >= threshold) {
            return curve.x[i];  // it began above, or a gap hides the crossing: there it is for sure
        }
        return curve.x[i - 1] + (threshold - y[i - 1]) / (y[i] - y[i - 1]) * (curve.x[i] - curve.x[i - 1]);
    }
    return std::nullopt;
}

ArrivalSummary summariseArrivals(std::span<const std::optional<double>> times) {
    std::vector<double> all;
    for (const std::optional<double>& time : times) {
        all.push_back(time.value_or(kInfinity));
    }
    const double middle = median(all);
    const auto arrived = std::count_if(times.begin(), times.end(), [](const auto& time) { return time.has_value(); });
    return {.shareArrived = static_cast<double>(arrived) / static_cast<double>(times.size()),
            .median = std::isfinite(middle) ? std::optional(middle) : std::nullopt};
}

}  // namespace rlcm::figure
