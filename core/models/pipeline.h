#pragma once
// A text-to-image model folder in the diffusers layout.
#include <filesystem>
#include <memory>
#include <string_view>

#include <ATen/core/Tensor.h>

#include "core/models/network.h"
#include "core/models/scheduler_config.h"
#include "core/models/text_encoder.h"
#include "core/models/vae.h"

namespace rlcm::models {

enum class PipelineKind { Consistency, Diffusion };

struct Pipeline {
    std::filesystem::path folder;
    PipelineKind kind = PipelineKind::Diffusion;
    SchedulerConfig scheduler;
    std::unique_ptr<TextEncoder> text;
    std::unique_ptr<Network> network;
    Vae vae;
};

/// Folder of a model named in a config: a bundled name (resources/models/<name>), the name of an added model, or a path.
/// throws: Config naming the nearest known model when it is none of these.
std::filesystem::path findModel(std::string_view nameOrFolder);
/// Folder of the UNet of the model in `folder`. throws: Io when there is no model in the diffusers layout.
std::filesystem::path unetFolderOf(const std::filesystem::path& folder);
/// Loads every component; `change` is merged into the network. The network and VAE run in `dtype` (an SDXL VAE whose config says force_upcast in f32 instead of f16), the text
/// encoders in f32 on the CPU. On the device meta nothing is read but configs and headers: what remains is the check.
/// throws: Io or Format: a missing component or file is named; a `.bin` or `.ckpt` gets the conversion hint; a UNet without guidance embedding under an LCM
/// pipeline or the reverse is refused with the reason, and so are parts that do not fit each other.
Pipeline loadPipeline(const std::filesystem::path& folder, at::ScalarType dtype, at::Device device, const LoraChange& change = {});

}  // namespace rlcm::models
