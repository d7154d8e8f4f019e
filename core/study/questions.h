#pragma once
// Inside core/study only: an answer in the making, with the cells and the curves that it is about.
#include <optional>
#include <string>
#include <vector>

#include "core/study/answers.h"

namespace rlcm::study {

struct Question {
    Asked asked;
    std::string task;                ///< values of the other axes, or the cell of a change
    std::vector<std::size_t> cells;  ///< of a difference and a cost x and y; of a change the one; of a best those of the axis's values, in its order
    Budget budget;
};

/// Everything that the study asks, at every budget.
std::vector<Question> allQuestions(const Plan& plan);

/// By seed; nothing where a run is not there or was not measured.
using Curves = std::vector<std::optional<figure::Curve>>;
/// Of one cell of the question; a gain begins at 0.
Curves curvesOf(const Findings& findings, const Question& question, std::size_t cell);
/// The question's own budget, or where the shortest of these curves ends; nothing when there are none.
std::optional<double> placeOf(const Budget& budget, const std::vector<Curves>& sides);
/// Of each seed, NaN where there is none.
std::vector<double> valuesOf(const Curves& curves, double place);

/// A percentile interval of the mean over runs; nothing with fewer than two.
std::optional<figure::Interval> meanInterval(const std::vector<double>& values, double confidence);
/// What the effects, one for each pair or run, say: all numbers of the answer but its budget, and the verdict. `effects` is never empty.
void estimate(Answer& answer, const std::vector<double>& effects);
/// Answers a Best, all but its sentence.
Answer bestAnswer(const Question& question, const Findings& findings, double confidence);

}  // namespace rlcm::study
