#pragma once
// The names of a UNet's layers in the original layout of Stable Diffusion (LDM, SGM), which kohya's SDXL files use.
#include <map>
#include <string>
#include <vector>

#include "core/nn/lora.h"

namespace rlcm::models {

/// By path: "down_blocks.1.attentions.0.proj_in" -> "input_blocks.4.1.proj_in". That layout counts the blocks of the whole network on where
/// diffusers counts within a level, so the numbers follow from the layers that each level has, as the paths in the list show them.
/// `layers`: of one network, all or all attention projections. A level that they do not show counts as many layers as the others; where those
/// differ, the levels behind it get no names. Left out is also what the layout does not have, as the guidance embedding's layer.
/// source: Stability-AI/generative-models, openaimodel.py; tested against the conversions of diffusers 0.42.1.
std::map<std::string, std::string> ldmNames(const std::vector<nn::Projection>& layers);

}  // namespace rlcm::models
