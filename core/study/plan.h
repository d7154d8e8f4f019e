#pragma once
// The runs of a study, and which of them a workspace has already. Pure functions; thread: any.
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/run/run_config.h"
#include "core/store/workspace.h"
#include "core/study/study.h"

namespace rlcm::study {

/// One combination of the axes' values.
struct Cell {
    std::vector<std::string> values;  ///< names, in the order of the axes
    run::RunConfig config;            ///< of its runs, without seed and name
    std::string name() const;         ///< "compressibility, RLCM H4"
};

/// Below it a percentile interval of 95 % holds the truth in fewer than 85 of 100 cases: an answer that rests on so few seeds is called that.
inline constexpr int kFewPairs = 5;

struct PlannedRun {
    std::size_t cell = 0;
    run::RunConfig config;  ///< complete; the name tells study, cell and seed
};

struct Plan {
    Study study;
    std::vector<Cell> cells;              ///< the last axis turns fastest
    std::vector<PlannedRun> runs = {};    ///< all cells with seed 0, then with seed 1: an early end leaves whole rows
    std::vector<std::string> notes = {};  ///< what limits what can be answered, for people
};

/// Where no settings say training.epochs, a cell is as long as the largest of the budgets needs that can be told in advance; otherwise each such budget must
/// lie within every cell. throws: Config naming the cell whose settings are not valid, that has two presets, or that never reaches a budget; more than 10000 runs.
Plan makePlan(const Study& study);

/// "640 reward queries", "320.0 s of active time".
std::string budgetText(const std::string& counter, double value);

/// For each planned run the run of the workspace with the same settings: name, alarms, checkpoints and how it is computed (but not the precision) may differ.
/// Of several the one that has come farthest. So what is finished is not repeated, whoever made it.
std::vector<std::optional<store::RunRow>> matchRuns(const Plan& plan, std::span<const store::RunRow> rows);

/// How far a study is.
struct Progress {
    int finished = 0, failed = 0, begun = 0, missing = 0;  ///< begun: has epochs or waits, and is not over
    double secondsDone = 0;                                ///< active, of all its runs so far
    double secondsLeft = 0;                                ///< as forecast, corrected by what the finished ones took
};
Progress progressOf(const Plan& plan, std::span<const std::optional<store::RunRow>> runs);

}  // namespace rlcm::study
