#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/run/choices.h"
#include "core/run/measures.h"

namespace rlcm::rl {

// In every rule, rewards without spread (equal but for rounding) give advantages of exactly 0.

/// Running reward statistics per prompt, exactly as the reference codes: the round's rewards are stored first (own sample included), population std,
/// + 1e-6; a prompt with fewer than minCount stored rewards uses the whole round's statistics.
/// source: RLCM/ddpo-pytorch stat_tracking, tested against golden/stat_tracker. Not thread safe.
class PerPromptStatistics {
public:
    PerPromptStatistics(std::int64_t bufferSize, std::int64_t minCount);
    /// Advantages of a round, same order. keys.size() == rewards.size().
    std::vector<double> update(const std::vector<std::string>& keys, const std::vector<double>& rewards);
    const std::map<std::string, std::deque<double>>& buffers() const { return m_buffers; }
    /// Continues from saved buffers; only the newest bufferSize of each are kept.
    void restore(std::map<std::string, std::deque<double>> buffers);

private:
    std::size_t m_bufferSize, m_minCount;
    std::map<std::string, std::deque<double>> m_buffers;
};

/// Adds zero_std_ratio, the share of the groups of several rewards that have no spread, and group_std_mean, the mean of their deviations, to `measures`; nothing
/// when no group has several. Rewards with the same entry of `groups` are one group; groups.size() == rewards.size().
void addZeroStdRatio(const std::vector<std::string>& groups, const std::vector<double>& rewards, run::Measures& measures);

/// (r - mean) / (std + epsilon) over the round, population std.
std::vector<double> batchAdvantages(const std::vector<double>& rewards, double epsilon = 1e-8);
/// Sum of weight * values over the terms; `ofTerms` [K][N], weights [K]. throws: std::logic_error for other lengths.
std::vector<double> weightedSum(std::span<const std::vector<double>> ofTerms, std::span<const double> weights);
/// Advantages of several reward terms that were normalised apart, [K][N] as weightedSum: their weighted sum, normalised over the round, + 1e-4.
/// source: GDPO (arXiv 2601.05242); tested against golden/rules (gdpo).
std::vector<double> combinedAdvantages(std::span<const std::vector<double>> ofTerms, std::span<const double> weights);
/// (r - mean of the group) / D; rewards with the same entry of `groups` are one group. D: population std of the group + 1e-4, that of all rewards + 1e-4, or 1.
/// source: Flow-GRPO, Dr. GRPO (arXiv 2503.20783); tested against golden/rules. groups.size() == rewards.size().
std::vector<double> groupAdvantages(const std::vector<std::string>& groups, const std::vector<double>& rewards, run::GroupDeviation by);
/// Whether the group of each reward has spread.
std::vector<bool> haveSpread(const std::vector<std::string>& groups, const std::vector<double>& rewards);

}  // namespace rlcm::rl
