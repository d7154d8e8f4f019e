#pragma once
// Runs for tests of the list of runs.
#include <filesystem>
#include <string>
#include <vector>

#include "core/store/workspace.h"

namespace rlcm::test {

/// A finished run that no workspace holds.
inline store::RunRow makeRow(const std::string& id, const std::string& name, std::int64_t steps = 4, double reward = 1.0) {
    store::RunRow row;
    row.id = id;
    row.name = name;
    row.method = run::Method::Rlcm;
    row.reward = "compressibility";
    row.steps = steps;
    row.epochs = 80;
    row.lastReward = reward;
    row.state = run::RunState::Finished;
    return row;
}

inline std::vector<store::RunRow> storedRuns(const std::filesystem::path& workspace) {
    return store::StoreReader(workspace).runs();
}

}  // namespace rlcm::test
