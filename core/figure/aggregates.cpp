#include "core/figure/aggregates.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/error.h"
#include "core/base/order_statistics.h"

namespace rlcm::figure {
namespace {

constexpr double kCut = 0.25;  // of the scores at each end

void requireScores(const Scores& scores) {
    ensure(!scores.empty(), "scores of a task are needed");
    for (const std::vector<double>& runs : scores) {
        ensure(!runs.empty(), "every task needs a run");
        ensure(std::all_of(runs.begin(), runs.end(), [](double v) { return std::isfinite(v); }), "scores must be finite: leave the others out first");
    }
}

double mean(std::span<const double> values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::vector<double> taskMeans(const Scores& scores) {
    requireScores(scores);
    std::vector<double> means;
    for (const std::vector<double>& runs : scores) {
        means.push_back(mean(runs));
    }
    return means;
}

std::vector<double> allScores(const Scores& scores) {
    requireScores(scores);
    std::vector<double> all;
    for (const std::vector<double>& runs : scores) {
        all.insert(all.end(), runs.begin(), runs.end());
    }
    return all;
}

std::vector<double> sharesAbove(const std::vector<double>& values, std::span<const double> thresholds) {
    std::vector<double> shares;
    for (const double threshold : thresholds) {
        const auto above = std::count_if(values.begin(), values.end(), [&](double v) { return v > threshold; });
        shares.push_back(static_cast<double>(above) / static_cast<double>(values.size()));
    }
    return shares;
}

}  // namespace

FiniteScores finiteScores(const Scores& scores) {
    FiniteScores result{.scores = scores};
    std::size_t fewest = scores.empty() ? 0 : scores.front().size();
    for (std::vector<double>& runs : result.scores) {
        result.missing += static_cast<int>(std::erase_if(runs, [](double v) { return !std::isfinite(v); }));
        fewest = std::min(fewest, runs.size());
    }
    result.fewestRuns = static_cast<int>(fewest);
    return result;
}

double interquartileMean(const Scores& scores) {
    std::vector<double> all = allScores(scores);
    std::sort(all.begin(), all.end());
    const auto cut = static_cast<std::size_t>(kCut * static_cast<double>(all.size()));
    return mean(std::span(all).subspan(cut, all.size() - 2 * cut));
}

double medianOfTasks(const Scores& scores) {
    return median(taskMeans(scores));
}

double meanOfTasks(const Scores& scores) {
    return mean(taskMeans(scores));
}

double optimalityGap(const Scores& scores, double gamma) {
    std::vector<double> all = allScores(scores);
    for (double& score : all) {
        score = std::min(score, gamma);
    }
    return gamma - mean(all);
}

std::vector<double> improvementPerTask(const Scores& x, const Scores& y) {
    requireScores(x);
    requireScores(y);
    ensure(x.size() == y.size(), "both methods need the same tasks");
    std::vector<double> result;
    for (std::size_t task = 0; task < x.size(); ++task) {
        double wins = 0;
        for (const double a : x[task]) {
            for (const double b : y[task]) {
                wins += a > b ? 1.0 : a == b ? 0.5 : 0.0;
            }
        }
        result.push_back(wins / static_cast<double>(x[task].size() * y[task].size()));
    }
    return result;
}

double probabilityOfImprovement(const Scores& x, const Scores& y) {
    return mean(improvementPerTask(x, y));
}

std::vector<double> performanceProfile(const Scores& scores, std::span<const double> thresholds) {
    return sharesAbove(allScores(scores), thresholds);
}

std::vector<double> taskProfile(const Scores& scores, std::span<const double> thresholds) {
    return sharesAbove(taskMeans(scores), thresholds);
}

Scores pairedDifferences(const Scores& x, const Scores& y) {
    ensure(x.size() == y.size(), "both methods need the same tasks");
    Scores result;
    for (std::size_t task = 0; task < x.size(); ++task) {
        ensure(x[task].size() == y[task].size(), "both methods need the same runs");
        std::vector<double>& differences = result.emplace_back();
        for (std::size_t run = 0; run < x[task].size(); ++run) {
            const double difference = x[task][run] - y[task][run];
            if (std::isfinite(difference)) {
                differences.push_back(difference);
            }
        }
    }
    return result;
}

double signTest(std::span<const double> differences) {
    const auto positive = std::count_if(differences.begin(), differences.end(), [](double d) { return d > 0; });
    const auto negative = std::count_if(differences.begin(), differences.end(), [](double d) { return d < 0; });
    const auto n = positive + negative;
    double tail = 0, ways = std::exp2(-static_cast<double>(n));  // the chance of k of one sign, from k = 0 on
    for (std::ptrdiff_t k = 0; k <= std::min(positive, negative); ++k) {
        tail += ways;
        ways *= static_cast<double>(n - k) / static_cast<double>(k + 1);
    }
    return std::min(1.0, 2 * tail);
}

}  // namespace rlcm::figure
