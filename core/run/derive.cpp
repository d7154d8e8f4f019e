#include "core/run/derive.h"

#include <algorithm>
#include <charconv>

#include "core/base/error.h"
#include "core/run/checkpoint_folders.h"
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

struct Speed {
    double secondsPerDenoiserEvaluation, secondsPerImage;  ///< of an image: decode, reward and store
};
/// Decoding with a graph, the reward's network, and both again on the way back; measured with the bundled models.
constexpr double kDecodingsOfAClimb = 2.0;
constexpr Speed kBundledSpeed{3e-3, 1e-2};  // the bundled models on two cores of a 2024 server

/// Other models on the CPU are scaled by their arithmetic.
Speed typicalSpeed(const RunConfig& config) {
    const auto model = findModelShape(config.model.path);
    if (!model || config.model.path.starts_with("emoji-")) {
        return kBundledSpeed;
    }
    const double work = model->unet.multiplications();
    if (!runsOnCpu(config)) {
        return {work * kGpuSecondsPerMultiplication, kGpuSecondsPerImage};
    }
    const double width = static_cast<double>(model->vae.blockOutChannels.front()) / kHintVaeWidth;
    const double pixels = static_cast<double>(model->pixels()) / kHintPixels;
    return {kBundledSpeed.secondsPerDenoiserEvaluation * work / kHintMultiplications, kBundledSpeed.secondsPerImage * pixels * width * width};
}

}  // namespace

std::int64_t rowsPerStep(const RunConfig& config) {
    return config.algorithm.method == Method::Ddpo && config.sampling.guidance != 1.0 ? 2 : 1;
}

std::int64_t stochasticSteps(const RunConfig& config) {
    const bool hasFixedLast = config.algorithm.method == Method::Rlcm && config.sampling.lastStep == LastStep::Deterministic;
    return config.sampling.steps - (hasFixedLast ? 1 : 0);
}

Needs needsOf(const TrainingConfig& training) {
    const bool isAlone = training.objective == Objective::RewardGradient, isStepwise = training.objective == Objective::Stepwise;
    return {.referenceForward = !isAlone && training.klWeight > 0,
            .decoderGraph = isAlone || training.rewardGradientWeight > 0 || training.rewardGradientRatio > 0,
            .oldMeans = training.objective == Objective::PolicyGradient && training.trustRegion == TrustRegion::DivergenceMask,
            .twins = training.objective == Objective::Rebel || isStepwise,
            .stepRewards = isStepwise};
}

std::int64_t trainableSteps(const RunConfig& config) {
    return config.training.objective == Objective::RewardGradient ? 0 : stochasticSteps(config) - config.training.skipLastSteps;
}

std::int64_t trainedSteps(const RunConfig& config) {
    const bool hasChoice = config.training.stepSelection != StepSelection::All && config.training.objective != Objective::RewardGradient;
    return !hasChoice ? trainableSteps(config) : config.training.selectedSteps;
}

std::int64_t nominalRowsPerImage(const RunConfig& config, const Needs& needs) {
    return (config.sampling.steps + needs.trainedRows(trainedSteps(config)) * config.training.innerEpochs) * rowsPerStep(config);
}

std::int64_t nominalRowsPerRound(const RunConfig& config, const Needs& needs) {
    const TrainingConfig& training = config.training;
    const std::int64_t images = training.imagesPerRound;
    // The first update of a round finds the policy that drew it, unless its rewards have come late.
    const std::int64_t unmoved = config.transform.kind == RewardTransform::Delayed ? 0 : images / training.updatesPerRound;
    const std::int64_t before = needs.twins ? (images * training.innerEpochs - unmoved) * trainedSteps(config) * rowsPerStep(config) : 0;
    return images * nominalRowsPerImage(config, needs) + before;
}

bool isEvaluationDue(const RunConfig& config, std::int64_t epochsFinished) {
    return epochsFinished % config.evaluation.every == 0 || epochsFinished == config.training.epochs;
}

std::vector<std::int64_t> evaluationSteps(const RunConfig& config) {
    const std::string& text = config.evaluation.steps;
    std::vector<std::int64_t> counts;
    for (std::size_t from = 0; from < text.size();) {
        const std::size_t end = std::min(text.find(',', from), text.size());
        std::int64_t count = 0;
        const auto [rest, problem] = std::from_chars(text.data() + from, text.data() + end, count);
        const bool isNew = std::find(counts.begin(), counts.end(), count) == counts.end();
        if (problem != std::errc() || rest != text.data() + end || count < 1 || !isNew || end + 1 == text.size()) {
            throw Error(ErrorKind::Config, "must be different step counts separated by commas, as 1,2,4,8,16, not \"" + text + '"',
                        {.setting = "evaluation.steps"});
        }
        counts.push_back(count);
        from = end + 1;
    }
    return counts;
}

