#include "core/learn/rollout.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <optional>
#include <span>
#include <utility>

#include "core/rl/dense_rewards.h"
#include "core/tensor/torch.h"

namespace rlcm::learn {
namespace {

/// Which prompt each image gets: uniform with replacement (the published codes), or one per group or for two twins.
std::vector<std::int64_t> drawPrompts(const RoundParts& parts, const RoundPlan& plan, std::uint64_t epoch, std::uint64_t firstSample) {
    std::vector<std::int64_t> prompts;
    const std::uint64_t count = parts.prompts.texts.size();
    const std::int64_t together = std::max<std::int64_t>(plan.hasTwins ? 2 : 1, plan.groupSize);
    for (std::int64_t image = 0; image < plan.images; ++image) {
        const std::uint64_t leader = firstSample + static_cast<std::uint64_t>(image - image % together);
        prompts.push_back(static_cast<std::int64_t>(parts.streams.at(Stream::Prompts, epoch, leader).below(count)));
    }
    return prompts;
}

/// Images and prompts of a round, in the order in which the first pass trains on them.
Rollouts startRound(const RoundParts& parts, const RoundPlan& plan, RoundKey key) {
    Rollouts round;
    round.key = key;
    round.steps = stepsOfRound(parts.streams, key, plan);
    const std::uint64_t firstSample = key.index * static_cast<std::uint64_t>(plan.images);
    const std::vector<std::int64_t> drawn = drawPrompts(parts, plan, key.epoch, firstSample);
    for (const std::int64_t image : orderOfPass(parts.streams, key, plan, 0)) {
        round.sample.push_back(firstSample + static_cast<std::uint64_t>(image));
        round.prompt.push_back(drawn[static_cast<std::size_t>(image)]);
    }
    return round;
}

/// Rows of a round that are drawn together.
struct ChunkJob {
    std::int64_t first = 0, count = 0;
    bool keepsGraph = false;

    template <typename Value>
    std::vector<Value> of(const std::vector<Value>& rows) const {
        return {rows.begin() + first, rows.begin() + first + count};
    }
};

std::vector<ChunkJob> splitRound(const RoundPlan& plan, int workers) {
    std::vector<ChunkJob> jobs;
    for (const auto& [first, count] : sampling::splitRows(0, plan.keptImages, plan.chunkImages, workers)) {
        jobs.push_back({first, count, true});
    }
    for (const auto& [first, count] : sampling::splitRows(plan.keptImages, plan.images - plan.keptImages, plan.chunkImages, workers)) {
        jobs.push_back({first, count, false});
    }
    return jobs;
}

/// The predictions of a chunk's trajectories that are scored beside the last.
struct StepQueries {
    rl::Similarities similar;
    std::future<rewards::Scores> first, anchor;  // anchor: not where no step lies between the ends
};

/// What one chunk leaves behind for the joining of the round.
struct ChunkResult {
    std::vector<at::Tensor> states, means;
    at::Tensor logProbs;
    KeptChunk kept;
    std::future<rewards::Scores> scores, judged;
    std::vector<image::Rgb8Image> images;  // only where the round is scored at once
    std::vector<std::string> texts;
    std::optional<StepQueries> steps;
    double sampleSeconds = 0, decodeSeconds = 0;
};

/// Whether somebody compares images of a round, which may lie in several chunks.
bool isScoredAtOnce(const RoundParts& parts) {
    return parts.rewards.isGroupWise() || (parts.judges != nullptr && parts.judges->isGroupWise());
}

/// Hands the images over.
void submitChunk(const RoundParts& parts, ChunkResult& chunk) {
    if (parts.judges != nullptr) {
        chunk.judged = parts.judges->submit(chunk.images, chunk.texts);
    }
    chunk.scores = parts.rewards.submit(std::move(chunk.images), std::move(chunk.texts));
}

/// The images of all chunks in row order, as if they were the first one's.
void submitTogether(const RoundParts& parts, std::vector<ChunkResult>& chunks) {
    ChunkResult& all = chunks.front();
    for (std::size_t chunk = 1; chunk < chunks.size(); ++chunk) {
        std::ranges::move(chunks[chunk].images, std::back_inserter(all.images));
        std::ranges::move(chunks[chunk].texts, std::back_inserter(all.texts));
    }
    submitChunk(parts, all);
}

/// Draws the chunks of one round. thread: runChunk() on any.
class Collector {
public:
    Collector(const RoundParts& parts, const RoundPlan& plan, const nn::LoraAdapter& lora)
        : m_parts(parts), m_plan(plan), m_lora(lora), m_merged(lora.merged()) {}

