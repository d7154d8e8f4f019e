// rlcm runs
#include <algorithm>
#include <iostream>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/run_lookup.h"
#include "app/cli/run_settings.h"
#include "app/cli/text_table.h"
#include "core/base/json.h"
#include "core/figure/best_checkpoint.h"
#include "core/run/measures.h"
#include "core/store/workspace.h"

namespace rlcm::cli {
namespace {

Json optionalNumber(const std::optional<double>& value) {
    return value ? Json(*value) : Json();
}

/// The best checkpoint by the run's own rule, beside the last; null for the rule last.
Json bestJson(const store::StoreReader& reader, const store::RunRow& row) {
    const auto best = figure::bestOf(reader, row);
    if (!best) {
        return {};
    }
    const auto at = [&](std::string_view measure) { return optionalNumber(figure::valueAtEpoch(reader, row.id, measure, best->epoch)); };
    return {{"rule", toString(best->rule)},
            {"epoch", best->epoch},
            {"reward", at(run::measure::kEvalRewardMean)},
            {"judge_accuracy", at(run::measure::kEvalJudgeAccuracy)},
            {"judge_agreement", at(run::measure::kEvalJudgeCosine)}};
}

Json rowJson(const store::StoreReader& reader, const store::RunRow& row) {
    return {{"id", row.id},
            {"name", row.name},
            {"state", run::toString(row.state)},
            {"error", row.error.empty() ? Json() : Json(row.error)},
            {"method", toString(row.method)},
            {"steps", row.steps},
            {"reward", row.reward},
            {"seed", row.seed},
            {"epoch", row.counters.epoch},
            {"epochs", row.epochs},
            {"images", row.counters.images},
            {"reward_queries", row.counters.rewardQueries},
            {"denoiser_evaluations", row.counters.denoiserEvaluations},
            {"nominal_denoiser_evaluations", row.counters.nominalDenoiserEvaluations},
            {"optimizer_steps", row.counters.optimizerSteps},
            {"active_seconds", row.activeSeconds},
            {"wall_seconds", row.wallSeconds},
            {"first_reward", optionalNumber(row.firstReward)},
            {"last_reward", optionalNumber(row.lastReward)},
            {"best", bestJson(reader, row)},
            {"created_at", row.createdAt},
            {"finished_at", row.finishedAt > 0 ? Json(row.finishedAt) : Json()},
            {"config", Json::parse(row.configJson, nullptr, false)},
            {"environment", row.environmentJson.empty() ? Json() : Json::parse(row.environmentJson, nullptr, false)}};
}

/// "-1.53 (judge, epoch 12)".
std::string bestText(const store::StoreReader& reader, const store::RunRow& row) {
    const auto best = figure::bestOf(reader, row);
    if (!best) {
        return {};
    }
    const auto reward = figure::valueAtEpoch(reader, row.id, run::measure::kEvalRewardMean, best->epoch);
    return (reward ? shortNumber(*reward) : "") + " (" + std::string(toString(best->rule)) + ", epoch " + std::to_string(best->epoch) + ")";
}

std::string tableOf(const store::StoreReader& reader, const std::vector<store::RunRow>& rows) {
    std::vector<std::vector<std::string>> cells{{"id", "name", "state", "method", "steps", "reward", "seed", "epochs", "first", "last", "best", "active"}};
    for (const store::RunRow& row : rows) {
        cells.push_back({row.id, row.name, std::string(run::toString(row.state)), std::string(toString(row.method)), std::to_string(row.steps), row.reward,
                         std::to_string(row.seed), std::to_string(row.counters.epoch) + "/" + std::to_string(row.epochs),
                         row.firstReward ? shortNumber(*row.firstReward) : "", row.lastReward ? shortNumber(*row.lastReward) : "", bestText(reader, row),
                         durationText(row.activeSeconds)});
    }
    return textTable(cells);
}

std::string megabytes(std::int64_t bytes) {
    return shortNumber(static_cast<double>(bytes) / 1e6, 3) + " MB";
}

struct RunsOptions {
    std::filesystem::path workspace;
    bool isJson = false, isDeleted = false;
    std::vector<std::string> remove, restore, purge, settings;
};

std::vector<store::RunRow> rowsOf(const store::StoreReader& reader, const RunsOptions& options) {
    std::vector<store::RunRow> rows = reader.runs(options.isDeleted);
    std::erase_if(rows, [&](const store::RunRow& row) { return row.isDeleted != options.isDeleted; });
    return rows;
}

void purge(const store::RunRow& row, store::StoreEditor& editor) {
    const std::int64_t bytes = editor.bytesOnDisk(row.id);
    editor.purge(row.id);
    std::cout << row.id << " (" << row.name << ") is deleted for good; " << megabytes(bytes) << " are free again\n";
}

void change(const RunsOptions& options) {
    const store::StoreReader reader(options.workspace);
    store::StoreEditor editor(options.workspace);
    for (const std::string& name : options.remove) {
        const store::RunRow row = findRun(reader, name);
        editor.remove(row.id);
        std::cout << row.id << " (" << row.name << ") is deleted; --restore " << row.id << " brings it back, --purge " << row.id << " frees its disk\n";
    }
    for (const std::string& name : options.restore) {
        const store::RunRow row = findDeletedRun(reader, name);
        editor.undelete(row.id);
        std::cout << row.id << " (" << row.name << ") is restored\n";
    }
    for (const std::string& name : options.purge) {
        if (name != "all") {
            purge(findDeletedRun(reader, name), editor);
            continue;
        }
        for (const store::RunRow& row : reader.runs(true)) {
            if (row.isDeleted) {
                purge(row, editor);
            }
        }
    }
}

void list(const RunsOptions& options) {
    const store::StoreReader reader(options.workspace);
    const std::vector<store::RunRow> rows = rowsOf(reader, options);
    if (options.isJson) {
        Json all = Json::array();
        for (const store::RunRow& row : rows) {
            all.push_back(rowJson(reader, row));
        }
        std::cout << all.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
    } else {
        std::cout << tableOf(reader, rows);
    }
}

}  // namespace

void addRuns(CLI::App& program, int& exitCode) {
    auto options = std::make_shared<RunsOptions>();
    CLI::App* command = program.add_subcommand("runs", "List the runs of a workspace, newest first, or their settings; delete and restore them");
    command->add_option("workspace", options->workspace, "Workspace folder")->required();
    command->add_flag("--json", options->isJson, "A JSON list");
    command->add_flag("--deleted", options->isDeleted, "List the deleted runs instead");
    command->add_option("--delete", options->remove, "Delete this run (id or name); it can be restored; may be repeated")->allow_extra_args(false);
    command->add_option("--restore", options->restore, "Bring back this deleted run; may be repeated")->allow_extra_args(false);
    command->add_option("--purge", options->purge, "Remove this deleted run and its files for good, or all of them: all")->allow_extra_args(false);
    command
        ->add_option("--settings", options->settings,
                     "What this run (id or name) was trained with, and the command that makes it again; repeated: where the runs differ")
        ->allow_extra_args(false);
    command->callback([options, &exitCode] {
        const bool changes = !options->remove.empty() || !options->restore.empty() || !options->purge.empty();
        if (!options->settings.empty()) {
            printSettings(store::StoreReader(options->workspace), options->settings, options->isJson);
        } else {
            changes ? change(*options) : list(*options);
        }
        exitCode = kDone;
    });
}

}  // namespace rlcm::cli
