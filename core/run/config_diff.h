#pragma once
// Settings of several runs side by side, and the command that makes a run again.
#include <span>
#include <string>
#include <vector>

#include "core/run/field_table.h"
#include "core/run/presets.h"

namespace rlcm::run {

/// One setting of several configs.
struct SettingRow {
    const Field* field = nullptr;
    std::vector<std::string> texts;  ///< as setField() reads them, in the order of the configs
    bool differs = false;            ///< not the same in all
    bool isNoise = false;            ///< name, seed and compute.*: what differs between runs that ask the same question
};

/// Every setting in the order of the field table. thread: any.
std::vector<SettingRow> compareSettings(std::span<const RunConfig> configs);

/// The preset that a config differs least from, and where.
struct NearestPreset {
    const Preset* preset = nullptr;
    std::vector<const Field*> changed;  ///< without those that are noise
};
NearestPreset nearestPreset(const RunConfig& config);

/// `rlcm train` with the nearest preset, what differs from it and the folder, quoted for a shell.
std::string trainCommand(const RunConfig& config, const std::string& workspace = "WORKSPACE");

}  // namespace rlcm::run
