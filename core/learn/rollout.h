#pragma once
// The collecting half of a round: sample, decode, score.
#include <cstdint>
#include <future>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/base/random.h"
#include "core/nn/lora.h"
#include "core/rewards/reward.h"
#include "core/run/choices.h"
#include "core/sampling/sampler.h"
#include "core/sampling/session.h"

namespace rlcm::learn {

/// Rows first, first + 1, ... whose denoiser calls kept their backward graph.
struct KeptChunk {
    std::int64_t first = 0, count = 0;
    std::vector<at::Tensor> leaves;       ///< as LoraAdapter::withLeaves: the factors that the graph ends in
    std::vector<at::Tensor> predictions;  ///< per trained step of the round [count,C,h,w]
};

/// Which round of a run: what its random numbers depend on.
struct RoundKey {
    std::uint64_t epoch = 0, index = 0;  ///< index: in the epoch
};

/// One round of images. Rows are in the order in which the first pass trains on them.
struct Rollouts {
    RoundKey key;
    std::vector<std::uint64_t> sample;                               ///< [N] number of the image in its epoch: what its random numbers depend on
    std::vector<std::int64_t> prompt;                                ///< [N] index into the prompt table
    std::vector<at::Tensor> states;                                  ///< H+1 tensors [N,C,h,w] f32
    std::vector<std::int64_t> steps;                                 ///< [S] that are trained, ascending
    at::Tensor logProbs;                                             ///< [N,T] f32 of the steps that may be trained
    std::vector<at::Tensor> means;                                   ///< T tensors [N,C,h,w] f32 of their transitions; only when the plan asks
    std::vector<double> rewards;                                     ///< [N]
    std::vector<std::pair<std::string, std::vector<double>>> terms;  ///< unweighted parts, each [N]
    std::vector<std::vector<double>> returns;                        ///< [N][H] of every step; only where steps have rewards of their own
    std::vector<double> firstRewards;                                ///< [N] of what the first step alone predicts; only there
    std::vector<std::vector<double>> judged;                         ///< by each judge of the training images [N]; empty without
    std::vector<bool> held;                                          ///< [N] whether an image's divergence is in the loss; empty: every one's, where any is
    std::vector<KeptChunk> kept;
    double sampleSeconds = 0, decodeSeconds = 0, rewardSeconds = 0;  ///< reward: time waited for scores
};

/// Fixed parts that a round needs. What they refer to must outlive it.
struct RoundParts {
    const sampling::Sampler& sampler;
    const sampling::PromptTable& prompts;
    rewards::RewardPool& rewards;
    sampling::Session& session;
    RandomStreams streams;
    rewards::RewardPool* judges = nullptr;  ///< of the training images; nullptr: none are asked
};

/// How a round is split.
struct RoundPlan {
    std::int64_t images = 0;
    std::int64_t keptImages = 0;      ///< the first so many rows keep their graph (0: none)
    std::int64_t chunkImages = 0;     ///< most images, or (image, step) pairs, in one denoiser call
    std::int64_t trainableSteps = 0;  ///< T: the first so many may be trained
    std::int64_t trainedSteps = 0;    ///< S of them are, in a round
    run::StepSelection selection = run::StepSelection::All;
    run::GroupNoise groupNoise = run::GroupNoise::Own;
    std::int64_t groupSize = 0;  ///< > 0: so many consecutive images share a prompt
    std::int64_t passes = 1;     ///< over the round, when it is trained on
    bool keepsMeans = false;
    bool hasTwins = false;                 ///< images 2k and 2k + 1 share a prompt and are trained on together
    std::optional<double> stepDiscount{};  ///< of the returns of steps that have rewards of their own; twins then start from one noise
};

/// The steps that a round trains, ascending: the same for all its images, random ones by the round's own numbers.
std::vector<std::int64_t> stepsOfRound(const RandomStreams& streams, RoundKey key, const RoundPlan& plan);
/// The order in which a pass trains on the images of a round: 0 .. images - 1, shuffled; twins stay side by side.
std::vector<std::int64_t> orderOfPass(const RandomStreams& streams, RoundKey key, const RoundPlan& plan, std::int64_t pass);

/// Samples, decodes and scores one round with the adapter as it is. throws: Cancelled, Reward, Numeric. thread: trainer.
Rollouts collect(const RoundParts& parts, const RoundPlan& plan, RoundKey key, const nn::LoraAdapter& lora);

/// Waits for a batch of scores; pauses and stops act within 50 ms. Adds to `pausedSeconds`. throws: Cancelled, Reward.
/// thread: trainer.
rewards::Scores waitForScores(std::future<rewards::Scores>& scores, const sampling::Session& session, double& pausedSeconds);

}  // namespace rlcm::learn
