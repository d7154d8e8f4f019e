#pragma once
// Runs compared at equal budget: curves of a measure over a counter, read only where a run has been. Pure functions; thread: any.
#include <optional>
#include <span>
#include <vector>

#include "core/figure/statistics.h"

namespace rlcm::figure {

struct Range {
    double from = 0, to = 0;
};

/// Value at a budget, linear between the neighbouring records; nothing before the first, after the last and inside a gap.
std::optional<double> valueAt(const Curve& curve, double budget);
/// Where all curves have records: from the latest beginning to the earliest end; nothing when there is no such place.
std::optional<Range> commonRange(std::span<const Curve> curves);
/// Area under the curve over the range, divided by its length: the mean height. Nothing unless the curve covers the whole range without a gap, and for a
/// range without length.
std::optional<double> meanHeight(const Curve& curve, const Range& range);
/// Budget at which the linear curve first reaches the threshold from below, where `hold` records in a row (2: the next one too) are not below it. Nothing when
/// it never does. For a measure of which less is better, hand in its negative.
std::optional<double> timeToThreshold(const Curve& curve, double threshold, int hold = 2);

/// Times of several runs, of which some never arrive.
struct ArrivalSummary {
    double shareArrived = 0;
    std::optional<double> median;  ///< with infinity for those who never arrive; nothing when it is infinite
};
/// throws: std::logic_error when there is no run.
ArrivalSummary summariseArrivals(std::span<const std::optional<double>> times);

}  // namespace rlcm::figure
