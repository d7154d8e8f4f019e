#pragma once
// Checkpoints: everything that decides the rest of a run, as safetensors and JSON, readable at any later time.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/json.h"
#include "core/data/safetensors.h"
#include "core/learn/learner.h"
#include "core/learn/run_inputs.h"
#include "core/run/best_evaluation.h"
#include "core/run/run_config.h"
#include "core/run/run_event.h"

namespace rlcm::learn {

/// Scalar part of a checkpoint.
struct CheckpointState {
    std::int64_t epoch = 0;  ///< epochs finished
    run::Counters counters;
    run::RunConfig config;                      ///< with the effective threads, rows and kept graph
    RunInputs inputs;                           ///< empty in checkpoints of format 1
    Json learner = Json::object();              ///< values of its rl::LearnerState
    std::optional<run::BestEvaluation> best{};  ///< until then, by a rule that asks for one
};

/// A state as it was at the end of an epoch, apart from the learner that goes on changing.
struct Checkpoint {
    CheckpointState state;
    data::NamedTensors factors;     ///< the adapter's, and at the adapter's alpha the layers that stay as the LoRA of the start had them
    std::vector<std::string> kept;  ///< paths of the latter
    std::int64_t rank = 0;
    double alpha = 0;
    std::string targets;
    std::vector<std::pair<std::string, at::Tensor>> tensors;  ///< of the learner's rl::LearnerState
};

/// Copies of everything that training changes; fills `state.learner`.
Checkpoint takeCheckpoint(CheckpointState state, const Learner& learner);

/// Writes `runFolder`/checkpoints/e00012 (lora.safetensors, a file for each group of the learner's tensors, as optimizer.safetensors, state.json, and checksums.sha256 over them) under a temporary name,
/// syncs and renames it. Returns its bytes. Older ones stay: the caller removes them when the new one is on record. throws: Io.
std::int64_t saveCheckpoint(const std::filesystem::path& runFolder, const Checkpoint& checkpoint);
/// Removes all checkpoints up to `epoch` but the `keep` newest, the run::kEvaluatedCheckpoints newest of those that were evaluated, those that somebody
/// keeps (run::setKept), and that of the epoch `best`; higher ones are of a line that was given up. What cannot be removed costs disk only.
void pruneCheckpoints(const std::filesystem::path& runFolder, std::int64_t epoch, std::int64_t keep, const std::function<bool(std::int64_t epoch)>& isEvaluated,
                      std::optional<std::int64_t> best = {});

/// The scalar part of a whole checkpoint: checksums, folder name and settings fit, numbers are in range.
/// throws: Io, Format saying what is damaged.
CheckpointState verifyCheckpoint(const std::filesystem::path& folder);
/// Paths of the layers in a checkpoint's LoRA that are not trained but stay; nothing for checkpoints that do not say it, of older versions.
/// throws: Io, Format.
std::optional<std::set<std::string>> keptLayers(const std::filesystem::path& folder);
/// Reads the tensors of a checkpoint, verified as `state`, into a learner of the same shape; factors of the layers that it keeps are left out.
/// throws: Io, Format when they are of another model or not finite.
void loadCheckpoint(const std::filesystem::path& folder, const CheckpointState& state, Learner& learner);

}  // namespace rlcm::learn
