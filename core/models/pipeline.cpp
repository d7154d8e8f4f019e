#include "core/models/pipeline.h"

#include <utility>

#include "core/base/file_error.h"
#include "core/models/clip_prompts.h"
#include "core/models/component.h"
#include "core/run/model_registry.h"
#include "core/shapes/config_reader.h"
#include "core/tensor/torch.h"

namespace rlcm::models {
namespace {

constexpr const char* kModelIndex = "model_index.json";

/// The pipelines we know, by _class_name.
enum class Family { Consistency, Diffusion, Xl };

Family readFamily(const shapes::ConfigReader& index) {
    const std::string name = index.text("_class_name", "");
    for (const auto& [known, family] : {std::pair("LatentConsistencyModelPipeline", Family::Consistency),
                                        std::pair("StableDiffusionPipeline", Family::Diffusion), std::pair("StableDiffusionXLPipeline", Family::Xl)}) {
        if (name == known) {
            return family;
        }
    }
    index.refuseUnsupported("_class_name", "only LatentConsistencyModelPipeline, StableDiffusionPipeline and StableDiffusionXLPipeline are supported");
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
            throw FileError(ErrorKind::Io, FileFault::Incomplete,
                            folder.string() + ": the component \"" + component + "\" is missing" +
                                (isAbsent ? " in model_index.json" : "; there is no folder of that name"));
        }
    }
}

void checkGuidance(const std::string& where, Family family, const NetworkDims& network) {
    const bool hasGuidance = network.guidanceWidth > 0;
    if (family == Family::Consistency && !hasGuidance) {
        throw Error(ErrorKind::Format,
                    where +
                        ": a LatentConsistencyModelPipeline wants a UNet with a guidance embedding, but unet/config.json has no "
                        "time_cond_proj_dim: this is a plain diffusion UNet, which gives noise when sampled in a few steps",
                    {.advice = kMixedUNetAdvice});
    }
    if (family == Family::Diffusion && hasGuidance) {
        throw Error(ErrorKind::Format,
                    where +
                        ": the UNet has a guidance embedding (time_cond_proj_dim), so it is a consistency model, but model_index.json "
                        "says StableDiffusionPipeline; use LatentConsistencyModelPipeline",
                    {.advice = kMixedUNetAdvice});
    }
    if ((network.pooledWidth > 0) != (family == Family::Xl)) {
        throw Error(ErrorKind::Format,
                    where + (family == Family::Xl
                                 ? ": a StableDiffusionXLPipeline wants a UNet that takes pooled text and sizes, but unet/config.json has no "
                                   "addition_embed_type \"text_time\""
                                 : ": the UNet takes pooled text and sizes (addition_embed_type \"text_time\"), which only a StableDiffusionXLPipeline "
                                   "has; the UNet or model_index.json comes from another model"));
    }
}

/// A UNet with a guidance embedding knows no other rule; the reverse, a plain UNet that was distilled, there is.
void checkScheduler(const Pipeline& pipeline) {
    if (pipeline.kind == PipelineKind::Consistency && !pipeline.scheduler.isLcm()) {
        throw Error(ErrorKind::Format,
                    (pipeline.folder / "scheduler/scheduler_config.json").string() + ": the scheduler is " + pipeline.scheduler.className +
                        ", but the UNet is a consistency model (time_cond_proj_dim in unet/config.json), which is sampled with LCMScheduler; "
                        "write that class there and in model_index.json",
                    {.advice = kSchedulerClassAdvice});
    }
}

/// The parts fit each other.
void checkTogether(const Pipeline& pipeline) {
    const std::string where = pipeline.folder.string();
    const NetworkDims& network = pipeline.network->dims();
    const TextEncoder& text = *pipeline.text;
    if (text.pooledWidth() != network.pooledWidth) {
        throw FileError(ErrorKind::Format, FileFault::Mixed,
                        where + ": text_encoder_2 gives pooled vectors of " + std::to_string(text.pooledWidth()) +
                            " numbers (projection_dim), the UNet wants " + std::to_string(network.pooledWidth) + "; the parts come from different models");
    }
    if (text.contextWidth() != network.contextWidth) {
        throw FileError(ErrorKind::Format, FileFault::Mixed,
                        where + ": the text encoder" + (text.pooledWidth() > 0 ? "s together give" : " gives") + " vectors of " +
                            std::to_string(text.contextWidth()) + " numbers, the UNet wants " + std::to_string(network.contextWidth) +
                            "; the parts come from different models");
    }
    const std::int64_t latents = pipeline.vae.config().latentChannels;
    if (latents != network.latent.channels || latents != network.outChannels) {
        throw Error(ErrorKind::Format, where + ": the VAE has " + std::to_string(latents) + " latent channels, the UNet " +
                                           std::to_string(network.latent.channels) + " in and " + std::to_string(network.outChannels) + " out");
    }
}

/// The SDXL autoencoder overflows in fp16; the reference pipeline widens it too.
at::ScalarType vaeDtype(const std::filesystem::path& folder, Family family, at::ScalarType dtype) {
    if (family != Family::Xl || dtype != at::kHalf) {
        return dtype;
    }
    return shapes::VaeShape::fromJson(readConfig(folder), (folder / "config.json").string()).forceUpcast ? at::kFloat : dtype;
}

}  // namespace

std::filesystem::path findModel(std::string_view nameOrFolder) {
    return run::modelFolder(nameOrFolder);
}

std::filesystem::path unetFolderOf(const std::filesystem::path& folder) {
    if (!std::filesystem::exists(folder / kModelIndex)) {
        throw Error(ErrorKind::Io, folder.string() +
                                       ": there is no model_index.json; a model folder in the diffusers layout is wanted "
                                       "(single .safetensors or .ckpt files can be converted with diffusers: from_single_file, then save_pretrained)");
    }
    return folder / "unet";
}

Pipeline loadPipeline(const std::filesystem::path& folder, at::ScalarType dtype, at::Device device, const LoraChange& change) {
    const std::filesystem::path unetFolder = unetFolderOf(folder), indexFile = folder / kModelIndex;
    const Json index = readPythonJsonFile(indexFile);
    const shapes::ConfigReader reader(index, indexFile.string());
    const Family family = readFamily(reader);
    checkComponents(folder, index, family);
    // Prompts are embedded once, before the first round: not worth a GPU's memory.
    const at::Device textDevice = device.is_meta() ? device : at::Device(at::kCPU);
    std::unique_ptr<Network> network = loadNetwork(unetFolder, dtype, device, change);
    checkGuidance(folder.string(), family, network->dims());
    const ClipPromptsOptions text{.hasSecond = family == Family::Xl,
                                  .zerosForNothing = family == Family::Xl && reader.boolean("force_zeros_for_empty_prompt", true)};
    Pipeline pipeline{.folder = folder,
                      .kind = network->dims().guidanceWidth > 0 ? PipelineKind::Consistency : PipelineKind::Diffusion,
                      .scheduler = SchedulerConfig::load(folder),
                      .text = loadClipPrompts(folder, text, textDevice),
                      .network = std::move(network),
                      .vae = Vae::load(folder / "vae", vaeDtype(folder / "vae", family, dtype), device)};
    checkScheduler(pipeline);
    checkTogether(pipeline);
    return pipeline;
}

}  // namespace rlcm::models