std::int64_t stepsOfEvaluation(const RunConfig& config) {
    std::int64_t sum = config.sampling.steps * (config.training.emaDecay > 0 ? 2 : 1);
    for (const std::int64_t count : evaluationSteps(config)) {
        sum += count == config.sampling.steps ? 0 : count;
    }
    return sum;
}

Derived derive(const RunConfig& config) {
    requireValid(config);
    const TrainingConfig& training = config.training;
    const EvaluationConfig& evaluation = config.evaluation;
    Derived d;
    d.imagesPerUpdate = training.imagesPerRound / training.updatesPerRound;
    d.imagesPerEpoch = training.imagesPerRound * training.roundsPerEpoch;
    d.updatesPerEpoch = training.roundsPerEpoch * training.updatesPerRound * training.innerEpochs;
    d.trainedSteps = trainedSteps(config);
    d.evaluationImages = (evaluation.trainPrompts + evaluation.heldOutPrompts) * evaluation.seedsPerPrompt;
    const bool hasExtraEnd = training.epochs % evaluation.every != 0;
    d.evaluations = 1 + training.epochs / evaluation.every + (hasExtraEnd ? 1 : 0);
    d.imagesTotal = d.imagesPerEpoch * training.epochs;
    d.rewardQueriesTotal = d.imagesTotal * needsOf(training).queries(config.sampling.steps);
    const std::vector<std::int64_t> counts = evaluationSteps(config);
    const auto others = std::count_if(counts.begin(), counts.end(), [&](std::int64_t count) { return count != config.sampling.steps; });
    d.evaluationQueriesTotal = d.evaluations * d.evaluationImages * (1 + others + (training.emaDecay > 0 ? 1 : 0));
    d.nominalDenoiserEvaluationsTotal = training.epochs * training.roundsPerEpoch * nominalRowsPerRound(config, needsOf(training));
    d.optimizerStepsTotal = d.updatesPerEpoch * training.epochs;
    return d;
}

Estimate estimate(const RunConfig& config) {
    Estimate result;
    const Speed speed = typicalSpeed(config);
    result.memory = estimateMemory(config);
    result.derived = derive(config);
    const Derived& d = result.derived;
    const std::int64_t evaluationRows = d.evaluations * d.evaluationImages * stepsOfEvaluation(config) * rowsPerStep(config);
    result.seconds = static_cast<double>(d.nominalDenoiserEvaluationsTotal + evaluationRows) * speed.secondsPerDenoiserEvaluation +
                     static_cast<double>(d.rewardQueriesTotal + d.evaluationQueriesTotal) * speed.secondsPerImage;
    if (needsOf(config.training).decoderGraph) {
        result.seconds += kDecodingsOfAClimb * static_cast<double>(d.imagesTotal * config.training.innerEpochs) * speed.secondsPerImage;
    }
    const DiskShape shape = diskShape(config);
    // A checkpoint holds the LoRA, Adam's two moments and, where there are such, the average, the reference and rounds that wait for their rewards.
    const auto model = findModelShape(config.model.path);
    const double waiting = model ? static_cast<double>(waitingBytes(config, *model)) : 0;
    const double copies = 3.0 + (config.training.emaDecay > 0 ? 1 : 0) + (config.training.klResetEpochs > 0 ? 1 : 0);
    const double checkpoint = waiting + copies * static_cast<double>(config.lora.rank) * shape.loraBytesPerRank;
    result.diskBytes = static_cast<std::int64_t>(
        static_cast<double>(d.evaluations * d.evaluationImages) * shape.bytesPerImage +
        static_cast<double>(
            std::min(config.checkpoint.keep + kEvaluatedCheckpoints + (config.checkpoint.best == BestRule::Last ? 0 : 1), config.training.epochs) + 1) *
            checkpoint);
    return result;
}

std::string defaultName(const RunConfig& config) {
    const char* letter = config.algorithm.method == Method::Ddpo ? " T" : " H";
    return std::string(toString(config.algorithm.method)) + letter + std::to_string(config.sampling.steps) + ' ' + config.reward.terms + " s" +
           std::to_string(config.seed);
}

}  // namespace rlcm::run
