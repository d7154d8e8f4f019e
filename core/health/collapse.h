#pragma once
// Did a run collapse, and did an alarm say so in time? Labels and scores for judging the rules themselves. Pure; thread: any.
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace rlcm::health {

/// One evaluation as the label reads it. Judge and prompts should be such that no rule reads them, or the score is circular.
struct CollapseEvidence {
    double judge = 0, judgeError = 0;  ///< accuracy or agreement of a held-out judge and the standard error of that mean
    double pairwise = 0, sharpness = 0;
};
/// First evaluation from the second on at which, and at the next one too, the judge is below the first by more than two standard errors of the difference and
/// the pairwise distance is under 0.75 of the first or the sharpness under 0.75 or over 2 of it.
std::optional<std::size_t> findCollapse(std::span<const CollapseEvidence> evaluations);

/// Where a run collapsed and where the first alarm was raised, in evaluations.
struct LabelledRun {
    std::optional<std::size_t> collapse, alarm;
};
struct AlarmScore {
    int right = 0, wrong = 0, missed = 0;
    std::vector<int> leads;  ///< evaluations by which a right alarm came before the collapse, in the order of the runs
    std::optional<double> precision() const;
    std::optional<double> recall() const;
};
/// An alarm is right from `lead` evaluations before a collapse to `lag` after it. Elsewhere it is wrong and the collapse missed.
AlarmScore scoreAlarms(std::span<const LabelledRun> runs, int lead = 5, int lag = 3);

}  // namespace rlcm::health
