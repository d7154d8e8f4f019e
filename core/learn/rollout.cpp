#include "core/learn/rollout.h"

#include <algorithm>
#include <chrono>
#include <future>

#include "core/base/error.h"
#include "core/tensor/device.h"
#include "core/tensor/image_tensor.h"
#include "core/tensor/noise.h"
#include "core/tensor/torch.h"
#include "core/sampling/trajectory.h"

namespace rlcm::learn {
namespace {

constexpr std::uint64_t kMaxSteps = 4096;  // more than any schedule has; keeps the noise index of one image apart from the next

/// Which prompt each image gets: uniform with replacement (the published codes), or one per group.
std::vector<std::int64_t> drawPrompts(const CollectorParts& parts, const RoundPlan& plan, std::uint64_t epoch, std::uint64_t firstSample) {
    std::vector<std::int64_t> prompts;
    const std::uint64_t count = parts.prompts.texts.size();
    const std::int64_t together = std::max<std::int64_t>(1, plan.groupSize);
    for (std::int64_t image = 0; image < plan.images; ++image) {
        const std::uint64_t leader = firstSample + static_cast<std::uint64_t>(image - image % together);
        prompts.push_back(static_cast<std::int64_t>(parts.streams.at(Stream::Prompts, epoch, leader).below(count)));
    }
    return prompts;
}

/// What one chunk leaves behind for the joining of the round.
struct ChunkResult {
    std::vector<at::Tensor> states;
    at::Tensor logProbs;
    KeptChunk kept;
    std::future<rewards::Scores> scores;
    double sampleSeconds = 0, decodeSeconds = 0;
};

struct ChunkJob {
    std::int64_t first = 0, count = 0;
    bool keepsGraph = false;
};

ChunkResult runChunk(const CollectorParts& parts, const RoundPlan& plan, const Rollouts& round, const ChunkJob& job, std::uint64_t epoch,
                     const nn::LoraAdapter& lora, const std::vector<nn::MergedProjection>& merged, sampling::Gate& gate) {
    const auto first = static_cast<std::size_t>(job.first), count = static_cast<std::size_t>(job.count);
    const std::vector<std::uint64_t> samples(round.sample.begin() + job.first, round.sample.begin() + job.first + job.count);
    const std::vector<std::int64_t> shape{parts.pipeline.unet.config().inChannels, parts.pipeline.latentSide(), parts.pipeline.latentSide()};

    ChunkResult result;
    const std::vector<nn::MergedProjection> projections = job.keepsGraph ? lora.withLeaves(merged, result.kept.leaves) : merged;
    const at::Tensor prompts = at::tensor(std::vector<std::int64_t>(round.prompt.begin() + job.first, round.prompt.begin() + job.first + job.count)).to(parts.device);
    const sampling::TrajectoryInputs inputs{
        .initial = tensor::seededNoise(parts.streams, Stream::InitialNoise, epoch, samples, shape, parts.device),
        .stepNoise = [&](std::int64_t step) { return stepNoise(parts.streams, Stream::StepNoise, epoch, samples, step, shape, parts.device); },
        .condition = parts.denoiser.condition(parts.prompts.embeddings.select(prompts), parts.prompts.none, shape),
        .projections = projections,
        .scoredSteps = plan.trainedSteps,
        .graphSteps = job.keepsGraph ? plan.trainedSteps : 0,
    };
    const sampling::Stopwatch sampling;
    sampling::Trajectory trajectory = sampling::sampleTrajectory(parts.denoiser, parts.policy, inputs, gate);
    result.sampleSeconds = sampling.seconds() - trajectory.pausedSeconds;

    gate.pass();
    const sampling::Stopwatch decoding;
    const tensor::GradMode noGrad(false);
    std::vector<image::Rgb8Image> images = tensor::toImages(parts.pipeline.vae.decodeScaled(trajectory.finalLatent));
    result.decodeSeconds = decoding.seconds();

    std::vector<std::string> texts;
    for (std::size_t row = first; row < first + count; ++row) {
        texts.push_back(parts.prompts.texts[static_cast<std::size_t>(round.prompt[row])]);
    }
    result.scores = parts.rewards.submit(std::move(images), std::move(texts));
    result.states = std::move(trajectory.states);
    result.logProbs = at::stack(trajectory.logProbs, 1);
    result.kept.first = job.first;
    result.kept.count = job.count;
    result.kept.predictions = std::move(trajectory.predictions);
    return result;
}

/// Waits for the scores of all chunks and puts them in row order.
void gatherScores(std::vector<ChunkResult>& chunks, Rollouts& round, sampling::Gate& gate, const std::function<void()>& tick) {
    const sampling::Stopwatch watch;
    double paused = 0;
    for (ChunkResult& chunk : chunks) {
        const rewards::Scores scores = waitForScores(chunk.scores, gate, tick, paused);
        round.rewards.insert(round.rewards.end(), scores.total.begin(), scores.total.end());
        round.terms.resize(scores.terms.size());
        for (std::size_t term = 0; term < scores.terms.size(); ++term) {
            round.terms[term].first = scores.terms[term].first;
            auto& values = round.terms[term].second;
            values.insert(values.end(), scores.terms[term].second.begin(), scores.terms[term].second.end());
        }
    }
    round.rewardSeconds = watch.seconds() - paused;
}

}  // namespace

rewards::Scores waitForScores(std::future<rewards::Scores>& scores, sampling::Gate& gate, const std::function<void()>& tick, double& pausedSeconds) {
    while (scores.wait_for(sampling::kTickInterval) != std::future_status::ready) {
        tick();
        pausedSeconds += gate.pass(tick);
    }
    return scores.get();
}

at::Tensor stepNoise(const RandomStreams& streams, Stream stream, std::uint64_t epoch, std::span<const std::uint64_t> samples,
                     std::int64_t step, at::IntArrayRef shape, at::Device device) {
    std::vector<std::uint64_t> indices;
    for (const std::uint64_t sample : samples) {
        indices.push_back(sample * kMaxSteps + static_cast<std::uint64_t>(step));
    }
    return tensor::seededNoise(streams, stream, epoch, indices, shape, device);
}

std::vector<std::pair<std::int64_t, std::int64_t>> splitRows(std::int64_t first, std::int64_t count, std::int64_t limit, int workers) {
    std::vector<std::pair<std::int64_t, std::int64_t>> parts;
    if (count <= 0) {
        return parts;
    }
    std::int64_t chunks = (count + limit - 1) / limit;
    chunks = std::min(count, (chunks + workers - 1) / workers * workers);
    for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
        const std::int64_t begin = count * chunk / chunks, end = count * (chunk + 1) / chunks;
        parts.emplace_back(first + begin, end - begin);
    }
    return parts;
}

