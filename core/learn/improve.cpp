#include "core/learn/improve.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numeric>
#include <span>
#include <utility>

#include "core/base/error.h"
#include "core/learn/pair_rows.h"
#include "core/learn/policy_gradient.h"
#include "core/learn/reward_ascent.h"
#include "core/tensor/device.h"
#include "core/tensor/torch.h"

namespace rlcm::learn {
namespace {

/// Sums that a worker gathers over its tasks; worker order makes the total independent of timing.
struct WorkerSums {
    at::Tensor gradient;          // [P] f32 of the policy's loss; undefined: nothing yet
    at::Tensor ofNegativeReward;  // the same of the negative reward
    run::Measures measures;

    static void add(at::Tensor& sum, const at::Tensor& more) {
        if (more.defined()) {
            sum = sum.defined() ? sum.add_(more) : more;
        }
    }
};

class Updater {
public:
    Updater(const RoundParts& parts, const LearnerParts& learner, Rollouts& round, const rl::Advantages& advantages)
        : m_parts(parts),
          m_session(parts.session),
          m_learner(learner),
          m_round(round),
          m_scorer{parts.sampler.denoiser(), parts.sampler.policy()},
          m_counts(advantages.counts),
          m_steps(static_cast<std::int64_t>(round.steps.size())),
          m_advantages(byStep(advantages)),
          m_hasMoved(learner.hasMoved) {
        ensure(learner.objective.needs().referenceForward == !learner.reference.empty(), "a reference is handed in where the objective asks for one");
    }

    /// One optimiser step on some rows of the round.
    void update(std::span<const std::int64_t> rows, bool usesKeptGraph, UpdateStats& stats) {
        const std::vector<std::int64_t> counted = countedOf(rows);
        const double images = ofAllProcesses(static_cast<double>(counted.size()), !m_counts.empty());
        m_totalPairs = static_cast<double>(m_steps) * images;
        m_hasOwnPairs = m_steps > 0 && !counted.empty();
        m_sums.assign(static_cast<std::size_t>(m_session.workers.size()), {});
        if (m_totalPairs > 0) {
            followAdvantages(counted, images, usesKeptGraph);
        }
        m_round.kept.clear();
        if (m_learner.rewardAscent != nullptr) {
            followReward(rows);
        }
        if (m_totalPairs > 0 || m_learner.rewardAscent != nullptr) {
            applyStep(stats);
            m_hasMoved = true;
        }
    }

private:
    bool counts(std::int64_t row) const { return m_counts.empty() || m_counts[static_cast<std::size_t>(row)]; }
    std::vector<std::int64_t> countedOf(std::span<const std::int64_t> rows) const {
        std::vector<std::int64_t> counted;
        std::ranges::copy_if(rows, std::back_inserter(counted), [this](std::int64_t row) { return counts(row); });
        return counted;
    }
    /// Each process has as many rows, but perhaps not as many that count.
    double ofAllProcesses(double rows, bool mayDiffer) const {
        if (!mayDiffer) {
            return rows * m_session.collective->size();
        }
        at::Tensor sum = at::full({1}, rows, at::TensorOptions(at::kFloat).device(m_parts.sampler.device()));
        m_session.collective->sum(sum);
        return sum.item<double>();
    }

    /// Also where all rows that count are another process's: then it computes nothing, but meets the others where they add up.
    void followAdvantages(std::span<const std::int64_t> counted, double images, bool usesKeptGraph) {
        if (m_learner.objective.needs().twins && m_hasOwnPairs) {
            compareTwins(counted);
        }
        if (!m_round.held.empty()) {
            weighHeld(counted, images);
        }
        if (usesKeptGraph) {
            m_session.run(m_round.kept.size(), [this](std::size_t task) { timed([&] { return backwardKept(task); }); });
        } else {
            overPairs(pairsOf(counted, m_round.steps), [this](const PairChunk& chunk) { return recomputeChunk(chunk, sumsOf(chunk.task)); });
        }
    }

