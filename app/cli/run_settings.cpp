#include "app/cli/run_settings.h"

#include <iostream>

#include "app/cli/run_lookup.h"
#include "app/cli/text_table.h"
#include "core/base/json.h"
#include "core/run/config_diff.h"

namespace rlcm::cli {
namespace {

std::string presetText(const run::NearestPreset& nearest) {
    const std::string name = "closest preset: " + nearest.preset->name;
    if (nearest.changed.empty()) {
        return name + ", nothing differs but name, seed or compute.*";
    }
    std::string paths;
    for (const run::Field* field : nearest.changed) {
        paths += (paths.empty() ? "" : ", ") + field->path;
    }
    return name + "; differs in " + paths;
}

}  // namespace

void printSettings(const store::StoreReader& reader, const std::vector<std::string>& runs, bool isJson) {
    std::vector<run::RunConfig> configs;
    std::vector<std::string> header{"setting"};
    for (const std::string& name : runs) {
        const store::RunRow row = findRun(reader, name);
        const std::string where = "the settings of " + row.id;
        configs.push_back(run::configFromJson(parseJson(row.configJson, where), where));
        header.push_back(row.id);
    }
    std::vector<std::vector<std::string>> cells{header};
    Json rows = Json::array();
    for (const run::SettingRow& setting : run::compareSettings(configs)) {
        if (configs.size() > 1 && !setting.differs) {
            continue;
        }
        std::vector<std::string> line{setting.field->path};
        line.insert(line.end(), setting.texts.begin(), setting.texts.end());
        cells.push_back(std::move(line));
        rows.push_back({{"setting", setting.field->path}, {"values", setting.texts}});
    }
    const std::string command = run::trainCommand(configs.front());
    if (isJson) {
        const run::NearestPreset nearest = run::nearestPreset(configs.front());
        std::cout << Json{{"runs", std::vector<std::string>(header.begin() + 1, header.end())},
                          {"settings", rows},
                          {"closest_preset", nearest.preset->name},
                          {"command", command}}
                         .dump(2)
                  << '\n';
    } else if (configs.size() > 1) {
        std::cout << (rows.empty() ? std::string("the settings of these runs are the same\n") : textTable(cells));
    } else {
        std::cout << textTable(cells) << '\n' << presetText(run::nearestPreset(configs.front())) << '\n' << command << '\n';
    }
}

}  // namespace rlcm::cli
