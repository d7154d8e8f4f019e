#include "core/learn/improve.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "core/base/error.h"
#include "core/rl/policy_loss.h"
#include "core/tensor/device.h"
#include "core/tensor/torch.h"

namespace rlcm::learn {
namespace {

/// A trained transition: row of the round and step.
struct Pair {
    std::int64_t row = 0, step = 0;
};

/// Sums that a worker gathers over its tasks; worker order makes the total independent of timing.
struct WorkerSums {
    std::vector<at::Tensor> gradients;  // f32, one per factor; empty: nothing yet
    double loss = 0, approxKl = 0, clipFraction = 0, ratioMaxDeviation = 0;

    void add(const std::vector<at::Tensor>& more) {
        if (gradients.empty()) {
            for (const at::Tensor& gradient : more) {
                gradients.push_back(gradient.defined() ? gradient.to(at::kFloat) : at::Tensor());
            }
            return;
        }
        for (std::size_t i = 0; i < more.size(); ++i) {
            if (more[i].defined()) {
                gradients[i] = gradients[i].defined() ? gradients[i].add_(more[i]) : more[i].to(at::kFloat);
            }
        }
    }
};

class Updater {
public:
    Updater(const CollectorParts& parts, LearnerParts learner, Rollouts& round, const std::vector<double>& advantages, sampling::Gate& gate,
            const std::function<void()>& tick)
        : m_parts(parts), m_learner(learner), m_round(round), m_gate(gate), m_tick(tick),
          m_advantages(at::tensor(advantages, at::kDouble).to(parts.device, at::kFloat)),
          m_steps(round.logProbs.size(1)) {}

    /// One optimiser step on some rows of the round.
    void update(std::span<const std::int64_t> rows, bool usesKeptGraph, double learningRate, UpdateStats& stats) {
        m_totalPairs = static_cast<double>(rows.size()) * static_cast<double>(m_steps);
        m_sums.assign(static_cast<std::size_t>(m_parts.workers.size()), {});
        if (usesKeptGraph) {
            m_parts.workers.run(m_round.kept.size(), [this](std::size_t task) { backwardKept(task); }, m_tick);
            m_round.kept.clear();
        } else {
            recompute(rows);
        }
        applyStep(learningRate, stats);
    }

private:
    WorkerSums& sumsOf(std::size_t task) { return m_sums[task % m_sums.size()]; }

    /// Loss of scored pairs, weighted by their share in the update; adds the gradient and the measures to the worker's sums.
    void backward(const at::Tensor& logProb, const at::Tensor& oldLogProb, const at::Tensor& advantages, const std::vector<at::Tensor>& leaves, WorkerSums& sums) {
        const rl::PolicyLoss result = rl::clippedPolicyLoss(logProb, oldLogProb, advantages, m_learner.training.clipRangePerElement, m_learner.training.advantageClip);
        const double share = static_cast<double>(logProb.numel()) / m_totalPairs;
        sums.add(torch::autograd::grad({result.loss * (share * m_learner.lossScale)}, leaves, {}, false, false, true));
        sums.loss += share * result.loss.item<double>();
        sums.approxKl += share * result.approxKl;
        sums.clipFraction += share * result.clipFraction;
        sums.ratioMaxDeviation = std::max(sums.ratioMaxDeviation, result.ratioMaxDeviation);
    }

    void backwardKept(std::size_t task) {
        m_gate.pass();
        const sampling::Stopwatch watch;
        const tensor::GradMode grad(true);
        KeptChunk& chunk = m_round.kept[task];
        std::vector<at::Tensor> logProbs;
        for (std::int64_t step = 0; step < m_steps; ++step) {
            const at::Tensor index = at::full({1}, step, at::TensorOptions(at::kLong).device(m_parts.device));
            const at::Tensor x = m_round.states[static_cast<std::size_t>(step)].narrow(0, chunk.first, chunk.count);
            const at::Tensor next = m_round.states[static_cast<std::size_t>(step) + 1].narrow(0, chunk.first, chunk.count);
            const diffusion::Transition transition = m_parts.policy.transition(index, x, chunk.predictions[static_cast<std::size_t>(step)]);
            logProbs.push_back(diffusion::logProbPerElement(next, transition.mean, transition.std));
        }
        const at::Tensor old = m_round.logProbs.narrow(0, chunk.first, chunk.count);
        const at::Tensor advantages = m_advantages.narrow(0, chunk.first, chunk.count).unsqueeze(1).expand({-1, m_steps});
        backward(at::stack(logProbs, 1).flatten(), old.flatten(), advantages.flatten(), chunk.leaves, sumsOf(task));
        m_gate.addWork(2.0 * static_cast<double>(chunk.count * m_steps));
        m_gate.noteCall(watch.seconds());
        chunk = {};  // frees the graph
    }

