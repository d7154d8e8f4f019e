#pragma once
// The collecting half of a round: sample, decode, score.
#include <cstdint>
#include <functional>
#include <future>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/base/random.h"
#include "core/rewards/reward.h"
#include "core/sampling/denoiser.h"
#include "core/sampling/gate.h"
#include "core/sampling/setup.h"
#include "core/sampling/worker_pool.h"

namespace rlcm::learn {

/// Rows first, first + 1, ... whose denoiser calls kept their backward graph.
struct KeptChunk {
    std::int64_t first = 0, count = 0;
    std::vector<at::Tensor> leaves;       ///< as LoraAdapter::withLeaves: the factors that the graph ends in
    std::vector<at::Tensor> predictions;  ///< per trained step [count,C,h,w]
};

/// One round of images. Rows are in the order in which the first pass trains on them.
struct Rollouts {
    std::vector<std::uint64_t> sample;    ///< [N] number of the image in its epoch: what its random numbers depend on
    std::vector<std::int64_t> prompt;     ///< [N] index into the prompt table
    std::vector<at::Tensor> states;       ///< H+1 tensors [N,C,h,w] f32
    at::Tensor logProbs;                  ///< [N,S] f32 of the trained steps
    std::vector<double> rewards;          ///< [N]
    std::vector<std::pair<std::string, std::vector<double>>> terms;  ///< unweighted parts, each [N]
    std::vector<KeptChunk> kept;
    double sampleSeconds = 0, decodeSeconds = 0, rewardSeconds = 0;  ///< reward: time waited for scores
};

/// Fixed parts that collecting needs. References must outlive the collector.
struct CollectorParts {
    const models::Pipeline& pipeline;
    const diffusion::Policy& policy;
    const sampling::Denoiser& denoiser;
    const sampling::PromptTable& prompts;
    rewards::RewardPool& rewards;
    sampling::WorkerPool& workers;
    RandomStreams streams;
    at::Device device;
};

/// How a round is split.
struct RoundPlan {
    std::int64_t images = 0;
    std::int64_t keptImages = 0;     ///< the first so many rows keep their graph (0: none)
    std::int64_t chunkImages = 0;    ///< largest batch of a denoiser call
    std::int64_t trainedSteps = 0;
    std::int64_t groupSize = 0;      ///< > 0: so many consecutive images share a prompt
    std::int64_t rowsOrderKey = 0;   ///< index of the shuffle of the first pass
};

/// Samples, decodes and scores one round. `merged` as lora.merged().
/// throws: Cancelled, Reward, Numeric. thread: trainer; `tick` is called on it while it waits.
Rollouts collect(const CollectorParts& parts, const RoundPlan& plan, std::uint64_t epoch, std::uint64_t firstSample,
                 const nn::LoraAdapter& lora, const std::vector<nn::MergedProjection>& merged, sampling::Gate& gate,
                 const std::function<void()>& tick);

/// Waits for a batch of scores; pauses and stops act within 50 ms. Adds to `pausedSeconds`. throws: Cancelled, Reward.
/// thread: trainer; `tick` is called on it while it waits.
rewards::Scores waitForScores(std::future<rewards::Scores>& scores, sampling::Gate& gate, const std::function<void()>& tick, double& pausedSeconds);

/// Even split of `count` rows into chunks of at most `limit`, as many chunks as a multiple of `workers` where that is possible.
std::vector<std::pair<std::int64_t, std::int64_t>> splitRows(std::int64_t first, std::int64_t count, std::int64_t limit, int workers);

/// Noise of one step for a batch of images: row k depends on (stream, epoch, samples[k], step) alone.
/// shapes: returns [samples.size(), shape...] f32 on `device`, as tensor::seededNoise.
at::Tensor stepNoise(const RandomStreams& streams, Stream stream, std::uint64_t epoch, std::span<const std::uint64_t> samples,
                     std::int64_t step, at::IntArrayRef shape, at::Device device);

}  // namespace rlcm::learn
