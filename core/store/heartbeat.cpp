#include "core/store/heartbeat.h"

#include <chrono>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>

#include "core/base/log.h"
#include "core/store/database.h"
#include "core/store/owner.h"

namespace rlcm::store {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kPeriod{2};

// Only phases of a running epoch are overwritten: what the writer stored itself (paused, finished) is newer.
constexpr const char* kBeat = R"sql(
UPDATE run SET heartbeat_at = ?1, active_seconds = MAX(active_seconds, ?6), wall_seconds = MAX(wall_seconds, ?7),
    state = CASE WHEN ?2 <> '' AND state IN ('preparing', 'sampling', 'rewarding', 'updating') THEN ?2 ELSE state END
WHERE id = ?3 AND owner_pid = ?4 AND owner_start = ?5)sql";

bool isPhase(run::RunState state) {
    return state == run::RunState::Sampling || state == run::RunState::Rewarding || state == run::RunState::Updating;
}

}  // namespace

Heartbeat::Heartbeat(fs::path workspace, run::RunId id)
    : m_workspace(std::move(workspace)), m_id(std::move(id)), m_thread([this](const std::stop_token& token) { work(token); }) {}

Heartbeat::~Heartbeat() {
    stop();
}

void Heartbeat::setState(run::RunState state) {
    const std::lock_guard lock(m_mutex);
    m_state = state;
}

void Heartbeat::setSeconds(double active, double wall) {
    const std::lock_guard lock(m_mutex);
    m_active = active;
    m_wall = wall;
}

void Heartbeat::stop() {
    m_thread.request_stop();
    if (m_thread.joinable()) {
        m_thread.join();
    }
}

void Heartbeat::work(const std::stop_token& token) {
    std::unique_ptr<SQLite::Database> database;
    bool hasWarned = false;
    while (true) {
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait_for(lock, token, kPeriod, [] { return false; });
        }
        if (token.stop_requested()) {
            return;
        }
        try {
            if (!database) {
                database = openForWriting(m_workspace, Patience::Brief);
                database->exec("PRAGMA synchronous = NORMAL");  // a beat that a loss of power takes away costs nothing
            }
            beat(*database);
        } catch (const std::exception& error) {
            if (!std::exchange(hasWarned, true)) {
                log::warning("store", std::string("heartbeat of ") + m_id + ": " + error.what());
            }
        }
    }
}

void Heartbeat::beat(SQLite::Database& database) {
    run::RunState state;
    double active, wall;
    {
        const std::lock_guard lock(m_mutex);
        state = m_state;
        active = m_active;
        wall = m_wall;
    }
    guarded(database, "write the heartbeat", [&] {
        SQLite::Statement update(database, kBeat);
        update.bind(1, now());
        update.bind(2, isPhase(state) ? std::string(run::toString(state)) : std::string());
        update.bind(3, runIdNumber(m_id));
        update.bind(4, thisProcess().pid);
        update.bind(5, thisProcess().start);
        update.bind(6, active);
        update.bind(7, wall);
        update.exec();
    });
}

}  // namespace rlcm::store
