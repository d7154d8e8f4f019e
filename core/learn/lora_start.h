#pragma once
// A LoRA file as the starting point of training.
#include <filesystem>
#include <string>

#include "core/models/lora_file.h"
#include "core/nn/lora.h"
#include "core/run/run_config.h"

namespace rlcm::learn {

/// A LoRA in two parts: training adapts some of its layers, as Network::projections() lists them; all others stay as the LoRA has made them.
struct LoraStart {
    models::LoraModules trained;
    models::LoraModules kept;  ///< merged into the frozen network, and part of every checkpoint and export
    std::string about;         ///< Lora::describe()
};

/// Reads config.start for the model in `modelFolder`. A UNet with a LoRA inside, which states no alpha, is taken to have config.alpha.
/// throws: Io, Format as models::readLoraFor.
LoraStart readLoraStart(const run::LoraConfig& config, const std::filesystem::path& modelFolder);
/// The part that a checkpoint of a run on that model keeps. throws: Io, Format.
models::LoraModules keptInCheckpoint(const std::filesystem::path& checkpoint, const std::filesystem::path& modelFolder);

/// Loads start.trained into an adapter that was just made from `config`. Where the file's scale is not alpha / rank, B takes the difference, so
/// that the merged weights are the file's. Adapted layers that the file leaves out keep their initial factors.
/// Returns one line for the log. throws: Config when the file has another rank or changes attention projections that are not targets.
std::string startFromLora(nn::LoraAdapter& adapter, const LoraStart& start, const run::LoraConfig& config);

}  // namespace rlcm::learn
