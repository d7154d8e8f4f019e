#pragma once
#include <memory>
#include <string>

#include "core/run/run.h"
#include "core/train/checkpoint.h"
#include "core/train/learner.h"

namespace rlcm::train {

/// One run from Preparing to its end. thread: execute() and everything below it on the caller's thread; events are sent from
/// there only.
class Trainer : public run::Run {
public:
    /// throws: Config when the config is not valid.
    Trainer(run::RunRequest request, run::RunObserver& observer);
    run::RunState execute(std::stop_token stop, run::RunCommands& commands) noexcept override;

private:
    void trainToEnd(Gate& gate);
    void prepare();
    void runEpoch(std::int64_t epoch, Gate& gate);
    void evaluate(std::int64_t finishedEpochs, bool isExtra, Gate& gate);
    void checkpoint();
    void obeyBetweenEpochs(std::int64_t finishedEpochs, Gate& gate);
    void passTelling(Gate& gate);

    void emit(run::RunEvent event) noexcept { m_observer.onEvent(event); }
    void enter(run::RunState phase);
    void tick(Gate& gate);
    void passOnNotices();
    void report(const RoundResult& sums, const run::PhaseSeconds& seconds, double learningRate);
    run::Counters countersNow() const;
    void takeCounters(const run::Counters& counters);
    double pausedSecondsNow() const;

    run::RunRequest m_request;
    run::RunObserver& m_observer;
    std::unique_ptr<Learner> m_learner;
    run::Counters m_counters;            // of finished epochs; seconds of earlier processes included
    Stopwatch m_sinceStart;
    double m_earlierActive = 0, m_earlierWall = 0;
    double m_pausedSeconds = 0;
    std::unique_ptr<Stopwatch> m_pause;  // set while paused
    run::RunState m_phase = run::RunState::Preparing;
    std::int64_t m_round = 0;  // of the epoch that is worked on
    std::int64_t m_epoch = 0;
    std::vector<double> m_recentEpochSeconds;
    double m_lastEpochImagesPerSecond = 0;
    Stopwatch m_sinceProgress;
    bool m_isEvaluatedNow = false;       // the last evaluation is of the current weights
};

}  // namespace rlcm::train
