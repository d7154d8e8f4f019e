#include "app/cli/config_options.h"

#include <cmath>

#include "app/cli/text_table.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/run/field_table.h"
#include "core/run/memory_estimate.h"
#include "core/run/presets.h"

namespace rlcm::cli {
namespace {

std::string rangeText(const run::Field& field, const run::FieldValue& value) {
    std::string text;
    if (!field.choices.empty()) {
        for (const std::string& choice : field.choices) {
            text += (text.empty() ? "" : " | ") + choice;
        }
        return text;
    }
    if (std::holds_alternative<bool>(value)) {
        return "true | false";
    }
    if (std::holds_alternative<std::string>(value)) {
        return "text";
    }
    const std::string kind = std::holds_alternative<std::int64_t>(value) ? "whole number" : "number";
    const std::string low = std::isinf(field.minimum) ? "" : (field.isMinimumExclusive ? "> " : ">= ") + shortNumber(field.minimum, 16);
    const std::string high = std::isinf(field.maximum) ? "" : "<= " + shortNumber(field.maximum, 16);
    return kind + (low.empty() ? "" : " " + low) + (high.empty() ? "" : (low.empty() ? " " : " and ") + high);
}

}  // namespace

std::pair<std::string, std::string> splitSetting(const std::string& setting) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos || equals == 0) {
        throw Error(ErrorKind::Config, "--set wants key.path=value, not \"" + setting + "\"");
    }
    return {setting.substr(0, equals), setting.substr(equals + 1)};
}

run::RunConfig baseConfig(const ConfigOptions& options) {
    if (!options.preset.empty()) {
        return run::preset(options.preset).config;
    }
    return run::configFromJson(readJsonFile(options.configFile), options.configFile.string());
}

void applyShortcuts(run::RunConfig& config, const ConfigOptions& options) {
    const auto set = [&config](const char* path, const auto& value) {
        if (value) {
            if constexpr (std::is_same_v<std::decay_t<decltype(*value)>, std::string>) {
                run::setField(config, path, *value);
            } else {
                run::setField(config, path, std::to_string(*value));
            }
        }
    };
    set("name", options.name);
    set("seed", options.seed);
    set("training.epochs", options.epochs);
    set("compute.device", options.device);
    set("compute.threads", options.threads);
}

run::RunConfig makeConfig(const ConfigOptions& options) {
    run::RunConfig config = baseConfig(options);
    const auto applySettings = [&] {
        for (const std::string& setting : options.settings) {
            const auto [path, value] = splitSetting(setting);
            run::setField(config, path, value);
        }
        applyShortcuts(config, options);
    };
    applySettings();
    if (options.memoryGib > 0) {
        run::applyMemoryPlan(config, options.memoryGib);  // depends on the model and rank that were set
        applySettings();
    }
    return config;
}

std::string settingsHelp() {
    const run::RunConfig defaults;
    std::string text = "Settings for --set and --config (value without a preset in brackets):\n";
    for (const run::Field& field : run::fieldTable()) {
        const std::string value = run::fieldText(defaults, field);
        text += "  " + field.path + (field.unit.empty() ? "" : " (" + field.unit + ")") + "  " + rangeText(field, field.get(defaults)) + "  [" +
                (value.empty() ? "empty" : value) + "]\n" + wrapped(field.help, 6);
    }
    return text;
}

}  // namespace rlcm::cli
