#include "core/study/answers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "core/base/error.h"
#include "core/base/order_statistics.h"
#include "core/figure/aggregates.h"
#include "core/figure/budget.h"
#include "core/run/measures.h"
#include "core/run/reward_catalogue.h"
#include "core/study/questions.h"
#include "core/study/sentences.h"

namespace rlcm::study {
namespace {

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();
constexpr int kHold = 2;  // evaluations in a row that confirm an arrival

/// Before training: the first record.
std::vector<double> startsOf(const Curves& curves) {
    std::vector<double> starts;
    for (const auto& curve : curves) {
        starts.push_back(curve ? curve->y.front() : kNoValue);
    }
    return starts;
}

/// How many times less x takes to come to where y is at the budget; 0 when it never does, NaN when it begins there.
double savingOf(const figure::Curve& x, const figure::Curve& y, double place, bool isLowerBetter) {
    const std::optional<double> goal = figure::valueAt(y, place);
    figure::Curve rising = x;
    if (isLowerBetter) {
        std::transform(rising.y.begin(), rising.y.end(), rising.y.begin(), std::negate<>());
    }
    const double threshold = goal ? (isLowerBetter ? -*goal : *goal) : kNoValue;
    const std::optional<double> arrival = goal ? figure::timeToThreshold(rising, threshold, kHold) : std::nullopt;
    return !goal || (arrival && *arrival <= 0) ? kNoValue : arrival ? place / *arrival : 0;
}

/// What the answer is about, for each seed that has it. Of a change y is x.
std::vector<double> effectsOf(const Question& question, const Curves& x, const Curves& y, double place) {
    std::vector<double> effects = valuesOf(x, place);
    if (question.asked.ask == Ask::Cost) {
        const run::Measure* known = run::findMeasure(question.asked.measure);
        const bool isLowerBetter = known != nullptr && known->better == run::Better::Lower;
        std::transform(x.begin(), x.end(), y.begin(), effects.begin(),
                       [&](const auto& one, const auto& other) { return one && other ? savingOf(*one, *other, place, isLowerBetter) : kNoValue; });
    } else {
        const std::vector<double> base = question.asked.ask == Ask::Change ? startsOf(x) : valuesOf(y, place);
        std::transform(effects.begin(), effects.end(), base.begin(), effects.begin(), std::minus<>());
    }
    return figure::finiteScores({effects}).scores.front();
}

Answer effectAnswer(const Question& question, const Findings& findings, double confidence) {
    Answer answer{.asked = question.asked, .task = question.task, .counter = question.budget.counter, .confidence = confidence};
    const Curves x = curvesOf(findings, question, question.cells.front()), y = curvesOf(findings, question, question.cells.back());
    // Of a cost only the runs that are to be reached must come so far.
    const std::optional<double> place = placeOf(question.budget, question.asked.ask == Ask::Cost ? std::vector<Curves>{y} : std::vector<Curves>{x, y});
    const std::vector<double> effects = place ? effectsOf(question, x, y, *place) : std::vector<double>();
    answer.budget = place.value_or(kNoValue);
    answer.missing = static_cast<int>(x.size() - effects.size());
    if (!effects.empty()) {
        estimate(answer, effects);
    }
    return answer;
}

Answer answerTo(const Question& question, const Findings& findings, double confidence) {
    Answer answer = question.asked.ask == Ask::Best ? bestAnswer(question, findings, confidence) : effectAnswer(question, findings, confidence);
    answer.sentence = sentenceOf(answer, findings.plan().cells[question.cells.front()].config);
    return answer;
}

/// Intervals that a question takes: of a best one for each value and for each pair of them.
std::size_t intervalsOf(const Question& question) {
    const std::size_t values = question.cells.size();
    return question.asked.ask == Ask::Best ? values * (values + 1) / 2 : 1;
}

std::optional<figure::Interval> intervalOf(const std::vector<double>& values, double confidence,
                                           const std::function<double(const std::vector<double>&)>& centre) {
    const std::vector<figure::Scores> methods{{values}};
    const auto statistic = [&](std::span<const figure::Scores> drawn) { return std::vector{centre(drawn[0].front())}; };
    const auto intervals = figure::bootstrapIntervals(methods, statistic, {.confidence = confidence});
    return intervals ? std::optional(intervals->front()) : std::nullopt;
}

double meanOf(const std::vector<double>& values) {
    return figure::meanOfTasks({values});
}

}  // namespace

std::string_view toString(Verdict verdict) {
    constexpr std::array<std::string_view, 5> kWords{"shown", "few_seeds", "not_shown", "no_interval", "no_value"};
    return kWords[static_cast<std::size_t>(verdict)];
}

std::optional<figure::Interval> meanInterval(const std::vector<double>& values, double confidence) {
    return intervalOf(values, confidence, meanOf);
}

void estimate(Answer& answer, const std::vector<double>& effects) {
    const bool isRatio = answer.asked.ask == Ask::Cost;  // whose middle holds also where some never arrive
    const double noEffect = isRatio ? 1 : 0;
    const auto centre = [isRatio](const std::vector<double>& values) { return isRatio ? median(values) : meanOf(values); };
    std::vector<double> apart = effects;
    std::transform(apart.begin(), apart.end(), apart.begin(), [noEffect](double effect) { return effect - noEffect; });
    answer.pairs = static_cast<int>(effects.size());
    answer.effect = centre(effects);
    answer.signTest = figure::signTest(apart);
    answer.interval = intervalOf(effects, answer.confidence, centre);
    if (!answer.interval) {
        answer.verdict = Verdict::NoInterval;
        return;
    }
    const bool isApart = answer.interval->low > noEffect || answer.interval->high < noEffect;
    answer.verdict = !isApart ? Verdict::NotShown : answer.pairs < kFewPairs ? Verdict::Few : Verdict::Shown;
}

std::vector<Answer> answersOf(const Findings& findings) {
    const std::vector<Question> questions = allQuestions(findings.plan());
    const auto intervals = std::accumulate(questions.begin(), questions.end(), std::size_t{0},
                                           [](std::size_t sum, const Question& question) { return sum + intervalsOf(question); });
    const double confidence = 1 - 0.05 / static_cast<double>(intervals);
    std::vector<Answer> answers;
    std::transform(questions.begin(), questions.end(), std::back_inserter(answers),
                   [&](const Question& question) { return answerTo(question, findings, confidence); });
    return answers;
}

std::string unitOf(const std::string& measure, const run::RunConfig& config) {
    const run::Measure* known = run::findMeasure(measure);
    return run::isInRewardUnits(measure) ? run::rewardUnit(config.reward.terms) : known != nullptr ? std::string(known->unit) : std::string();
}

Json toJson(const Answer& answer) {
    const auto number = [](double value) { return std::isfinite(value) ? Json(value) : Json(); };
    constexpr std::array<std::string_view, 4> kAsked{"difference", "change", "cost", "best"};
    Json json{{"ask", kAsked[static_cast<std::size_t>(answer.asked.ask)]},
              {"measure", answer.asked.measure},
              {"gain", answer.asked.isGain},
              {"judge_controlled", answer.asked.isJudgeControlled},
              {"axis", answer.asked.axis},
              {"x", answer.asked.x},
              {"y", answer.asked.y},
              {"task", answer.task},
              {"counter", answer.counter},
              {"budget", number(answer.budget)},
              {"pairs", answer.pairs},
              {"missing", answer.missing},
              {"effect", answer.pairs > 0 ? number(answer.effect) : Json()},
              {"interval", answer.interval ? Json{answer.interval->low, answer.interval->high} : Json()},
              {"confidence", answer.confidence},
              {"sign_test", answer.signTest},
              {"verdict", toString(answer.verdict)},
              {"sentence", answer.sentence}};
    for (const TriedValue& value : answer.tried) {
        json["tried"].push_back({{"value", value.name},
                                 {"mean", number(value.mean)},
                                 {"interval", value.interval ? Json{value.interval->low, value.interval->high} : Json()},
                                 {"runs", value.runs},
                                 {"missing", value.missing},
                                 {"failed", value.failed}});
    }
    if (answer.asked.ask == Ask::Best) {
        json["alike"] = answer.alike;
        json["end"] = answer.end == RangeEnd::None ? Json() : Json(answer.end == RangeEnd::Lowest ? "lowest" : "highest");
    }
    return json;
}

}  // namespace rlcm::study
