#include "core/models/pipeline.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/models/component.h"
#include "core/models/config_reader.h"
#include "core/run/model_registry.h"
#include "core/tensor/torch.h"

namespace rlcm::models {
namespace {

constexpr const char* kModelIndex = "model_index.json";

/// The pipelines we know, by _class_name.
enum class Family { Consistency, Diffusion, Xl };

Family readFamily(const ConfigReader& index) {
    const std::string name = index.text("_class_name", "");
    for (const auto& [known, family] : {std::pair("LatentConsistencyModelPipeline", Family::Consistency), std::pair("StableDiffusionPipeline", Family::Diffusion),
                                        std::pair("StableDiffusionXLPipeline", Family::Xl)}) {
        if (name == known) {
            return family;
        }
    }
    index.refuse("_class_name", "only LatentConsistencyModelPipeline, StableDiffusionPipeline and StableDiffusionXLPipeline are supported");
}

/// Names a component that the index leaves out or that is not on the disk.
void checkComponents(const std::filesystem::path& folder, const Json& index, Family family) {
    std::vector<const char*> components{"scheduler", "tokenizer", "text_encoder", "unet", "vae"};
    if (family == Family::Xl) {
        components.insert(components.end(), {"tokenizer_2", "text_encoder_2"});
    }
    for (const char* component : components) {
        const auto entry = index.find(component);
        const bool isAbsent = entry == index.end() || !entry->is_array() || entry->empty() || entry->front().is_null();
        if (isAbsent || !std::filesystem::is_directory(folder / component)) {
            throw Error(ErrorKind::Io, folder.string() + ": the component \"" + component + "\" is missing" +
                                           (isAbsent ? " in model_index.json" : "; there is no folder of that name"));
        }
    }
}

void checkGuidance(const std::string& where, Family family, const UNetConfig& unet) {
    const bool hasGuidance = unet.timeCondProjDim.has_value();
    if (family == Family::Consistency && !hasGuidance) {
        throw Error(ErrorKind::Format, where + ": a LatentConsistencyModelPipeline wants a UNet with a guidance embedding, but unet/config.json has no "
                                           "time_cond_proj_dim: this is a plain diffusion UNet, which gives noise when sampled in a few steps");
    }
    if (family == Family::Diffusion && hasGuidance) {
        throw Error(ErrorKind::Format, where + ": the UNet has a guidance embedding (time_cond_proj_dim), so it is a consistency model, but model_index.json "
                                           "says StableDiffusionPipeline; use LatentConsistencyModelPipeline");
    }
    if (unet.addition.has_value() != (family == Family::Xl)) {
        throw Error(ErrorKind::Format, where + (family == Family::Xl ? ": a StableDiffusionXLPipeline wants a UNet that takes pooled text and sizes, but unet/config.json has no addition_embed_type \"text_time\""
                                                                      : ": the UNet takes pooled text and sizes (addition_embed_type \"text_time\"), which only a StableDiffusionXLPipeline "
                                                                        "has; the UNet or model_index.json comes from another model"));
    }
}

/// A UNet with a guidance embedding knows no other rule; the reverse, a plain UNet that was distilled, there is.
void checkScheduler(const Pipeline& pipeline) {
    if (pipeline.kind == PipelineKind::Consistency && !pipeline.scheduler.isLcm()) {
        throw Error(ErrorKind::Format, (pipeline.folder / "scheduler/scheduler_config.json").string() + ": the scheduler is " + pipeline.scheduler.className +
                                           ", but the UNet is a consistency model (time_cond_proj_dim in unet/config.json), which is sampled with LCMScheduler; "
                                           "write that class there and in model_index.json");
    }
}

/// Ids in a row: as many as both the tokenizer and the encoder allow.
std::int64_t textLength(const data::Tokenizer& tokenizer, const ClipText& encoder) {
    return std::min(tokenizer.maxLength(), encoder.config().positions);
}

void checkSecond(const Pipeline& pipeline) {
    const std::string where = pipeline.folder.string();
    const Pipeline::Second& second = *pipeline.second;
    requireRows(pipeline.folder / "text_encoder_2", second.tokenizer, second.textEncoder);
    const std::int64_t length = textLength(pipeline.tokenizer, pipeline.textEncoder), other = textLength(second.tokenizer, second.textEncoder);
    if (length != other) {
        throw Error(ErrorKind::Format, where + ": text_encoder takes " + std::to_string(length) + " tokens, text_encoder_2 " + std::to_string(other) +
                                           "; they must take the same number (model_max_length, max_position_embeddings)");
    }
    if (!second.textEncoder.hasProjection()) {
        throw Error(ErrorKind::Format, where + ": text_encoder_2 has no text_projection.weight; a CLIPTextModelWithProjection is wanted there");
    }
    const std::int64_t pooled = second.textEncoder.config().projection, wanted = pipeline.unet.config().addition->pooledWidth;
    if (pooled != wanted) {
        throw Error(ErrorKind::Format, where + ": text_encoder_2 gives pooled vectors of " + std::to_string(pooled) + " numbers (projection_dim), the UNet wants " +
                                           std::to_string(wanted) + "; the parts come from different models");
    }
}

/// The parts fit each other.
void checkTogether(const Pipeline& pipeline) {
    const std::string where = pipeline.folder.string();
    const UNetConfig& unet = pipeline.unet.config();
    requireRows(pipeline.folder / "text_encoder", pipeline.tokenizer, pipeline.textEncoder);
    std::int64_t textWidth = pipeline.textEncoder.config().hidden;
    if (pipeline.second) {
        checkSecond(pipeline);
        textWidth += pipeline.second->textEncoder.config().hidden;
    }
    if (textWidth != unet.crossAttentionDim) {
        throw Error(ErrorKind::Format, where + ": the text encoder" + (pipeline.second ? "s together give" : " gives") + " vectors of " + std::to_string(textWidth) +
                                           " numbers, the UNet wants " + std::to_string(unet.crossAttentionDim) + "; the parts come from different models");
    }
    const std::int64_t latents = pipeline.vae.config().latentChannels;
    if (latents != unet.inChannels || latents != unet.outChannels) {
        throw Error(ErrorKind::Format, where + ": the VAE has " + std::to_string(latents) + " latent channels, the UNet " +
                                           std::to_string(unet.inChannels) + " in and " + std::to_string(unet.outChannels) + " out");
    }
}

std::optional<Pipeline::Second> loadSecond(const std::filesystem::path& folder, Family family, at::Device textDevice) {
    if (family != Family::Xl) {
        return std::nullopt;
    }
    return Pipeline::Second{data::Tokenizer::load(folder / "tokenizer_2"), ClipText::load(folder / "text_encoder_2", at::kFloat, textDevice)};
}

/// The SDXL autoencoder overflows in fp16; the reference pipeline widens it too.
at::ScalarType vaeDtype(const std::filesystem::path& folder, Family family, at::ScalarType dtype) {
    if (family != Family::Xl || dtype != at::kHalf) {
        return dtype;
    }
    return VaeConfig::fromJson(readConfig(folder), (folder / "config.json").string()).forceUpcast ? at::kFloat : dtype;
}

/// The first bytes of UTF-8, not cut inside a character.
std::string shortened(const std::string& text, std::size_t bytes) {
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) {
        --bytes;
    }
    return text.substr(0, bytes);
}

/// Ids of prompts [B,T].
at::Tensor tokenIds(const data::Tokenizer& tokenizer, const ClipText& encoder, const std::vector<std::string>& prompts) {
    std::vector<at::Tensor> rows;
    for (const std::string& prompt : prompts) {
        rows.push_back(at::tensor(tokenizer.encodePadded(prompt, textLength(tokenizer, encoder)), at::kLong));
    }
    return at::stack(rows);
}

/// SDXL conditions on the state before the last layer, without the final norm.
at::Tensor lastButOne(const TextOutput& output) {
    return output.hiddenStates[output.hiddenStates.size() - 2];
}

}  // namespace

