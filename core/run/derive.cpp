#include "core/run/derive.h"

#include "core/run/field_table.h"

namespace rlcm::run {
namespace {

/// What a model needs on disk; known for the bundled models, a Stable Diffusion 1.5 shape assumed for others.
struct DiskShape {
    double bytesPerImage;     ///< PNG
    double loraBytesPerRank;  ///< fp32 weights
};

DiskShape diskShape(const RunConfig& config) {
    const bool isBundled = config.model.path.starts_with("emoji-");
    return isBundled ? DiskShape{8e3, 6848 * 4.0} : DiskShape{7e5, 199296 * 4.0};
}

constexpr double kHintMultiplications = 2.24e8;  // of emoji-lcm's UNet
constexpr double kHintPixels = 64.0 * 64.0, kHintVaeWidth = 32.0;
/// 28.8 GPU hours for 25.4 thousand images of 768 pixels with 8 steps (published, A100): per multiplication of a row, sampled or trained.
constexpr double kGpuSecondsPerMultiplication = 2.4e-13;
constexpr double kGpuSecondsPerImage = 0.1;

/// The hint for another model or device.
SpeedHint scaled(const RunConfig& config, const SpeedHint& speed) {
    const auto model = findModelShape(config.model.path);
    if (!model || config.model.path.starts_with("emoji-")) {
        return speed;
    }
    const double work = model->unet.multiplications();
    if (!runsOnCpu(config)) {
        return {work * kGpuSecondsPerMultiplication, kGpuSecondsPerImage};
    }
    const double width = static_cast<double>(model->vae.blockOutChannels.front()) / kHintVaeWidth;
    const double pixels = static_cast<double>(model->pixels()) / kHintPixels;
    return {speed.secondsPerDenoiserEvaluation * work / kHintMultiplications, speed.secondsPerImage * pixels * width * width};
}

}  // namespace

std::int64_t rowsPerStep(const RunConfig& config) {
    return config.algorithm.method == Method::Ddpo && config.sampling.guidance != 1.0 ? 2 : 1;
}

std::int64_t stochasticSteps(const RunConfig& config) {
    const bool hasFixedLast = config.algorithm.method == Method::Rlcm && config.sampling.lastStep == LastStep::Deterministic;
    return config.sampling.steps - (hasFixedLast ? 1 : 0);
}

Needs needsOf(const TrainingConfig&) {
    return {};  // the clipped loss asks for log-probabilities only
}

std::int64_t nominalRowsPerImage(const RunConfig& config, const Needs& needs) {
    const std::int64_t trainedSteps = stochasticSteps(config) - config.training.skipLastSteps;
    return (config.sampling.steps + trainedSteps * config.training.innerEpochs * needs.forwards()) * rowsPerStep(config);
}

bool isEvaluationDue(const RunConfig& config, std::int64_t epochsFinished) {
    return epochsFinished % config.evaluation.every == 0 || epochsFinished == config.training.epochs;
}

Derived derive(const RunConfig& config) {
    requireValid(config);
    const TrainingConfig& training = config.training;
    const EvaluationConfig& evaluation = config.evaluation;
    Derived d;
    d.imagesPerUpdate = training.imagesPerRound / training.updatesPerRound;
    d.imagesPerEpoch = training.imagesPerRound * training.roundsPerEpoch;
    d.updatesPerEpoch = training.roundsPerEpoch * training.updatesPerRound * training.innerEpochs;
    d.trainedSteps = stochasticSteps(config) - training.skipLastSteps;
    d.evaluationImages = (evaluation.trainPrompts + evaluation.heldOutPrompts) * evaluation.seedsPerPrompt;
    const bool hasExtraEnd = training.epochs % evaluation.every != 0;
    d.evaluations = 1 + training.epochs / evaluation.every + (hasExtraEnd ? 1 : 0);
    d.imagesTotal = d.imagesPerEpoch * training.epochs;
    d.rewardQueriesTotal = d.imagesTotal;
    d.evaluationQueriesTotal = d.evaluations * d.evaluationImages;
    d.nominalDenoiserEvaluationsTotal = d.imagesTotal * nominalRowsPerImage(config, needsOf(training));
    d.optimizerStepsTotal = d.updatesPerEpoch * training.epochs;
    return d;
}

Estimate estimate(const RunConfig& config, const SpeedHint& measured) {
    Estimate result;
    const SpeedHint speed = scaled(config, measured);
    result.memory = estimateMemory(config);
    result.derived = derive(config);
    const Derived& d = result.derived;
    const std::int64_t evaluationRows = d.evaluationQueriesTotal * config.sampling.steps * rowsPerStep(config);
    result.seconds = static_cast<double>(d.nominalDenoiserEvaluationsTotal + evaluationRows) * speed.secondsPerDenoiserEvaluation +
                     static_cast<double>(d.rewardQueriesTotal + d.evaluationQueriesTotal) * speed.secondsPerImage;
    const DiskShape shape = diskShape(config);
    // A checkpoint holds the LoRA and Adam's two moments.
    const double checkpoint = 3.0 * static_cast<double>(config.lora.rank) * shape.loraBytesPerRank;
    result.diskBytes = static_cast<std::int64_t>(static_cast<double>(d.evaluationQueriesTotal) * shape.bytesPerImage +
                                                 static_cast<double>(config.checkpoint.keep + 1) * checkpoint);
    return result;
}

std::string defaultName(const RunConfig& config) {
    const char* letter = config.algorithm.method == Method::Ddpo ? " T" : " H";
    return std::string(toString(config.algorithm.method)) + letter + std::to_string(config.sampling.steps) + ' ' + config.reward.terms + " s" +
           std::to_string(config.seed);
}

}  // namespace rlcm::run
