#pragma once
// Inside core/study only: the sections of a report, each as HTML; empty when there is nothing to show.
#include <optional>
#include <string>
#include <vector>

#include "core/study/answers.h"

namespace rlcm::study {

/// Cells whose runs share a reward, so that one axis can hold them.
struct RewardGroup {
    std::string reward;  ///< "compressibility (kB)"
    std::vector<std::size_t> cells;
};
std::vector<RewardGroup> rewardGroups(const Plan& plan);

/// The place on a counter at which a group's cells are shown beside each other: the study's budget, else where its shortest run ends.
std::optional<double> sharedBudget(const Findings& findings, const RewardGroup& group, const Budget& budget);
/// Values of a cell's runs at a place, NaN where a run has none.
std::vector<double> valuesAt(const Findings& findings, std::size_t cell, const Asked& asked, const std::string& counter, double budget);

/// Measures that are asked for, each once, the judge's accuracy behind them.
std::vector<std::string> shownMeasures(const Study& study);

std::string curveFigures(const Findings& findings);
std::string budgetFigures(const Findings& findings);
/// What reward and judges gained over the distance from the base model, a figure for each cell with a path KL.
std::string gainFigures(const Findings& findings);
/// The same prompts and noises before training and at the end, a line for each cell.
std::string imageGrid(const Findings& findings);
std::string resultTable(const Findings& findings);
/// The best checkpoint by the rule that the settings declare beside the last one; empty where no cell declares one.
std::string bestTable(const Findings& findings);
/// What became of the images at other step counts than those trained at, where the study evaluates them.
std::string stepsTable(const Findings& findings);
std::string settingsTable(const Plan& plan);
std::string costTable(const Findings& findings);
std::string environmentTable(const Findings& findings);

}  // namespace rlcm::study
