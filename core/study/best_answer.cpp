// Which value of an axis comes out best.
#include <algorithm>
#include <cmath>

#include "core/figure/aggregates.h"
#include "core/run/measures.h"
#include "core/study/questions.h"

namespace rlcm::study {
namespace {

constexpr double kRounding = 1e-12;  // means of the same numbers, added in another order

/// The number that a value of an axis sets; nothing when it sets several settings or a word.
struct SetNumber {
    std::string path;
    double number = 0;
};
std::optional<SetNumber> numberOf(const AxisValue& value) {
    const Json flat = value.settings.flatten();
    if (flat.size() != 1 || !flat.begin()->is_number()) {
        return std::nullopt;
    }
    std::string path = flat.begin().key();
    std::replace(path.begin(), path.end(), '.', '/');
    return SetNumber{path, flat.begin()->get<double>()};
}

/// Numbers of all values of an axis that varies one of them, by name.
std::optional<std::vector<std::pair<std::string, double>>> numbersOf(const Axis& axis) {
    std::vector<std::pair<std::string, double>> numbers;
    std::string path;
    for (const AxisValue& value : axis.values) {
        const std::optional<SetNumber> set = numberOf(value);
        if (!set || (!path.empty() && set->path != path)) {
            return std::nullopt;
        }
        path = set->path;
        numbers.emplace_back(value.name, set->number);
    }
    return numbers;
}

/// 1 where more is better, -1 where less is.
double directionOf(const std::string& measure) {
    const run::Measure* known = run::findMeasure(measure);
    return known != nullptr && known->better == run::Better::Lower ? -1 : 1;
}

/// A value of the axis with what its runs have at the place.
struct Entry {
    TriedValue tried;
    std::vector<double> bySeed;  // NaN where there is none
};

int failedOf(const Findings& findings, std::size_t cell, const std::vector<double>& bySeed) {
    int failed = 0;
    std::size_t seed = 0;
    for (std::size_t i = 0; i < findings.runs().size(); ++i) {
        if (findings.plan().runs[i].cell == cell) {
            const bool hasFailed = findings.runs()[i] && findings.runs()[i]->state == run::RunState::Failed;
            failed += hasFailed && !std::isfinite(bySeed[seed]) ? 1 : 0;
            ++seed;
        }
    }
    return failed;
}

Entry entryOf(const std::string& name, std::vector<double> bySeed, double confidence) {
    Entry entry{.tried = {.name = name}, .bySeed = std::move(bySeed)};
    const std::vector<double> finite = figure::finiteScores({entry.bySeed}).scores.front();
    entry.tried.runs = static_cast<int>(finite.size());
    entry.tried.missing = static_cast<int>(entry.bySeed.size()) - entry.tried.runs;
    if (!finite.empty()) {
        entry.tried.mean = figure::meanOfTasks({finite});
        entry.tried.interval = meanInterval(finite, confidence);
    }
    return entry;
}

/// Of each value of the axis, in its order.
std::vector<Entry> entriesOf(const Question& question, const Findings& findings, const Axis& axis, Answer& answer) {
    std::vector<Curves> sides;
    for (const std::size_t cell : question.cells) {
        sides.push_back(curvesOf(findings, question, cell));
    }
    const std::optional<double> place = placeOf(question.budget, sides);
    answer.budget = place.value_or(std::nan(""));
    std::vector<Entry> entries;
    for (std::size_t i = 0; i < sides.size(); ++i) {
        const std::vector<double> nothing(sides[i].size(), std::nan(""));
        entries.push_back(entryOf(axis.values[i].name, place ? valuesOf(sides[i], *place) : nothing, answer.confidence));
        entries.back().tried.failed = failedOf(findings, question.cells[i], entries.back().bySeed);
        answer.missing += entries.back().tried.missing;
    }
    return entries;
}

/// The best first, those without a value last, otherwise in the order of the axis.
void rank(std::vector<Entry>& entries, double direction) {
    std::stable_sort(entries.begin(), entries.end(), [direction](const Entry& a, const Entry& b) {
        const bool isEither = a.tried.runs == 0 || b.tried.runs == 0;
        return isEither ? a.tried.runs > b.tried.runs && b.tried.runs == 0 : direction * a.tried.mean > direction * b.tried.mean;
    });
}

/// How many of the ranked values share the first place.
int alikeOf(const std::vector<TriedValue>& ranked) {
    const double best = ranked.front().mean;
    return static_cast<int>(std::count_if(ranked.begin(), ranked.end(),
                                          [&](const TriedValue& one) { return std::abs(one.mean - best) <= kRounding * std::max(1.0, std::abs(best)); }));
}

/// Whether the best, or one of those that are alike, is the least or the greatest number with a value; not when it is both.
void findEnd(Answer& answer, const Axis& axis) {
    const auto numbers = numbersOf(axis);
    if (!numbers || answer.alike == 0) {
        return;
    }
    std::vector<double> known, first;
    double least = numbers->front().second, most = least;
    for (const auto& [name, number] : *numbers) {
        least = std::min(least, number), most = std::max(most, number);
        const auto at = std::find_if(answer.tried.begin(), answer.tried.end(), [&, &name = name](const TriedValue& one) { return one.name == name; });
        if (at->runs > 0) {
            known.push_back(number);
        }
        if (at - answer.tried.begin() < answer.alike) {
            first.push_back(number);
        }
    }
    const auto [lowest, highest] = std::minmax_element(known.begin(), known.end());
    const bool isLowest = std::find(first.begin(), first.end(), *lowest) != first.end();
    const bool isHighest = std::find(first.begin(), first.end(), *highest) != first.end();
    answer.end = isLowest == isHighest ? RangeEnd::None : isLowest ? RangeEnd::Lowest : RangeEnd::Highest;
    answer.isEndOpen = answer.end == RangeEnd::Lowest ? *lowest == least : answer.end == RangeEnd::Highest && *highest == most;
}

/// The best against the next best, over the seeds that both have.
void compareFirstTwo(Answer& answer, const std::vector<Entry>& ranked) {
    answer.verdict = Verdict::NoInterval;
    if (ranked.size() < 2 || ranked[1].tried.runs == 0) {
        return;
    }
    answer.asked.y = ranked[1].tried.name;
    const std::vector<double> effects = figure::finiteScores(figure::pairedDifferences({ranked[0].bySeed}, {ranked[1].bySeed})).scores.front();
    if (!effects.empty()) {
        estimate(answer, effects);
    }
    // Where a seed is missing on one side, those that both have can say the opposite of the means.
    const bool isForBest = answer.alike == 1 && answer.effect * directionOf(answer.asked.measure) > 0;
    if (answer.verdict == Verdict::Shown || answer.verdict == Verdict::Few) {
        answer.verdict = isForBest ? answer.verdict : Verdict::NotShown;
    }
}

}  // namespace

Answer bestAnswer(const Question& question, const Findings& findings, double confidence) {
    Answer answer{.asked = question.asked, .task = question.task, .counter = question.budget.counter, .confidence = confidence};
    const std::vector<Axis>& axes = findings.plan().study.axes;
    const Axis& axis = *std::find_if(axes.begin(), axes.end(), [&](const Axis& one) { return one.name == question.asked.axis; });
    std::vector<Entry> entries = entriesOf(question, findings, axis, answer);
    rank(entries, directionOf(question.asked.measure));
    std::transform(entries.begin(), entries.end(), std::back_inserter(answer.tried), [](const Entry& entry) { return entry.tried; });
    if (answer.tried.front().runs > 0) {
        answer.asked.x = answer.tried.front().name;
        answer.alike = alikeOf(answer.tried);
        compareFirstTwo(answer, entries);
        findEnd(answer, axis);
    }
    return answer;
}

}  // namespace rlcm::study