    /// [N,S] what each image has at each trained step.
    at::Tensor byStep(const rl::Advantages& advantages) const {
        const auto onDevice = [this](const at::Tensor& values) { return values.to(m_parts.sampler.device(), at::kFloat); };
        if (advantages.ofSteps.empty()) {
            return onDevice(at::tensor(advantages.values, at::kDouble)).unsqueeze(1).expand({-1, m_steps});
        }
        std::vector<double> values;
        for (const std::vector<double>& ofImage : advantages.ofSteps) {
            for (const std::int64_t step : m_round.steps) {
                values.push_back(ofImage.at(static_cast<std::size_t>(step)));
            }
        }
        return onDevice(at::tensor(values, at::kDouble).view({-1, m_steps}));
    }

    WorkerSums& sumsOf(std::size_t task) { return m_sums[task % m_sums.size()]; }

    /// Looks at the gate, and tells it how long the call took, which returns how much work it was.
    template <typename Call>
    void timed(Call call) {
        m_session.gate.pass();
        const sampling::Stopwatch watch;
        m_session.gate.addWork(call());
        m_session.gate.noteCall(watch.seconds());
    }

    /// The pairs of one call of the network.
    struct PairChunk {
        std::size_t task = 0;
        std::span<const Pair> pairs;
        const std::vector<nn::MergedProjection>& merged;
    };
    /// Splits pairs into calls that the workers make. `call` takes a PairChunk and returns its work. Returns in how many calls.
    template <typename Call>
    std::size_t overPairs(std::span<const Pair> pairs, Call call) {
        const std::vector<nn::MergedProjection> merged = m_learner.lora.merged();
        const auto chunks = sampling::splitRows(0, static_cast<std::int64_t>(pairs.size()), m_learner.plan.chunkImages, m_session.workers.size());
        m_session.run(chunks.size(), [&](std::size_t task) {
            const auto [first, count] = chunks[task];
            timed([&] { return call(PairChunk{task, pairs.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)), merged}); });
        });
        return chunks.size();
    }

    /// Loss of scored pairs, weighted by their share in the update; adds the gradient and the measures to the worker's sums.
    void backward(const rl::Scored& scored, const std::vector<at::Tensor>& leaves, WorkerSums& sums) {
        const Weight weight{.share = static_cast<double>(scored.logProb.numel()) / m_totalPairs, .scale = m_learner.lossScale};
        WorkerSums::add(sums.gradient, m_learner.lora.gradient(lossGradient(m_learner.objective, scored, weight, leaves, sums.measures)));
    }

    sampling::Condition conditionOf(const KeptChunk& chunk) const {
        const auto first = m_round.prompt.begin() + chunk.first;
        return m_parts.sampler.condition(m_parts.prompts, {first, first + chunk.count}, m_round.states.front().sizes());
    }

    /// What the reference makes of the same states; undefined where there is none.
    at::Tensor referencePrediction(const Transitions& transitions) const {
        const tensor::GradMode noGrad(false);
        return m_learner.reference.empty() ? at::Tensor() : m_scorer.predict(transitions, m_learner.reference);
    }

    /// A forward and a backward pass of a row.
    static double workOf(std::int64_t rows) { return 2.0 * static_cast<double>(rows); }

