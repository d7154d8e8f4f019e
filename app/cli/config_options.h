#pragma once
// The options that decide a config, shared by train and sweep.
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/run/run_config.h"

namespace rlcm::cli {

struct ConfigOptions {
    std::string preset;
    std::filesystem::path configFile;
    std::vector<std::string> settings;  ///< "key.path=value"
    std::optional<std::string> name, device;
    std::optional<std::int64_t> seed, epochs, threads;
    double memoryGib = 0;  ///< > 0: fit to a GPU with so much memory
};

/// ("training.epochs", "4") from "training.epochs=4". throws: Config when there is no "=" or no key.
std::pair<std::string, std::string> splitSetting(const std::string& setting);
/// Preset or file, without the overrides. throws: Config, Io, Format.
run::RunConfig baseConfig(const ConfigOptions& options);
/// The config with `--memory`, `--set` and the shortcuts applied, the last two winning. Not validated. throws: Config naming the nearest preset or setting.
run::RunConfig makeConfig(const ConfigOptions& options);
/// The shortcuts that are not in `--set` (name, seed, epochs, device, threads) applied to a config.
void applyShortcuts(run::RunConfig& config, const ConfigOptions& options);
/// Every setting with its range, choices, default and help, for `--help`.
std::string settingsHelp();

}  // namespace rlcm::cli
