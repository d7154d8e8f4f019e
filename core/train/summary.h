#pragma once
// One number for many rewards.
#include <vector>

namespace rlcm::train {

struct MeanStd {
    double mean, std;  ///< population deviation; both NaN for no values
};
MeanStd meanStd(const std::vector<double>& values);
/// Linear between order statistics. `values` must not be empty, q in [0, 1].
double quantile(std::vector<double> values, double q);

}  // namespace rlcm::train
