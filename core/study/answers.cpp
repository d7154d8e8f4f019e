#include "core/study/answers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>

#include "core/base/error.h"
#include "core/base/order_statistics.h"
#include "core/figure/aggregates.h"
#include "core/figure/budget.h"
#include "core/run/measures.h"
#include "core/run/reward_catalogue.h"
#include "core/study/sentences.h"

namespace rlcm::study {
namespace {

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();
constexpr int kHold = 2;  // evaluations in a row that confirm an arrival

/// An answer in the making with the cells that it is about; of a change both are the same.
struct Question {
    Asked asked;
    std::string task;
    std::size_t x = 0, y = 0;
    Budget budget;
};

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : ", ") + word;
    }
    return text;
}

/// The cells of a difference, for each combination of the other axes; of a change each cell with itself.
std::vector<Question> questionsOf(const Plan& plan, const Asked& asked) {
    std::vector<Question> questions;
    const auto axis = static_cast<std::size_t>(
        std::find_if(plan.study.axes.begin(), plan.study.axes.end(), [&](const Axis& one) { return one.name == asked.axis; }) - plan.study.axes.begin());
    for (std::size_t x = 0; x < plan.cells.size(); ++x) {
        const std::vector<std::string>& at = plan.cells[x].values;
        if (!asked.axis.empty() && at[axis] != asked.x) {
            continue;
        }
        if (asked.ask == Ask::Change) {
            questions.push_back({asked, plan.cells[x].name(), x, x, {}});
            continue;
        }
        std::vector<std::string> partner = at, others = at;
        partner[axis] = asked.y;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(axis));
        const auto y = std::find_if(plan.cells.begin(), plan.cells.end(), [&](const Cell& cell) { return cell.values == partner; });
        ensure(y != plan.cells.end(), "the cells are all combinations of the axes");
        questions.push_back({asked, joined(others), x, static_cast<std::size_t>(y - plan.cells.begin()), {}});
    }
    return questions;
}

std::vector<Question> allQuestions(const Plan& plan) {
    std::vector<Question> all;
    for (const Asked& asked : plan.study.asked) {
        for (const Question& question : questionsOf(plan, asked)) {
            for (const Budget& budget : plan.study.budgets) {
                all.push_back(question);
                all.back().budget = budget;
                if (asked.ask == Ask::Change && !asked.isJudgeControlled) {
                    break;  // its end is the same whatever counts it
                }
            }
        }
    }
    return all;
}

/// A curve with its first number at 0.
void beginAtZero(figure::Curve& curve) {
    const auto first = std::find_if(curve.y.begin(), curve.y.end(), [](double y) { return std::isfinite(y); });
    const double start = first == curve.y.end() ? 0 : *first;
    std::transform(curve.y.begin(), curve.y.end(), curve.y.begin(), [start](double y) { return y - start; });
}

/// Curves of a cell by seed; nothing where a run is not there or was not measured.
std::vector<std::optional<figure::Curve>> curvesOf(const Findings& findings, const Question& question, std::size_t cell) {
    std::vector<std::optional<figure::Curve>> curves;
    for (std::size_t i = 0; i < findings.runs().size(); ++i) {
        if (findings.plan().runs[i].cell != cell) {
            continue;
        }
        figure::Curve curve = findings.curve(i, question.asked.measure, question.asked.isJudgeControlled, question.budget.counter);
        if (question.asked.isGain) {
            beginAtZero(curve);
        }
        const bool hasNumber = std::any_of(curve.y.begin(), curve.y.end(), [](double y) { return std::isfinite(y); });
        curves.push_back(hasNumber ? std::optional(std::move(curve)) : std::nullopt);
    }
    return curves;
}

using Curves = std::vector<std::optional<figure::Curve>>;

/// The budget of a question: its own, or where the shortest of its runs ends; of a cost, of those that are to be reached.
std::optional<double> placeOf(const Question& question, const Curves& x, const Curves& y) {
    std::vector<figure::Curve> all;
    for (const Curves* side : {&x, &y}) {
        for (const auto& curve : *side) {
            if (curve && (side == &y || question.asked.ask != Ask::Cost)) {
                all.push_back(*curve);
            }
        }
    }
    const std::optional<figure::Range> common = figure::commonRange(all);
    return question.budget.value ? question.budget.value : common ? std::optional(common->to) : std::nullopt;
}

