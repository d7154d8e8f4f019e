#include "core/models/pipeline.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/models/config_reader.h"
#include "core/tensor/torch.h"

namespace rlcm::models {
namespace {

PipelineKind readKind(const Json& index, const std::string& where) {
    const ConfigReader reader(index, where);
    const std::string name = reader.text("_class_name", "");
    if (name == "LatentConsistencyModelPipeline") {
        return PipelineKind::Consistency;
    }
    if (name != "StableDiffusionPipeline") {
        reader.refuse("_class_name", "only LatentConsistencyModelPipeline and StableDiffusionPipeline are supported");
    }
    return PipelineKind::Diffusion;
}

/// Names a component that the index leaves out or that is not on the disk.
void checkComponents(const std::filesystem::path& folder, const Json& index) {
    for (const char* component : {"scheduler", "tokenizer", "text_encoder", "unet", "vae"}) {
        const auto entry = index.find(component);
        const bool isAbsent = entry == index.end() || !entry->is_array() || entry->empty() || entry->front().is_null();
        if (isAbsent || !std::filesystem::is_directory(folder / component)) {
            throw Error(ErrorKind::Io, folder.string() + ": the component \"" + component + "\" is missing" +
                                           (isAbsent ? " in model_index.json" : "; there is no folder of that name"));
        }
    }
}

/// The parts fit each other.
void checkTogether(const Pipeline& pipeline) {
    const std::string where = pipeline.folder.string();
    const bool hasGuidance = pipeline.unet.config().timeCondProjDim.has_value();
    if (pipeline.kind == PipelineKind::Consistency && !hasGuidance) {
        throw Error(ErrorKind::Format, where + ": a LatentConsistencyModelPipeline wants a UNet with a guidance embedding, but unet/config.json has no "
                                           "time_cond_proj_dim: this is a plain diffusion UNet, which gives noise when sampled in a few steps");
    }
    if (pipeline.kind == PipelineKind::Diffusion && hasGuidance) {
        throw Error(ErrorKind::Format, where + ": the UNet has a guidance embedding (time_cond_proj_dim), so it is a consistency model, but model_index.json "
                                           "says StableDiffusionPipeline; use LatentConsistencyModelPipeline");
    }
    const std::int64_t textWidth = pipeline.textEncoder.config().hidden, wanted = pipeline.unet.config().crossAttentionDim;
    if (textWidth != wanted) {
        throw Error(ErrorKind::Format, where + ": the text encoder gives vectors of " + std::to_string(textWidth) + " numbers, the UNet wants " +
                                           std::to_string(wanted) + "; the parts come from different models");
    }
    const std::int64_t latents = pipeline.vae.config().latentChannels;
    if (latents != pipeline.unet.config().inChannels || latents != pipeline.unet.config().outChannels) {
        throw Error(ErrorKind::Format, where + ": the VAE has " + std::to_string(latents) + " latent channels, the UNet " +
                                           std::to_string(pipeline.unet.config().inChannels) + " in and " + std::to_string(pipeline.unet.config().outChannels) + " out");
    }
}

std::vector<std::string> bundledModels(const std::filesystem::path& root) {
    std::vector<std::string> names;
    std::error_code failure;
    for (const auto& entry : std::filesystem::directory_iterator(root, failure)) {
        if (entry.is_directory()) {
            names.push_back(entry.path().filename().string());
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace

SchedulerConfig SchedulerConfig::fromJson(const Json& json, std::string_view where) {
    const ConfigReader reader(json, where);
    SchedulerConfig config;
    config.className = reader.text("_class_name", "");
    if (!config.className.ends_with("Scheduler")) {
        reader.refuse("_class_name", "the name of a scheduler is wanted");
    }
    // The class defaults differ: LCM's are those of Stable Diffusion, the others' are the original paper's.
    const bool isLcm = config.className == "LCMScheduler";
    config.trainSteps = reader.integer("num_train_timesteps", 1000, 2, 1'000'000);
    config.betaStart = reader.number("beta_start", isLcm ? 0.00085 : 0.0001);
    config.betaEnd = reader.number("beta_end", isLcm ? 0.012 : 0.02);
    config.stepsOffset = reader.integer("steps_offset", 0, 0, config.trainSteps);
    config.originalInferenceSteps = reader.integer("original_inference_steps", 50, 1, config.trainSteps);
    config.timestepScaling = reader.number("timestep_scaling", 10.0);
    if (config.betaStart <= 0.0 || config.betaStart >= 1.0) {
        reader.refuse("beta_start", "a number between 0 and 1 is wanted");
    }
    if (config.betaEnd <= 0.0 || config.betaEnd >= 1.0) {
        reader.refuse("beta_end", "a number between 0 and 1 is wanted");
    }
    reader.only("beta_schedule", {"scaled_linear"});
    if (!isLcm && !reader.has("beta_schedule")) {
        reader.refuse("beta_schedule", "without it the schedule is linear, and only scaled_linear is supported");
    }
    reader.only("prediction_type", {"epsilon"});
    reader.only("trained_betas", {});
    reader.only("rescale_betas_zero_snr", {false});
    reader.only("thresholding", {false});
    reader.only("clip_sample", {false});
    if (!isLcm) {
        reader.only("timestep_spacing", {"leading"});
    }
    return config;
}

std::filesystem::path findModel(std::string_view nameOrFolder) {
    std::string_view name = nameOrFolder;
    while (name.size() > 1 && name.ends_with('/')) {
        name.remove_suffix(1);
    }
    const std::filesystem::path root = resourceFolder() / "models";
    const std::vector<std::string> bundled = bundledModels(root);
    if (std::find(bundled.begin(), bundled.end(), name) != bundled.end()) {
        return root / name;
    }
    std::error_code failure;
    if (!name.empty() && std::filesystem::is_directory(std::filesystem::path(name), failure)) {
        return std::filesystem::path(name);
    }
    const std::string nearest = nearestName(name, bundled);
    std::string list;
    for (const std::string& known : bundled) {
        list += (list.empty() ? "" : ", ") + known;
    }
    throw Error(ErrorKind::Config, "model \"" + std::string(nameOrFolder) + "\" is neither a bundled model nor a folder" +
                                       (nearest.empty() ? "" : "; did you mean " + nearest + "?") + " Bundled: " + (list.empty() ? "none" : list));
}

Pipeline loadPipeline(const std::filesystem::path& folder, at::ScalarType dtype, at::Device device) {
    const std::filesystem::path indexFile = folder / "model_index.json";
    if (!std::filesystem::exists(indexFile)) {
        throw Error(ErrorKind::Io, folder.string() + ": there is no model_index.json; a model folder in the diffusers layout is wanted "
                                       "(single .safetensors or .ckpt files can be converted with diffusers: from_single_file, then save_pretrained)");
    }
    const Json index = readJsonFile(indexFile);
    const PipelineKind kind = readKind(index, indexFile.string());
    checkComponents(folder, index);
    const std::filesystem::path schedulerFile = folder / "scheduler" / "scheduler_config.json";
    Pipeline pipeline{folder, kind, SchedulerConfig::fromJson(readJsonFile(schedulerFile), schedulerFile.string()),
                      data::Tokenizer::load(folder / "tokenizer"), ClipText::load(folder / "text_encoder", at::kFloat, device),
                      UNet::load(folder / "unet", dtype, device), Vae::load(folder / "vae", dtype, device)};
    checkTogether(pipeline);
    return pipeline;
}

at::Tensor encodePrompts(const Pipeline& pipeline, const std::vector<std::string>& prompts) {
    const at::NoGradGuard noGrad;
    const std::int64_t length = std::min(pipeline.tokenizer.maxLength(), pipeline.textEncoder.config().positions);
    std::vector<at::Tensor> rows;
    for (const std::string& prompt : prompts) {
        rows.push_back(at::tensor(pipeline.tokenizer.encodePadded(prompt, length), at::kLong));
    }
    return pipeline.textEncoder.forward(at::stack(rows)).lastHidden;
}

}  // namespace rlcm::models
