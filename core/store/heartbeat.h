#pragma once
// Inside core/store only: tells every two seconds that the writer of a run lives.
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include "core/run/run_event.h"

namespace SQLite {
class Database;
}

namespace rlcm::store {

/// A thread with a connection of its own. It also stores the phases that change too often for a transaction
/// each, and flushes image files so that the trainer need not wait for the disk.
class Heartbeat {
public:
    Heartbeat(std::filesystem::path workspace, run::RunId id);
    /// Ends the thread; files not flushed yet are flushed.
    ~Heartbeat();
    Heartbeat(const Heartbeat&) = delete;
    Heartbeat& operator=(const Heartbeat&) = delete;

    /// The state to store with the next beat. thread: any.
    void setState(run::RunState state);
    /// Flushes the files of this folder soon. thread: any.
    void flushLater(std::filesystem::path folder);
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
    std::vector<std::filesystem::path> m_unflushed;    // guarded by m_mutex
    std::jthread m_thread;
};

}  // namespace rlcm::store
