// rlcm runs
#include <iostream>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/text_table.h"
#include "core/base/json.h"
#include "core/store/workspace.h"

namespace rlcm::cli {
namespace {

Json optionalNumber(const std::optional<double>& value) {
    return value ? Json(*value) : Json();
}

Json rowJson(const store::RunRow& row) {
    return {{"id", row.id},
            {"name", row.name},
            {"state", run::toString(row.state)},
            {"error", row.error.empty() ? Json() : Json(row.error)},
            {"method", row.method},
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
            {"created_at", row.createdAt},
            {"finished_at", row.finishedAt > 0 ? Json(row.finishedAt) : Json()},
            {"config", Json::parse(row.configJson, nullptr, false)},
            {"environment", row.environmentJson.empty() ? Json() : Json::parse(row.environmentJson, nullptr, false)}};
}

std::string tableOf(const std::vector<store::RunRow>& rows) {
    std::vector<std::vector<std::string>> cells{{"id", "name", "state", "method", "steps", "reward", "seed", "epochs", "first", "last", "active"}};
    for (const store::RunRow& row : rows) {
        cells.push_back({row.id, row.name, std::string(run::toString(row.state)), row.method, std::to_string(row.steps), row.reward,
                         std::to_string(row.seed), std::to_string(row.counters.epoch) + "/" + std::to_string(row.epochs),
                         row.firstReward ? shortNumber(*row.firstReward) : "", row.lastReward ? shortNumber(*row.lastReward) : "",
                         durationText(row.activeSeconds)});
    }
    return textTable(cells);
}

}  // namespace

void addRuns(CLI::App& program, int& exitCode) {
    auto workspace = std::make_shared<std::filesystem::path>();
    auto isJson = std::make_shared<bool>(false);
    CLI::App* command = program.add_subcommand("runs", "List the runs of a workspace, newest first");
    command->add_option("workspace", *workspace, "Workspace folder")->required();
    command->add_flag("--json", *isJson, "One JSON document");
    command->callback([workspace, isJson, &exitCode] {
        const std::vector<store::RunRow> rows = store::StoreReader(*workspace).runs();
        if (*isJson) {
            Json list = Json::array();
            for (const store::RunRow& row : rows) {
                list.push_back(rowJson(row));
            }
            std::cout << list.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
        } else {
            std::cout << tableOf(rows);
        }
        exitCode = kDone;
    });
}

}  // namespace rlcm::cli