std::filesystem::path findModel(std::string_view nameOrFolder) {
    return run::modelFolder(nameOrFolder);
}

std::filesystem::path unetFolderOf(const std::filesystem::path& folder) {
    if (!std::filesystem::exists(folder / kModelIndex)) {
        throw Error(ErrorKind::Io, folder.string() + ": there is no model_index.json; a model folder in the diffusers layout is wanted "
                                       "(single .safetensors or .ckpt files can be converted with diffusers: from_single_file, then save_pretrained)");
    }
    return folder / "unet";
}

Pipeline loadPipeline(const std::filesystem::path& folder, at::ScalarType dtype, at::Device device, const LoraChange& change) {
    const std::filesystem::path unetFolder = unetFolderOf(folder), indexFile = folder / kModelIndex;
    const Json index = readPythonJsonFile(indexFile);
    const ConfigReader reader(index, indexFile.string());
    const Family family = readFamily(reader);
    checkComponents(folder, index, family);
    // Prompts are embedded once, before the first round: not worth a GPU's memory.
    const at::Device textDevice = device.is_meta() ? device : at::Device(at::kCPU);
    UNet unet = UNet::load(unetFolder, dtype, device, change);
    checkGuidance(folder.string(), family, unet.config());
    Pipeline pipeline{.folder = folder,
                      .kind = unet.config().timeCondProjDim ? PipelineKind::Consistency : PipelineKind::Diffusion,
                      .scheduler = SchedulerConfig::load(folder),
                      .tokenizer = data::Tokenizer::load(folder / "tokenizer"),
                      .textEncoder = ClipText::load(folder / "text_encoder", at::kFloat, textDevice),
                      .second = loadSecond(folder, family, textDevice),
                      .zerosForNoPrompt = family == Family::Xl && reader.boolean("force_zeros_for_empty_prompt", true),
                      .unet = std::move(unet),
                      .vae = Vae::load(folder / "vae", vaeDtype(folder / "vae", family, dtype), device)};
    checkScheduler(pipeline);
    checkTogether(pipeline);
    return pipeline;
}

