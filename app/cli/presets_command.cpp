// rlcm presets
#include <iostream>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/estimate_output.h"
#include "app/cli/text_table.h"
#include "core/base/json.h"
#include "core/run/derive.h"
#include "core/run/field_table.h"
#include "core/run/presets.h"

namespace rlcm::cli {
namespace {

Json presetJson(const run::Preset& preset) {
    Json json = countsJson(run::derive(preset.config));
    json["name"] = preset.name;
    json["title"] = preset.title;
    json["note"] = preset.note;
    json["config"] = run::toJson(preset.config);
    return json;
}

void printText() {
    for (const run::Preset& preset : run::presets()) {
        const run::Derived derived = run::derive(preset.config);
        std::cout << preset.name << "  " << preset.title << '\n'
                  << wrapped(preset.note, 4)
                  << wrapped(std::to_string(derived.imagesTotal) + " images, " + std::to_string(derived.optimizerStepsTotal) + " optimiser steps, " + "up to " +
                                 std::to_string(derived.nominalDenoiserEvaluationsTotal) + " denoiser evaluations",
                             4);
    }
}

}  // namespace

void addPresets(CLI::App& program, int& exitCode) {
    auto isJson = std::make_shared<bool>(false);
    auto name = std::make_shared<std::string>();
    CLI::App* command = program.add_subcommand("presets", "List the named starting points");
    command->add_option("name", *name, "Print the settings of this preset as a file for `train --config`");
    command->add_flag("--json", *isJson, "One JSON document");
    command->callback([isJson, name, &exitCode] {
        if (!name->empty()) {
            std::cout << run::toJson(run::preset(*name).config).dump(2) << '\n';
        } else if (*isJson) {
            Json list = Json::array();
            for (const run::Preset& preset : run::presets()) {
                list.push_back(presetJson(preset));
            }
            std::cout << list.dump(2) << '\n';
        } else {
            printText();
        }
        exitCode = kDone;
    });
}

}  // namespace rlcm::cli
