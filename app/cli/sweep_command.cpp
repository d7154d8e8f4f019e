// rlcm sweep
#include <algorithm>
#include <iostream>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/config_options.h"
#include "app/cli/run_session.h"
#include "app/cli/text_table.h"
#include "core/base/error.h"
#include "core/base/plain_text.h"
#include "core/run/derive.h"
#include "core/run/field_table.h"
#include "core/run/variations.h"
#include "core/store/workspace.h"

namespace rlcm::cli {
namespace {

struct SweepOptions {
    ConfigOptions config;
    std::string seeds;
    std::filesystem::path workspace;
    bool isJson = false;
};

std::vector<run::Variation> variationsOf(const SweepOptions& options) {
    std::vector<run::Variation> swept;
    for (const std::string& setting : options.config.settings) {
        const auto [path, values] = splitSetting(setting);
        run::fieldAt(path);
        swept.push_back({path, run::splitValues(values, "--set " + path)});
    }
    if (!options.seeds.empty()) {
        swept.push_back({"seed", run::splitValues(options.seeds, "--seeds")});
    }
    return swept;
}

/// All configs are checked before the first run is made.
std::vector<run::RunConfig> sweepConfigs(const SweepOptions& options) {
    return run::vary(baseConfig(options.config), variationsOf(options), [&options](run::RunConfig& config) {
        applyShortcuts(config, options.config);
        run::requireValid(config);
    });
}

std::vector<run::RunId> createRuns(const SweepOptions& options) {
    const std::vector<run::RunConfig> configs = sweepConfigs(options);
    store::StoreEditor editor(options.workspace, store::Patience::Minutes);
    std::vector<run::RunId> ids;
    for (const run::RunConfig& config : configs) {
        ids.push_back(editor.createRun(config));
        std::cerr << ids.back() << "  " << printable(config.name.empty() ? run::defaultName(config) : config.name) << '\n';
    }
    return ids;
}

/// Whether somebody has deleted a run while it waited.
bool isDeleted(const run::RunId& id, const std::filesystem::path& workspace) {
    return store::StoreEditor(workspace).isDeleted(id);
}

int runSweep(const SweepOptions& options) {
    const std::vector<run::RunId> ids = createRuns(options);
    std::size_t failed = 0;
    for (const run::RunId& id : ids) {
        int code = kFailed;
        try {
            code = trainRun(id, {options.workspace, options.isJson, false, {}});
        } catch (const Error& problem) {
            if (isDeleted(id, options.workspace)) {
                std::cerr << id << " was deleted while it waited and is left out\n";
                continue;
            }
            std::cerr << "rlcm: " << id << ": " << problem.what() << '\n';
        }
        if (code == kStopped) {
            std::cerr << "the sweep was stopped; runs that have not begun stay queued in the workspace\n";
            return kStopped;
        }
        failed += code == kDone ? 0 : 1;
    }
    if (failed > 0) {
        std::cerr << failed << " of " << ids.size() << " runs failed\n";
    }
    return failed > 0 ? kFailed : kDone;
}

}  // namespace

void addSweep(CLI::App& program, int& exitCode) {
    auto options = std::make_shared<SweepOptions>();
    CLI::App* command = program.add_subcommand("sweep", "Train every combination of some settings, one run after the other");
    CLI::Option_group* source = command->add_option_group("start");
    source->add_option("--preset", options->config.preset, "Named starting point");
    source->add_option("--config", options->config.configFile, "JSON file with settings");
    source->require_option(1);
    command->add_option("--set", options->config.settings, "key.path=value,value,... (semicolons when the values hold commas); may be repeated")
        ->allow_extra_args(false);
    command->add_option("--seeds", options->seeds, "Seeds, as 0,1,2");
    command->add_option("--out", options->workspace, "Workspace folder; made when absent")->required();
    command->add_option("--epochs", options->config.epochs, "Number of epochs");
    command->add_option("--device", options->config.device, "auto, cpu, cuda or cuda:N");
    command->add_option("--threads", options->config.threads, "CPU threads; 0: all cores");
    command->add_option("--memory", options->config.memoryGib, "Fit to a GPU with so many GiB, as 12")->check(CLI::Range(1.0, 4096.0));
    command->add_flag("--json", options->isJson, "One JSON object per event on standard output");
    command->footer([] { return settingsHelp(); });
    command->callback([options, &exitCode] { exitCode = runSweep(*options); });
}

}  // namespace rlcm::cli
