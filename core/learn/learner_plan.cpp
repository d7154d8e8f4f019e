// How a learner splits its rounds into calls, what it keeps in memory, and what that costs.
#include <algorithm>
#include <cmath>
#include <vector>

#include "core/base/error.h"
#include "core/learn/learner.h"
#include "core/run/derive.h"
#include "core/run/memory_estimate.h"
#include "core/run/reward_catalogue.h"
#include "core/tensor/device.h"
#include "core/tensor/launch_recorder.h"
#include "core/tensor/memory.h"
#include "core/tensor/torch.h"

namespace rlcm::learn {
namespace {

constexpr double kGib = 1024.0 * 1024.0 * 1024.0;
constexpr double kShareForCalls = 0.6;     // of a computer's free memory
constexpr double kShareForCallsGpu = 0.9;  // of a GPU's: it is used by nobody else, but its blocks do not fit without loss

/// Gradients of single numbers are as small as 1 / (pairs * elements), because loss and log-probability are means over them; in fp16
/// they would vanish. Half-way up to the largest number is left for sums on the way back.
double lossScaleFor(run::Dtype dtype, std::int64_t pairs, std::int64_t elements) {
    constexpr double kHeadroom = 1024.0;
    return dtype == run::Dtype::Fp16 ? std::exp2(std::round(std::log2(std::max(1.0, static_cast<double>(pairs * elements) / kHeadroom)))) : 1.0;
}

/// Which terms of the reward go up by themselves, and which are known to the policy only.
std::string ascentText(const rewards::RewardPool& rewards, const std::string& terms) {
    const std::vector<double> weights = rewards.differentiableWeights();
    const std::vector<run::RewardTerm> all = run::parseRewardTerms(terms);
    std::string up, others;
    for (std::size_t term = 0; term < all.size(); ++term) {
        std::string& names = weights[term] != 0 ? up : others;
        names += (names.empty() ? "" : ", ") + all[term].id;
    }
    return "the gradient of " + up + " goes through the last step" + (others.empty() ? "" : "; " + others + " has none and is learned from by its values only");
}

}  // namespace

void Learner::requireDerived() const {
    const run::Derived derived = run::derive(m_config);
    const std::int64_t rounds = m_config.training.epochs * m_config.training.roundsPerEpoch;
    ensure(needs() == run::needsOf(m_config.training), "the update rule needs what the estimate was made with");
    ensure(run::trainableSteps(m_config) == m_plan.trainableSteps && derived.trainedSteps == m_plan.trainedSteps &&
               derived.nominalDenoiserEvaluationsTotal == rounds * nominalEvaluationsPerRound(),
           "the steps that are trained and the rows of an image are those that the estimate was made with");
}

std::int64_t Learner::nominalEvaluationsPerRound() const {
    return m_sampler.denoiser().rowsPerImage() *
           (m_plan.images * (m_sampler.policy().steps() + needs().trainedRows(m_plan.trainedSteps) * m_plan.passes) + rowsBeforeUpdates());
}

std::int64_t Learner::rowsBeforeUpdates() const {
    const std::int64_t unmoved = rewardsArriveLater() ? 0 : m_plan.images / m_config.training.updatesPerRound;
    return m_plan.hasTwins ? (m_plan.images * m_plan.passes - unmoved) * m_plan.trainedSteps : 0;
}

run::MemoryPlan Learner::planCalls() const {
    const auto& compute = m_config.compute;
    const bool isCpu = m_sampler.device().is_cpu();
    const shapes::ModelShape model = shapes::readModelShape(m_pipeline.folder);
    const run::MemoryParts parts = run::memoryParts(model, m_config, isCpu);
    const std::int64_t free = std::max<std::int64_t>(0, tensor::freeMemory(m_sampler.device()) - parts.adapter);
    const double budget = compute.memoryGib > 0 ? compute.memoryGib * kGib : (isCpu ? kShareForCalls : kShareForCallsGpu) * static_cast<double>(free);
    const run::MemoryPlan plan = run::planMemory(parts, {.wantedRows = compute.chunkImages > 0 ? compute.chunkImages : run::usefulRows(model, isCpu),
                                                         .isExact = compute.chunkImages > 0,
                                                         .callsAtOnce = m_session.workers.size(),
                                                         .rowsPerImage = m_sampler.denoiser().rowsPerImage(),
                                                         .budget = static_cast<std::int64_t>(budget),
                                                         .checkpointing = compute.gradientCheckpointing,
                                                         .recording = isCpu ? run::Switch::Off : compute.recordCalls});
    if (!plan.fits && compute.memoryGib > 0) {
        throw Error(ErrorKind::Config, "compute.memory_gib allows " + std::to_string(compute.memoryGib) + " GiB, but the smallest call needs " +
                                           std::to_string(static_cast<double>(plan.activations) / kGib) + " GiB" +
                                           (plan.isCheckpointed ? "" : " without gradient checkpointing (compute.gradient_checkpointing)") +
                                           "; raise it, or lower compute.chunk_images or compute.threads");
    }
    return plan;
}

void Learner::planMemory() {
    const auto& training = m_config.training;
    const run::MemoryPlan calls = planCalls();
    m_plan = {.images = training.imagesPerRound,
              .chunkImages = calls.rows,
              .trainableSteps = sampling::trainableSteps(m_config, m_sampler.policy()),
              .trainedSteps = run::trainedSteps(m_config),
              .selection = training.stepSelection,
              .groupNoise = training.groupNoise,
              .groupSize = training.advantage == run::Advantage::Group ? training.groupSize : 0,
              .passes = training.innerEpochs,
              .keepsMeans = m_objective->needs().oldMeans,
              .hasTwins = m_objective->needs().twins,
              .stepDiscount = m_objective->needs().stepRewards ? std::optional(training.stepDiscount) : std::nullopt};
    if (run::needsOf(training).decoderGraph) {
        m_ascent.emplace(m_parts, calls.climbedImages, rl::MixOptions{.weight = training.rewardGradientWeight, .ratio = training.rewardGradientRatio});
    }
    const std::int64_t perUpdate = training.imagesPerRound / training.updatesPerRound;
    m_lossScale =
        lossScaleFor(m_config.compute.dtype, perUpdate * std::max<std::int64_t>(1, m_plan.trainedSteps), m_pipeline.network->dims().latent.elements());
    const run::Switch keepGraph = rewardsArriveLater() ? run::Switch::Off : m_config.compute.keepGraph;
    if (keepGraph == run::Switch::Off || m_plan.trainedSteps == 0 ||
        (keepGraph == run::Switch::Auto && (!m_sampler.device().is_cpu() || calls.isCheckpointed))) {
        m_planText = "every update recomputes its forward pass";
    } else if (!m_sampler.device().is_cpu()) {
        m_plan.keptImages = perUpdate;
        m_planText = "the first update of a round goes backward through the sampling graph";
    } else {
        const at::Device device = m_sampler.device();
        std::vector<at::Tensor> leaves;
        const std::int64_t perCall = graphBytesPerImage(m_sampler, m_prompts, m_lora->withLeaves(m_lora->merged(), leaves));
        const std::int64_t needed = perCall * m_plan.trainedSteps * perUpdate;
        const double allowed =
            m_config.compute.memoryGib > 0 ? m_config.compute.memoryGib * kGib : graphBudget(tensor::freeMemory(device), tensor::totalMemory(device));
        const bool fits = keepGraph == run::Switch::On || static_cast<double>(needed) <= allowed;
        m_plan.keptImages = fits ? perUpdate : 0;
        m_keeping = GraphKeeping(needed);
        m_planText = "the sampling graph of an update takes " + std::to_string(needed >> 20) +
                     " MiB: " + (fits ? "kept for the first update of a round" : "too much, so every update recomputes");
    }
    if (m_ascent) {
        m_planText += "; " + ascentText(m_rewards, m_config.reward.terms);
    }
    m_isCheckpointed = calls.isCheckpointed;
    m_pipeline.network->setCheckpointing(m_isCheckpointed);
    m_sampler.limitDecoding(calls.decodedImages);
    std::unique_ptr<tensor::LaunchRecorder> recorder = calls.recorded > 0 ? tensor::makeLaunchRecorder(m_sampler.device()) : nullptr;
    const bool isRecorded = recorder != nullptr;
    if (isRecorded) {
        m_sampler.recordCalls(std::move(recorder));
    }
    m_planText += "; up to " + std::to_string(calls.rows) + " rows in a call, " + std::to_string(m_session.workers.size()) + " compute threads, " +
                  (calls.isCheckpointed ? "gradient checkpointing, " : "") + (isRecorded ? "recorded and replayed, " : "") + "calls take up to " +
                  std::to_string(calls.activations >> 20) + " MiB" +
                  (calls.fits ? "" : ", more than seems free: memory may run out (compute.chunk_images, compute.threads)");
}

RoundPlan Learner::nextPlan(std::string& note) {
    RoundPlan plan = m_plan;
    const at::Device device = m_sampler.device();
    if (plan.keptImages == 0 || !device.is_cpu()) {
        return plan;
    }
    const bool wasKept = m_keeping.isKept(), isFirst = !m_isReplayChecked;
    if (m_keeping.decide(tensor::freeMemory(device), tensor::totalMemory(device))) {
        note = wasKept || isFirst ? "" : "there is memory again: the sampling graph is kept";
        return plan;
    }
    plan.keptImages = 0;
    if (wasKept || isFirst) {
        tensor::releaseFreedMemory(device);
        note = "the machine's memory is short: the sampling graph is not kept until others have ended; this is slower, and the last digits differ";
    }
    return plan;
}

double Learner::workPerRound() const {
    const auto images = static_cast<double>(m_plan.images);
    return images * static_cast<double>(m_sampler.policy().steps()) +
           2.0 * images * static_cast<double>((m_plan.trainedSteps + (m_ascent ? 1 : 0)) * m_plan.passes) + static_cast<double>(rowsBeforeUpdates());
}

}  // namespace rlcm::learn
