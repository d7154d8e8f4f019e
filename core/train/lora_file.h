#pragma once
// LoRA files for other tools, and our own read back.
#include <filesystem>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/nn/lora.h"

namespace rlcm::train {

/// Network weights with a LoRA file merged in (W + alpha/rank * B*A in f32); the frozen weights when `file` is empty.
/// Reads PEFT keys ("[unet.]<path>.lora_A.weight"; alpha from our metadata or diffusers' lora_adapter_metadata, else alpha = rank) and kohya keys
/// ("lora_unet_<path with _>.lora_down.weight", ".alpha"). throws: Io, Format naming keys that match no projection.
std::vector<at::Tensor> projectionsWithLora(const std::vector<nn::Projection>& projections, const std::filesystem::path& file);

}  // namespace rlcm::train
