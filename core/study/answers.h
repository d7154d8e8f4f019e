#pragma once
// What a study's runs say to what was asked, with how many pairs of seeds and how surely.
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/figure/intervals.h"
#include "core/study/findings.h"

namespace rlcm::study {

enum class Verdict {
    Shown,       ///< the interval leaves out "no difference"
    Few,         ///< so it does, but over fewer than kFewPairs pairs
    NotShown,    ///< the interval holds "no difference"
    NoInterval,  ///< fewer than two pairs
    NoValue      ///< the runs that it takes are not there, or do not come so far
};
/// "shown", "few_seeds", "not_shown", "no_interval", "no_value".
std::string_view toString(Verdict verdict);

struct Answer {
    Asked asked;
    std::string task;     ///< values of the other axes, or the cell of a change; empty when there are none
    std::string counter;  ///< of the budget
    double budget = 0;
    int pairs = 0;                                  ///< of runs with the same seed; of a change: runs
    int missing = 0;                                ///< planned, but without a value at the budget
    double effect = 0;                              ///< mean of x - y, or of now - before; median of how many times less x takes, 0 where it never arrives
    std::optional<figure::Interval> interval = {};  ///< percentile bootstrap over the pairs
    double confidence = 0.95;                       ///< 1 - 0.05 / number of answers
    double signTest = 1;
    Verdict verdict = Verdict::NoValue;
    std::string sentence = {};  ///< all of this for people
};

/// Every answer that the study asks for. Values are read at the budget only where a run has been; pairs share a seed, and with it prompts and starting noise.
/// Intervals of 95 % together: each has 1 - 0.05 / n of n answers (Bonferroni).
std::vector<Answer> answersOf(const Findings& findings);

/// Short unit of a measure of such runs, "kB"; empty for plain numbers.
std::string unitOf(const std::string& measure, const run::RunConfig& config);
Json toJson(const Answer& answer);

}  // namespace rlcm::study