    double backwardKept(std::size_t task) {
        const tensor::GradMode grad(true);
        const KeptChunk chunk = std::exchange(m_round.kept[task], {});  // its graph goes with it
        std::vector<std::int64_t> numbers(static_cast<std::size_t>(chunk.count));
        std::iota(numbers.begin(), numbers.end(), chunk.first);
        numbers = countedOf(numbers);
        if (numbers.empty()) {
            return workOf(chunk.count * m_steps);
        }
        std::vector<at::Tensor> logProbs, kls, sinceSampling;
        const sampling::Condition condition = m_learner.reference.empty() ? sampling::Condition{} : conditionOf(chunk);
        for (std::size_t trained = 0; trained < m_round.steps.size(); ++trained) {
            const auto step = static_cast<std::size_t>(m_round.steps[trained]);
            const at::Tensor& prediction = chunk.predictions[trained];
            const Transitions transitions{.step = at::full({1}, m_round.steps[trained], at::TensorOptions(at::kLong).device(m_parts.sampler.device())),
                                          .x = m_round.states[step].narrow(0, chunk.first, chunk.count),
                                          .next = m_round.states[step + 1].narrow(0, chunk.first, chunk.count),
                                          .condition = condition};
            logProbs.push_back(m_scorer.logProb(transitions, prediction));
            if (!m_round.means.empty()) {
                sinceSampling.push_back(m_scorer.klToMean(transitions, prediction, m_round.means[step].narrow(0, chunk.first, chunk.count)));
            }
            if (!m_learner.reference.empty()) {
                kls.push_back(m_scorer.kl(transitions, prediction, referencePrediction(transitions)));
            }
        }
        const at::Tensor rows = at::tensor(numbers).sub(chunk.first).to(m_parts.sampler.device());
        const auto counted = [&](const at::Tensor& ofChunk) { return rows.numel() == chunk.count ? ofChunk : ofChunk.index_select(0, rows); };
        const auto ofSteps = [&](const std::vector<at::Tensor>& steps) { return steps.empty() ? at::Tensor() : counted(at::stack(steps, 1)).flatten(); };
        const at::Tensor old = m_round.logProbs.narrow(0, chunk.first, chunk.count).index_select(1, at::tensor(m_round.steps).to(m_parts.sampler.device()));
        const auto ofChunk = [&](const at::Tensor& ofRound) {
            return ofRound.defined() ? counted(ofRound.narrow(0, chunk.first, chunk.count)).flatten() : at::Tensor();
        };
        backward({.logProb = ofSteps(logProbs),
                  .oldLogProb = counted(old).flatten(),
                  .advantage = ofChunk(m_advantages),
                  .kl = ofSteps(kls),
                  .klFactor = ofChunk(m_klFactor),
                  .klSinceSampling = ofSteps(sinceSampling),
                  .error = ofChunk(m_twins.error),
                  .slope = ofChunk(m_twins.slope)},
                 chunk.leaves, sumsOf(task));
        return workOf(chunk.count * m_steps);
    }

    /// The errors of an update's twins under the policy as it is.
    void compareTwins(std::span<const std::int64_t> rows) {
        const at::Tensor index = at::tensor(std::vector(rows.begin(), rows.end())).to(m_parts.sampler.device());
        const at::Tensor advantages = m_advantages.index_select(0, index);
        const rl::TwinTargets targets =
            m_learner.objective.twinTargets({m_hasMoved ? changeSinceSampling(rows) : at::zeros_like(advantages), advantages, m_round.steps});
        const auto byRow = [&](const at::Tensor& values) { return at::zeros(m_advantages.sizes(), values.options()).index_copy(0, index, values); };
        m_twins = {.error = byRow(targets.error), .slope = byRow(targets.slope)};
    }

    /// A mean over the images that are held as one over all images of the update, of which there are so many in all processes.
    void weighHeld(std::span<const std::int64_t> rows, double images) {
        const auto isHeld = [this](std::int64_t row) { return m_round.held[static_cast<std::size_t>(row)]; };
        const double held = ofAllProcesses(static_cast<double>(std::ranges::count_if(rows, isHeld)), true);
        std::vector<double> factors(m_round.held.size(), 0.0);
        for (const std::int64_t row : rows) {
            factors[static_cast<std::size_t>(row)] = isHeld(row) ? images / held : 0.0;
        }
        m_klFactor = at::tensor(factors, at::kDouble).to(m_parts.sampler.device(), at::kFloat).unsqueeze(1).expand({-1, m_steps});
    }

    /// [rows,S] log-ratios at the trained steps, for a pass without a graph.
    at::Tensor changeSinceSampling(std::span<const std::int64_t> rows) {
        const std::vector<Pair> pairs = pairsOf(rows, m_round.steps);
        std::vector<at::Tensor> changes(pairs.size());  // by task, of which there are no more
        const std::size_t calls = overPairs(pairs, [&](const PairChunk& chunk) {
            const tensor::GradMode noGrad(false);
            const PairRows some = gather(m_parts, m_round, chunk.pairs);
            changes[chunk.task] = m_scorer.logProb(some.transitions, chunk.merged) - some.oldLogProb;
            return static_cast<double>(chunk.pairs.size());
        });
        changes.resize(calls);
        return at::cat(changes).view({-1, m_steps});
    }

