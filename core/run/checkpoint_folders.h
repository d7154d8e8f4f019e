#pragma once
// Where the checkpoints of a run lie: what the trainer writes and the store finds again.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace rlcm::run {

/// One folder that is named like a checkpoint; whether it is whole is for its reader to say.
struct CheckpointFolder {
    std::int64_t epoch = 0;  ///< epochs finished, from the name
    std::filesystem::path path;
};

/// Checkpoints of evaluated epochs that stay beside the newest ones: an alarm is raised some evaluations after the last one that looked good.
inline constexpr std::int64_t kEvaluatedCheckpoints = 4;

/// Name of a checkpoint below the run's folder: "checkpoints/e00012", longer from 100000 epochs on.
std::string checkpointName(std::int64_t epoch);
/// The same below the workspace that holds the run's folder: "runs/r0001/checkpoints/e00012".
std::string storedCheckpoint(const std::filesystem::path& runFolder, std::int64_t epoch);
/// Epochs of a folder named "e00012". Nothing for other names.
std::optional<std::int64_t> checkpointEpoch(const std::filesystem::path& folder);
/// Whether a checkpoint stays when newer ones come: its folder holds a file that says so.
bool isKept(const std::filesystem::path& folder);
/// throws: Io.
void setKept(const std::filesystem::path& folder, bool isKept);
/// The checkpoints of a run on disk, highest epoch first. Empty when there is no folder.
std::vector<CheckpointFolder> checkpointFolders(const std::filesystem::path& runFolder);

}  // namespace rlcm::run
