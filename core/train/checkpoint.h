#pragma once
// Checkpoints: everything that decides the rest of a run, as safetensors and JSON, readable at any later time.
#include <cstdint>
#include <filesystem>
#include <deque>
#include <map>
#include <string>

#include "core/models/lora_file.h"
#include "core/nn/lora.h"
#include "core/rl/optimizer.h"
#include "core/run/run_config.h"
#include "core/run/run_event.h"

namespace rlcm::train {

/// Scalar part of a checkpoint.
struct CheckpointState {
    std::int64_t epoch = 0;  ///< epochs finished
    run::Counters counters;
    run::RunConfig config;
    std::map<std::string, std::deque<double>> statistics;  ///< rewards kept per prompt
};

/// Writes `runFolder`/checkpoints/e00012 (lora.safetensors, optimizer.safetensors, state.json) under a temporary name, syncs
/// and renames it, then removes all but the newest `keep`. Returns its bytes. lora.safetensors holds the adapter and, at the adapter's alpha,
/// the layers that stay as the LoRA of the start had them. throws: Io.
std::int64_t saveCheckpoint(const std::filesystem::path& runFolder, const CheckpointState& state, const nn::LoraAdapter& lora,
                            const models::LoraModules& kept, const rl::Adam& optimizer, std::int64_t keep);
/// Name of the folder below the run's folder: "checkpoints/e00012".
std::string checkpointName(std::int64_t epoch);
/// Reads one back into an adapter and optimiser of the same shape. throws: Io, Format when it is damaged or of another model.
CheckpointState loadCheckpoint(const std::filesystem::path& folder, nn::LoraAdapter& lora, rl::Adam& optimizer);

}  // namespace rlcm::train