Rollouts collect(const CollectorParts& parts, const RoundPlan& plan, std::uint64_t epoch, std::uint64_t firstSample,
                 const nn::LoraAdapter& lora, const std::vector<nn::MergedProjection>& merged, sampling::Gate& gate,
                 const std::function<void()>& tick) {
    Rollouts round;
    const std::vector<std::int64_t> drawn = drawPrompts(parts, plan, epoch, firstSample);
    for (const std::int64_t image : parts.streams.at(Stream::Shuffle, epoch, static_cast<std::uint64_t>(plan.rowsOrderKey)).permutation(plan.images)) {
        round.sample.push_back(firstSample + static_cast<std::uint64_t>(image));
        round.prompt.push_back(drawn[static_cast<std::size_t>(image)]);
    }
    std::vector<ChunkJob> jobs;
    for (const auto& [first, count] : splitRows(0, plan.keptImages, plan.chunkImages, parts.workers.size())) {
        jobs.push_back({first, count, true});
    }
    for (const auto& [first, count] : splitRows(plan.keptImages, plan.images - plan.keptImages, plan.chunkImages, parts.workers.size())) {
        jobs.push_back({first, count, false});
    }
    std::vector<ChunkResult> chunks(jobs.size());
    parts.workers.run(jobs.size(), [&](std::size_t index) { chunks[index] = runChunk(parts, plan, round, jobs[index], epoch, lora, merged, gate); }, tick);
    gatherScores(chunks, round, gate, tick);

    std::vector<at::Tensor> logProbs;
    const auto busy = static_cast<double>(std::min<std::size_t>(jobs.size(), static_cast<std::size_t>(parts.workers.size())));
    std::vector<std::vector<at::Tensor>> states(chunks[0].states.size());
    for (std::size_t index = 0; index < chunks.size(); ++index) {
        ChunkResult& chunk = chunks[index];
        for (std::size_t step = 0; step < states.size(); ++step) {
            states[step].push_back(chunk.states[step]);
        }
        logProbs.push_back(chunk.logProbs);
        round.sampleSeconds += chunk.sampleSeconds / busy;
        round.decodeSeconds += chunk.decodeSeconds / busy;
        if (jobs[index].keepsGraph) {
            round.kept.push_back(std::move(chunk.kept));
        }
    }
    for (const auto& pieces : states) {
        round.states.push_back(at::cat(pieces));
    }
    round.logProbs = at::cat(logProbs);
    return round;
}

}  // namespace rlcm::learn
