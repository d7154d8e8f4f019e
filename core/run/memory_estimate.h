#pragma once
// What memory a run takes, by arithmetic over the sizes of its model. The same numbers choose the chunks of a run, fill the
// estimate before its start and are checked against measured runs by the tests.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/run/needs.h"
#include "core/run/run_config.h"
#include "core/shapes/model_shape.h"

namespace rlcm::run {

/// Bytes. "Row" is one image at one step through the UNet once (guidance by doubling has two).
struct MemoryParts {
    std::int64_t weights = 0;          ///< UNet and VAE as they lie on the device, text encoders where they stay
    std::int64_t adapter = 0;          ///< LoRA, its gradient and moments; merged projections; the same of a reference; rounds that wait for their rewards
    std::int64_t perCall = 0;          ///< gradients of the LoRA and their sums, for each call at once
    std::int64_t keptRow = 0;          ///< backward graph of a row that keeps everything
    std::int64_t checkpointedRow = 0;  ///< backward graph of a row that keeps the inputs of blocks only
    std::int64_t largestBlock = 0;     ///< backward graph of the largest block of a row, alive while it is recomputed
    std::int64_t passingRow = 0;       ///< short-lived tensors of a row on its way, with or without graph
    std::int64_t decodedImage = 0;     ///< most that decoding one image takes
    std::int64_t decoderGraph = 0;     ///< backward graph of decoding one image
    std::int64_t rewardGraph = 0;      ///< backward graph of scoring one image, where the reward's own gradient is used
    Needs needs;                       ///< of the update rule

    /// Activations of one training row at the worst moment.
    std::int64_t trainedRow(bool isCheckpointed) const { return passingRow + (isCheckpointed ? checkpointedRow + largestBlock : keptRow); }
    /// Images whose reward's gradient is computed together: as many as are worth it, by the sizes of the model (not the reward's) alone, so that a run that goes on elsewhere computes the same.
    std::int64_t climbedImages() const;
    /// What that takes beside the rows of its call.
    std::int64_t climbing() const { return needs.decoderGraph ? climbedImages() * (decoderGraph + decodedImage + rewardGraph) : 0; }
};
/// `isCpu`: where the config runs; the kernels differ in what they keep.
MemoryParts memoryParts(const shapes::ModelShape& model, const RunConfig& config, bool isCpu);

/// Bytes of the rounds that wait for their rewards: their states.
std::int64_t waitingBytes(const RunConfig& config, const shapes::ModelShape& model);

/// How a run uses its memory.
struct MemoryPlan {
    std::int64_t rows = 1;           ///< images in one sampling call and (image, step) rows in one training call
    std::int64_t decodedImages = 1;  ///< most images that are decoded together
    std::int64_t climbedImages = 1;  ///< MemoryParts::climbedImages
    bool isCheckpointed = false;
    bool fits = true;              ///< the plan stays inside the budget
    std::int64_t activations = 0;  ///< and gradients, of all calls that run at once
    std::int64_t recorded = 0;     ///< what recorded calls of a GPU keep beside that; 0: none is recorded
};
struct PlanRequest {
    std::int64_t wantedRows = 1;    ///< more gains nothing
    bool isExact = false;           ///< the user asked for wantedRows: no fewer
    std::int64_t callsAtOnce = 1;   ///< worker threads on the CPU
    std::int64_t rowsPerImage = 1;  ///< 2: guidance by doubling
    std::int64_t budget = 0;        ///< bytes that activations may take
    Switch checkpointing = Switch::Auto;
    Switch recording = Switch::Off;  ///< auto: where that takes a small part of the budget
};
/// The largest chunk up to `wantedRows` that fits, at least one row. auto takes the plain way unless the budget leaves it fewer than
/// min(wantedRows, 8) rows (exact: fewer than wantedRows) and checkpointing gives more.
MemoryPlan planMemory(const MemoryParts& parts, const PlanRequest& request);
/// Rows beyond which a call gains little, measured; chosen for small images on a GPU.
std::int64_t usefulRows(const shapes::ModelShape& model, bool isCpu);

/// The shape of the model that model.path names: a bundled name or a folder. None when it cannot be read or is not supported.
std::optional<shapes::ModelShape> findModelShape(std::string_view nameOrFolder);

/// Whether the config's device is the CPU; auto is a GPU where the system has its driver.
bool runsOnCpu(const RunConfig& config);

/// The memory side of the estimate before a start.
struct MemoryEstimate {
    bool isKnown = false;  ///< the model's config files can be read
    MemoryParts parts;
    MemoryPlan plan;
    std::int64_t total = 0;  ///< weights, adapter, activations and recorded calls
};
/// For the device in the config.
MemoryEstimate estimateMemory(const RunConfig& config);

/// Fits a config to a GPU with `gib` GiB: bf16, and compute.memory_gib set to what weights, adapter and the GPU's own needs leave
/// for activations, from which chunks and checkpointing follow. The learning is the same: only rounding differs.
/// throws: Config when the model's sizes cannot be read, or when not even one row fits.
void applyMemoryPlan(RunConfig& config, double gib);

}  // namespace rlcm::run