    ChunkResult runChunk(const Rollouts& round, const ChunkJob& job) const {
        const sampling::Sampler& sampler = m_parts.sampler;
        ChunkResult result;
        const std::vector<nn::MergedProjection> projections = job.keepsGraph ? m_lora.withLeaves(m_merged, result.kept.leaves) : m_merged;
        sampling::Drawn drawn = sampler.draw(m_parts.prompts,
                                             {.prompts = job.of(round.prompt),
                                              .noise = noiseOf(round, job.of(round.sample)),
                                              .projections = projections,
                                              .scoredSteps = m_plan.trainableSteps,
                                              .graphSteps = job.keepsGraph ? std::span<const std::int64_t>(round.steps) : std::span<const std::int64_t>(),
                                              .keepsMeans = m_plan.keepsMeans,
                                              .keepsDenoised = m_plan.stepDiscount.has_value()},
                                             m_parts.session.gate);
        std::vector<std::string> texts;
        for (const std::int64_t prompt : job.of(round.prompt)) {
            texts.push_back(m_parts.prompts.texts[static_cast<std::size_t>(prompt)]);
        }
        if (m_plan.stepDiscount) {
            result.steps = queryOf(std::exchange(drawn.trajectory.denoised, {}), texts, drawn.decodeSeconds);
        }
        result.images = std::move(drawn.images);
        result.texts = std::move(texts);
        if (!isScoredAtOnce(m_parts)) {
            submitChunk(m_parts, result);
        }
        result.sampleSeconds = drawn.sampleSeconds;
        result.decodeSeconds = drawn.decodeSeconds;
        result.states = std::move(drawn.trajectory.states);
        result.means = std::move(drawn.trajectory.means);
        result.logProbs = m_plan.trainableSteps > 0 ? at::stack(drawn.trajectory.logProbs, 1) : at::zeros({job.count, 0}, result.states.front().options());
        result.kept.first = job.first;
        result.kept.count = job.count;
        result.kept.predictions = std::move(drawn.trajectory.predictions);
        return result;
    }

private:
    /// Decodes and submits the first prediction and that between the ends. Adds to `seconds` what decoding took.
    StepQueries queryOf(const std::vector<at::Tensor>& predictions, const std::vector<std::string>& texts, double& seconds) const {
        const at::Tensor all = at::stack(predictions, 1);
        StepQueries queries{.similar = rl::similaritiesOf(all), .first = {}, .anchor = {}};
        const auto submit = [&](const at::Tensor& latents) {
            const sampling::Stopwatch watch;
            double paused = 0;
            std::vector<image::Rgb8Image> images = m_parts.sampler.decode(latents, m_parts.session.gate, paused);
            seconds += watch.seconds() - paused;
            return m_parts.rewards.submit(std::move(images), texts);
        };
        queries.first = submit(predictions.front());
        if (predictions.size() > 2) {
            const at::Tensor place = at::arange(all.size(0), at::kLong) * all.size(1) + queries.similar.anchor;
            queries.anchor = submit(all.flatten(0, 1).index_select(0, place.to(all.device())));
        }
        return queries;
    }

