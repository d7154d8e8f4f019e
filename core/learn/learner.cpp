#include "core/learn/learner.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "core/base/error.h"
#include "core/data/prompt_set.h"
#include "core/learn/summary.h"
#include "core/rl/reward_transform.h"
#include "core/run/reward_catalogue.h"
#include "core/tensor/device.h"
#include "core/tensor/torch.h"

namespace rlcm::learn {
namespace {

constexpr const char* kReference = "reference.factors";

std::vector<double> weightsOf(const run::RewardConfig& reward) {
    std::vector<double> weights;
    for (const run::RewardTerm& term : run::parseRewardTerms(reward.terms)) {
        weights.push_back(term.weight);
    }
    return weights;
}

std::vector<std::size_t> inSampleOrder(const Rollouts& round) {
    std::vector<std::size_t> order(round.sample.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return round.sample[a] < round.sample[b]; });
    return order;
}

}  // namespace

Learner::Learner(const run::RunConfig& config, models::Pipeline& pipeline, models::LoraModules kept, sampling::Session& session)
    : m_config(config),
      m_kept(std::move(kept)),
      m_session(session),
      m_pipeline(pipeline),
      m_sampler(pipeline, sampling::makePolicy(config, pipeline, tensor::parseDevice(config.compute.device)), config.sampling.guidance,
                tensor::parseDevice(config.compute.device)),
      m_promptList(data::loadPrompts(config.prompts.train)),
      m_prompts(sampling::makePromptTable(m_pipeline, m_promptList.texts, m_sampler.device())),
      m_lora(std::make_unique<nn::LoraAdapter>(m_pipeline.network->projections(), config.lora.targets, config.lora.rank, config.lora.alpha,
                                               RandomStreams(static_cast<std::uint64_t>(config.seed)))),
      m_optimizer(std::make_unique<rl::Adam>(m_lora->parameters(), rl::AdamOptions{.isAdamW = config.training.optimizer == run::Optimizer::AdamW,
                                                                                   .beta1 = config.training.beta1,
                                                                                   .beta2 = config.training.beta2,
                                                                                   .epsilon = config.training.epsilon,
                                                                                   .weightDecay = config.training.weightDecay})),
      m_objective(rl::makeObjective(config.training)),
      m_advantageRule(rl::makeAdvantageRule(config.training, weightsOf(config.reward))),
      m_rewards(config.reward, {m_sampler.device().str(), 1}, [&session] { return session.gate.isStopping(); }),
      m_parts{m_sampler, m_prompts, m_rewards, session, RandomStreams(static_cast<std::uint64_t>(config.seed))} {
    sampling::requireTrainable(m_config, m_sampler.policy(), m_sampler.device());
    if (config.training.emaDecay > 0) {
        m_average.emplace(m_lora->parameters(),
                          rl::EmaOptions{.decay = config.training.emaDecay, .every = config.training.emaEvery, .warmup = config.training.emaWarmup});
    }
    if (config.training.klShare < 1) {
        run::RewardConfig judges = config.reward;
        judges.terms = config.evaluation.judges;
        m_judges = std::make_unique<rewards::RewardPool>(judges, rewards::Place{m_sampler.device().str(), 1}, [&session] { return session.gate.isStopping(); });
        m_parts.judges = m_judges.get();
    }
    if (config.training.klShareAdapts) {
        m_heldShare.emplace(config.training.klShare);
    }
    planMemory();
    requireDerived();
}

run::Needs Learner::needs() const {
    run::Needs needs = m_objective->needs();
    needs.decoderGraph = m_ascent.has_value();
    return needs;
}

void Learner::edit(const run::TrainingConfig& training) {
    m_config.training.epochs = training.epochs;
    m_config.training.learningRate = training.learningRate;
    m_config.training.clipRangePerElement = training.clipRangePerElement;
    m_objective = rl::makeObjective(m_config.training);
}

run::RunConfig Learner::effectiveConfig() const {
    run::RunConfig config = m_config;
    if (m_sampler.device().is_cpu()) {
        config.compute.threads = m_session.workers.size();
    }
    config.compute.chunkImages = m_plan.chunkImages;
    config.compute.keepGraph = m_plan.keptImages > 0 ? run::Switch::On : run::Switch::Off;
    config.compute.gradientCheckpointing = m_isCheckpointed ? run::Switch::On : run::Switch::Off;
    return config;
}

std::vector<std::string> Learner::promptTexts() const {
    std::vector<std::string> lines;
    for (const std::string& line : {m_promptList.note, m_prompts.tooLong}) {
        if (!line.empty()) {
            lines.push_back(line);
        }
    }
    return lines;
}

