#include "core/learn/summary.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "core/base/error.h"

namespace rlcm::learn {

MeanStd meanStd(const std::vector<double>& values) {
    if (values.empty()) {
        return {std::nan(""), std::nan("")};
    }
    const auto count = static_cast<double>(values.size());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
    double squares = 0;
    for (const double value : values) {
        squares += (value - mean) * (value - mean);
    }
    return {mean, std::sqrt(squares / count)};
}

void requireFinite(const MeanStd& values, const std::string& what) {
    if (!std::isfinite(values.mean) || !std::isfinite(values.std)) {
        const auto text = [](double value) {  // of 1e308 in six digits, not in 308
            std::array<char, 32> digits{};
            return std::string(digits.data(), static_cast<std::size_t>(std::snprintf(digits.data(), digits.size(), "%.6g", value)));
        };
        throw Error(ErrorKind::Numeric, what + " have the mean " + text(values.mean) + " and the deviation " + text(values.std) +
                                            ", which is no scale to learn on. Let the reward give finite numbers of ordinary size");
    }
}

}  // namespace rlcm::learn
