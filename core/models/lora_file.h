#pragma once
// Reads LoRA files of every common format into one form.
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/models/lora_names.h"
#include "core/nn/lora.h"

namespace rlcm::models {

/// The change of one linear layer or convolution: W + scale * up * down, all taken as matrices of so many rows.
struct LoraModule {
    at::Tensor down;  ///< A [r, in] f32, of a convolution [r, in, h, w]
    at::Tensor up;    ///< B [out, r] f32, of a convolution [out, r, 1, 1]
    double scale = 1;
};
using LoraModules = std::map<std::string, LoraModule>;  ///< by module path, as nn::Projection::path

struct Lora {
    std::filesystem::path file;
    LoraStyle style = LoraStyle::Peft;
    LoraModules modules;
    std::size_t textEncoderTensors = 0;  ///< left out: text encoders take no LoRA here
    std::size_t frozenTensors = 0;       ///< base weights in the file, of which those of adapted layers were compared with the network's
    bool hasAlpha = false;               ///< the file states its scale
    /// "kohya, 56 layers, rank 4, scale 2", and what was left out.
    std::string describe() const;
};

struct LoraReadOptions {
    std::optional<double> alpha;          ///< for a file that states none (scale alpha / r)
    std::optional<double> injectedAlpha;  ///< for a UNet with a LoRA inside when `alpha` is not given
};

/// Reads a .safetensors file, or a folder: PEFT's, or any with one LoRA file, as our checkpoints. Ranks may differ between modules and come from
/// the shapes. The scale of a module is alpha / r from kohya's `.alpha` (none or 0: 1), from PEFT's settings (alpha / sqrt(r) with rsLoRA), or from
/// our own metadata. Other files state none and have 1, except a UNet with a LoRA inside, which needs options.alpha.
/// `layers`: what it may change, the projections of a network or all of networkLayers(); base weights in the file are compared with weights that
/// have values.
/// throws: Io; Config when options.alpha contradicts the file or is missing; Format naming all entries that fit no layer, modules of other
/// shapes or ranks, missing halves, values that are not finite, and base weights of another model.
Lora readLora(const std::filesystem::path& fileOrFolder, const std::vector<nn::Projection>& layers, const LoraReadOptions& options = {});

/// Network weights with a LoRA merged in, one per projection in their order: W + strength * scale * B * A, computed in f32 (f64 for f64 weights) and
/// rounded to the network's dtype; the frozen weight where the LoRA has nothing. None wants a gradient.
std::vector<nn::MergedProjection> mergeLora(const std::vector<nn::Projection>& projections, const Lora& lora, double strength = 1.0);
/// One weight [out, in] or [out, in, h, w] of any float dtype and device with its change merged in.
at::Tensor mergedWeight(const at::Tensor& weight, const LoraModule& module, double strength = 1.0);

}  // namespace rlcm::models
