#pragma once
// The names that LoRA files give to the factors of a linear layer. Six spellings of one thing.
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/nn/lora.h"

namespace rlcm::models {

enum class LoraStyle {
    Peft,          ///< [unet.|base_model.model.]<path>.lora_A.weight
    DiffusersNew,  ///< [unet.]<path>.lora.down.weight
    DiffusersOld,  ///< [unet.]<attention>.processor.to_q_lora.down.weight
    Kohya,         ///< lora_unet_<path with _>.lora_down.weight, .alpha
    Injected,      ///< a whole UNet with <path>.base_layer.weight and <path>.lora_A.<adapter>.weight
};
/// "kohya", "PEFT", ... for messages and records.
std::string_view toString(LoraStyle style);

/// A key of a LoRA file, taken apart.
struct LoraKey {
    enum class Part { Down, Up, Alpha, FrozenWeight, TextEncoder, Unknown };
    Part part = Part::Unknown;
    LoraStyle style = LoraStyle::Peft;
    std::string module;   ///< path in the UNet. It is not checked, except that an unknown kohya name stays as it is
    std::string adapter;  ///< of injected factors: "default"
};

class LoraNames {
public:
    /// kohya writes _ for every dot, which cannot be undone, so the table of its names is made from the network's own paths, in the layout of
    /// diffusers and in the original one.
    explicit LoraNames(const std::vector<nn::Projection>& layers);
    LoraKey parse(std::string_view key) const;

private:
    std::map<std::string, std::string, std::less<>> m_pathOfKohyaName;
};

/// "lora_unet_<path with _>", the name without its ending.
std::string kohyaName(std::string_view path);

}  // namespace rlcm::models