    /// What the images of a group share is the noise of its first.
    sampling::Noise noiseOf(const Rollouts& round, const std::vector<std::uint64_t>& samples) const {
        const auto of = [&](std::vector<std::uint64_t> whose) {
            return sampling::makeNoise({.streams = m_parts.streams, .epoch = round.key.epoch, .samples = std::move(whose)}, m_parts.sampler.latentShape(),
                                       m_parts.sampler.device());
        };
        sampling::Noise own = of(samples);
        const bool isShared = m_plan.groupSize > 0 && m_plan.groupNoise != run::GroupNoise::Own;
        if (!isShared && !m_plan.stepDiscount) {
            return own;
        }
        std::vector<std::uint64_t> leaders = samples;
        for (std::uint64_t& sample : leaders) {
            sample -= sample % (m_plan.stepDiscount ? 2 : static_cast<std::uint64_t>(m_plan.groupSize));
        }
        const sampling::Noise shared = of(std::move(leaders));
        own.initial = shared.initial;
        if (isShared && m_plan.groupNoise == run::GroupNoise::Untrained) {
            own.atStep = [ofOwn = own.atStep, ofGroup = shared.atStep, trained = round.steps](std::int64_t step) {
                return std::ranges::binary_search(trained, step) ? ofOwn(step) : ofGroup(step);
            };
        }
        return own;
    }

