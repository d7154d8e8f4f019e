// What a trainer tells while it works: phases, pauses, progress, edits, words of the rewards, and what an epoch measured.
#include "core/train/trainer.h"

#include <filesystem>
#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/base/order_statistics.h"
#include "core/learn/summary.h"
#include "core/run/field_table.h"
#include "core/run/measures.h"

namespace rlcm::train {

namespace measure = run::measure;
using run::RunState;

namespace {

constexpr double kProgressInterval = 0.2;  // seconds; every one costs a window a repaint
constexpr double kScarce = 4;              // times the level of the alarm: above that nobody needs to hear of it

/// GB left where the run is stored, when that is little.
std::optional<double> scarceDisk(const run::RunRequest& request) {
    std::error_code unknown;
    const double left = static_cast<double>(std::filesystem::space(request.folder, unknown).available) / 1e9;
    return !unknown && left < kScarce * request.config.health.diskFree.level ? std::optional(left) : std::nullopt;
}

}  // namespace

void Trainer::enter(RunState phase) {
    m_phase = phase;
    if (!m_isPaused) {
        emit(run::StateChanged{m_request.id, phase});
    }
}

void Trainer::demand(rewards::Demand demand) {
    m_learner->rewards().demand(demand);
    if (rewards::RewardPool* judges = m_learner->judges()) {
        judges->demand(demand);
    }
    m_evaluator->judges().demand(demand);
}

/// A pause is told at once; its time counts from the moment in which the last call has ended.
void Trainer::followPause(sampling::Gate& gate) {
    const bool isPaused = gate.commands().isPaused() && !gate.isStopping();
    if (isPaused && !m_isPaused) {
        m_isPaused = true;
        demand(rewards::Demand::Hold);
        emit(run::StateChanged{m_request.id, RunState::Paused});
    }
    if (isPaused && gate.waiting() >= m_session->workers.busy()) {
        m_clock.pause();
    }
    if (!isPaused && m_isPaused) {
        m_isPaused = false;
        m_clock.resume();
        demand(rewards::Demand::Go);
        emit(run::StateChanged{m_request.id, m_phase});
    }
}

/// The phase of a round follows from the work done in it.
void Trainer::followPhase(sampling::Gate& gate) {
    const double done = gate.work() - m_workBefore;
    const auto sampled = static_cast<double>(m_request.config.sampling.steps * m_request.config.training.imagesPerRound);
    const RunState reached = done > sampled ? RunState::Updating : done == sampled ? RunState::Rewarding : RunState::Sampling;
    if ((m_phase == RunState::Sampling || m_phase == RunState::Rewarding) && reached > m_phase) {
        enter(reached);
    }
}

void Trainer::tick(sampling::Gate& gate) {
    followPause(gate);
    if (m_sinceProgress.seconds() < kProgressInterval) {
        return;
    }
    passOnNotices();
    m_sinceProgress = sampling::Stopwatch();
    followPhase(gate);
    const double done = m_phase == RunState::Preparing ? 0 : gate.work();  // the evaluation before training is of no epoch
    emit(run::Progress{.id = m_request.id,
                       .phase = m_isPaused ? RunState::Paused : m_phase,
                       .epoch = m_epoch,
                       .epochs = m_request.config.training.epochs,
                       .fractionOfEpoch = m_forecast->fraction(m_epoch, done),
                       .secondsLeft = m_forecast->secondsLeft(m_epoch, done),
                       .stopLatencySeconds = gate.slowestCall(),
                       .imagesPerSecond = m_lastEpochImagesPerSecond,
                       .activeSeconds = m_clock.active(),
                       .wallSeconds = m_clock.wall()});
}

/// Rewards and judges speak on threads of their own; events are sent on this one.
void Trainer::passOnNotices() {
    for (rewards::Notice& notice : m_learner->rewards().takeNotices()) {
        say(notice.level, std::move(notice.text));
    }
    if (rewards::RewardPool* judges = m_learner->judges()) {
        for (rewards::Notice& notice : judges->takeNotices()) {
            say(notice.level, std::move(notice.text));
        }
    }
    for (rewards::Notice& notice : m_evaluator->judges().takeNotices()) {
        say(notice.level, std::move(notice.text));
    }
}

/// What cannot be obeyed changes nothing; whoever asked has checked it against older settings.
void Trainer::obeyEdits(run::RunCommands& commands) {
    for (const run::LiveEdit& edit : commands.takeEdits()) {
        try {
            const run::RunConfig next = run::withLiveEdit(m_request.config, edit, m_counters.epoch);
            const run::Field& field = run::fieldAt(edit.path);
            const std::string was = run::fieldText(m_request.config, field), is = run::fieldText(next, field);
            if (was == is) {
                continue;
            }
            m_request.config = next;
            m_learner->edit(next.training);
            m_forecast->edit(next);
            emit(run::SettingEdited{m_request.id, m_counters.epoch, edit.path, was, is});
            say(log::Level::Info, field.label + " is " + is + " from here on, it was " + was);
        } catch (const Error& problem) {
            say(log::Level::Warning, problem.message());
        }
    }
}

void Trainer::report(const learn::RoundResult& sums, double learningRate) {
    std::vector<double> rewards;
    for (const run::TrainingImage& image : sums.images) {
        rewards.push_back(image.reward);
    }
    m_seconds.total = m_counters.activeSeconds - m_reportedActive;
    m_seconds.paused = m_clock.paused() - m_reportedPaused;
    m_reportedActive = m_counters.activeSeconds;
    m_reportedPaused = m_clock.paused();
    run::EpochDone event{m_request.id, m_counters.epoch - 1, m_counters, std::exchange(m_seconds, {}), {}, sums.images};
    const learn::MeanStd reward = learn::meanStd(rewards);
    run::Measures measures = sums.update.measures;
    measures.add(measure::kRewardMean, reward.mean);
    measures.add(measure::kRewardStd, reward.std);
    measures.add(measure::kRewardP10, quantile(rewards, 0.1));
    measures.add(measure::kRewardP50, quantile(rewards, 0.5));
    measures.add(measure::kRewardP90, quantile(rewards, 0.9));
    measures.add(measure::kLearningRate, learningRate);
    measures.add(measure::kImagesPerSecond, m_lastEpochImagesPerSecond);
    if (const std::optional<double> left = scarceDisk(m_request)) {
        measures.add(measure::kDiskFree, *left);
    }
    if (sums.terms.size() > 1) {
        for (const auto& [name, values] : sums.terms) {
            measures.add(std::string(measure::kRewardTermPrefix) + name, learn::meanStd(values).mean);
        }
    }
    event.scalars = measures.scalars();
    emit(std::move(event));
}

}  // namespace rlcm::train
