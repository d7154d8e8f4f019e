#pragma once
// One folder of a model: config.json beside one weight file. Private to core/models.
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include <ATen/core/Tensor.h>

#include "core/base/json.h"

namespace rlcm::models {

/// Stem of the weight file: the two libraries name it differently.
constexpr std::string_view kDiffusersStem = "diffusion_pytorch_model";
constexpr std::string_view kTransformersStem = "model";

/// `folder`/config.json. throws: Io, Format.
Json readConfig(const std::filesystem::path& folder);
/// `stem`.safetensors or `stem`.fp16.safetensors of a folder. throws: Io with what to do when there is only another format.
std::filesystem::path findWeightFile(const std::filesystem::path& folder, std::string_view stem);
/// All tensors of a file, in the file's dtypes.
std::map<std::string, at::Tensor> readTensors(const std::filesystem::path& file);

}  // namespace rlcm::models