    const RoundParts& m_parts;
    const RoundPlan& m_plan;
    const nn::LoraAdapter& m_lora;
    const std::vector<nn::MergedProjection> m_merged;
};

void addJudged(const rewards::Scores& scores, Rollouts& round) {
    round.judged.resize(scores.terms.size());
    for (std::size_t judge = 0; judge < scores.terms.size(); ++judge) {
        round.judged[judge].insert(round.judged[judge].end(), scores.terms[judge].second.begin(), scores.terms[judge].second.end());
    }
}

/// Rewards of the pictures of a chunk's three predictions.
struct StepScores {
    std::vector<double> first, anchor, last;
};

void addReturns(const rl::Similarities& similar, const StepScores& scores, double discount, Rollouts& round) {
    const auto column = [](const std::vector<double>& values) { return at::tensor(values, at::kDouble); };
    const at::Tensor dense = rl::denseRewards(similar, {.first = column(scores.first), .anchor = column(scores.anchor), .last = column(scores.last)});
    const at::Tensor returns = rl::discountedReturns(dense, discount).contiguous();
    for (std::int64_t row = 0; row < returns.size(0); ++row) {
        const double* values = returns.const_data_ptr<double>() + row * returns.size(1);
        round.returns.emplace_back(values, values + returns.size(1));
    }
    round.firstRewards.insert(round.firstRewards.end(), scores.first.begin(), scores.first.end());
}

/// Waits for the scores of all chunks and puts them in row order.
void gatherScores(std::vector<ChunkResult>& chunks, const RoundPlan& plan, Rollouts& round, const sampling::Session& session) {
    const sampling::Stopwatch watch;
    double paused = 0;
    for (ChunkResult& chunk : chunks) {
        if (!chunk.scores.valid()) {
            continue;  // among the first one's
        }
        const rewards::Scores scores = waitForScores(chunk.scores, session, paused);
        round.rewards.insert(round.rewards.end(), scores.total.begin(), scores.total.end());
        round.terms.resize(scores.terms.size());
        for (std::size_t term = 0; term < scores.terms.size(); ++term) {
            round.terms[term].first = scores.terms[term].first;
            auto& values = round.terms[term].second;
            values.insert(values.end(), scores.terms[term].second.begin(), scores.terms[term].second.end());
        }
        if (chunk.steps) {
            const std::vector<double> first = waitForScores(chunk.steps->first, session, paused).total;
            const bool hasAnchor = chunk.steps->anchor.valid();
            addReturns(chunk.steps->similar,
                       {.first = first, .anchor = hasAnchor ? waitForScores(chunk.steps->anchor, session, paused).total : first, .last = scores.total},
                       *plan.stepDiscount, round);
        }
        if (chunk.judged.valid()) {
            addJudged(waitForScores(chunk.judged, session, paused), round);
        }
    }
    round.rewardSeconds = watch.seconds() - paused;
}

/// Joins what the chunks drew; `busy` of them ran at once.
void joinChunks(std::vector<ChunkResult>& chunks, double busy, Rollouts& round) {
    std::vector<at::Tensor> logProbs;
    std::vector<std::vector<at::Tensor>> states(chunks[0].states.size());
    for (ChunkResult& chunk : chunks) {
        for (std::size_t step = 0; step < states.size(); ++step) {
            states[step].push_back(chunk.states[step]);
        }
        logProbs.push_back(chunk.logProbs);
        round.sampleSeconds += chunk.sampleSeconds / busy;
        round.decodeSeconds += chunk.decodeSeconds / busy;
        if (!chunk.kept.leaves.empty()) {
            round.kept.push_back(std::move(chunk.kept));
        }
    }
    for (const auto& pieces : states) {
        round.states.push_back(at::cat(pieces));
    }
    for (std::size_t step = 0; step < chunks[0].means.size(); ++step) {
        std::vector<at::Tensor> pieces;
        for (const ChunkResult& chunk : chunks) {
            pieces.push_back(chunk.means[step]);
        }
        round.means.push_back(at::cat(pieces));
    }
    round.logProbs = at::cat(logProbs);
}

}  // namespace

std::vector<std::int64_t> stepsOfRound(const RandomStreams& streams, RoundKey key, const RoundPlan& plan) {
    std::vector<std::int64_t> steps(static_cast<std::size_t>(plan.trainableSteps));
    std::iota(steps.begin(), steps.end(), 0);
    if (plan.selection == run::StepSelection::Random) {
        steps = streams.at(Stream::StepSubset, key.epoch, key.index).permutation(plan.trainableSteps);
    }
    const auto dropped = static_cast<std::ptrdiff_t>(plan.trainableSteps - plan.trainedSteps);
    if (plan.selection == run::StepSelection::Last) {
        steps.erase(steps.begin(), steps.begin() + dropped);
    } else {
        steps.erase(steps.end() - dropped, steps.end());
    }
    std::sort(steps.begin(), steps.end());
    return steps;
}

std::vector<std::int64_t> orderOfPass(const RandomStreams& streams, RoundKey key, const RoundPlan& plan, std::int64_t pass) {
    const std::uint64_t index = key.index * static_cast<std::uint64_t>(plan.passes) + static_cast<std::uint64_t>(pass);
    Random random = streams.at(Stream::Shuffle, key.epoch, index);
    if (!plan.hasTwins) {
        return random.permutation(plan.images);
    }
    std::vector<std::int64_t> order;
    for (const std::int64_t twins : random.permutation(plan.images / 2)) {
        order.insert(order.end(), {2 * twins, 2 * twins + 1});
    }
    return order;
}

rewards::Scores waitForScores(std::future<rewards::Scores>& scores, const sampling::Session& session, double& pausedSeconds) {
    while (scores.wait_for(sampling::kTickInterval) != std::future_status::ready) {
        session.tick();
        pausedSeconds += session.gate.pass(session.tick);
    }
    return scores.get();
}

Rollouts collect(const RoundParts& parts, const RoundPlan& plan, RoundKey key, const nn::LoraAdapter& lora) {
    Rollouts round = startRound(parts, plan, key);
    const int workers = parts.session.workers.size();
    const std::vector<ChunkJob> jobs = splitRound(plan, workers);
    std::vector<ChunkResult> chunks(jobs.size());
    const Collector collector(parts, plan, lora);
    parts.session.run(jobs.size(), [&](std::size_t index) { chunks[index] = collector.runChunk(round, jobs[index]); });
    if (isScoredAtOnce(parts)) {
        submitTogether(parts, chunks);
    }
    gatherScores(chunks, plan, round, parts.session);
    joinChunks(chunks, static_cast<double>(std::min<std::size_t>(jobs.size(), static_cast<std::size_t>(workers))), round);
    return round;
}

}  // namespace rlcm::learn
