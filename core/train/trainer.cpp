#include "core/train/trainer.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/run/derive.h"
#include "core/run/field_table.h"
#include "core/tensor/device.h"
#include "core/tensor/failure.h"
#include "core/tensor/memory.h"
#include "core/train/environment.h"
#include "core/train/lora_start.h"
#include "core/train/make_run.h"
#include "core/train/summary.h"

namespace rlcm::train {
namespace {

using run::RunState;

constexpr double kProgressInterval = 0.2;  // seconds; every one costs a window a repaint
constexpr std::size_t kEpochsForForecast = 5;

/// Adds one round to the sums of an epoch; measures become means over rounds, the ratio the largest.
void addRound(RoundResult& sums, const RoundResult& round, double share) {
    sums.rewards.insert(sums.rewards.end(), round.rewards.begin(), round.rewards.end());
    sums.terms.resize(round.terms.size());
    for (std::size_t term = 0; term < round.terms.size(); ++term) {
        sums.terms[term].first = round.terms[term].first;
        auto& values = sums.terms[term].second;
        values.insert(values.end(), round.terms[term].second.begin(), round.terms[term].second.end());
    }
    sums.update.loss += share * round.update.loss;
    sums.update.approxKl += share * round.update.approxKl;
    sums.update.clipFraction += share * round.update.clipFraction;
    sums.update.gradNorm += share * round.update.gradNorm;
    sums.update.ratioMaxDeviation = std::max(sums.update.ratioMaxDeviation, round.update.ratioMaxDeviation);
    sums.update.steps += round.update.steps;
    sums.denoiserEvaluations += round.denoiserEvaluations;
}

}  // namespace

Trainer::Trainer(run::RunRequest request, run::RunObserver& observer) : m_request(std::move(request)), m_observer(observer) {
    run::requireValid(m_request.config);
    if (!m_request.resumeFrom.empty()) {
        takeCounters(m_request.resumedCounters);
    }
}

RunState Trainer::execute(std::stop_token stop, run::RunCommands& commands) noexcept {
    Gate gate(std::move(stop), commands);
    m_sinceStart = Stopwatch();
    RunState outcome = RunState::Finished;
    std::string problem;
    try {
        trainToEnd(gate);
        const bool isDone = m_counters.epoch >= m_request.config.training.epochs;
        outcome = isDone ? RunState::Finished : RunState::Stopped;
    } catch (const Cancelled&) {
        outcome = RunState::Stopped;
    } catch (const std::exception& failure) {
        outcome = RunState::Failed;
        problem = tensor::failureText(failure);
    }
    if (const auto failure = commands.failure()) {
        outcome = RunState::Failed;
        problem = *failure;
    }
    if (m_learner) {
        passOnNotices();
    }
    emit(run::RunFinished{m_request.id, outcome, problem, countersNow()});
    m_learner.reset();
    return outcome;
}

void Trainer::trainToEnd(Gate& gate) {
    enter(RunState::Preparing);
    prepare();
    passTelling(gate);
    if (m_counters.epoch == 0) {
        evaluate(0, false, gate);
        checkpoint();  // a run stopped in its first epoch can be resumed too
    }
    for (std::int64_t epoch = m_counters.epoch; epoch < m_request.config.training.epochs; ++epoch) {
        obeyBetweenEpochs(epoch, gate);
        runEpoch(epoch, gate);
        if (gate.commands().isStopAfterEpoch()) {
            enter(RunState::Stopping);
            break;
        }
    }
}

void Trainer::prepare() {
    const run::RunConfig& config = m_request.config;
    tensor::keepFreedMemory();
    tensor::setDeterministic();
    tensor::setIntraOpThreads(1);  // the learner's compute threads take whole chunks; this thread only directs them
    const bool isResumed = !m_request.resumeFrom.empty();
    LoraStart start;
    if (isResumed) {
        start.kept = keptInCheckpoint(m_request.resumeFrom, models::findModel(config.model.path));
    } else if (!config.lora.start.empty()) {
        start = readLoraStart(config.lora, models::findModel(config.model.path));
    }
    m_learner = std::make_unique<Learner>(config, start.kept);
    std::string startText;
    if (isResumed) {
        const CheckpointState state = loadCheckpoint(m_request.resumeFrom, m_learner->lora(), m_learner->optimizer());
        m_learner->statistics().restore(state.statistics);
        takeCounters(state.counters);
    } else if (!config.lora.start.empty()) {
        startText = startFromLora(m_learner->lora(), start, config.lora);
    }
    m_epoch = m_counters.epoch;
    emit(run::RunStarted{m_request.id, environmentJson(config.compute.device), m_counters.epoch});
    emit(run::LogLine{m_request.id, 1, m_learner->planText()});
    if (!startText.empty()) {
        emit(run::LogLine{m_request.id, 1, startText});
    }
    if (m_counters.epoch > 0) {
        emit(run::LogLine{m_request.id, 1, "resumed after epoch " + std::to_string(m_counters.epoch)});
    }
}

void Trainer::runEpoch(std::int64_t epoch, Gate& gate) {
    const run::TrainingConfig& training = m_request.config.training;
    const double rate = rl::learningRateAt(training.learningRate, training.learningRateDecay == "two_thirds", epoch, training.epochs);
    m_epoch = epoch;
    const Stopwatch watch;
    const double pausedBefore = m_pausedSeconds;
    RoundResult sums;
    run::PhaseSeconds seconds;
    for (std::int64_t index = 0; index < training.roundsPerEpoch; ++index) {
        m_round = index;
        enter(RunState::Sampling);
        gate.resetWork();
        RoundResult round = m_learner->round(epoch, index, rate, gate, [&] { tick(gate); });
        seconds.sample += round.sampleSeconds;
        seconds.decode += round.decodeSeconds;
        seconds.reward += round.rewardSeconds;
        seconds.update += round.update.seconds;
        if (round.replayDeviation >= 0) {
            const bool isBad = round.replayDeviation > training.clipRangePerElement;
            emit(run::LogLine{m_request.id, isBad ? 2 : 1,
                              "ratio self-check before the first update: largest deviation from 1 is " + std::to_string(round.replayDeviation) +
                                  (isBad ? ", beyond the clip range: use compute.dtype fp32 or a wider training.clip_range_per_element" : "")});
        }
        addRound(sums, round, 1.0 / static_cast<double>(training.roundsPerEpoch));
    }
    m_isEvaluatedNow = false;
    m_counters.epoch = epoch + 1;
    m_counters.images += static_cast<std::int64_t>(sums.rewards.size());
    m_counters.rewardQueries += static_cast<std::int64_t>(sums.rewards.size());
    m_counters.denoiserEvaluations += sums.denoiserEvaluations;
    m_counters.optimizerSteps += sums.update.steps;
    m_counters = countersNow();
    seconds.paused = m_pausedSeconds - pausedBefore;
    seconds.total = watch.seconds() - seconds.paused;

    if (run::isEvaluationDue(m_request.config, epoch + 1)) {
        const Stopwatch evaluating;
        evaluate(epoch + 1, false, gate);
        seconds.evaluate = evaluating.seconds();
    }
    m_recentEpochSeconds.push_back(watch.seconds() - (m_pausedSeconds - pausedBefore));
    m_lastEpochImagesPerSecond = static_cast<double>(sums.rewards.size()) / seconds.total;
    report(sums, seconds, rate);
    if ((epoch + 1) % m_request.config.checkpoint.every == 0 || epoch + 1 == training.epochs || gate.commands().isStopAfterEpoch() ||
        gate.commands().takeCheckpointNow()) {
        checkpoint();
    }
}

void Trainer::report(const RoundResult& sums, const run::PhaseSeconds& seconds, double learningRate) {
    const std::vector<double>& rewards = sums.rewards;
    run::EpochDone event{m_request.id, m_counters.epoch - 1, m_counters, seconds, {}};
    const MeanStd reward = meanStd(rewards);
    event.scalars = {{"reward_mean", reward.mean},
                     {"reward_std", reward.std},
                     {"reward_p10", quantile(rewards, 0.1)},
                     {"reward_p50", quantile(rewards, 0.5)},
                     {"reward_p90", quantile(rewards, 0.9)},
                     {"loss", sums.update.loss},
                     {"approx_kl", sums.update.approxKl},
                     {"clip_fraction", sums.update.clipFraction},
                     {"grad_norm", sums.update.gradNorm},
                     {"ratio_max_deviation", sums.update.ratioMaxDeviation},
                     {"learning_rate", learningRate},
                     {"images_per_second", m_lastEpochImagesPerSecond}};
    if (sums.terms.size() > 1) {
        for (const auto& [name, values] : sums.terms) {
            event.scalars.emplace_back("reward." + name, meanStd(values).mean);
        }
    }
    emit(std::move(event));
}

void Trainer::evaluate(std::int64_t finishedEpochs, bool isExtra, Gate& gate) {
    run::EvaluationDone event{m_request.id, finishedEpochs, m_counters, isExtra, 0, {}, {}};
    const Stopwatch watch;
    m_learner->evaluate(gate, [&] { tick(gate); }, event);
    event.seconds = watch.seconds();
    m_isEvaluatedNow = true;
    emit(std::move(event));
}

void Trainer::checkpoint() {
    const CheckpointState state{m_counters.epoch, m_counters, m_request.config, m_learner->statistics().buffers()};
    const std::int64_t bytes = saveCheckpoint(m_request.folder, state, m_learner->lora(), m_learner->kept(), m_learner->optimizer(), m_request.config.checkpoint.keep);
    const std::string folder = "runs/" + m_request.folder.filename().string() + "/" + checkpointName(m_counters.epoch);
    emit(run::CheckpointSaved{m_request.id, m_counters.epoch, folder, bytes});
}

void Trainer::obeyBetweenEpochs(std::int64_t finishedEpochs, Gate& gate) {
    if (gate.commands().takeSampleNow() && !m_isEvaluatedNow) {
        evaluate(finishedEpochs, true, gate);
    }
    if (gate.commands().takeCheckpointNow()) {
        checkpoint();
    }
    passTelling(gate);
}

/// A pause is told while it lasts, and its time is not counted as active.
void Trainer::passTelling(Gate& gate) {
    gate.pass([&] { tick(gate); });
    tick(gate);
}

void Trainer::enter(RunState phase) {
    m_phase = phase;
    emit(run::StateChanged{m_request.id, phase});
}

void Trainer::tick(Gate& gate) {
    const bool isPaused = gate.commands().isPaused() && !gate.isStopping();
    if (isPaused && !m_pause) {
        m_pause = std::make_unique<Stopwatch>();
        m_learner->rewards().demand(rewards::Demand::Hold);
        emit(run::StateChanged{m_request.id, RunState::Paused});
    } else if (!isPaused && m_pause) {
        m_pausedSeconds += m_pause->seconds();
        m_pause.reset();
        m_learner->rewards().demand(rewards::Demand::Go);
        emit(run::StateChanged{m_request.id, m_phase});
    }
    if (m_sinceProgress.seconds() < kProgressInterval) {
        return;
    }
    passOnNotices();
    m_sinceProgress = Stopwatch();
    const run::TrainingConfig& training = m_request.config.training;
    const double fraction =
        (static_cast<double>(m_round) + std::min(1.0, gate.work() / m_learner->workPerRound())) / static_cast<double>(training.roundsPerEpoch);
    const auto sampled = static_cast<double>(m_request.config.sampling.steps * training.imagesPerRound);
    const RunState reached = gate.work() > sampled ? RunState::Updating : gate.work() == sampled ? RunState::Rewarding : RunState::Sampling;
    if ((m_phase == RunState::Sampling || m_phase == RunState::Rewarding) && reached > m_phase) {
        m_phase = reached;
        emit(run::StateChanged{m_request.id, m_phase});
    }
    double left = -1;
    if (!m_recentEpochSeconds.empty()) {
        const std::size_t count = std::min(kEpochsForForecast, m_recentEpochSeconds.size());
        const double perEpoch = std::accumulate(m_recentEpochSeconds.end() - static_cast<std::ptrdiff_t>(count), m_recentEpochSeconds.end(), 0.0) / static_cast<double>(count);
        left = perEpoch * (static_cast<double>(training.epochs - m_epoch) - fraction);
    }
    emit(run::Progress{m_request.id, isPaused ? RunState::Paused : m_phase, m_epoch, training.epochs, fraction, left, gate.slowestCall(), m_lastEpochImagesPerSecond});
}

/// Rewards speak on threads of their own; events are sent on this one.
void Trainer::passOnNotices() {
    for (rewards::Notice& notice : m_learner->rewards().takeNotices()) {
        emit(run::LogLine{m_request.id, notice.level, std::move(notice.text)});
    }
}

void Trainer::takeCounters(const run::Counters& counters) {
    m_counters = counters;
    m_earlierActive = counters.activeSeconds;
    m_earlierWall = counters.wallSeconds;
}

double Trainer::pausedSecondsNow() const {
    return m_pausedSeconds + (m_pause ? m_pause->seconds() : 0.0);
}

run::Counters Trainer::countersNow() const {
    run::Counters counters = m_counters;
    const double wall = m_sinceStart.seconds();
    counters.wallSeconds = m_earlierWall + wall;
    counters.activeSeconds = m_earlierActive + wall - pausedSecondsNow();
    return counters;
}

std::unique_ptr<run::Run> makeRun(const run::RunRequest& request, run::RunObserver& observer) {
    return std::make_unique<Trainer>(request, observer);
}

}  // namespace rlcm::train
