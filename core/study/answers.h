#pragma once
// What a study's runs say to what was asked, with how many pairs of seeds and how surely.
#include <limits>
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

/// One value of the axis that a Best is asked of.
struct TriedValue {
    std::string name;
    double mean = std::numeric_limits<double>::quiet_NaN();  ///< over its runs that have a value at the budget; NaN: none has
    std::optional<figure::Interval> interval = {};           ///< percentile bootstrap over them
    int runs = 0;                                            ///< that have a value at the budget
    int missing = 0;                                         ///< planned runs that have none
    int failed = 0;                                          ///< of those: that failed
};

/// Where among the tried numbers the best lies, or one of those that are alike.
enum class RangeEnd { None, Lowest, Highest };

struct Answer {
    Asked asked;          ///< of a Best x and y are the best value and the next best, empty where there is none
    std::string task;     ///< values of the other axes, or the cell of a change; empty when there are none
    std::string counter;  ///< of the budget
    double budget = 0;
    int pairs = 0;                                  ///< of runs with the same seed; of a change: runs
    int missing = 0;                                ///< pairs (of a Best: runs) that are planned, but without a value at the budget
    double effect = 0;                              ///< mean of x - y, or of now - before; median of how many times less x takes, 0 where it never arrives
    std::optional<figure::Interval> interval = {};  ///< percentile bootstrap over the pairs
    double confidence = 0.95;                       ///< 1 - 0.05 / number of intervals
    double signTest = 1;
    Verdict verdict = Verdict::NoValue;
    std::vector<TriedValue> tried = {};  ///< of a Best: all values of the axis, the best first, those without a value last
    int alike = 0;                       ///< of a Best: how many of them share the first place, one or more where any has a value
    RangeEnd end = RangeEnd::None;       ///< of a Best whose axis varies one number
    bool isEndOpen = false;              ///< of an end: nothing further was tried; else what lies further has no value at the budget
    std::string sentence = {};           ///< all of this for people
};

/// Every answer that the study asks for. Values are read at the budget only where a run has been; pairs share a seed, and with it prompts and starting noise.
/// Intervals of 95 % together: each has 1 - 0.05 / n of n intervals (Bonferroni). An answer has one; a Best one for each value of its axis and for each pair
/// of them, because the numbers themselves choose which two are compared.
std::vector<Answer> answersOf(const Findings& findings);

/// Short unit of a measure of such runs, "kB"; empty for plain numbers.
std::string unitOf(const std::string& measure, const run::RunConfig& config);
Json toJson(const Answer& answer);

}  // namespace rlcm::study
