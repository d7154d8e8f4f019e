#include "core/study/questions.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/error.h"
#include "core/figure/budget.h"

namespace rlcm::study {
namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : ", ") + word;
    }
    return text;
}

std::size_t axisOf(const Plan& plan, const std::string& name) {
    const auto axis = std::find_if(plan.study.axes.begin(), plan.study.axes.end(), [&](const Axis& one) { return one.name == name; });
    return static_cast<std::size_t>(axis - plan.study.axes.begin());
}

/// The values of the asked axis that a question compares, beginning with the one whose cells it is asked for.
std::vector<std::string> comparedValues(const Plan& plan, const Asked& asked) {
    if (asked.ask != Ask::Best) {
        return {asked.x, asked.y};
    }
    std::vector<std::string> names;
    for (const AxisValue& value : plan.study.axes[axisOf(plan, asked.axis)].values) {
        names.push_back(value.name);
    }
    return names;
}

/// The cells that differ from this one in the asked axis alone, at each of the compared values.
Question comparison(const Plan& plan, const Asked& asked, const Cell& cell) {
    const std::size_t axis = axisOf(plan, asked.axis);
    std::vector<std::string> at = cell.values, others = cell.values;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(axis));
    Question question{asked, joined(others), {}, {}};
    for (const std::string& value : comparedValues(plan, asked)) {
        at[axis] = value;
        const auto found = std::find_if(plan.cells.begin(), plan.cells.end(), [&](const Cell& one) { return one.values == at; });
        ensure(found != plan.cells.end(), "the cells are all combinations of the axes");
        question.cells.push_back(static_cast<std::size_t>(found - plan.cells.begin()));
    }
    return question;
}

/// For each combination of the other axes; of a change each cell by itself.
std::vector<Question> questionsOf(const Plan& plan, const Asked& asked) {
    std::vector<Question> questions;
    const std::string first = asked.axis.empty() ? "" : comparedValues(plan, asked).front();
    for (std::size_t i = 0; i < plan.cells.size(); ++i) {
        const Cell& cell = plan.cells[i];
        if (!asked.axis.empty() && cell.values[axisOf(plan, asked.axis)] != first) {
            continue;
        }
        questions.push_back(asked.ask == Ask::Change ? Question{asked, cell.name(), {i}, {}} : comparison(plan, asked, cell));
    }
    return questions;
}

/// A curve with its first number at 0.
void beginAtZero(figure::Curve& curve) {
    const auto first = std::find_if(curve.y.begin(), curve.y.end(), [](double y) { return std::isfinite(y); });
    const double start = first == curve.y.end() ? 0 : *first;
    std::transform(curve.y.begin(), curve.y.end(), curve.y.begin(), [start](double y) { return y - start; });
}

}  // namespace

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

Curves curvesOf(const Findings& findings, const Question& question, std::size_t cell) {
    Curves curves;
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

std::optional<double> placeOf(const Budget& budget, const std::vector<Curves>& sides) {
    std::vector<figure::Curve> all;
    for (const Curves& side : sides) {
        for (const auto& curve : side) {
            if (curve) {
                all.push_back(*curve);
            }
        }
    }
    const std::optional<figure::Range> common = figure::commonRange(all);
    return budget.value ? budget.value : common ? std::optional(common->to) : std::nullopt;
}

std::vector<double> valuesOf(const Curves& curves, double place) {
    std::vector<double> values;
    for (const auto& curve : curves) {
        values.push_back(curve ? figure::valueAt(*curve, place).value_or(std::nan("")) : std::nan(""));
    }
    return values;
}

}  // namespace rlcm::study