double valueOf(const std::optional<figure::Curve>& curve, double budget) {
    return curve ? figure::valueAt(*curve, budget).value_or(kNoValue) : kNoValue;
}

/// Before training: the first record.
double startOf(const std::optional<figure::Curve>& curve) {
    return curve ? curve->y.front() : kNoValue;
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

/// What the answer is about, for each seed that has it.
std::vector<double> effectsOf(const Question& question, const Curves& x, const Curves& y, double place) {
    const run::Measure* known = run::findMeasure(question.asked.measure);
    const bool isLowerBetter = known != nullptr && known->better == run::Better::Lower;
    std::vector<double> effects;
    for (std::size_t seed = 0; seed < x.size(); ++seed) {
        switch (question.asked.ask) {
            case Ask::Difference:
                effects.push_back(valueOf(x[seed], place) - valueOf(y[seed], place));
                break;
            case Ask::Change:
                effects.push_back(valueOf(x[seed], place) - startOf(x[seed]));
                break;
            case Ask::Cost:
                effects.push_back(x[seed] && y[seed] ? savingOf(*x[seed], *y[seed], place, isLowerBetter) : kNoValue);
        }
    }
    return figure::finiteScores({effects}).scores.front();
}

void estimate(Answer& answer, const std::vector<double>& effects) {
    const bool isRatio = answer.asked.ask == Ask::Cost;  // whose middle holds also where some never arrive
    const double noEffect = isRatio ? 1 : 0;
    const auto centre = [isRatio](const std::vector<double>& values) { return isRatio ? median(values) : figure::meanOfTasks({values}); };
    std::vector<double> apart = effects;
    std::transform(apart.begin(), apart.end(), apart.begin(), [noEffect](double effect) { return effect - noEffect; });
    answer.pairs = static_cast<int>(effects.size());
    answer.effect = centre(effects);
    answer.signTest = figure::signTest(apart);
    const std::vector<figure::Scores> methods{{effects}};
    const auto statistic = [&](std::span<const figure::Scores> drawn) { return std::vector{centre(drawn[0].front())}; };
    const auto intervals = figure::bootstrapIntervals(methods, statistic, {.confidence = answer.confidence});
    if (!intervals) {
        answer.verdict = Verdict::NoInterval;
        return;
    }
    answer.interval = intervals->front();
    const bool isApart = answer.interval->low > noEffect || answer.interval->high < noEffect;
    answer.verdict = !isApart ? Verdict::NotShown : answer.pairs < kFewPairs ? Verdict::Few : Verdict::Shown;
}

Answer answerTo(const Question& question, const Findings& findings, double confidence) {
    Answer answer{.asked = question.asked, .task = question.task, .counter = question.budget.counter, .confidence = confidence};
    const Curves x = curvesOf(findings, question, question.x), y = curvesOf(findings, question, question.y);
    const std::optional<double> place = placeOf(question, x, y);
    const std::vector<double> effects = place ? effectsOf(question, x, y, *place) : std::vector<double>();
    answer.budget = place.value_or(kNoValue);
    answer.missing = static_cast<int>(x.size() - effects.size());
    if (!effects.empty()) {
        estimate(answer, effects);
    }
    answer.sentence = sentenceOf(answer, findings.plan().cells[question.x].config);
    return answer;
}

}  // namespace

std::string_view toString(Verdict verdict) {
    constexpr std::array<std::string_view, 5> kWords{"shown", "few_seeds", "not_shown", "no_interval", "no_value"};
    return kWords[static_cast<std::size_t>(verdict)];
}

std::vector<Answer> answersOf(const Findings& findings) {
    const std::vector<Question> questions = allQuestions(findings.plan());
    const double confidence = 1 - 0.05 / static_cast<double>(questions.size());
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
    constexpr std::array<std::string_view, 3> kAsked{"difference", "change", "cost"};
    return {{"ask", kAsked[static_cast<std::size_t>(answer.asked.ask)]},
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
}

}  // namespace rlcm::study
