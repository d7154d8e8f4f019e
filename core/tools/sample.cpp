#include "core/tools/sample.h"

#include <cmath>
#include <numeric>
#include <stop_token>
#include <utility>

#include "core/base/error.h"
#include "core/data/safetensors.h"
#include "core/models/lora_weights.h"
#include "core/nn/merged_projection.h"
#include "core/run/run.h"
#include "core/sampling/arithmetic.h"
#include "core/sampling/sampler.h"
#include "core/tensor/device.h"
#include "core/tensor/torch.h"

namespace rlcm::tools {
namespace {

/// The policy of a plain sampler: the scheduler of the model decides, and no noise is added at the last step, as in the stock pipelines.
std::unique_ptr<diffusion::Policy> makePolicy(const SampleRequest& request, const models::SchedulerConfig& scheduler, at::Device device) {
    const diffusion::NoiseSchedule schedule(scheduler.trainSteps, scheduler.betaStart, scheduler.betaEnd);
    if (scheduler.isLcm()) {
        return diffusion::makeLcmPolicy(
            schedule,
            {.steps = request.steps,
             .rule = request.timestepRule == run::TimestepRule::Rlcm ? diffusion::TimestepRule::Rlcm : diffusion::TimestepRule::Diffusers,
             .lastStep = diffusion::LastStep::Deterministic,
             .originalSteps = scheduler.originalInferenceSteps,
             .timestepScaling = scheduler.timestepScaling},
            device);
    }
    diffusion::DdimOptions options = sampling::ddimOptions(scheduler, request.steps, request.eta);
    options.endsClean = scheduler.endsClean;
    return diffusion::makeDdimPolicy(schedule, options, device);
}

/// Initial noise [N,4,h,w] and, when the file has it, step noise [N,H,4,h,w].
struct GivenNoise {
    at::Tensor initial, steps;
};

GivenNoise readNoise(const SampleRequest& request, const std::vector<std::int64_t>& shape) {
    const data::SafetensorsFile file(request.latents);
    if (!file.contains("latents")) {
        throw Error(ErrorKind::Format, request.latents.string() + " holds no tensor \"latents\" [N,4,h,w]");
    }
    GivenNoise noise;
    noise.initial = file.tensor("latents").to(at::kFloat);
    std::vector<std::int64_t> wanted{static_cast<std::int64_t>(request.prompts.size())};
    wanted.insert(wanted.end(), shape.begin(), shape.end());
    if (noise.initial.dim() != 4 || noise.initial.size(0) != wanted[0] || noise.initial.size(1) != wanted[1]) {
        throw Error(ErrorKind::Shape, request.latents.string() + ": latents has shape " + c10::str(noise.initial.sizes()) + ", one row for each of " +
                                          std::to_string(wanted[0]) + " prompts with " + std::to_string(wanted[1]) + " channels is needed");
    }
    if (file.contains("noise")) {
        noise.steps = file.tensor("noise").to(at::kFloat);
        if (noise.steps.dim() != 5 || noise.steps.size(0) != wanted[0] || noise.steps.size(1) < request.steps ||
            noise.steps.sizes().slice(2) != noise.initial.sizes().slice(1)) {
            throw Error(ErrorKind::Shape,
                        request.latents.string() + ": noise must have shape [N," + std::to_string(request.steps) + ",4,h,w] with the sizes of latents");
        }
    }
    return noise;
}

/// The noise of a file, or drawn from the seed; that of the steps too where the file has none.
sampling::Noise noiseFor(const SampleRequest& request, const sampling::Sampler& sampler) {
    sampling::NoiseKey key{.streams = RandomStreams(request.seed), .samples = std::vector<std::uint64_t>(request.prompts.size())};
    std::iota(key.samples.begin(), key.samples.end(), std::uint64_t{0});
    const at::Device device = sampler.device();
    if (request.latents.empty()) {
        return sampling::makeNoise(std::move(key), sampler.latentShape(), device);
    }
    const GivenNoise given = readNoise(request, sampler.latentShape());
    sampling::Noise noise = sampling::makeNoise(std::move(key), given.initial.sizes().slice(1).vec(), device);
    noise.initial = given.initial.to(device);
    if (given.steps.defined()) {
        noise.atStep = [steps = given.steps, device](std::int64_t step) { return steps.select(1, step).to(device); };
    }
    return noise;
}

/// What the LoRA that is asked for changes in the network of `folder`; `about` gets its description.
models::LoraChange changeFor(const SampleRequest& request, const std::filesystem::path& folder, std::string& about) {
    if (request.lora.empty()) {
        return {};
    }
    if (!std::isfinite(request.loraScale)) {
        throw Error(ErrorKind::Config, "the scale of a LoRA must be a finite number; 1 is its full strength, 0 none");
    }
    const models::LoraReadOptions options{.alpha = request.loraAlpha, .injectedAlpha = {}};
    models::Lora lora = models::readLoraFor(request.lora, models::unetFolderOf(folder), options);
    about = lora.describe();
    return {std::move(lora.modules), request.loraScale};
}

}  // namespace

SampleResult sampleImages(const SampleRequest& request) {
    if (request.prompts.empty()) {
        throw Error(ErrorKind::Config, "no prompt was given; use --prompt TEXT");
    }
    const sampling::Stopwatch loading;
    const at::Device device = tensor::parseDevice(request.device);
    const std::filesystem::path folder = models::findModel(request.model);
    run::RunConfig config;
    config.model.path = request.model;
    config.compute = {.device = request.device, .dtype = request.dtype, .threads = request.threads};
    config.compute.dtype = sampling::decidedDtype(config);
    sampling::requireDtype(config.compute.dtype, device);
    SampleResult result;
    result.dtype = config.compute.dtype;
    const models::Pipeline pipeline =
        models::loadPipeline(folder, tensor::parseDtype(toString(config.compute.dtype)), device, changeFor(request, folder, result.loraText));
    tensor::setIntraOpThreads(sampling::threadCount(config));
    const sampling::Sampler sampler(pipeline, makePolicy(request, pipeline.scheduler, device), request.guidance, device);
    const sampling::PromptTable prompts = sampling::makePromptTable(pipeline, request.prompts, device);
    result.promptText = prompts.tooLong;
    const std::vector<nn::MergedProjection> projections = nn::withoutLora(pipeline.network->projections());
    sampling::Batch batch{.prompts = std::vector<std::int64_t>(request.prompts.size()), .noise = noiseFor(request, sampler), .projections = projections};
    std::iota(batch.prompts.begin(), batch.prompts.end(), std::int64_t{0});
    result.secondsLoad = loading.seconds();

    run::RunCommands commands;
    sampling::Gate gate(std::stop_token{}, commands);
    sampling::Drawn drawn = sampler.draw(prompts, batch, gate);
    result.images = std::move(drawn.images);
    result.secondsSample = drawn.sampleSeconds;
    result.secondsDecode = drawn.decodeSeconds;
    return result;
}

}  // namespace rlcm::tools
