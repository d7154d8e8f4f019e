// Tables of a report.
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "core/base/number_text.h"
#include "core/figure/aggregates.h"
#include "core/figure/best_checkpoint.h"
#include "core/figure/inference_times.h"
#include "core/run/config_diff.h"
#include "core/run/derive.h"
#include "core/run/measures.h"
#include "core/report/html.h"
#include "core/study/report_parts.h"

namespace rlcm::study {
namespace {

using Rows = std::vector<std::vector<std::string>>;

const std::string kNothing = "\u2013";

/// "-1.41 [-1.60, -1.30]", the t interval of the mean in brackets, on one line of its own where the column is narrow; the number alone where all are the same.
std::string meanText(const std::vector<double>& values) {
    const std::vector<double> finite = figure::finiteScores({values}).scores.front();
    if (finite.empty()) {
        return kNothing;
    }
    const std::string mean = valueText(figure::meanOfTasks({finite}));
    const std::optional<figure::Interval> interval = figure::tInterval(finite);
    const bool isSpread = interval && interval->low < interval->high;
    return isSpread ? mean + " [" + valueText(interval->low) + ",\u00A0" + valueText(interval->high) + "]" : mean;
}

/// The first and the last value of each run of a cell that has any.
struct Ends {
    std::vector<double> first, last;
};
Ends endsOf(const Findings& findings, std::size_t cell, const std::string& measure) {
    Ends ends;
    for (const std::size_t i : findings.runsOf(cell)) {
        if (const auto& rows = findings.values(i, measure); !rows.empty()) {
            ends.first.push_back(rows.front().value);
            ends.last.push_back(rows.back().value);
        }
    }
    return ends;
}

std::vector<double> startsOf(const Findings& findings, std::size_t cell, const std::string& measure) {
    return endsOf(findings, cell, measure).first;
}

/// "-2.43 → -2.04": means over the runs of a cell before training and at their ends.
std::string beforeAndAfter(const Ends& ends) {
    const auto mean = [](const std::vector<double>& values) {
        const std::vector<double> finite = figure::finiteScores({values}).scores.front();
        return finite.empty() ? kNothing : valueText(figure::meanOfTasks({finite}));
    };
    return ends.first.empty() ? kNothing : mean(ends.first) + " \u2192 " + mean(ends.last);
}

/// Step counts that any cell is evaluated at, ascending.
std::set<std::int64_t> stepCounts(const Plan& plan) {
    std::set<std::int64_t> counts;
    for (const Cell& cell : plan.cells) {
        for (const std::int64_t steps : run::evaluationSteps(cell.config)) {
            counts.insert(steps);
        }
    }
    return counts;
}

std::vector<std::string> resultRow(const Findings& findings, const RewardGroup& group, std::size_t cell) {
    const Study& study = findings.plan().study;
    const Asked& asked = study.asked.front();
    const Budget& budget = study.budgets.front();
    const std::string judge(run::measure::kEvalJudgeAccuracy);
    std::vector<std::string> row{findings.plan().cells[cell].name(), std::to_string(findings.runsOf(cell).size()),
                                 meanText(startsOf(findings, cell, asked.measure))};
    const std::optional<double> place = sharedBudget(findings, group, budget);
    const auto at = [&](const std::string& measure, bool isJudgeControlled) {
        const Asked what{.measure = measure, .axis = {}, .x = {}, .y = {}, .isJudgeControlled = isJudgeControlled};
        return place ? meanText(valuesAt(findings, cell, what, budget.counter, *place)) : kNothing;
    };
    row.push_back(at(asked.measure, false));
    row.push_back(at(asked.measure, true));
    row.push_back(meanText(startsOf(findings, cell, judge)));
    row.push_back(at(judge, false));
    return row;
}

/// Mean over the runs of a cell, in whole numbers.
std::string meanCount(const Findings& findings, std::size_t cell, const run::CounterField& counter) {
    double sum = 0;
    std::size_t runs = 0;
    for (const std::size_t i : findings.runsOf(cell)) {
        if (!counter.isSeconds() || findings.isOnClock(i)) {
            sum += counter.value(findings.runs()[i]->counters);
            ++runs;
        }
    }
    return runs == 0 ? kNothing : std::to_string(std::llround(sum / static_cast<double>(runs)));
}

/// Rows as columns: what has more entries stands below each other.
Rows turned(const Rows& rows) {
    Rows result(rows.empty() ? 0 : rows.front().size());
    for (const std::vector<std::string>& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            result[i].push_back(row[i]);
        }
    }
    return result;
}

}  // namespace

std::string resultTable(const Findings& findings) {
    const Study& study = findings.plan().study;
    std::string html;
    for (const RewardGroup& group : rewardGroups(findings.plan())) {
        const std::optional<double> place = sharedBudget(findings, group, study.budgets.front());
        const std::string at = place ? budgetText(study.budgets.front().counter, *place) : "the end";
        Rows rows{{"", "Runs", "Before training", "At " + at, "Best by then while recognised", "Judge before", "Judge at " + at}};
        for (const std::size_t cell : group.cells) {
            rows.push_back(resultRow(findings, group, cell));
        }
        html += "<h3>" + report::escaped(run::measureTitle(study.asked.front().measure) + ", " + group.reward) + "</h3>\n" + report::htmlTable(rows);
    }
    return html +
           "<p class=\"note\">Means over runs, in brackets the 95 % t interval of the mean where there are two runs or more. \u201CBest by then while "
           "recognised\u201D is the best evaluation at which the held-out judge still recognised at least 0.8 of what it did before training.</p>\n";
}

