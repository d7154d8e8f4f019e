#pragma once
// Where the compute threads look at commands: between denoiser calls and micro-batches.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>

#include "core/run/run.h"

namespace rlcm::sampling {

/// How often the trainer's thread looks up while it waits for others.
constexpr std::chrono::milliseconds kTickInterval{50};

/// Thrown through the compute threads when the current epoch is to be dropped. Not a failure.
struct Cancelled {};

/// Steady-clock stopwatch.
class Stopwatch {
public:
    double seconds() const { return std::chrono::duration<double>(Clock::now() - m_start).count(); }

private:
    using Clock = std::chrono::steady_clock;
    Clock::time_point m_start = Clock::now();
};

/// Shared by the trainer thread and its compute threads. All members may be called from any thread.
class Gate {
public:
    Gate(std::stop_token stop, run::RunCommands& commands) : m_stop(std::move(stop)), m_commands(commands) {}

    /// Waits while paused and returns the seconds waited. throws: Cancelled when a stop was asked for.
    /// The trainer's own thread gives its `tick`, called as long as the pause lasts: only it tells observers of a pause,
    /// which may begin after its last look at the commands.
    double pass(const std::function<void()>& tick = {}) const;
    /// Compute threads that wait in pass() at this moment.
    int waiting() const { return m_waiting.load(); }
    bool isStopping() const { return m_stop.stop_requested() || m_commands.isStopNow(); }
    run::RunCommands& commands() { return m_commands; }

    /// Work done in the current epoch, in denoiser rows (a backward pass counts as two).
    void addWork(double rows) { m_work.fetch_add(rows); }
    void resetWork() { m_work = 0.0; }
    double work() const { return m_work.load(); }
    /// Remembers how long a call took: the longest one bounds how late a command acts.
    void noteCall(double seconds);
    double slowestCall() const { return m_slowest.load(); }

private:
    std::stop_token m_stop;
    run::RunCommands& m_commands;
    mutable std::atomic<int> m_waiting{0};
    std::atomic<double> m_work{0.0};
    std::atomic<double> m_slowest{0.0};
};

}  // namespace rlcm::sampling
