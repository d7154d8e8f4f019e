#pragma once
// A text-to-image model folder in the diffusers layout.
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/data/tokenizer.h"
#include "core/models/clip.h"
#include "core/models/unet.h"
#include "core/models/vae.h"

namespace rlcm::models {

enum class PipelineKind { Consistency, Diffusion };

/// Noise schedule values of scheduler/scheduler_config.json that we honour (the rest is refused or does not matter to us).
struct SchedulerConfig {
    std::string className;  ///< LCMScheduler, DDIMScheduler, PNDMScheduler, ...
    std::int64_t trainSteps = 1000;
    double betaStart = 0.00085, betaEnd = 0.012;
    std::int64_t stepsOffset = 1;
    std::int64_t originalInferenceSteps = 50;
    double timestepScaling = 10.0;
    static SchedulerConfig fromJson(const Json& json, std::string_view where);
};

struct Pipeline {
    std::filesystem::path folder;
    PipelineKind kind = PipelineKind::Diffusion;
    SchedulerConfig scheduler;
    data::Tokenizer tokenizer;
    ClipText textEncoder;
    UNet unet;
    Vae vae;
    std::int64_t latentSide() const { return unet.config().sampleSize; }
};

/// Folder of a model named in a config: a bundled name (resources/models/<name>) or a path.
/// throws: Config naming the nearest bundled model when it is neither.
std::filesystem::path findModel(std::string_view nameOrFolder);
/// Loads every component. The UNet and VAE run in `dtype`, the text encoder in f32.
/// throws: Io or Format: a missing component or file is named; a `.bin` or `.ckpt` gets the conversion hint; a UNet without guidance embedding under an LCM
/// pipeline or the reverse is refused with the reason.
Pipeline loadPipeline(const std::filesystem::path& folder, at::ScalarType dtype, at::Device device);
/// Prompt embeddings [B,T,X] f32: last hidden state of the text encoder on padded ids.
at::Tensor encodePrompts(const Pipeline& pipeline, const std::vector<std::string>& prompts);

}  // namespace rlcm::models