/// Statistics are fed in sample order, so that the shuffle of the first pass cannot change them.
rl::Advantages Learner::advantages(const Rollouts& round, const std::vector<std::size_t>& sampleOrder, run::Measures& measures) {
    rl::RoundRewards given;
    std::vector<double> rewards;
    std::vector<std::uint64_t> samples;
    for (const std::size_t row : sampleOrder) {
        rewards.push_back(round.rewards[row]);
        samples.push_back(round.sample[row]);
        given.prompts.push_back(m_prompts.keys[static_cast<std::size_t>(round.prompt[row])]);
    }
    for (const auto& [name, scores] : round.terms) {
        std::vector<double>& values = given.terms.emplace_back();
        std::ranges::transform(sampleOrder, std::back_inserter(values), [&](std::size_t row) { return scores[row]; });
    }
    if (!round.returns.empty()) {
        std::ranges::transform(sampleOrder, std::back_inserter(given.returns), [&](std::size_t row) { return round.returns[row]; });
        measures.add(run::measure::kReward1s, meanStd(round.firstRewards).mean);
    }
    given.rewards = rl::transformed(m_config.transform, rewards, {m_parts.streams, round.key.epoch, samples});
    const rl::Advantages sorted = m_advantageRule->advantages(given, measures);
    rl::Advantages byRow = sorted;
    for (std::size_t i = 0; i < sampleOrder.size(); ++i) {
        byRow.values[sampleOrder[i]] = sorted.values[i];
        if (!sorted.ofSteps.empty()) {
            byRow.ofSteps[sampleOrder[i]] = sorted.ofSteps[i];
        }
        if (!sorted.counts.empty()) {
            byRow.counts[sampleOrder[i]] = sorted.counts[i];
        }
    }
    return byRow;
}

rl::LearnerState Learner::state() const {
    rl::LearnerState state;
    m_optimizer->save(state);
    m_advantageRule->save(state);
    if (m_average) {
        m_average->save(state);
    }
    if (m_reference.defined()) {
        state.add(kReference, m_reference);
    }
    if (m_heldShare) {
        m_heldShare->save(state);
    }
    if (m_ascent) {
        m_ascent->mix().save(state);
    }
    if (rewardsArriveLater()) {
        m_waiting.save(state);
    }
    return state;
}

void Learner::restore(const rl::LearnerState& state) {
    m_optimizer->restore(state);
    m_advantageRule->restore(state);
    if (m_average) {
        m_average->restore(state);
    }
    if (state.has(kReference)) {
        takeReference(state.tensor(kReference).to(m_sampler.device(), at::kFloat, false, true));
    }
    if (m_heldShare) {
        m_heldShare->restore(state);
    }
    if (m_ascent) {
        m_ascent->mix().restore(state);
    }
    if (rewardsArriveLater()) {
        m_waiting.restore(state, m_prompts.texts.size(), m_sampler.device());
    }
}

void Learner::withAverage(const std::function<void()>& action) {
    ensure(m_average.has_value(), "there are no averaged weights");
    withFactors(m_average->average(), action);
}

void Learner::withFactors(const at::Tensor& factors, const std::function<void()>& action) {
    const at::Tensor parameters = m_lora->parameters();
    const at::Tensor trained = parameters.clone();
    const auto put = [&](const at::Tensor& weights) {
        const tensor::GradMode noGrad(false);
        parameters.copy_(weights);
    };
    put(factors);
    try {
        action();
    } catch (...) {
        put(trained);
        throw;
    }
    put(trained);
}

void Learner::resetReference(RoundKey key) {
    const auto period = static_cast<std::uint64_t>(m_config.training.klResetEpochs);
    if (m_objective->needs().referenceForward && period > 0 && key.epoch > 0 && key.epoch % period == 0 && key.index == 0) {
        takeReference(m_lora->parameters().detach().clone());
    }
}

void Learner::takeReference(const at::Tensor& factors) {
    m_reference = factors;
    withFactors(factors, [this] { m_referenceProjections = m_lora->merged(); });
}

std::vector<nn::MergedProjection> Learner::referenceProjections() const {
    if (!m_objective->needs().referenceForward) {
        return {};
    }
    return m_reference.defined() ? m_referenceProjections : m_lora->unmerged();
}

