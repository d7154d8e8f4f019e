#include "core/run/config_diff.h"

#include <algorithm>

namespace rlcm::run {
namespace {

bool isNoise(const Field& field) {
    return field.path == "name" || field.path == "seed" || field.path.starts_with("compute.");
}

std::string quoted(const std::string& text) {
    const bool isPlain =
        !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+=/:,@%") == std::string::npos;
    if (isPlain) {
        return text;
    }
    std::string result = "'";
    for (const char letter : text) {
        result += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
    }
    return result + "'";
}

}  // namespace

std::vector<SettingRow> compareSettings(std::span<const RunConfig> configs) {
    std::vector<SettingRow> rows;
    for (const Field& field : fieldTable()) {
        SettingRow row{.field = &field, .texts = {}, .isNoise = isNoise(field)};
        for (const RunConfig& config : configs) {
            row.texts.push_back(fieldText(config, field));
        }
        row.differs = std::ranges::adjacent_find(row.texts, std::ranges::not_equal_to()) != row.texts.end();
        rows.push_back(std::move(row));
    }
    return rows;
}

NearestPreset nearestPreset(const RunConfig& config) {
    NearestPreset nearest;
    for (const Preset& preset : presets()) {
        const std::vector<RunConfig> both{config, preset.config};
        std::vector<const Field*> changed;
        for (const SettingRow& row : compareSettings(both)) {
            if (row.differs && !row.isNoise) {
                changed.push_back(row.field);
            }
        }
        if (nearest.preset == nullptr || changed.size() < nearest.changed.size()) {
            nearest = {&preset, std::move(changed)};
        }
    }
    return nearest;
}

std::string trainCommand(const RunConfig& config, const std::string& workspace) {
    const Preset& preset = *nearestPreset(config).preset;
    std::string command = "rlcm train --preset " + preset.name;
    for (const Field& field : fieldTable()) {
        const std::string text = fieldText(config, field);
        if (text != fieldText(preset.config, field)) {
            command += " --set " + quoted(field.path + "=" + text);
        }
    }
    return command + " --out " + quoted(workspace);
}

}  // namespace rlcm::run
