#pragma once
// A text-to-image model folder in the diffusers layout.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/data/tokenizer.h"
#include "core/models/clip.h"
#include "core/models/scheduler_config.h"
#include "core/models/unet.h"
#include "core/models/vae.h"

namespace rlcm::models {

enum class PipelineKind { Consistency, Diffusion };

struct Pipeline {
    std::filesystem::path folder;
    PipelineKind kind = PipelineKind::Diffusion;
    SchedulerConfig scheduler;
    data::Tokenizer tokenizer;
    ClipText textEncoder;
    /// SDXL: the second text encoder, which also gives the pooled text.
    struct Second {
        data::Tokenizer tokenizer;
        ClipText textEncoder;
    };
    std::optional<Second> second;
    bool zerosForNoPrompt = false;  ///< force_zeros_for_empty_prompt: classifier-free guidance compares with zeros
    UNet unet;
    Vae vae;
    std::int64_t latentSide() const { return unet.config().sampleSize; }
};

/// What a network is told of prompts.
struct PromptEmbeddings {
    at::Tensor context;  ///< [B,T,X] f32
    at::Tensor pooled;   ///< [B,P] f32, SDXL only, else undefined
    /// Row i of the result is row index[i]; index [n] i64.
    PromptEmbeddings select(const at::Tensor& index) const;
    /// The same for rows first .. first + count - 1.
    PromptEmbeddings narrow(std::int64_t first, std::int64_t count) const;
    /// One row repeated.
    PromptEmbeddings expand(std::int64_t rows) const;
    PromptEmbeddings to(at::Device device) const;
    static PromptEmbeddings cat(const std::vector<PromptEmbeddings>& parts);
};

/// Folder of a model named in a config: a bundled name (resources/models/<name>), the name of an added model, or a path.
/// throws: Config naming the nearest known model when it is none of these.
std::filesystem::path findModel(std::string_view nameOrFolder);
/// Folder of the UNet of the model in `folder`. throws: Io when there is no model in the diffusers layout.
std::filesystem::path unetFolderOf(const std::filesystem::path& folder);
/// Loads every component; `change` is merged into the UNet. The UNet and VAE run in `dtype` (an SDXL VAE whose config says force_upcast in f32 instead of f16), the text
/// encoders in f32 on the CPU. On the device meta nothing is read but configs and headers: what remains is the check.
/// throws: Io or Format: a missing component or file is named; a `.bin` or `.ckpt` gets the conversion hint; a UNet without guidance embedding under an LCM
/// pipeline or the reverse is refused with the reason, and so are parts that do not fit each other.
Pipeline loadPipeline(const std::filesystem::path& folder, at::ScalarType dtype, at::Device device, const LoraChange& change = {});
/// A sentence that names the prompts whose ends the text encoders do not read, because they have more tokens than fit; empty when all fit.
std::string describeTooLong(const Pipeline& pipeline, const std::vector<std::string>& prompts);
/// Embeddings of prompts on padded ids: the last hidden state of the text encoder; for SDXL the last but one of both, side by side, and the
/// projected pooled text of the second.
PromptEmbeddings encodePrompts(const Pipeline& pipeline, const std::vector<std::string>& prompts);
/// One row that stands for "no prompt" in classifier-free guidance: the empty prompt, or zeros where the pipeline says so.
PromptEmbeddings encodeNoPrompt(const Pipeline& pipeline);

}  // namespace rlcm::models
