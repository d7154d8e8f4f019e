#include "core/sampling/setup.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/machine.h"
#include "core/tensor/device.h"
#include "core/tensor/torch.h"

namespace rlcm::sampling {
namespace {

constexpr std::size_t kTextBatch = 64;
constexpr std::int64_t kPromptKeyTokens = 50;  // RLCM and ddpo-pytorch decode this many tokens back to text

}  // namespace

int threadCount(const run::RunConfig& config) {
    if (config.compute.threads > 0) {
        return static_cast<int>(config.compute.threads);
    }
    return usableCores();
}

void requireDtype(run::Dtype dtype, at::Device device) {
    if (dtype == run::Dtype::Auto) {
        throw Error(ErrorKind::Config, "the dtype is auto, but what is compared here has one: use fp32, bf16 or fp16");
    }
    if (dtype == run::Dtype::Fp16 && device.is_cpu()) {
        throw Error(ErrorKind::Config,
                    "the dtype (compute.dtype) is fp16, which needs a GPU, but the device is the CPU; use bf16, which takes as little memory, or fp32");
    }
}

models::Pipeline loadModel(const run::RunConfig& config, const models::LoraModules& kept) {
    const at::Device device = tensor::parseDevice(config.compute.device);
    requireDtype(config.compute.dtype, device);
    models::Pipeline pipeline = models::loadPipeline(models::findModel(config.model.path), tensor::parseDtype(toString(config.compute.dtype)), device, {kept});
    const bool wantsConsistency = config.algorithm.method == run::Method::Rlcm;
    if (wantsConsistency && pipeline.kind != models::PipelineKind::Consistency) {
        throw Error(ErrorKind::Config, "model.path: RLCM needs a consistency model (a UNet with time_cond_proj_dim); " + pipeline.folder.string() +
                                           " is a diffusion model. Use algorithm.method ddpo, or a consistency model as emoji-lcm");
    }
    if (!wantsConsistency && pipeline.kind != models::PipelineKind::Diffusion) {
        throw Error(ErrorKind::Config, "model.path: DDPO needs an ordinary diffusion model; " + pipeline.folder.string() +
                                           " is a consistency model. Use algorithm.method rlcm, or a diffusion model as emoji-sd");
    }
    if (!wantsConsistency && pipeline.scheduler.isLcm()) {
        throw Error(ErrorKind::Config, "model.path: DDPO trains with DDIM, but the scheduler of " + pipeline.folder.string() +
                                           " is LCMScheduler: the model was distilled to skip steps. Use the model that it was made from, as emoji-sd");
    }
    return pipeline;
}

diffusion::DdimOptions ddimOptions(const models::SchedulerConfig& scheduler, std::int64_t steps, double eta) {
    using diffusion::TimestepSpacing;
    const auto spacing = scheduler.spacing == models::Spacing::Leading    ? TimestepSpacing::Leading
                         : scheduler.spacing == models::Spacing::Linspace ? TimestepSpacing::Linspace
                                                                          : TimestepSpacing::Trailing;
    return {.steps = steps, .eta = eta, .stepsOffset = scheduler.stepsOffset, .spacing = spacing};
}

std::unique_ptr<diffusion::Policy> makePolicy(const run::RunConfig& config, const models::Pipeline& pipeline, at::Device device) {
    const auto& scheduler = pipeline.scheduler;
    const diffusion::NoiseSchedule schedule(scheduler.trainSteps, scheduler.betaStart, scheduler.betaEnd);
    const auto& sampling = config.sampling;
    if (config.algorithm.method == run::Method::Ddpo) {
        return diffusion::makeDdimPolicy(schedule, ddimOptions(scheduler, sampling.steps, sampling.eta), device);
    }
    return diffusion::makeLcmPolicy(
        schedule,
        {.steps = sampling.steps,
         .rule = sampling.timestepRule == run::TimestepRule::Rlcm ? diffusion::TimestepRule::Rlcm : diffusion::TimestepRule::Diffusers,
         .lastStep = sampling.lastStep == run::LastStep::Faithful ? diffusion::LastStep::Faithful : diffusion::LastStep::Deterministic,
         .originalSteps = scheduler.originalInferenceSteps,
         .timestepScaling = scheduler.timestepScaling},
        device);
}

void requireTrainable(const run::RunConfig& config, const diffusion::Policy& policy, at::Device device) {
    const at::Tensor latent = at::zeros({1, 1, 1, 1}, at::TensorOptions(device).dtype(at::kFloat));
    for (std::int64_t step = 0; step < trainableSteps(config, policy); ++step) {
        const at::Tensor std = policy.transition(at::full({1}, step, at::TensorOptions(device).dtype(at::kLong)), latent, latent).std;
        if (!(std.item<double>() > 0.0)) {
            throw Error(ErrorKind::Config,
                        "step " + std::to_string(step + 1) + " of " + std::to_string(policy.steps()) + " (timestep " +
                            std::to_string(policy.timesteps()[static_cast<std::size_t>(step)]) +
                            ") adds no noise, so its log-probability is not finite and it cannot be trained; leave it out with training.skip_last_steps " +
                            std::to_string(policy.stochasticSteps() - step) +
                            ", or write \"steps_offset\": 1 in scheduler/scheduler_config.json, as the models of Stable Diffusion have it");
        }
    }
}

std::int64_t trainableSteps(const run::RunConfig& config, const diffusion::Policy& policy) {
    if (config.training.objective == run::Objective::RewardGradient) {
        return 0;
    }
    return std::max<std::int64_t>(1, policy.stochasticSteps() - config.training.skipLastSteps);
}

PromptTable makePromptTable(const models::Pipeline& pipeline, std::vector<std::string> texts, at::Device device) {
    PromptTable table;
    table.texts = std::move(texts);
    std::vector<models::PromptEmbeddings> parts;
    for (std::size_t begin = 0; begin < table.texts.size(); begin += kTextBatch) {
        const std::size_t end = std::min(begin + kTextBatch, table.texts.size());
        parts.push_back(
            pipeline.text->encode({table.texts.begin() + static_cast<std::ptrdiff_t>(begin), table.texts.begin() + static_cast<std::ptrdiff_t>(end)}));
    }
    table.embeddings = models::PromptEmbeddings::cat(parts).to(device);
    table.none = pipeline.text->encodeNothing().to(device);
    for (const std::string& text : table.texts) {
        table.keys.push_back(pipeline.text->promptKey(text, kPromptKeyTokens));
    }
    table.tooLong = pipeline.text->describeTooLong(table.texts);
    return table;
}

}  // namespace rlcm::sampling
