#pragma once
// One number for many rewards.
#include <string>
#include <vector>

namespace rlcm::learn {

struct MeanStd {
    double mean, std;  ///< population deviation; both NaN for no values
};
MeanStd meanStd(const std::vector<double>& values);
/// throws: Numeric when values are so large that mean or deviation is not finite; `what` begins the message.
void requireFinite(const MeanStd& values, const std::string& what);

}  // namespace rlcm::learn
