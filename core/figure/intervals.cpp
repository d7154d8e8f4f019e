#include "core/figure/intervals.h"

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/base/order_statistics.h"
#include "core/figure/statistics.h"

namespace rlcm::figure {
namespace {

constexpr int kFewRuns = 5;                    // below it a percentile interval misses too often to be called one
constexpr double kNormal = 1.959963984540054;  // 97.5 % quantile of the normal distribution

Resample drawAnew(const Scores& scores, bool redrawTasks, Random& random) {
    Resample draw;
    for (const std::vector<double>& runs : scores) {
        std::vector<std::size_t>& places = draw.runs.emplace_back(runs.size());
        std::generate(places.begin(), places.end(), [&] { return static_cast<std::size_t>(random.below(runs.size())); });
    }
    if (redrawTasks) {
        draw.tasks.resize(scores.size());
        std::generate(draw.tasks.begin(), draw.tasks.end(), [&] { return static_cast<std::size_t>(random.below(scores.size())); });
    }
    return draw;
}

bool hasTwoRunsEverywhere(std::span<const Scores> methods) {
    return std::all_of(methods.begin(), methods.end(), [](const Scores& scores) {
        return !scores.empty() && std::all_of(scores.begin(), scores.end(), [](const std::vector<double>& runs) { return runs.size() > 1; });
    });
}

}  // namespace

Scores resampled(const Scores& scores, const Resample& draw) {
    ensure(draw.runs.size() == scores.size(), "a draw for every task is needed");
    Scores result;
    for (std::size_t task = 0; task < scores.size(); ++task) {
        const std::vector<double>& from = scores.at(draw.tasks.empty() ? task : draw.tasks.at(task));
        std::vector<double>& to = result.emplace_back();
        for (const std::size_t run : draw.runs[task]) {
            to.push_back(from.at(run));
        }
    }
    return result;
}

std::vector<Interval> percentileIntervals(const std::vector<std::vector<double>>& estimates, double confidence) {
    ensure(!estimates.empty(), "an interval needs repetitions");
    const double tail = (1 - confidence) / 2;
    std::vector<Interval> result;
    for (std::size_t number = 0; number < estimates.front().size(); ++number) {
        std::vector<double> values;
        for (const std::vector<double>& repetition : estimates) {
            values.push_back(repetition.at(number));
        }
        result.push_back({quantile(values, tail), quantile(values, 1 - tail)});
    }
    return result;
}

std::optional<std::vector<Interval>> bootstrapIntervals(std::span<const Scores> methods, const Statistic& statistic, const BootstrapOptions& options) {
    if (!hasTwoRunsEverywhere(methods)) {
        return std::nullopt;
    }
    Random random(options.seed);
    std::vector<std::vector<double>> estimates;
    std::vector<Scores> drawn(methods.size());
    for (int repetition = 0; repetition < options.repetitions; ++repetition) {
        for (std::size_t method = 0; method < methods.size(); ++method) {
            drawn[method] = resampled(methods[method], drawAnew(methods[method], options.redrawTasks, random));
        }
        estimates.push_back(statistic(drawn));
    }
    return percentileIntervals(estimates, options.confidence);
}

std::optional<Interval> tInterval(std::span<const double> values) {
    const Scores finite = finiteScores({{values.begin(), values.end()}}).scores;
    const auto n = static_cast<int>(finite.front().size());
    if (n < 2) {
        return std::nullopt;
    }
    const double mean = meanOfTasks(finite);
    double squares = 0;
    for (const double value : finite.front()) {
        squares += (value - mean) * (value - mean);
    }
    const double half = studentT95(n - 1) * std::sqrt(squares / (n - 1) / n);
    return Interval{mean - half, mean + half};
}

Interval wilsonInterval(std::int64_t wins, std::int64_t votes) {
    ensure(wins >= 0 && wins <= votes, "between none and all of the votes are wins");
    if (votes == 0) {
        return {0, 1};
    }
    const auto n = static_cast<double>(votes);
    const double p = static_cast<double>(wins) / n, z2 = kNormal * kNormal;
    const double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
    const double half = kNormal * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n);
    return {wins == 0 ? 0.0 : centre - half, wins == votes ? 1.0 : centre + half};
}

std::string sampleNote(int runs, int missing) {
    std::string note = std::to_string(runs) + (runs == 1 ? " run" : " runs");
    if (runs < 2) {
        note += ": no interval";
    } else if (runs < kFewRuns) {
        note += " (few: the interval is too narrow)";
    }
    return missing > 0 ? note + ", " + std::to_string(missing) + " without a number" : note;
}

}  // namespace rlcm::figure