    /// Of values [N,S] of the round those of pairs at trained steps; undefined stays so.
    at::Tensor ofPairs(const at::Tensor& ofRound, std::span<const Pair> pairs) const {
        if (!ofRound.defined()) {
            return {};
        }
        std::vector<std::int64_t> places;
        for (const Pair& pair : pairs) {
            places.push_back(pair.row * m_steps + std::distance(m_round.steps.begin(), std::ranges::lower_bound(m_round.steps, pair.step)));
        }
        return ofRound.flatten().index_select(0, at::tensor(places).to(m_parts.sampler.device()));
    }

    double recomputeChunk(const PairChunk& chunk, WorkerSums& sums) {
        const tensor::GradMode grad(true);
        std::vector<at::Tensor> leaves;
        const std::vector<nn::MergedProjection> projections = m_learner.lora.withLeaves(chunk.merged, leaves);
        const PairRows rows = gather(m_parts, m_round, chunk.pairs);
        const at::Tensor reference = referencePrediction(rows.transitions);  // before the graph takes its memory
        const at::Tensor prediction = m_scorer.predict(rows.transitions, projections);
        backward({.logProb = m_scorer.logProb(rows.transitions, prediction),
                  .oldLogProb = rows.oldLogProb,
                  .advantage = ofPairs(m_advantages, chunk.pairs),
                  .kl = reference.defined() ? m_scorer.kl(rows.transitions, prediction, reference) : reference,
                  .klFactor = ofPairs(m_klFactor, chunk.pairs),
                  .klSinceSampling = rows.oldMean.defined() ? m_scorer.klToMean(rows.transitions, prediction, rows.oldMean) : at::Tensor(),
                  .error = ofPairs(m_twins.error, chunk.pairs),
                  .slope = ofPairs(m_twins.slope, chunk.pairs)},
                 leaves, sums);
        return workOf(static_cast<std::int64_t>(chunk.pairs.size()));
    }

    /// The gradient of the negative mean reward of all these rows, through the last step of each.
    void followReward(std::span<const std::int64_t> rows) {
        m_totalClimbing = static_cast<double>(rows.size()) * static_cast<double>(m_session.collective->size());
        overPairs(pairsOf(rows, std::array{m_parts.sampler.policy().steps() - 1}),
                  [this](const PairChunk& chunk) { return climbChunk(chunk, sumsOf(chunk.task)); });
    }

    double climbChunk(const PairChunk& chunk, WorkerSums& sums) {
        const tensor::GradMode grad(true);
        std::vector<at::Tensor> leaves;
        const std::vector<nn::MergedProjection> projections = m_learner.lora.withLeaves(chunk.merged, leaves);
        const auto rows = static_cast<std::int64_t>(chunk.pairs.size());
        const Weight weight{.share = static_cast<double>(rows) / m_totalClimbing, .scale = m_learner.lossScale};
        const std::vector<at::Tensor> gradients = m_learner.rewardAscent->lossGradient(
            {.round = m_round, .pairs = chunk.pairs, .projections = projections, .leaves = leaves, .isAsSampled = !m_hasMoved}, weight, sums.measures);
        WorkerSums::add(sums.ofNegativeReward, m_learner.lora.gradient(gradients));
        return workOf(rows);
    }

    void applyStep(UpdateStats& stats);

    const RoundParts& m_parts;
    sampling::Session& m_session;
    const LearnerParts& m_learner;
    Rollouts& m_round;
    Scorer m_scorer;
    std::vector<bool> m_counts;
    std::int64_t m_steps;     // S, those that the round trains
    at::Tensor m_advantages;  // [N,S] by row of the round
    bool m_hasMoved;
    at::Tensor m_klFactor;                         // [N,S] by row of the round; only where not all images are held
    rl::TwinTargets m_twins;                       // [N,S] by row of the round; only where the objective compares images
    double m_totalPairs = 0, m_totalClimbing = 0;  // of an update, in all processes
    bool m_hasOwnPairs = false;                    // some of those pairs are this process's
    std::vector<WorkerSums> m_sums;
};

/// throws: Numeric.
void requireFinite(double norm, double loss) {
    if (!std::isfinite(norm) || !std::isfinite(loss)) {
        throw Error(ErrorKind::Numeric, "the gradient is not finite (norm " + std::to_string(norm) + ", loss " + std::to_string(loss) +
                                            "). The last checkpoint is good: resume it with a lower training.learning_rate, or compute.dtype fp32");
    }
}

