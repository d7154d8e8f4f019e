#pragma once
// One folder of a model: config.json beside its weights, in one file or split over several. Private to core/models.
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include <ATen/core/Tensor.h>

#include "core/base/json.h"
#include "core/nn/weights.h"

namespace rlcm::models {

/// Stem of the weight file: the two libraries name it differently.
constexpr std::string_view kDiffusersStem = "diffusion_pytorch_model";
constexpr std::string_view kTransformersStem = "model";

/// What to do when the UNet has a guidance embedding in one file and none in another.
constexpr const char* kMixedUNetAdvice = "Take the unet folder, config.json and weights, from the same model as model_index.json.";

/// `folder`/config.json. throws: Io, Format.
Json readConfig(const std::filesystem::path& folder);
/// `stem`.safetensors or its index, each plain or of the fp16 variant. throws: Io with what to do when there is only another format.
std::filesystem::path findWeightFile(const std::filesystem::path& folder, std::string_view stem);
/// Checks a safetensors file, or an index ("*.json") with all files that it names, and lists the tensors without reading them. The
/// files stay open as long as a tensor of the list lives. throws: Io naming a missing file; Format for names that leave the folder and for
/// an index that disagrees with its files.
std::map<std::string, nn::StoredTensor> listTensors(const std::filesystem::path& file);

}  // namespace rlcm::models
