#pragma once
// What a horizon brings at an equal budget: seeds in groups, the value of each group at a place on the budget, and which of them are the best trades.
// Pure functions, no Qt, no torch.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/figure/statistics.h"
#include "core/run/counters.h"
#include "core/store/workspace.h"

namespace rlcm::figure {

/// A run with the values of its evaluations, ascending. Both must outlive the call that they are handed to.
struct EvaluatedRun {
    const store::RunRow& run;
    const std::vector<store::ScalarRow>& values;
};

/// Runs of one method and horizon that differ in nothing but seed, name, computing and length.
struct HorizonGroup {
    run::RunId id{};      ///< of its first run
    std::string label{};  ///< "RLCM H4", unlike those of other groups: "RLCM H4, learning_rate 0.01"
    std::string apart{};  ///< in which settings it differs from those of its method and horizon, "0.01"; empty where there is no other
    run::Method method = run::Method::Rlcm;
    std::int64_t steps = 0;                ///< horizon
    std::int64_t denoiserEvaluations = 0;  ///< of one image, guidance by doubling counted twice
    std::string timing{};                  ///< whose measured time is its own, see inference_times.h
    int colour = 0;                        ///< index into kRunPalette
    std::vector<run::RunId> runs{};
    std::vector<Curve> curves{};  ///< of each run over the budget; never empty, may have no finite point
};
/// One for each method and horizon, RLCM before DDPO, short horizons first. Left out are runs without a value, and over a time those of another machine than
/// most were made on (clock.h). thread: any.
std::vector<HorizonGroup> horizonGroups(std::span<const EvaluatedRun> runs, const run::CounterField& budget);

/// A group at a place on the budget. Without any finite value: NaN and 0 runs.
struct HorizonValue {
    double mean = 0, low = 0, high = 0;  ///< low = high = mean for one run
    int runs = 0;                        ///< behind it
    double at = 0;                       ///< the budget that it belongs to
    bool hasEnded = false;               ///< no run has come as far as was asked
    double base = 0;                     ///< mean before training
};
/// Between evaluations values are interpolated, beyond the last they stay. A run counts when it has come to nine tenths of the place, so that seeds whose seconds differ
/// a little stay together and a run that has only begun takes no part.
HorizonValue valueAt(const HorizonGroup& group, double budget, Band band);

/// Where groups lie on the budget; zeros without any.
struct BudgetRange {
    double first = 0;    ///< no evaluation is earlier
    double shared = 0;   ///< every group has come this far
    double longest = 0;  ///< the farthest of all
};
BudgetRange budgetRange(std::span<const HorizonGroup> groups);

/// Whether a point is on the Pareto front: no other costs no more and is worth no less, one of them truly so. Not finite: never. Both of one length; larger
/// `worth` is better.
std::vector<bool> paretoFront(std::span<const double> cost, std::span<const double> worth);

}  // namespace rlcm::figure