std::string bestTable(const Findings& findings) {
    Rows rows{{"", "Rule", "Reward, last", "Reward, best", "Judge, last", "Judge, best", "Epoch of the best"}};
    for (std::size_t cell = 0; cell < findings.plan().cells.size(); ++cell) {
        const run::BestRule rule = findings.plan().cells[cell].config.checkpoint.best;
        if (rule == run::BestRule::Last) {
            continue;
        }
        std::vector<double> epochs, rewards, judges;
        for (const std::size_t i : findings.runsOf(cell)) {
            const store::RunRow& run = *findings.runs()[i];
            if (const auto best = figure::bestOf(findings.reader(), run)) {
                const auto at = [&](std::string_view measure) {
                    return figure::valueAtEpoch(findings.reader(), run.id, measure, best->epoch).value_or(std::nan(""));
                };
                epochs.push_back(static_cast<double>(best->epoch));
                rewards.push_back(at(run::measure::kEvalRewardMean));
                judges.push_back(at(run::measure::kEvalJudgeAccuracy));
            }
        }
        const auto last = [&](std::string_view measure) { return meanText(endsOf(findings, cell, std::string(measure)).last); };
        rows.push_back({findings.plan().cells[cell].name(), std::string(toString(rule)), last(run::measure::kEvalRewardMean), meanText(rewards),
                        last(run::measure::kEvalJudgeAccuracy), meanText(judges), meanText(epochs)});
    }
    return rows.size() == 1
               ? ""
               : report::htmlTable(rows) +
                     "<p class=\"note\">Means over runs, in brackets 95 % t intervals. The rule was a setting of the runs (checkpoint.best), so it was "
                     "fixed before them; the best of several evaluations is higher than the last one by chance alone.</p>\n";
}

std::string stepsTable(const Findings& findings) {
    const std::set<std::int64_t> counts = stepCounts(findings.plan());
    std::string html;
    for (const std::string_view measure : {run::measure::kEvalRewardMean, run::measure::kEvalJudgeAccuracy, run::measure::kEvalSharpness}) {
        Rows rows{{""}};
        for (const std::int64_t steps : counts) {
            rows.front().push_back(std::to_string(steps) + (steps == 1 ? " step" : " steps"));
        }
        for (std::size_t cell = 0; cell < findings.plan().cells.size(); ++cell) {
            rows.push_back({findings.plan().cells[cell].name()});
            for (const std::int64_t steps : counts) {
                const bool isOwn = steps == findings.plan().cells[cell].config.sampling.steps;
                rows.back().push_back(beforeAndAfter(endsOf(findings, cell, isOwn ? std::string(measure) : run::atSteps(measure, steps))));
            }
        }
        html += "<h3>" + report::escaped(run::measureTitle(measure)) + "</h3>\n" + report::htmlTable(rows);
    }
    return counts.empty() ? "" : html + "<p class=\"note\">Before training \u2192 at the end, means over runs; the same prompts and noises everywhere.</p>\n";
}

std::string settingsTable(const Plan& plan) {
    std::vector<run::RunConfig> configs;
    std::vector<std::string> header{"Setting"};
    for (const Cell& cell : plan.cells) {
        configs.push_back(cell.config);
        header.push_back(cell.name());
    }
    Rows rows{header};
    for (const run::SettingRow& setting : run::compareSettings(configs)) {
        if (setting.differs) {
            rows.push_back({setting.field->path});
            rows.back().insert(rows.back().end(), setting.texts.begin(), setting.texts.end());
        }
    }
    const std::string all = "<p class=\"note\">What differs between the cells; all else is the same. One of them again:<br><code>" +
                            report::escaped(run::trainCommand(configs.front())) + "</code></p>\n";
    return report::htmlTable(rows.size() < rows.front().size() ? turned(rows) : rows) + all;
}

std::string costTable(const Findings& findings) {
    const std::vector<figure::InferenceTime> times = figure::readInferenceTimes(findings.reader().workspace());
    Rows rows{{"", "Reward queries", "Nominal denoiser evaluations", "Updates", "Active seconds", "ms an image, trained model"}};
    double seconds = 0;
    for (std::size_t cell = 0; cell < findings.plan().cells.size(); ++cell) {
        std::vector<std::string> row{findings.plan().cells[cell].name()};
        for (const char* counter : {"reward_queries", "nominal_denoiser_evaluations", "optimizer_steps", "active_seconds"}) {
            row.push_back(meanCount(findings, cell, run::counterField(counter)));
        }
        const auto time = figure::findTime(times, figure::timingKey(findings.plan().cells[cell].config));
        row.push_back(time ? valueText(time->medianMs) + (time->isBusy ? " (machine was busy)" : "") : kNothing);
        rows.push_back(std::move(row));
    }
    for (const auto& run : findings.runs()) {
        seconds += run ? run->activeSeconds : 0;
    }
    return report::htmlTable(rows) + "<p class=\"note\">Means over the runs of a cell. All runs together took " + report::escaped(valueText(seconds / 60)) +
           " minutes of work. Times of an image come from <code>rlcm time</code>.</p>\n";
}

std::string environmentTable(const Findings& findings) {
    std::map<std::string, std::map<std::string, int>> values;
    for (const auto& run : findings.runs()) {
        const Json environment = run ? Json::parse(run->environmentJson, nullptr, false) : Json();
        if (environment.is_object()) {
            for (const auto& [key, value] : environment.items()) {
                ++values[key][value.is_string() ? value.get<std::string>() : value.dump()];
            }
        }
    }
    values.erase("memory_available_mib");  // changes from minute to minute and decides nothing
    Rows rows{{"", "Value"}};
    for (const auto& [key, found] : values) {
        for (const auto& [value, runs] : found) {
            rows.push_back({key, value + (found.size() > 1 ? " (" + std::to_string(runs) + " runs)" : "")});
        }
    }
    return rows.size() > 1 ? report::htmlTable(rows) : "";
}

}  // namespace rlcm::study
