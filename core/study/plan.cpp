#include "core/study/plan.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/combinations.h"
#include "core/base/error.h"
#include "core/base/number_text.h"
#include "core/run/counters.h"
#include "core/run/derive.h"
#include "core/run/field_table.h"
#include "core/run/presets.h"
#include "core/study/words.h"

namespace rlcm::study {
namespace {

constexpr std::size_t kMostRuns = 10000;
const std::string kEpochs = "training.epochs";

bool saysEpochs(const Json& settings) {
    const auto section = settings.find("training");
    return settings.contains(kEpochs) || (section != settings.end() && section->contains("epochs"));
}

/// What a counter of the budget is after a run of `epochs`; nothing for times, which nobody can tell in advance. Kept graphs save denoiser evaluations, so
/// that of the counted ones is the most there can be.
std::optional<double> reached(const run::RunConfig& config, const std::string& counter) {
    const run::Derived d = run::derive(config);
    const std::map<std::string, std::int64_t> totals{{"epoch", config.training.epochs},
                                                     {"optimizer_steps", d.optimizerStepsTotal},
                                                     {"images", d.imagesTotal},
                                                     {"reward_queries", d.rewardQueriesTotal},
                                                     {"denoiser_evaluations", d.nominalDenoiserEvaluationsTotal},
                                                     {"nominal_denoiser_evaluations", d.nominalDenoiserEvaluationsTotal}};
    const auto total = totals.find(counter);
    return total == totals.end() ? std::nullopt : std::optional(static_cast<double>(total->second));
}

/// Epochs that reach every budget that has a value; 0 when none says so.
std::int64_t epochsForBudgets(const Study& study, run::RunConfig config) {
    config.training.epochs = 1;
    double epochs = 0;
    for (const Budget& budget : study.budgets) {
        const std::optional<double> each = budget.counter == "denoiser_evaluations" ? std::nullopt : reached(config, budget.counter);
        if (budget.value && each) {
            epochs = std::max(epochs, std::ceil(*budget.value / *each));
        }
    }
    return static_cast<std::int64_t>(epochs);
}

void requireBudgets(const Study& study, const Cell& cell) {
    for (const Budget& budget : study.budgets) {
        const std::optional<double> most = reached(cell.config, budget.counter);
        if (budget.value && most && *most < *budget.value) {
            throw Error(ErrorKind::Config, "the study " + study.name + ": the budget of " + budgetText(budget.counter, *budget.value) +
                                               " is not reached by \"" + cell.name() + "\", which ends at " + budgetText(budget.counter, *most) + " after " +
                                               std::to_string(cell.config.training.epochs) +
                                               " epochs; lower the budget, or leave training.epochs out so that the budget decides");
        }
    }
}

/// throws: Config when two of the values name a preset.
run::RunConfig startOf(const Study& study, const std::vector<const AxisValue*>& values, const std::string& name) {
    const std::string* preset = nullptr;
    for (const AxisValue* value : values) {
        if (!value->preset.empty() && preset != nullptr) {
            throw Error(ErrorKind::Config, "the study " + study.name + ": in \"" + name + "\" two axes name a preset (" + *preset + ", " + value->preset +
                                               "); only one can be the start");
        }
        preset = value->preset.empty() ? preset : &value->preset;
    }
    return run::preset(preset == nullptr ? study.preset : *preset).config;
}

Cell makeCell(const Study& study, const std::vector<const AxisValue*>& values) {
    Cell cell;
    bool isLengthGiven = saysEpochs(study.settings);
    for (const AxisValue* value : values) {
        cell.values.push_back(value->name);
        isLengthGiven = isLengthGiven || saysEpochs(value->settings);
    }
    const std::string where = "the study " + study.name + ", \"" + cell.name() + '"';
    cell.config = run::configFromJson(study.settings, where, startOf(study, values, cell.name()));
    for (const AxisValue* value : values) {
        cell.config = run::configFromJson(value->settings, where, cell.config);
    }
    cell.config.name.clear();
    const auto check = [&] {
        try {
            run::requireValid(cell.config);
        } catch (const Error& problem) {
            throw Error(ErrorKind::Config, where + ": " + problem.what());
        }
    };
    check();
    if (const std::int64_t epochs = isLengthGiven ? 0 : epochsForBudgets(study, cell.config); epochs > 0) {
        cell.config.training.epochs = epochs;
        check();
    }
    requireBudgets(study, cell);
    return cell;
}

std::vector<Cell> makeCells(const Study& study) {
    std::vector<std::size_t> counts;
    std::size_t total = 1;
    for (const Axis& axis : study.axes) {
        counts.push_back(axis.values.size());
        total *= counts.back();
        if (total * static_cast<std::size_t>(study.seeds) > kMostRuns) {
            throw Error(ErrorKind::Config, "the study " + study.name + " would have more than " + std::to_string(kMostRuns) + " runs");
        }
    }
    std::vector<Cell> cells;
    for (const std::vector<std::size_t>& chosen : combinationsOf(counts)) {
        std::vector<const AxisValue*> values;
        for (std::size_t axis = 0; axis < chosen.size(); ++axis) {
            values.push_back(&study.axes[axis].values[chosen[axis]]);
        }
        cells.push_back(makeCell(study, values));
    }
    return cells;
}

/// What decides the numbers of a run.
std::string identityOf(const run::RunConfig& config) {
    Json json = run::toJson(config);
    for (const char* name : {"name", "health", "checkpoint"}) {
        json.erase(name);
    }
    json["compute"] = json["compute"]["dtype"];
    return json.dump();
}

void requireUnlike(const Plan& plan) {
    std::map<std::string, const Cell*> seen;
    for (const Cell& cell : plan.cells) {
        const auto [other, isNew] = seen.emplace(identityOf(cell.config), &cell);
        if (!isNew) {
            throw Error(ErrorKind::Config, "the study " + plan.study.name + ": \"" + other->second->name() + "\" and \"" + cell.name() +
                                               "\" have the same settings, so one axis changes nothing");
        }
    }
}

/// Whether `a` says more than `b`: it is over without a failure, or has come farther.
bool isFarther(const store::RunRow& a, const store::RunRow& b) {
    const auto isFinished = [](const store::RunRow& row) { return row.state == run::RunState::Finished; };
    return isFinished(a) != isFinished(b) ? isFinished(a) : a.counters.epoch > b.counters.epoch;
}

}  // namespace

std::string Cell::name() const {
    std::string text;
    for (const std::string& value : values) {
        text += (text.empty() ? "" : ", ") + value;
    }
    return text;
}

std::string budgetText(const std::string& counter, double value) {
    const run::CounterField& field = run::counterField(counter);
    const std::string whole = std::to_string(std::llround(value));
    return counter == "epoch"  ? whole + " epochs"
           : field.isSeconds() ? valueText(value) + " s of " + lowerFirst(field.title)
                               : whole + " " + lowerFirst(field.title);
}

Plan makePlan(const Study& study) {
    Plan plan{.study = study, .cells = makeCells(study)};
    requireUnlike(plan);
    for (std::int64_t seed = 0; seed < study.seeds; ++seed) {
        for (std::size_t cell = 0; cell < plan.cells.size(); ++cell) {
            PlannedRun& planned = plan.runs.emplace_back(PlannedRun{cell, plan.cells[cell].config});
            planned.config.seed = seed;
            planned.config.name = plan.cells[cell].name() + " \u00B7 " + study.name + " s" + std::to_string(seed);
        }
    }
    if (study.seeds == 1) {
        plan.notes.emplace_back("With one seed no interval can be given, so nothing can be shown; three or more can.");
    } else if (study.seeds < kFewPairs) {
        plan.notes.push_back("With " + std::to_string(study.seeds) + " seeds an interval is narrower than it should be; five or more make the answers firmer.");
    }
    return plan;
}

std::vector<std::optional<store::RunRow>> matchRuns(const Plan& plan, std::span<const store::RunRow> rows) {
    std::map<std::string, const store::RunRow*> best;
    for (const store::RunRow& row : rows) {
        try {
            run::RunConfig config = run::configFromJson(parseJson(row.configJson, row.id), row.id);
            const std::string decided = identityOf(config);
            config.compute.dtype = run::Dtype::Auto;  // what was planned as auto may have become anything
            for (const std::string& identity : {decided, identityOf(config)}) {
                const store::RunRow*& known = best[identity];
                known = known == nullptr || isFarther(row, *known) ? &row : known;
            }
        } catch (const Error&) {
            continue;  // of a version with other settings: not one of ours
        }
    }
    std::vector<std::optional<store::RunRow>> found;
    for (const PlannedRun& planned : plan.runs) {
        const auto at = best.find(identityOf(planned.config));
        found.push_back(at == best.end() ? std::nullopt : std::optional(*at->second));
    }
    return found;
}

Progress progressOf(const Plan& plan, std::span<const std::optional<store::RunRow>> runs) {
    Progress progress;
    std::vector<double> forecasts;
    for (const Cell& cell : plan.cells) {
        forecasts.push_back(run::estimate(cell.config).seconds);
    }
    double forecast = 0, forecastDone = 0, tookDone = 0;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const double seconds = forecasts[plan.runs[i].cell];
        const auto epochs = static_cast<double>(plan.runs[i].config.training.epochs);
        const double share = !runs[i] ? 0 : runs[i]->state == run::RunState::Finished ? 1 : static_cast<double>(runs[i]->counters.epoch) / epochs;
        progress.secondsDone += runs[i] ? runs[i]->activeSeconds : 0;
        forecast += seconds * (1 - share);
        forecastDone += seconds * share;
        tookDone += share > 0 ? runs[i]->activeSeconds : 0;
        const bool isFailed = runs[i] && runs[i]->state == run::RunState::Failed;
        const bool isFinished = runs[i] && runs[i]->state == run::RunState::Finished;
        ++(!runs[i] ? progress.missing : isFinished ? progress.finished : isFailed ? progress.failed : progress.begun);
    }
    progress.secondsLeft = forecast * (forecastDone > 0 && tookDone > 0 ? tookDone / forecastDone : 1);
    return progress;
}

}  // namespace rlcm::study
