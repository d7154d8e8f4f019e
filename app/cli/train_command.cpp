// rlcm train
#include <iostream>
#include <string>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/config_options.h"
#include "app/cli/estimate_output.h"
#include "app/cli/run_lookup.h"
#include "app/cli/run_session.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/run/field_table.h"
#include "core/run/reward_trust.h"
#include "core/store/workspace.h"

namespace rlcm::cli {
namespace {

struct TrainOptions {
    ConfigOptions config;
    std::string resume;
    std::filesystem::path workspace;
    bool isJson = false, isDryRun = false, allowsChanged = false, trustsProgram = false;
};

run::RunId createRun(const TrainOptions& options) {
    const run::RunConfig config = makeConfig(options.config);
    run::requireValid(config);
    return store::StoreEditor(options.workspace, store::Patience::Minutes).createRun(config);
}

void showEstimate(const TrainOptions& options) {
    if (!options.resume.empty()) {
        throw Error(ErrorKind::Config, "--dry-run shows what a new run would cost; it does not go with --resume");
    }
    const run::RunConfig config = makeConfig(options.config);
    run::requireValid(config);
    if (options.isJson) {
        std::cout << estimateJson(config).dump(2) << '\n';
    } else {
        printEstimate(std::cout, config);
    }
}

/// A workspace from elsewhere can name any program. Without the flag, who sits at a terminal is asked.
void agreeToReward(const store::RunRow& row, const TrainOptions& options) {
    const run::RunConfig config = run::configFromJson(parseJson(row.configJson, row.id), row.id);
    if (run::isTrusted(options.workspace, config)) {
        return;
    }
    bool isAgreed = options.trustsProgram;
    if (!isAgreed && ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1) {
        std::cerr << row.id << " uses " << run::outsideReward(config) << ", which you have not used in this workspace before. Go on? [y/N] " << std::flush;
        std::string answer;
        std::getline(std::cin, answer);
        isAgreed = answer == "y" || answer == "Y" || answer == "yes";
    }
    if (!isAgreed) {
        run::requireTrusted(options.workspace, row.id, config);
    }
    run::trust(options.workspace, config);
}

/// A resumed run keeps its settings, else its curve would not be that of one run; where it computes may change.
run::RunId findResumed(const TrainOptions& options) {
    const ConfigOptions& given = options.config;
    if (!given.settings.empty() || given.name || given.seed || given.epochs || given.memoryGib > 0) {
        throw Error(ErrorKind::Config,
                    "--resume goes on with the stored settings: leave out --set, --name, --seed, --epochs and --memory (--device and --threads may change)");
    }
    const store::RunRow row = findRun(store::StoreReader(options.workspace), options.resume);
    if (row.state == run::RunState::Finished) {
        throw Error(ErrorKind::Config, "the run " + row.id + " (" + row.name + ") has finished; there is nothing to resume");
    }
    agreeToReward(row, options);
    return row.id;
}

}  // namespace

void addTrain(CLI::App& program, int& exitCode) {
    auto options = std::make_shared<TrainOptions>();
    CLI::App* command = program.add_subcommand("train", "Train one run and record it in a workspace");
    CLI::Option_group* source = command->add_option_group("start");
    source->add_option("--preset", options->config.preset, "Named starting point; `rlcm presets` lists them");
    source->add_option("--config", options->config.configFile, "JSON file with settings; keys it lacks keep their default");
    source->add_option("--resume", options->resume, "Go on with this run (id or name) from its newest checkpoint");
    source->require_option(1);
    command->add_option("--set", options->config.settings, "Change one setting: key.path=value; may be repeated")->allow_extra_args(false);
    command->add_option("--out", options->workspace, "Workspace folder; made when absent");
    command->add_option("--name", options->config.name, "Name of the run");
    command->add_option("--seed", options->config.seed, "Random seed");
    command->add_option("--epochs", options->config.epochs, "Number of epochs");
    command->add_option("--device", options->config.device, "auto, cpu, cuda or cuda:N");
    command->add_option("--threads", options->config.threads, "CPU threads; 0: all cores");
    command
        ->add_option("--memory", options->config.memoryGib,
                     "Fit to a GPU with so many GiB, as 12: bf16, chunks and gradient checkpointing that fit; same learning")
        ->check(CLI::Range(1.0, 4096.0));
    command->add_flag("--allow-changed", options->allowsChanged,
                      "With --resume: go on although prompts, weights or scorers are not those that the run began with");
    command->add_flag("--trust-program", options->trustsProgram, "With --resume: start the program, or ask the server, that the stored reward names");
    command->add_flag("--dry-run", options->isDryRun, "Only say what the run would cost: images, time, disk, memory");
    command->add_flag("--json", options->isJson, "One JSON object per event on standard output");
    command->footer([] { return settingsHelp(); });
    command->callback([options, &exitCode] {
        if (options->isDryRun) {
            showEstimate(*options);
            exitCode = kDone;
            return;
        }
        if (options->workspace.empty()) {
            throw CLI::RequiredError("--out");
        }
        if (options->allowsChanged && options->resume.empty()) {
            throw Error(ErrorKind::Config, "--allow-changed goes with --resume: a new run has nothing that could have changed");
        }
        if (options->trustsProgram && options->resume.empty()) {
            throw Error(ErrorKind::Config, "--trust-program goes with --resume: the reward of a new run is your own");
        }
        const run::RunId id = options->resume.empty() ? createRun(*options) : findResumed(*options);
        const bool isResumed = !options->resume.empty();
        const auto adjust = [&](run::RunConfig& config) {
            if (isResumed) {
                applyShortcuts(config, options->config);
            }
        };
        exitCode = trainRun(id, {options->workspace, options->isJson, options->allowsChanged, adjust});
    });
}

}  // namespace rlcm::cli
