// rlcm sweep
#include <algorithm>
#include <iostream>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/config_options.h"
#include "app/cli/run_session.h"
#include "app/cli/text_table.h"
#include "core/base/combinations.h"
#include "core/base/error.h"
#include "core/base/plain_text.h"
#include "core/run/derive.h"
#include "core/run/field_table.h"
#include "core/store/workspace.h"

namespace rlcm::cli {
namespace {

struct SweepOptions {
    ConfigOptions config;
    std::string seeds;
    std::filesystem::path workspace;
    bool isJson = false;
};

/// One setting with the values that it takes in turn.
struct SweptSetting {
    std::string path;
    std::vector<std::string> values;
};

/// Parts between commas; between semicolons when there is one, for values that hold commas themselves. No text at all is one empty value.
std::vector<std::string> splitList(const std::string& text, const std::string& what) {
    const char separator = text.find(';') == std::string::npos ? ',' : ';';
    std::vector<std::string> parts;
    std::string rest = text + separator;
    for (std::size_t at = rest.find(separator); at != std::string::npos; at = rest.find(separator)) {
        parts.push_back(rest.substr(0, at));
        rest.erase(0, at + 1);
    }
    if (parts.size() > 1 && separator == ';' && parts.back().empty()) {
        parts.pop_back();
    }
    for (const std::string& part : parts) {
        if (part.empty() && parts.size() > 1) {
            throw Error(ErrorKind::Config, what + " has an empty value in \"" + text + "\"");
        }
    }
    return parts;
}

std::vector<SweptSetting> sweptSettings(const SweepOptions& options) {
    std::vector<SweptSetting> swept;
    for (const std::string& setting : options.config.settings) {
        const auto [path, values] = splitSetting(setting);
        run::fieldAt(path);
        swept.push_back({path, splitList(values, "--set " + path)});
    }
    if (!options.seeds.empty()) {
        swept.push_back({"seed", splitList(options.seeds, "--seeds")});
    }
    return swept;
}

/// What the default name does not tell already.
std::string nameSuffix(const SweptSetting& setting, const std::string& value) {
    static const std::vector<std::string> kInName{"seed", "sampling.steps", "reward.terms", "algorithm.method", "name"};
    const bool isTold = setting.values.size() < 2 || std::find(kInName.begin(), kInName.end(), setting.path) != kInName.end();
    return isTold ? "" : " " + setting.path.substr(setting.path.rfind('.') + 1) + "=" + value;
}

/// The cartesian product, the last setting turning fastest. All configs are checked before the first run is made.
std::vector<run::RunConfig> sweepConfigs(const SweepOptions& options) {
    const std::vector<SweptSetting> swept = sweptSettings(options);
    std::vector<std::size_t> counts;
    std::size_t total = 1;
    for (const SweptSetting& setting : swept) {
        counts.push_back(setting.values.size());
        total *= counts.back();
        if (total > 10000) {
            throw Error(ErrorKind::Config, "the sweep would have more than 10000 runs");
        }
    }
    const run::RunConfig base = baseConfig(options.config);
    std::vector<run::RunConfig> configs;
    for (const std::vector<std::size_t>& chosen : combinationsOf(counts)) {
        run::RunConfig config = base;
        std::string suffix;
        for (std::size_t i = 0; i < swept.size(); ++i) {
            const std::string& value = swept[i].values[chosen[i]];
            run::setField(config, swept[i].path, value);
            suffix += nameSuffix(swept[i], value);
        }
        applyShortcuts(config, options.config);
        run::requireValid(config);
        if (!suffix.empty()) {
            config.name = (config.name.empty() ? run::defaultName(config) : config.name) + suffix;
        }
        configs.push_back(std::move(config));
    }
    return configs;
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
