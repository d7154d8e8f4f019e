#pragma once
// Inside core/store only: tells every two seconds that the writer of a run lives.
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include "core/run/run_event.h"

namespace SQLite {
class Database;
}

namespace rlcm::store {

/// A thread with a connection of its own. It also stores what changes too often for a transaction each: the phase, and the seconds that
/// the run has taken so far.
class Heartbeat {
public:
    Heartbeat(std::filesystem::path workspace, run::RunId id);
    ~Heartbeat();
    Heartbeat(const Heartbeat&) = delete;
    Heartbeat& operator=(const Heartbeat&) = delete;

    /// The state to store with the next beat. thread: any.
    void setState(run::RunState state);
    /// Seconds to store with the next beat. thread: any.
    void setSeconds(double active, double wall);
    /// No beat starts after this returned. thread: any.
    void stop();

private:
    void work(const std::stop_token& token);
    void beat(SQLite::Database& database);

    const std::filesystem::path m_workspace;
    const run::RunId m_id;
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    run::RunState m_state = run::RunState::Preparing;  // guarded by m_mutex
    double m_active = 0, m_wall = 0;                   // guarded by m_mutex
    std::jthread m_thread;
};

}  // namespace rlcm::store
