#pragma once
// Names, uses and advice for inspected models. Private to core/models.
#include <cstdint>
#include <exception>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/safetensors.h"
#include "core/shapes/unet_shape.h"
#include "core/run/model_library.h"

namespace rlcm::models {

/// What tells CLIP models apart.
struct ClipShape {
    std::int64_t visionWidth = 0, visionLayers = 0, patch = 0;
    std::int64_t projection = 0;  ///< numbers in an embedding
};

/// "SD 1.5", "SD 2", "SDXL", "SDXL-shaped" (with other transformer depths) or "other".
std::string shapeOf(const shapes::UNetShape& unet);
/// "ViT-L/14", "ViT-H/14", "ViT-B/32" or "other".
std::string shapeOf(const ClipShape& clip);
/// "fp32" for "F32".
std::string dtypeWord(std::string_view dtype);
/// Whether the names are those of a single-file checkpoint.
bool isCheckpoint(const std::map<std::string, data::TensorEntry>& entries);
/// The name of a file of weights in a folder without configs, empty when there is none.
std::string strayWeights(const std::filesystem::path& folder);
/// The safetensors files of a component: one, or those that its index names. throws: Io, Format.
std::vector<std::filesystem::path> weightFiles(const std::filesystem::path& folder, std::string_view stem);
/// A failure to read the model in `folder`, with what to do about it; that is empty when the message says it all.
run::ModelProblem problemOf(const std::exception& failure, const std::filesystem::path& folder);
/// What the model can be used for, and what not. `isDistilled`: its scheduler is LCMScheduler.
std::vector<run::ModelUse> usesOf(const run::ModelFacts& facts, const ClipShape& clip, bool isDistilled);

}  // namespace rlcm::models