PromptEmbeddings PromptEmbeddings::select(const at::Tensor& index) const {
    return {context.index_select(0, index), pooled.defined() ? pooled.index_select(0, index) : pooled};
}

PromptEmbeddings PromptEmbeddings::narrow(std::int64_t first, std::int64_t count) const {
    return {context.narrow(0, first, count), pooled.defined() ? pooled.narrow(0, first, count) : pooled};
}

PromptEmbeddings PromptEmbeddings::expand(std::int64_t rows) const {
    return {context.expand({rows, -1, -1}), pooled.defined() ? pooled.expand({rows, -1}) : pooled};
}

PromptEmbeddings PromptEmbeddings::to(at::Device device) const {
    return {context.to(device), pooled.defined() ? pooled.to(device) : pooled};
}

PromptEmbeddings PromptEmbeddings::cat(const std::vector<PromptEmbeddings>& parts) {
    std::vector<at::Tensor> contexts, pooled;
    for (const PromptEmbeddings& part : parts) {
        contexts.push_back(part.context);
        if (part.pooled.defined()) {
            pooled.push_back(part.pooled);
        }
    }
    return {at::cat(contexts), pooled.empty() ? at::Tensor() : at::cat(pooled)};
}

std::string describeTooLong(const Pipeline& pipeline, const std::vector<std::string>& prompts) {
    constexpr std::size_t kShown = 80;
    const std::int64_t length = textLength(pipeline.tokenizer, pipeline.textEncoder);
    const auto isTooLong = [&](const std::string& prompt) {
        return static_cast<std::int64_t>(pipeline.tokenizer.encode(prompt).size()) > length ||
               (pipeline.second && static_cast<std::int64_t>(pipeline.second->tokenizer.encode(prompt).size()) > length);
    };
    const auto first = std::find_if(prompts.begin(), prompts.end(), isTooLong);
    if (first == prompts.end()) {
        return "";
    }
    const auto count = std::count_if(first, prompts.end(), isTooLong);
    return std::to_string(count) + (count == 1 ? " prompt is" : " prompts are") + " longer than the " + std::to_string(length) +
           " tokens that the model reads (start and end counted); what comes later has no effect: \"" +
           (first->size() > kShown ? shortened(*first, kShown) + "..." : *first) + "\"" + (count == 1 ? "" : " and others");
}

PromptEmbeddings encodePrompts(const Pipeline& pipeline, const std::vector<std::string>& prompts) {
    const at::NoGradGuard noGrad;
    const TextOutput first = pipeline.textEncoder.forward(tokenIds(pipeline.tokenizer, pipeline.textEncoder, prompts));
    if (!pipeline.second) {
        return {first.lastHidden, {}};
    }
    const auto& [tokenizer, encoder] = *pipeline.second;
    const TextOutput second = encoder.forward(tokenIds(tokenizer, encoder, prompts));
    return {at::cat({lastButOne(first), lastButOne(second)}, 2), second.embeds};
}

PromptEmbeddings encodeNoPrompt(const Pipeline& pipeline) {
    const PromptEmbeddings empty = encodePrompts(pipeline, {""});
    if (!pipeline.zerosForNoPrompt) {
        return empty;
    }
    return {at::zeros_like(empty.context), at::zeros_like(empty.pooled)};
}

}  // namespace rlcm::models
