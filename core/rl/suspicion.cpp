#include "core/rl/suspicion.h"

#include <algorithm>

#include "core/base/error.h"

namespace rlcm::rl {

std::vector<double> winRates(std::span<const double> values) {
    if (values.size() < 2) {
        return std::vector<double>(values.size(), 0.5);
    }
    std::vector<double> sorted(values.begin(), values.end());
    std::sort(sorted.begin(), sorted.end());
    std::vector<double> rates;
    for (const double value : values) {
        const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), value);
        const auto beaten = static_cast<double>(first - sorted.begin()), ties = static_cast<double>(last - first) - 1;
        rates.push_back((beaten + 0.5 * ties) / static_cast<double>(values.size() - 1));
    }
    return rates;
}

std::vector<double> suspicions(std::span<const double> trained, std::span<const std::vector<double>> judges) {
    ensure(!judges.empty(), "suspicion needs a judge");
    std::vector<double> result = winRates(trained);
    for (const std::vector<double>& judge : judges) {
        ensure(judge.size() == trained.size(), "a judge must have judged every image");
        const std::vector<double> rates = winRates(judge);
        for (std::size_t i = 0; i < result.size(); ++i) {
            result[i] -= rates[i] / static_cast<double>(judges.size());
        }
    }
    return result;
}

}  // namespace rlcm::rl
