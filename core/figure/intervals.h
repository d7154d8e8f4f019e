#pragma once
// How sure a figure is: intervals by bootstrap, by Student's t and of a share; pure functions. thread: any.
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/figure/aggregates.h"

namespace rlcm::figure {

struct Interval {
    double low = 0, high = 0;
};

/// Which runs stand in for the runs of each task, [task][place], and which task stands at each place of the tasks (empty: itself).
struct Resample {
    std::vector<std::vector<std::size_t>> runs;
    std::vector<std::size_t> tasks;
};
Scores resampled(const Scores& scores, const Resample& draw);

/// Some numbers of one method, or of several (a comparison).
using Statistic = std::function<std::vector<double>(std::span<const Scores> methods)>;

struct BootstrapOptions {
    int repetitions = 20000;
    double confidence = 0.95;
    bool redrawTasks = false;  ///< "would other tasks say the same?"; needs as many runs in every task
    std::uint64_t seed = 0;    ///< same seed, same interval
};
/// Percentile interval of every number of the statistic: the runs of each task of each method are drawn anew with replacement by themselves. Nothing when a
/// task has fewer than two runs: one run says nothing about the next. At 3 runs such an interval of "95 %" holds the truth in about 80 of 100 cases, at 5 in
/// about 88. source: rliable, StratifiedBootstrap.
std::optional<std::vector<Interval>> bootstrapIntervals(std::span<const Scores> methods, const Statistic& statistic, const BootstrapOptions& options);
/// For each number the (1 - confidence) / 2 quantiles of its repetitions from both ends, linear between ranks. estimates: [repetition][number].
std::vector<Interval> percentileIntervals(const std::vector<std::vector<double>>& estimates, double confidence);

/// 95 % interval of the mean, Student's t with n - 1 degrees of freedom. Nothing for fewer than two finite values; the others are left out.
std::optional<Interval> tInterval(std::span<const double> values);
/// 95 % interval of a share (Wilson 1927). No votes: [0, 1].
Interval wilsonInterval(std::int64_t wins, std::int64_t votes);

/// What must stand beside every interval: "5 runs", "3 runs (few: the interval is too narrow)", "1 run: no interval", and ", 2 without a number" behind it.
std::string sampleNote(int runs, int missing = 0);

}  // namespace rlcm::figure
