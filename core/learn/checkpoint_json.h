#pragma once
// state.json of a checkpoint.
#include "core/learn/checkpoint.h"

namespace rlcm::learn {

/// Everything of a checkpoint that is no tensor.
std::string checkpointJson(const Checkpoint& checkpoint);

/// What state.json says.
struct CheckpointJson {
    int format = 0;  ///< 1: without checksums and inputs
    CheckpointState state;
};
/// throws: Io, Format for another format, missing keys, and numbers out of range.
CheckpointJson readCheckpointJson(const std::filesystem::path& folder);

}  // namespace rlcm::learn
