#pragma once
// Where a run's time goes, and how much is left. thread: the trainer's.
#include <cstdint>
#include <deque>
#include <optional>

#include "core/run/run_config.h"
#include "core/sampling/gate.h"

namespace rlcm::train {

/// Active and wall seconds over all processes of a run.
class RunClock {
public:
    /// Goes on from what earlier processes took.
    void startFrom(double active, double wall);
    /// From now on nothing computes / something does again. Calls that change nothing are allowed.
    void pause();
    void resume();
    double active() const { return m_earlierActive + m_sinceStart.seconds() - paused(); }
    double wall() const { return m_earlierWall + m_sinceStart.seconds(); }
    /// Seconds paused in this process.
    double paused() const { return m_paused + (m_pause ? m_pause->seconds() : 0.0); }

private:
    sampling::Stopwatch m_sinceStart;
    double m_earlierActive = 0, m_earlierWall = 0, m_paused = 0;
    std::optional<sampling::Stopwatch> m_pause;
};

/// Work and time of a whole run, from the epochs done so far. Work is in denoiser rows, as Gate::addWork counts them.
class Forecast {
public:
    Forecast(const run::RunConfig& config, double workPerRound, std::int64_t evaluationImages);

    /// From now on the run is as long as these settings say, and evaluated as often.
    void edit(const run::RunConfig& config);
    double workOfEpoch(std::int64_t epoch) const;
    /// 0..1 for `done` work of an epoch.
    double fraction(std::int64_t epoch, double done) const;
    /// Notes an epoch that took so long, pauses left out.
    void addEpoch(std::int64_t epoch, double seconds);
    /// Seconds to the end of the run; negative while no epoch is done.
    double secondsLeft(std::int64_t epoch, double done) const;

private:
    double workFrom(std::int64_t epoch) const;

    std::int64_t m_epochs, m_evaluateEvery;
    double m_workOfRounds, m_workOfEvaluation;
    struct Done {
        double work, seconds;
    };
    std::deque<Done> m_recent;
};

}  // namespace rlcm::train
