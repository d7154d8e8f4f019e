#include "core/rl/suspicion.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "core/base/error.h"

namespace rlcm::rl {
namespace {

constexpr const char* kHeldShare = "held_share";

}  // namespace

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

std::vector<std::size_t> largestShare(std::span<const double> values, double share) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
    // 0.3 * 10 is a hair under 3 in binary: a share that is meant to be whole is.
    constexpr double kHair = 1e-9;
    const auto wanted = static_cast<std::size_t>(share * static_cast<double>(values.size()) + kHair);
    order.resize(std::min(std::max<std::size_t>(1, wanted), values.size()));
    return order;
}

std::vector<bool> mostSuspicious(std::span<const double> suspicions, double share) {
    std::vector<bool> result(suspicions.size(), false);
    for (const std::size_t image : largestShare(suspicions, share)) {
        result[image] = suspicions[image] > 0;
    }
    return result;
}

double meanSuspicion(std::span<const double> suspicions) {
    double sum = 0, count = 0;
    for (const double suspicion : suspicions) {
        sum += std::max(0.0, suspicion);
        count += suspicion > 0 ? 1 : 0;
    }
    return count > 0 ? sum / count : 0.0;
}

double AdaptiveShare::update(double suspicion) {
    constexpr double kRate = 0.1, kLeast = 0.02, kMost = 0.2;
    constexpr std::size_t kRemembered = 20;
    if (!m_seen.empty()) {
        const auto [least, most] = std::ranges::minmax(m_seen);
        m_share *= suspicion > most ? 1 + kRate : suspicion < least ? 1 - kRate : 1;
    }
    m_share = std::clamp(m_share, kLeast, kMost);
    m_seen.push_back(suspicion);
    if (m_seen.size() > kRemembered) {
        m_seen.pop_front();
    }
    return m_share;
}

void AdaptiveShare::save(LearnerState& state) const {
    state.values[kHeldShare] = {{"share", m_share}, {"seen", m_seen}};
}

void AdaptiveShare::restore(const LearnerState& state) {
    try {
        const Json& saved = state.value(kHeldShare);
        m_share = saved.at("share").get<double>();
        m_seen = saved.at("seen").get<std::deque<double>>();
    } catch (const Json::exception& problem) {
        throw Error(ErrorKind::Format, std::string("the checkpoint is damaged: the share of images that are held cannot be read: ") + problem.what());
    }
}

}  // namespace rlcm::rl
