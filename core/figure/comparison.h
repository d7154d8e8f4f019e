#pragma once
// Two sets of runs compared at equal budget: what can be said, with how many runs, and how surely. Pure functions; thread: any.
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/figure/budget.h"
#include "core/figure/intervals.h"

namespace rlcm::figure {

/// A run's curve over the budget.
struct ComparedRun {
    std::string task;  ///< runs are compared within a task, as with the same reward
    std::string pair;  ///< within a task, runs of both sides with the same one were given the same luck: the seed
    Curve curve;
};

struct ComparisonOptions {
    std::optional<double> budget = {};     ///< empty: where the shortest run ends
    std::optional<double> threshold = {};  ///< whose time is asked for; fixed in advance, not by these runs
    bool isLowerBetter = false;
    int repetitions = 20000;
};

/// A number with its 95 % bootstrap interval; nothing where a task has fewer than two runs.
struct Estimate {
    double value = 0;
    std::optional<Interval> interval = {};
};
struct ComparedSide {
    int runs = 0;        ///< with a value at the budget, over all tasks
    int missing = 0;     ///< without one: shorter than the budget, or no number there
    int fewestRuns = 0;  ///< of a task
    Estimate mean = {}, interquartileMean = {};
    std::optional<double> meanHeight = {};  ///< of the curves up to the budget, mean over runs; nothing unless all cover the common range
    std::optional<ArrivalSummary> arrivals = {};
};
struct Comparison {
    double budget = 0;
    int tasks = 0;
    ComparedSide x = {}, y = {};
    Estimate improvement = {};  ///< probability that a run of x is better than one of y
    int pairs = 0;
    std::optional<Estimate> difference = {};  ///< mean of x - y over the pairs, each task counting as much; nothing unless every task has a pair
    double signTest = 1;                      ///< of the pairs' differences
};
/// throws: Config when a side has no run, tasks differ, no budget is common to all, or a task has no value at the budget.
Comparison compareAtBudget(std::span<const ComparedRun> x, std::span<const ComparedRun> y, const ComparisonOptions& options);

}  // namespace rlcm::figure
