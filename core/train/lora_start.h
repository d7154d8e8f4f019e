#pragma once
// A LoRA file as the starting point of training.
#include <string>
#include <vector>

#include "core/nn/lora.h"
#include "core/run/run_config.h"

namespace rlcm::train {

/// Loads config.start into an adapter that was just made from `config` over `projections`. Where the file's scale is not alpha / rank, B takes the
/// difference, so that the merged weights are the file's. Adapted layers that the file leaves out keep their initial factors. A UNet with a LoRA
/// inside, which states no alpha, is taken to have config.alpha.
/// Returns one line for the log. throws: Config when the file has another rank or changes layers that are not targets; Io, Format as readLora.
std::string startFromLora(nn::LoraAdapter& adapter, const std::vector<nn::Projection>& projections, const run::LoraConfig& config);

}  // namespace rlcm::train