    void recompute(std::span<const std::int64_t> rows) {
        std::vector<Pair> pairs;
        for (const std::int64_t row : rows) {
            for (std::int64_t step = 0; step < m_steps; ++step) {
                pairs.push_back({row, step});
            }
        }
        const std::vector<nn::MergedProjection> merged = m_learner.lora.merged();
        const auto chunks = splitRows(0, static_cast<std::int64_t>(pairs.size()), m_learner.rowsPerCall, m_parts.workers.size());
        m_parts.workers.run(
            chunks.size(),
            [&](std::size_t task) {
                m_gate.pass();
                const sampling::Stopwatch watch;
                const std::span<const Pair> mine(pairs.data() + chunks[task].first, static_cast<std::size_t>(chunks[task].second));
                recomputeChunk(mine, merged, sumsOf(task));
                m_gate.addWork(2.0 * static_cast<double>(mine.size()));
                m_gate.noteCall(watch.seconds());
            },
            m_tick);
    }

    void recomputeChunk(std::span<const Pair> pairs, const std::vector<nn::MergedProjection>& merged, WorkerSums& sums);
    void applyStep(double learningRate, UpdateStats& stats);

    const CollectorParts& m_parts;
    LearnerParts m_learner;
    Rollouts& m_round;
    sampling::Gate& m_gate;
    const std::function<void()>& m_tick;
    at::Tensor m_advantages;
    std::int64_t m_steps;
    double m_totalPairs = 0;
    std::vector<WorkerSums> m_sums;
};

/// New log-probabilities of pairs, and the stored ones.
struct Rescored {
    at::Tensor logProb, oldLogProb, row;
};

Rescored rescore(const CollectorParts& parts, const Rollouts& round, std::span<const Pair> pairs, std::span<const nn::MergedProjection> projections) {
    std::vector<std::int64_t> rows, steps, prompts;
    std::vector<at::Tensor> x, next;
    for (const Pair& pair : pairs) {
        rows.push_back(pair.row);
        steps.push_back(pair.step);
        prompts.push_back(round.prompt[static_cast<std::size_t>(pair.row)]);
        x.push_back(round.states[static_cast<std::size_t>(pair.step)][pair.row]);
        next.push_back(round.states[static_cast<std::size_t>(pair.step) + 1][pair.row]);
    }
    const at::Tensor row = at::tensor(rows).to(parts.device), step = at::tensor(steps).to(parts.device);
    const at::Tensor states = at::stack(x);
    const sampling::Condition condition = parts.denoiser.condition(parts.prompts.embeddings.select(at::tensor(prompts).to(parts.device)), parts.prompts.none, states.sizes());
    const at::Tensor eps = parts.denoiser.predictMixed(step, states, condition, projections);
    const diffusion::Transition transition = parts.policy.transition(step, states, eps);
    const at::Tensor old = round.logProbs.flatten().index_select(0, row * round.logProbs.size(1) + step);
    return {diffusion::logProbPerElement(at::stack(next), transition.mean, transition.std), old, row};
}

void Updater::recomputeChunk(std::span<const Pair> pairs, const std::vector<nn::MergedProjection>& merged, WorkerSums& sums) {
    const tensor::GradMode grad(true);
    std::vector<at::Tensor> leaves;
    const std::vector<nn::MergedProjection> projections = m_learner.lora.withLeaves(merged, leaves);
    const Rescored scored = rescore(m_parts, m_round, pairs, projections);
    backward(scored.logProb, scored.oldLogProb, m_advantages.index_select(0, scored.row), leaves, sums);
}

void Updater::applyStep(double learningRate, UpdateStats& stats) {
    WorkerSums total;
    for (WorkerSums& sums : m_sums) {
        if (sums.gradients.empty()) {
            continue;
        }
        total.add(sums.gradients);
        total.loss += sums.loss;
        total.approxKl += sums.approxKl;
        total.clipFraction += sums.clipFraction;
        total.ratioMaxDeviation = std::max(total.ratioMaxDeviation, sums.ratioMaxDeviation);
    }
    const tensor::GradMode noGrad(false);
    at::Tensor gradient = m_learner.lora.gradient(total.gradients);
    gradient.div_(m_learner.lossScale);
    const double norm = rl::clipGradientNorm(gradient, m_learner.training.maxGradNorm);
    if (!std::isfinite(norm) || !std::isfinite(total.loss)) {
        throw Error(ErrorKind::Numeric, "the gradient is not finite (norm " + std::to_string(norm) + ", loss " + std::to_string(total.loss) +
                                            "). The last checkpoint is good: resume it with a lower training.learning_rate, or compute.dtype fp32");
    }
    m_learner.optimizer.step(gradient, learningRate);
    stats.loss += total.loss;
    stats.approxKl += total.approxKl;
    stats.clipFraction += total.clipFraction;
    stats.gradNorm += norm;
    stats.ratioMaxDeviation = std::max(stats.ratioMaxDeviation, total.ratioMaxDeviation);
    ++stats.steps;
}

}  // namespace

UpdateStats improve(const CollectorParts& parts, LearnerParts learner, Rollouts& round, const std::vector<double>& advantages,
                    std::uint64_t epoch, std::uint64_t roundIndex, double learningRate, sampling::Gate& gate, const std::function<void()>& tick) {
    const sampling::Stopwatch watch;
    Updater updater(parts, learner, round, advantages, gate, tick);
    UpdateStats stats;
    const auto images = static_cast<std::int64_t>(round.sample.size());
    const std::int64_t perUpdate = images / learner.training.updatesPerRound;
    for (std::int64_t pass = 0; pass < learner.training.innerEpochs; ++pass) {
        std::vector<std::int64_t> order(static_cast<std::size_t>(images));
        std::iota(order.begin(), order.end(), 0);  // the first pass was shuffled when the round was collected
        if (pass > 0) {
            const std::uint64_t key = roundIndex * static_cast<std::uint64_t>(learner.training.innerEpochs) + static_cast<std::uint64_t>(pass);
            order = parts.streams.at(Stream::Shuffle, epoch, key).permutation(images);
        }
        for (std::int64_t update = 0; update < learner.training.updatesPerRound; ++update) {
            const std::span<const std::int64_t> rows(order.data() + update * perUpdate, static_cast<std::size_t>(perUpdate));
            updater.update(rows, pass == 0 && update == 0 && !round.kept.empty(), learningRate, stats);
        }
    }
    const auto steps = static_cast<double>(stats.steps);
    stats.loss /= steps;
    stats.approxKl /= steps;
    stats.clipFraction /= steps;
    stats.gradNorm /= steps;
    stats.seconds = watch.seconds();
    return stats;
}

double replayDeviation(const CollectorParts& parts, const nn::LoraAdapter& lora, const Rollouts& round, std::int64_t rowsPerCall) {
    const tensor::GradMode noGrad(false);
    std::vector<Pair> pairs;
    for (std::int64_t row = 0; row < static_cast<std::int64_t>(round.sample.size()); ++row) {
        for (std::int64_t step = 0; step < round.logProbs.size(1) && static_cast<std::int64_t>(pairs.size()) < rowsPerCall; ++step) {
            pairs.push_back({row, step});
        }
    }
    const Rescored scored = rescore(parts, round, pairs, lora.merged());
    const double deviation = at::exp(scored.logProb - scored.oldLogProb).sub(1.0).abs().max().item<double>();
    if (!std::isfinite(deviation)) {
        throw Error(ErrorKind::Numeric, "the ratio self-check before the first update gives no number: the log-probabilities of sampled steps are not finite. "
                                        "Nothing was trained; use compute.dtype fp32, or leave out the last steps with training.skip_last_steps");
    }
    return deviation;
}

}  // namespace rlcm::learn
