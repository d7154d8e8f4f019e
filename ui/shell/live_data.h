#pragma once
// What the live page reads about one run.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/store/workspace.h"

namespace rlcm::ui {

/// Scalars of the chart of rewards.
inline constexpr const char* kTraining = "reward_mean";
inline constexpr const char* kEvaluation = "eval_reward_mean";
inline constexpr const char* kHeldOut = "eval_held_out_reward_mean";

/// Everything the page shows besides images.
struct LiveData {
    run::RunId run;
    std::vector<std::string> names;
    std::map<std::string, std::vector<store::ScalarRow>> curves;
    std::vector<int> checkpointEpochs;
    std::vector<store::LogRow> newLog;
    bool operator==(const LiveData& other) const;
};
/// Reads the curves named in `wanted` that exist. thread: the store's worker.
LiveData readLiveData(const store::StoreReader& reader, const run::RunId& id, const std::vector<std::string>& wanted, std::int64_t afterLog);

}  // namespace rlcm::ui