void Learner::holdSuspicious(Rollouts& round, const std::vector<std::size_t>& sampleOrder, run::Measures& measures) {
    if (round.judged.empty()) {
        return;
    }
    const auto inOrder = [&](const std::vector<double>& ofRows) {
        std::vector<double> sorted;
        std::ranges::transform(sampleOrder, std::back_inserter(sorted), [&](std::size_t row) { return ofRows[row]; });
        return sorted;
    };
    std::vector<std::vector<double>> judged;
    std::ranges::transform(round.judged, std::back_inserter(judged), inOrder);
    const std::vector<double> suspicions = rl::suspicions(inOrder(round.rewards), judged);
    const double mean = rl::meanSuspicion(suspicions);
    const std::vector<bool> most = rl::mostSuspicious(suspicions, m_heldShare ? m_heldShare->update(mean) : m_config.training.klShare);
    round.held.assign(most.size(), false);
    for (std::size_t i = 0; i < most.size(); ++i) {
        round.held[sampleOrder[i]] = most[i];
    }
    measures.add(run::measure::kTrainSuspicion, mean);
    measures.add(run::measure::kKlShare, static_cast<double>(std::ranges::count(most, true)) / static_cast<double>(most.size()));
}

std::optional<Rollouts> Learner::rewardedRound(Rollouts round) {
    const RoundKey key = round.key;
    const std::optional<std::uint64_t> epoch = rl::rewardedEpoch(m_config.transform, key.epoch);
    if (!rewardsArriveLater()) {
        return epoch ? std::optional(std::move(round)) : std::nullopt;
    }
    m_waiting.add(std::move(round));
    return epoch ? m_waiting.take({*epoch, key.index}) : std::nullopt;
}

std::vector<double> Learner::learnFrom(Rollouts round, double learningRate, UpdateStats& update) {
    const std::vector<std::size_t> order = inSampleOrder(round);
    run::Measures ofRewards;
    const rl::Advantages advantages = this->advantages(round, order, ofRewards);
    holdSuspicious(round, order, ofRewards);
    const std::vector<nn::MergedProjection> reference = referenceProjections();
    const LearnerParts parts{.lora = *m_lora,
                             .optimizer = *m_optimizer,
                             .objective = *m_objective,
                             .training = m_config.training,
                             .plan = m_plan,
                             .lossScale = m_lossScale,
                             .learningRate = learningRate,
                             .average = m_average ? &*m_average : nullptr,
                             .reference = reference,
                             .rewardAscent = m_ascent ? &*m_ascent : nullptr,
                             .hasMoved = rewardsArriveLater()};
    update = improve(m_parts, parts, round, advantages);
    update.measures.merge(ofRewards);
    std::vector<double> inOrder;
    std::ranges::transform(order, std::back_inserter(inOrder), [&](std::size_t row) { return advantages.values[row]; });
    return inOrder;
}

RoundResult Learner::round(RoundKey key, double learningRate) {
    const std::int64_t rowsBefore = m_sampler.denoiser().rowsDone();
    RoundResult result;
    const RoundPlan plan = nextPlan(result.note);
    resetReference(key);
    Rollouts round = collect(m_parts, plan, key, *m_lora);
    requireFinite(meanStd(round.rewards), "the rewards of a round");
    result.denoiserEvaluations = m_sampler.denoiser().rowsDone() - rowsBefore;
    if (!m_isReplayChecked && m_plan.trainableSteps > 0) {
        result.replayDeviation = replayDeviation(m_parts, *m_lora, round, m_plan);
        m_isReplayChecked = true;
    }
    for (const std::size_t row : inSampleOrder(round)) {
        result.images.push_back({m_prompts.texts[static_cast<std::size_t>(round.prompt[row])], round.rewards[row], 0.0});
    }
    result.terms = round.terms;
    result.rewardQueries = m_plan.images * needs().queries(m_sampler.policy().steps());
    result.sampleSeconds = round.sampleSeconds;
    result.decodeSeconds = round.decodeSeconds;
    result.rewardSeconds = round.rewardSeconds;
    result.nominalDenoiserEvaluations = nominalEvaluationsPerRound();
    const std::int64_t rowsOfSampling = m_sampler.denoiser().rowsDone();
    if (std::optional<Rollouts> rewarded = rewardedRound(std::move(round))) {
        const std::vector<double> advantages = learnFrom(*std::move(rewarded), learningRate, result.update);
        for (std::size_t image = 0; image < advantages.size() && !rewardsArriveLater(); ++image) {
            result.images[image].advantage = advantages[image];
        }
    }
    result.denoiserEvaluations += m_sampler.denoiser().rowsDone() - rowsOfSampling;
    return result;
}

}  // namespace rlcm::learn
