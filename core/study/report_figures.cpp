// Figures of a report: curves over each budget, and the cells beside each other at it.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/base/error.h"
#include "core/base/number_text.h"
#include "core/figure/budget.h"
#include "core/figure/gain_panels.h"
#include "core/figure/panels.h"
#include "core/report/report.h"
#include "core/run/measures.h"
#include "core/run/reward_catalogue.h"
#include "core/study/dot_plot.h"
#include "core/report/html.h"
#include "core/study/report_parts.h"
#include "core/study/words.h"

namespace rlcm::study {
namespace {

constexpr std::size_t kMostMeasures = 6;
constexpr std::size_t kLeastForInterval = 3;  // runs: with two the interval is so wide that nothing else is seen
constexpr int kFigureWidth = 780, kPlotHeight = 330, kHeightOfLine = 12;

std::string figureElement(const std::string& svg, const std::string& caption) {
    return "<figure>\n" + svg + "<figcaption>" + report::escaped(caption) + "</figcaption></figure>\n";
}

/// Names of the cells by the runs whose lines stand for them.
std::map<std::string, std::string> cellOfRun(const Findings& findings) {
    std::map<std::string, std::string> names;
    for (std::size_t i = 0; i < findings.runs().size(); ++i) {
        if (findings.runs()[i]) {
            names[findings.runs()[i]->id] = findings.plan().cells[findings.plan().runs[i].cell].name();
        }
    }
    return names;
}

std::string curveFigure(const Findings& findings, const RewardGroup& group, const std::string& measure, const std::string& counter) {
    std::vector<run::RunId> ids;
    for (const std::size_t cell : group.cells) {
        for (const std::size_t i : findings.runsOf(cell)) {
            if (!findings.curve(i, measure, false, counter).x.empty()) {
                ids.push_back(findings.runs()[i]->id);
            }
        }
    }
    if (ids.empty()) {
        return {};
    }
    const bool isFew = findings.plan().study.seeds < kFewPairs;
    const int height = kPlotHeight + kHeightOfLine * static_cast<int>(group.cells.size());
    const figure::FigureSpec spec{.axis = counter,
                                  .series = figure::seriesOf({measure}, ids),
                                  .grouping = figure::Grouping::Seeds,
                                  .band = isFew ? figure::Band::MinMax : figure::Band::Confidence95,
                                  .size = figure::sizeInPixels(kFigureWidth, height)};
    std::vector<figure::Panel> panels = figure::readPanels(findings.reader(), spec);
    std::map<std::string, std::string> names = cellOfRun(findings);
    for (figure::Panel& panel : panels) {
        for (figure::DrawnLine& drawn : panel.lines) {
            drawn.line.label = names[drawn.line.id] + figure::seedsText(drawn.line.runs);
        }
    }
    const std::string of = run::isInRewardUnits(measure) ? ", " + group.reward : "; the reward is " + group.reward;
    const std::string caption = run::measureTitle(measure) + " over " + lowerFirst(run::counterField(counter).title) + of + ".";
    try {
        return figureElement(report::inlineSvg(report::figureSvg(spec, panels), measure + counter + ids.front()), caption);
    } catch (const Error& problem) {
        return "<p class=\"note\">" + report::escaped(caption + " It is not drawn: " + problem.what()) + "</p>\n";
    }
}

std::string gainFigure(const Findings& findings, std::size_t cell) {
    std::vector<run::RunId> ids;
    for (const std::size_t i : findings.runsOf(cell)) {
        if (!findings.values(i, std::string(run::measure::kEvalPathKl)).empty()) {
            ids.push_back(findings.runs()[i]->id);
        }
    }
    const std::vector<std::string> measures = ids.empty() ? std::vector<std::string>{} : figure::gainMeasures(findings.reader(), ids.front());
    if (measures.empty()) {
        return {};
    }
    const int height = kPlotHeight + kHeightOfLine * static_cast<int>(measures.size() * ids.size());
    const figure::FigureSpec spec{
        .kind = figure::FigureKind::OverOptimisation, .series = figure::seriesOf(measures, ids), .size = figure::sizeInPixels(kFigureWidth, height)};
    const std::string caption = findings.plan().cells[cell].name() +
                                ": gain since before training, in deviations between the images before training, over the distance from the base model; dashed "
                                "the fit over all runs, with its peak where that has been passed.";
    try {
        return figureElement(report::inlineSvg(report::figureSvg(spec, figure::readPanels(findings.reader(), spec)), "gain" + ids.front()), caption);
    } catch (const Error& problem) {
        return "<p class=\"note\">" + report::escaped(caption + " It is not drawn: " + problem.what()) + "</p>\n";
    }
}

std::string dotFigure(const Findings& findings, const RewardGroup& group, const Budget& budget) {
    const Asked& asked = findings.plan().study.asked.front();
    const std::optional<double> place = sharedBudget(findings, group, budget);
    if (!place) {
        return {};
    }
    std::vector<DotRow> rows;
    for (const std::size_t cell : group.cells) {
        DotRow row{.label = findings.plan().cells[cell].name(), .values = valuesAt(findings, cell, asked, budget.counter, *place)};
        if (row.values.size() >= kLeastForInterval) {
            row.interval = figure::tInterval(row.values);
        }
        const std::vector<std::size_t> runs = findings.runsOf(cell);
        row.colour = runs.empty() ? 0 : findings.runs()[runs.front()]->colour;
        rows.push_back(std::move(row));
    }
    const std::string svg = dotPlot(rows, run::measureTitle(asked.measure) + ", " + group.reward);
    return svg.empty() ? ""
                       : figureElement(svg, "At " + budgetText(budget.counter, *place) +
                                                ": a dot for each run, their mean, and where there are three or more a 95 % t interval of the mean.");
}

}  // namespace

std::vector<RewardGroup> rewardGroups(const Plan& plan) {
    std::vector<RewardGroup> groups;
    for (std::size_t cell = 0; cell < plan.cells.size(); ++cell) {
        const std::string& terms = plan.cells[cell].config.reward.terms;
        const std::string unit = run::rewardUnit(terms);
        const std::string reward = terms + (unit.empty() ? "" : " (" + unit + ")");
        auto group = std::find_if(groups.begin(), groups.end(), [&](const RewardGroup& one) { return one.reward == reward; });
        if (group == groups.end()) {
            group = groups.insert(group, {reward, {}});
        }
        group->cells.push_back(cell);
    }
    return groups;
}

std::optional<double> sharedBudget(const Findings& findings, const RewardGroup& group, const Budget& budget) {
    if (budget.value) {
        return budget.value;
    }
    std::vector<figure::Curve> curves;
    for (const std::size_t cell : group.cells) {
        for (const std::size_t i : findings.runsOf(cell)) {
            figure::Curve curve = findings.curve(i, findings.plan().study.asked.front().measure, false, budget.counter);
            if (!curve.x.empty()) {
                curves.push_back(std::move(curve));
            }
        }
    }
    const std::optional<figure::Range> common = figure::commonRange(curves);
    return common ? std::optional(common->to) : std::nullopt;
}

std::vector<double> valuesAt(const Findings& findings, std::size_t cell, const Asked& asked, const std::string& counter, double budget) {
    std::vector<double> values;
    for (const std::size_t i : findings.runsOf(cell)) {
        const figure::Curve curve = findings.curve(i, asked.measure, asked.isJudgeControlled, counter);
        values.push_back(figure::valueAt(curve, budget).value_or(std::numeric_limits<double>::quiet_NaN()));
    }
    return values;
}

std::vector<std::string> shownMeasures(const Study& study) {
    std::vector<std::string> measures;
    const auto add = [&](const std::string& measure) {
        if (std::find(measures.begin(), measures.end(), measure) == measures.end() && measures.size() < kMostMeasures) {
            measures.push_back(measure);
        }
    };
    for (const Asked& asked : study.asked) {
        add(asked.measure);
    }
    add(std::string(run::measure::kEvalJudgeAccuracy));
    return measures;
}

std::string curveFigures(const Findings& findings) {
    const Study& study = findings.plan().study;
    const std::vector<std::string> measures = shownMeasures(study);
    std::string html;
    for (const RewardGroup& group : rewardGroups(findings.plan())) {
        for (const std::string& measure : measures) {
            html += curveFigure(findings, group, measure, study.budgets.front().counter);
        }
        for (std::size_t budget = 1; budget < study.budgets.size(); ++budget) {
            html += curveFigure(findings, group, measures.front(), study.budgets[budget].counter);
        }
    }
    return html;
}

std::string gainFigures(const Findings& findings) {
    std::string html;
    for (std::size_t cell = 0; cell < findings.plan().cells.size(); ++cell) {
        html += gainFigure(findings, cell);
    }
    return html;
}

std::string budgetFigures(const Findings& findings) {
    std::string html;
    for (const RewardGroup& group : rewardGroups(findings.plan())) {
        for (const Budget& budget : findings.plan().study.budgets) {
            html += dotFigure(findings, group, budget);
        }
    }
    return html;
}

}  // namespace rlcm::study