void Updater::applyStep(UpdateStats& stats) {
    WorkerSums total;
    for (WorkerSums& sums : m_sums) {
        WorkerSums::add(total.gradient, sums.gradient);
        WorkerSums::add(total.ofNegativeReward, sums.ofNegativeReward);
        total.measures.merge(sums.measures);
    }
    const tensor::GradMode noGrad(false);
    if (m_totalPairs > 0 && !total.gradient.defined()) {
        total.gradient = at::zeros_like(m_learner.lora.parameters());  // all rows that count are another process's
    }
    for (at::Tensor* sum : {&total.gradient, &total.ofNegativeReward}) {
        if (sum->defined()) {
            m_session.collective->sum(*sum);
            sum->div_(m_learner.lossScale);
        }
    }
    at::Tensor gradient = total.gradient;
    if (m_learner.rewardAscent != nullptr) {
        gradient = m_learner.rewardAscent->mix().mixed(total.gradient, total.ofNegativeReward, total.measures);
        if (!total.gradient.defined()) {
            total.measures.add(run::measure::kLoss, -total.measures.value(run::measure::kGradientReward));
        }
    }
    const double norm = rl::clipGradientNorm(gradient, m_learner.training.maxGradNorm);
    // The norm is that of all processes, the loss this one's.
    requireFinite(norm, m_hasOwnPairs || m_totalPairs == 0 ? total.measures.value(run::measure::kLoss) : 0);
    m_learner.optimizer.step(gradient, m_learner.learningRate);
    if (m_learner.average != nullptr) {
        m_learner.average->update(m_learner.lora.parameters(), m_learner.optimizer.stepCount());
    }
    total.measures.add(run::measure::kGradNorm, norm);
    stats.measures.merge(total.measures);
    ++stats.steps;
}

}  // namespace

UpdateStats improve(const RoundParts& parts, const LearnerParts& learner, Rollouts& round, const rl::Advantages& advantages) {
    const sampling::Stopwatch watch;
    Updater updater(parts, learner, round, advantages);
    UpdateStats stats;
    const auto images = static_cast<std::int64_t>(round.sample.size());
    const std::int64_t perUpdate = images / learner.training.updatesPerRound;
    for (std::int64_t pass = 0; pass < learner.plan.passes; ++pass) {
        std::vector<std::int64_t> order(static_cast<std::size_t>(images));
        std::iota(order.begin(), order.end(), 0);  // the first pass was shuffled when the round was collected
        if (pass > 0) {
            order = orderOfPass(parts.streams, round.key, learner.plan, pass);
        }
        for (std::int64_t update = 0; update < learner.training.updatesPerRound; ++update) {
            const std::span<const std::int64_t> rows(order.data() + update * perUpdate, static_cast<std::size_t>(perUpdate));
            updater.update(rows, pass == 0 && update == 0 && !round.kept.empty(), stats);
        }
    }
    stats.seconds = watch.seconds();
    return stats;
}

double replayDeviation(const RoundParts& parts, const nn::LoraAdapter& lora, const Rollouts& round, const RoundPlan& plan) {
    const tensor::GradMode noGrad(false);
    std::vector<Pair> pairs;
    for (std::int64_t row = 0; row < static_cast<std::int64_t>(round.sample.size()); ++row) {
        for (std::int64_t step = 0; step < round.logProbs.size(1) && static_cast<std::int64_t>(pairs.size()) < plan.chunkImages; ++step) {
            pairs.push_back({row, step});
        }
    }
    const PairRows rows = gather(parts, round, pairs);
    const at::Tensor logProb = Scorer{parts.sampler.denoiser(), parts.sampler.policy()}.logProb(rows.transitions, lora.merged());
    const double deviation = at::exp(logProb - rows.oldLogProb).sub(1.0).abs().max().item<double>();
    if (!std::isfinite(deviation)) {
        throw Error(ErrorKind::Numeric,
                    "the ratio self-check before the first update gives no number: the log-probabilities of sampled steps are not finite. "
                    "Nothing was trained; use compute.dtype fp32, or leave out the last steps with training.skip_last_steps");
    }
    return deviation;
}

}  // namespace rlcm::learn
