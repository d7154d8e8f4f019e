#include "core/rl/advantages.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/error.h"

namespace rlcm::rl {
namespace {

struct Moments {
    double count = 0;
    double mean = 0;
    double std = 0;  // of the population
    bool hasSpread = false;
};

/// Values that differ by the rounding of their last digits only are equal: divided by a deviation of the same size, rounding would become advantages.
constexpr double kRounding = 16 * std::numeric_limits<double>::epsilon();

template <typename Iterator>
Moments moments(Iterator begin, Iterator end) {
    const auto count = static_cast<double>(std::distance(begin, end));
    Moments result;
    result.count = count;
    for (auto it = begin; it != end; ++it) {
        result.mean += *it / count;
    }
    double squares = 0;
    for (auto it = begin; it != end; ++it) {
        squares += (*it - result.mean) * (*it - result.mean);
    }
    result.std = std::sqrt(squares / count);
    const auto [low, high] = std::minmax_element(begin, end);
    result.hasSpread = *high - *low > kRounding * std::max(std::abs(*low), std::abs(*high));
    return result;
}

std::map<std::string, Moments> momentsOfGroups(const std::vector<std::string>& groups, const std::vector<double>& rewards) {
    ensure(groups.size() == rewards.size(), "one group per reward is needed");
    std::map<std::string, std::vector<double>> members;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        members[groups[i]].push_back(rewards[i]);
    }
    std::map<std::string, Moments> result;
    for (const auto& [group, values] : members) {
        result[group] = moments(values.begin(), values.end());
    }
    return result;
}

double standardised(double reward, const Moments& of, double epsilon) {
    return of.hasSpread ? (reward - of.mean) / (of.std + epsilon) : 0.0;
}

void keepNewest(std::deque<double>& buffer, std::size_t size) {
    while (buffer.size() > size) {
        buffer.pop_front();
    }
}

}  // namespace

PerPromptStatistics::PerPromptStatistics(std::int64_t bufferSize, std::int64_t minCount)
    : m_bufferSize(static_cast<std::size_t>(bufferSize)), m_minCount(static_cast<std::size_t>(minCount)) {
    ensure(bufferSize >= 1 && minCount >= 1, "buffer size and minimum count must be positive");
}

std::vector<double> PerPromptStatistics::update(const std::vector<std::string>& keys, const std::vector<double>& rewards) {
    ensure(keys.size() == rewards.size(), "one key per reward is needed");
    for (std::size_t i = 0; i < keys.size(); ++i) {
        std::deque<double>& buffer = m_buffers[keys[i]];
        buffer.push_back(rewards[i]);
        keepNewest(buffer, m_bufferSize);
    }
    const Moments round = moments(rewards.begin(), rewards.end());
    std::map<std::string, Moments> known;
    std::vector<double> advantages;
    advantages.reserve(rewards.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto [entry, isNew] = known.try_emplace(keys[i]);
        if (isNew) {
            const std::deque<double>& buffer = m_buffers[keys[i]];
            entry->second = buffer.size() < m_minCount ? round : moments(buffer.begin(), buffer.end());
        }
        advantages.push_back(standardised(rewards[i], entry->second, 1e-6));
    }
    return advantages;
}

void PerPromptStatistics::restore(std::map<std::string, std::deque<double>> buffers) {
    m_buffers = std::move(buffers);
    for (auto& [key, buffer] : m_buffers) {
        keepNewest(buffer, m_bufferSize);
    }
}

void addZeroStdRatio(const std::vector<std::string>& groups, const std::vector<double>& rewards, run::Measures& measures) {
    double several = 0, flat = 0, deviations = 0;
    for (const auto& [group, of] : momentsOfGroups(groups, rewards)) {
        if (of.count > 1) {
            several += 1;
            flat += of.hasSpread ? 0 : 1;
            deviations += of.std;
        }
    }
    if (several > 0) {
        measures.add(run::measure::kZeroStdRatio, flat / several, several);
        measures.add(run::measure::kGroupStdMean, deviations / several, several);
    }
}

std::vector<double> batchAdvantages(const std::vector<double>& rewards, double epsilon) {
    const Moments round = moments(rewards.begin(), rewards.end());
    std::vector<double> advantages;
    advantages.reserve(rewards.size());
    for (const double reward : rewards) {
        advantages.push_back(standardised(reward, round, epsilon));
    }
    return advantages;
}

std::vector<double> weightedSum(std::span<const std::vector<double>> ofTerms, std::span<const double> weights) {
    ensure(!ofTerms.empty() && ofTerms.size() == weights.size(), "one weight per reward term is needed");
    std::vector<double> sum(ofTerms.front().size(), 0.0);
    for (std::size_t term = 0; term < ofTerms.size(); ++term) {
        ensure(ofTerms[term].size() == sum.size(), "every reward term needs as many values");
        for (std::size_t i = 0; i < sum.size(); ++i) {
            sum[i] += weights[term] * ofTerms[term][i];
        }
    }
    return sum;
}

std::vector<double> combinedAdvantages(std::span<const std::vector<double>> ofTerms, std::span<const double> weights) {
    return batchAdvantages(weightedSum(ofTerms, weights), 1e-4);
}

std::vector<double> groupAdvantages(const std::vector<std::string>& groups, const std::vector<double>& rewards, run::GroupDeviation by) {
    constexpr double kEpsilon = 1e-4;
    const std::map<std::string, Moments> known = momentsOfGroups(groups, rewards);
    const double ofRound = moments(rewards.begin(), rewards.end()).std;
    std::vector<double> advantages;
    advantages.reserve(rewards.size());
    for (std::size_t i = 0; i < rewards.size(); ++i) {
        const Moments& group = known.at(groups[i]);
        const double divisor = by == run::GroupDeviation::None ? 1.0 : kEpsilon + (by == run::GroupDeviation::Group ? group.std : ofRound);
        advantages.push_back(group.hasSpread ? (rewards[i] - group.mean) / divisor : 0.0);
    }
    return advantages;
}

std::vector<bool> haveSpread(const std::vector<std::string>& groups, const std::vector<double>& rewards) {
    const std::map<std::string, Moments> known = momentsOfGroups(groups, rewards);
    std::vector<bool> result;
    for (const std::string& group : groups) {
        result.push_back(known.at(group).hasSpread);
    }
    return result;
}

}  // namespace rlcm::rl
