#include "core/figure/comparison.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <set>

#include "core/base/error.h"
#include "core/base/number_text.h"

namespace rlcm::figure {
namespace {

std::set<std::string> tasksOf(std::span<const ComparedRun> runs) {
    std::set<std::string> tasks;
    for (const ComparedRun& run : runs) {
        tasks.insert(run.task);
    }
    return tasks;
}

std::vector<Curve> curvesOf(std::span<const ComparedRun> x, std::span<const ComparedRun> y) {
    std::vector<Curve> curves;
    for (const auto side : {x, y}) {
        std::ranges::transform(side, std::back_inserter(curves), [](const ComparedRun& run) { return run.curve; });
    }
    return curves;
}

/// [task][run] at the budget, NaN for runs that are not there.
Scores scoresAt(std::span<const ComparedRun> runs, const std::set<std::string>& tasks, double budget) {
    Scores scores;
    for (const std::string& task : tasks) {
        std::vector<double>& values = scores.emplace_back();
        for (const ComparedRun& run : runs) {
            if (run.task == task) {
                values.push_back(valueAt(run.curve, budget).value_or(std::numeric_limits<double>::quiet_NaN()));
            }
        }
    }
    return scores;
}

Estimate estimateOf(std::vector<Scores> methods, const std::function<double(std::span<const Scores>)>& number, int repetitions) {
    const auto interval = bootstrapIntervals(methods, [&](std::span<const Scores> drawn) { return std::vector{number(drawn)}; }, {.repetitions = repetitions});
    return {.value = number(methods), .interval = interval ? std::optional(interval->front()) : std::nullopt};
}

ArrivalSummary arrivalsOf(std::span<const ComparedRun> runs, double threshold, bool isLowerBetter) {
    std::vector<std::optional<double>> times;
    for (const ComparedRun& run : runs) {
        Curve curve = run.curve;
        if (isLowerBetter) {
            std::ranges::transform(curve.y, curve.y.begin(), std::negate<>());
        }
        times.push_back(timeToThreshold(curve, isLowerBetter ? -threshold : threshold));
    }
    return summariseArrivals(times);
}

std::optional<double> heightOf(std::span<const ComparedRun> runs, const Range& range) {
    double sum = 0;
    for (const ComparedRun& run : runs) {
        const std::optional<double> height = meanHeight(run.curve, range);
        if (!height) {
            return std::nullopt;
        }
        sum += *height;
    }
    return sum / static_cast<double>(runs.size());
}

ComparedSide sideOf(const FiniteScores& finite, int repetitions) {
    ComparedSide side{.missing = finite.missing, .fewestRuns = finite.fewestRuns};
    for (const std::vector<double>& task : finite.scores) {
        side.runs += static_cast<int>(task.size());
    }
    side.mean = estimateOf({finite.scores}, [](std::span<const Scores> of) { return meanOfTasks(of[0]); }, repetitions);
    side.interquartileMean = estimateOf({finite.scores}, [](std::span<const Scores> of) { return interquartileMean(of[0]); }, repetitions);
    return side;
}

/// x - y of the pairs at the budget, [task][pair].
Scores differencesAt(std::span<const ComparedRun> x, std::span<const ComparedRun> y, const std::set<std::string>& tasks, double budget) {
    std::map<std::pair<std::string, std::string>, double> values;
    for (const ComparedRun& run : y) {
        if (const std::optional<double> value = valueAt(run.curve, budget)) {
            values[{run.task, run.pair}] = *value;
        }
    }
    Scores differences;
    for (const std::string& task : tasks) {
        std::vector<double>& of = differences.emplace_back();
        for (const ComparedRun& run : x) {
            const auto partner = values.find({run.task, run.pair});
            const std::optional<double> value = valueAt(run.curve, budget);
            if (run.task == task && value && partner != values.end()) {
                of.push_back(*value - partner->second);
            }
        }
    }
    return differences;
}

void requireRuns(const FiniteScores& scores, const char* side, double budget) {
    if (scores.fewestRuns == 0) {
        throw Error(ErrorKind::Config, std::string("no run of ") + side + " has a value at the budget of " + valueText(budget) +
                                           " in some task; runs are not held or extrapolated beyond their ends, so choose a smaller budget");
    }
}

}  // namespace

Comparison compareAtBudget(std::span<const ComparedRun> x, std::span<const ComparedRun> y, const ComparisonOptions& options) {
    const std::set<std::string> tasks = tasksOf(x);
    if (x.empty() || y.empty() || tasks != tasksOf(y)) {
        throw Error(ErrorKind::Config, x.empty() || y.empty() ? "a comparison needs a run on each side" : "both sides need runs of the same rewards");
    }
    const std::vector<Curve> curves = curvesOf(x, y);
    const std::optional<Range> common = commonRange(curves);
    if (!options.budget && !common) {
        throw Error(ErrorKind::Config, "the runs have no budget in common: some end before others begin, or have no number at all");
    }
    Comparison result{.budget = options.budget ? *options.budget : common->to, .tasks = static_cast<int>(tasks.size())};
    const FiniteScores ofX = finiteScores(scoresAt(x, tasks, result.budget)), ofY = finiteScores(scoresAt(y, tasks, result.budget));
    requireRuns(ofX, "the first side", result.budget);
    requireRuns(ofY, "the second side", result.budget);
    result.x = sideOf(ofX, options.repetitions);
    result.y = sideOf(ofY, options.repetitions);
    if (common && common->from < result.budget) {
        result.x.meanHeight = heightOf(x, {common->from, result.budget});
        result.y.meanHeight = heightOf(y, {common->from, result.budget});
    }
    if (options.threshold) {
        result.x.arrivals = arrivalsOf(x, *options.threshold, options.isLowerBetter);
        result.y.arrivals = arrivalsOf(y, *options.threshold, options.isLowerBetter);
    }
    const std::vector<Scores> methods = options.isLowerBetter ? std::vector<Scores>{ofY.scores, ofX.scores} : std::vector<Scores>{ofX.scores, ofY.scores};
    result.improvement = estimateOf(methods, [](std::span<const Scores> of) { return probabilityOfImprovement(of[0], of[1]); }, options.repetitions);
    const Scores differences = differencesAt(x, y, tasks, result.budget);
    std::vector<double> all;
    for (const std::vector<double>& task : differences) {
        all.insert(all.end(), task.begin(), task.end());
    }
    result.pairs = static_cast<int>(all.size());
    result.signTest = signTest(all);
    if (finiteScores(differences).fewestRuns > 0) {
        result.difference = estimateOf({differences}, [](std::span<const Scores> of) { return meanOfTasks(of[0]); }, options.repetitions);
    }
    return result;
}

}  // namespace rlcm::figure
