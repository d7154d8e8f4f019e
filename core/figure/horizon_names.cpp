#include "core/figure/horizon_names.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/run/config_diff.h"

namespace rlcm::figure {
namespace {

constexpr std::size_t kMostSettings = 3;
const std::string kEpochs = "training.epochs";

/// What the configs differ in, without what makes no other group; the planned length only where nothing else is.
std::vector<run::SettingRow> differences(const std::vector<run::RunConfig>& configs) {
    std::vector<run::SettingRow> rows = run::compareSettings(configs);
    std::erase_if(rows, [](const run::SettingRow& row) { return !row.differs || row.isNoise || row.field->path.starts_with("checkpoint."); });
    if (rows.size() > 1) {
        std::erase_if(rows, [](const run::SettingRow& row) { return row.field->path == kEpochs; });
    }
    return rows;
}

struct Name {
    std::string apart, label;
};

std::vector<Name> namesBySettings(const std::vector<run::RunConfig>& configs) {
    const std::vector<run::SettingRow> rows = differences(configs);
    std::vector<Name> names(rows.size() > kMostSettings ? 0 : configs.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        for (const run::SettingRow& row : rows) {
            const std::string& path = row.field->path;
            names[i].apart += (names[i].apart.empty() ? "" : ", ") + row.texts[i];
            names[i].label += ", " + path.substr(path.rfind('.') + 1) + " " + row.texts[i];
        }
    }
    return names;
}

bool areUnlike(const std::vector<Name>& names) {
    std::set<std::string> seen;
    return std::all_of(names.begin(), names.end(), [&](const Name& name) { return seen.insert(name.label).second; });
}

}  // namespace

void tellApart(std::span<HorizonGroup> groups, std::span<const std::optional<run::RunConfig>> configs) {
    std::map<std::string, std::vector<std::size_t>> places;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        places[groups[i].label].push_back(i);
    }
    for (const auto& [label, same] : places) {
        if (same.size() == 1) {
            continue;
        }
        std::vector<run::RunConfig> known;
        for (const std::size_t i : same) {
            if (configs[i]) {
                known.push_back(*configs[i]);
            }
        }
        std::vector<Name> names = known.size() == same.size() ? namesBySettings(known) : std::vector<Name>();
        if (names.empty() || !areUnlike(names)) {
            names.clear();
            std::transform(same.begin(), same.end(), std::back_inserter(names), [&](std::size_t i) { return Name{groups[i].id, " \u00B7 " + groups[i].id}; });
        }
        for (std::size_t k = 0; k < same.size(); ++k) {
            groups[same[k]].apart = names[k].apart;
            groups[same[k]].label += names[k].label;
        }
    }
}

}  // namespace rlcm::figure
