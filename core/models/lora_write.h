#pragma once
// Writes a LoRA for other programs.
#include <filesystem>
#include <map>
#include <string>

#include "core/models/lora_file.h"

namespace rlcm::models {

using Metadata = std::map<std::string, std::string>;

/// kohya's format, which diffusers, ComfyUI and A1111 all read: `lora_unet_...` keys, one `.alpha` scalar a module, and ss_* metadata beside `metadata`.
/// throws: Io, Format.
void writeKohyaLora(const std::filesystem::path& file, const LoraModules& modules, Metadata metadata);
/// The format of diffusers' pytorch_lora_weights.safetensors. The scale is multiplied into B and the settings in the metadata say scale 1, so that
/// versions of diffusers that read the settings and those that do not both give the full strength. throws: Io, Format.
void writePeftLora(const std::filesystem::path& file, const LoraModules& modules, Metadata metadata);
/// A new folder with config.json and diffusion_pytorch_model.safetensors of the UNet in `unetFolder`, the LoRA merged in. Changed weights
/// are F32 (16 bit would round small changes away), the others as they are there. One tensor at a time is in memory. throws: Config when `folder` exists and is not empty; Io; Format when a module has no weight in the UNet or another shape.
void writeMergedUNet(const std::filesystem::path& folder, const std::filesystem::path& unetFolder, const LoraModules& modules, const Metadata& metadata);

}  // namespace rlcm::models
