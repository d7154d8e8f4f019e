#pragma once
// Medians and quantiles of a few numbers.
#include <vector>

namespace rlcm {

/// q-quantile (0..1, linear between order statistics) of the finite values; NaN when there are none.
double quantile(std::vector<double> values, double q);
/// Middle value; the mean of the two middle ones for an even count. throws: std::logic_error when there is no value.
double median(std::vector<double> values);

}  // namespace rlcm
