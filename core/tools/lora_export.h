#pragma once
// LoRA files of a run for other programs. No tensor is named here.
#include <filesystem>
#include <string_view>

namespace rlcm::tools {

enum class LoraFormat {
    Kohya,   ///< read by diffusers, ComfyUI and A1111
    Peft,    ///< diffusers' pytorch_lora_weights.safetensors
    Merged,  ///< folder of a UNet in the diffusers layout with the LoRA merged in
};
/// kohya | peft | merged. throws: Config for other words.
LoraFormat parseLoraFormat(std::string_view word);

enum class LoraWeights { Trained, Averaged };

/// Writes the LoRA of a checkpoint folder, or the average of its weights (training.ema_decay), verified as before a resume, to `out`, a .safetensors file, or for Merged a new folder. The metadata state base model, method, steps,
/// guidance, reward, run, epoch and program version, and `name`, which may be newer than that in the checkpoint (empty: that one). throws: Config, Io, Format.
void exportLora(const std::filesystem::path& checkpoint, LoraFormat format, const std::filesystem::path& out, std::string_view name = {},
                LoraWeights weights = LoraWeights::Trained);

}  // namespace rlcm::tools
