#include <algorithm>

#include <SQLiteCpp/SQLiteCpp.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/run/checkpoint_folders.h"
#include "core/run/derive.h"
#include "core/run/field_table.h"
#include "core/run/measures.h"
#include "core/run/reward_trust.h"
#include "core/store/counter_columns.h"
#include "core/store/database.h"
#include "core/store/owner.h"
#include "core/store/run_events.h"
#include "core/store/run_hue.h"
#include "core/store/tags.h"
#include "core/store/workspace.h"

namespace rlcm::store {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDoomed = ".removed";  // ending of a folder that is on its way out

constexpr const char* kInsertRun = R"sql(
INSERT INTO run (name, state, config_json, seed, method, steps, reward, epochs, created_at, colour, id)
VALUES (?1, 'queued', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10))sql";

constexpr const char* kClaim = R"sql(
UPDATE run SET owner_pid = ?2, owner_boot = ?3, owner_start = ?4, heartbeat_at = ?5, has_writer = 0,
    state = 'preparing', queue_position = NULL, error = '', finished_at = 0 WHERE id = ?1)sql";

/// Measures of the evaluation before training, without its changes and what is not a number.
std::vector<std::pair<std::string, double>> readBaseline(SQLite::Database& database, std::int64_t number) {
    SQLite::Statement row(database,
                          "SELECT metric.name, s.value FROM evaluation_scalar s JOIN metric ON metric.id = s.metric_id "
                          "WHERE s.run_id = ?1 AND s.epoch = 0 AND s.value IS NOT NULL AND metric.name NOT LIKE ?2 ORDER BY metric.id");
    row.bind(1, number);
    row.bind(2, std::string(run::measure::kChangePrefix) + '%');
    std::vector<std::pair<std::string, double>> baseline;
    while (row.executeStep()) {
        baseline.emplace_back(row.getColumn(0).getString(), row.getColumn(1).getDouble());
    }
    return baseline;
}

/// Who has a run at the moment.
struct Holder {
    Owner owner;
    bool isLive = false;  ///< live state and living owner
    bool hasWriter = false;
    bool isDeleted = false;
};

Holder holderOf(SQLite::Database& database, const run::RunId& id) {
    SQLite::Statement row(database, "SELECT state, owner_pid, owner_boot, owner_start, heartbeat_at, has_writer, is_deleted FROM run WHERE id = ?1");
    row.bind(1, runIdNumber(id));
    if (!row.executeStep()) {
        fail("there is no run " + id + " in this workspace");
    }
    Holder holder;
    holder.owner = {row.getColumn(1).getInt64(), row.getColumn(2).getString(), row.getColumn(3).getInt64()};
    holder.isLive = run::isLive(run::runStateFromString(row.getColumn(0).getString())) && isAlive(holder.owner, row.getColumn(4).getDouble());
    holder.hasWriter = row.getColumn(5).getInt() != 0;
    holder.isDeleted = row.getColumn(6).getInt() != 0;
    return holder;
}

/// The number of the next run. A database that was replaced by an older copy does not know all folders: theirs are passed over.
std::int64_t nextNumber(SQLite::Database& database, const fs::path& workspace) {
    SQLite::Statement sequence(database, "SELECT seq FROM sqlite_sequence WHERE name = 'run'");
    const std::int64_t next = (sequence.executeStep() ? sequence.getColumn(0).getInt64() : 0) + 1;
    std::error_code absent;
    if (!fs::exists(workspace / runFolder(runIdText(next)), absent)) {
        return next;
    }
    std::int64_t highest = next;
    for (const auto& entry : fs::directory_iterator(workspace / "runs", absent)) {
        if (const auto number = parseRunId(entry.path().filename().string())) {
            highest = std::max(highest, *number);
        }
    }
    return highest + 1;
}

}  // namespace

struct StoreEditor::Impl {
    fs::path workspace;
    std::unique_ptr<SQLite::Database> database;

    /// One UPDATE whose first parameter is the run. throws: Store when there is no such run.
    template <typename... Values>
    void update(const run::RunId& id, const char* sql, const Values&... values) {
        guarded(*database, "change run " + id, [&] {
            SQLite::Statement statement(*database, sql);
            statement.bind(1, runIdNumber(id));
            int index = 1;
            (statement.bind(++index, values), ...);
            if (statement.exec() == 0) {
                fail("there is no run " + id + " in this workspace");
            }
        });
    }
    /// Where the files of a run wait for their removal: a crash between this rename and the end leaves a folder that purge() and
    /// undelete() know.
    fs::path doomedFolder(const run::RunId& id) const { return workspace / (runFolder(id).string() + kDoomed); }
    /// Removes folders whose run went before their files did.
    void removeLeftovers() {
        std::error_code error;
        std::vector<fs::path> folders;
        for (const auto& entry : fs::directory_iterator(workspace / "runs", error)) {
            folders.push_back(entry.path());
        }
        for (const fs::path& folder : folders) {
            if (folder.extension() == kDoomed && !hasRun(folder.stem().string())) {
                fs::remove_all(folder, error);
            }
        }
    }
    bool hasRun(const run::RunId& id) {
        const auto number = parseRunId(id);
        SQLite::Statement row(*database, "SELECT 1 FROM run WHERE id = ?1");
        row.bind(1, number.value_or(0));  // no run has 0
        return row.executeStep();
    }
    void refuseDeleted(const run::RunId& id, const char* action) {
        if (holderOf(*database, id).isDeleted) {
            fail("run " + id + " is deleted; restore it before " + action);
        }
    }
    void refuseLive(const run::RunId& id, const char* action) {
        const Holder holder = holderOf(*database, id);
        if (holder.isLive) {
            fail("run " + id + " is running in process " + std::to_string(holder.owner.pid) + "; stop it before " + action);
        }
    }
};

StoreEditor::StoreEditor(const fs::path& workspace, Patience patience) : m_impl(std::make_unique<Impl>()) {
    m_impl->workspace = fs::absolute(workspace);
    m_impl->database = openForWriting(m_impl->workspace, patience);
}
StoreEditor::~StoreEditor() = default;
StoreEditor::StoreEditor(StoreEditor&&) noexcept = default;

run::RunId StoreEditor::createRun(const run::RunConfig& config) {
    run::requireValid(config);
    SQLite::Database& database = *m_impl->database;
    run::RunId id;
    inTransaction(database, "create a run", [&] {
        SQLite::Statement insert(database, kInsertRun);
        insert.bind(1, config.name.empty() ? run::defaultName(config) : config.name);
        insert.bind(2, run::toJson(config).dump());
        insert.bind(3, config.seed);
        insert.bind(4, std::string(toString(config.algorithm.method)));
        insert.bind(5, config.sampling.steps);
        insert.bind(6, config.reward.terms);
        insert.bind(7, config.training.epochs);
        insert.bind(8, now());
        insert.bind(9, hueOfNewRun(database, config));
        insert.bind(10, nextNumber(database, m_impl->workspace));
        insert.exec();
        id = runIdText(database.getLastInsertRowid());
        makeFolders(m_impl->workspace / runFolder(id));
    });
    run::trust(m_impl->workspace, config);
    return id;
}

void StoreEditor::rename(const run::RunId& id, const std::string& name) {
    run::RunConfig probe;
    run::setField(probe, "name", name);  // settings with another name could not be read again
    inTransaction(*m_impl->database, "rename run " + id, [&] {
        SQLite::Statement row(*m_impl->database, "SELECT config_json FROM run WHERE id = ?1");
        row.bind(1, runIdNumber(id));
        std::string settings = row.executeStep() ? row.getColumn(0).getString() : std::string();
        if (Json config = Json::parse(settings, nullptr, false); config.is_object()) {
            config["name"] = name;
            settings = config.dump(-1, ' ', false, Json::error_handler_t::replace);
        }
        m_impl->update(id, "UPDATE run SET name = ?2, config_json = ?3 WHERE id = ?1", name, settings);
    });
}

void StoreEditor::setVisible(const run::RunId& id, bool isVisible) {
    m_impl->update(id, "UPDATE run SET is_visible = ?2 WHERE id = ?1", isVisible ? 1 : 0);
}

void StoreEditor::setColour(const run::RunId& id, int hue) {
    m_impl->update(id, "UPDATE run SET colour = ?2 WHERE id = ?1", hue);
}

void StoreEditor::setNotes(const run::RunId& id, const std::string& notes) {
    m_impl->update(id, "UPDATE run SET notes = ?2 WHERE id = ?1", notes);
}

void StoreEditor::setTags(const run::RunId& id, const std::vector<std::string>& tags) {
    m_impl->update(id, "UPDATE run SET tags = ?2 WHERE id = ?1", joinTags(tags));
}

void StoreEditor::setAlarmsSeen(const std::vector<std::int64_t>& ids, bool isSeen) {
    inTransaction(*m_impl->database, "put alarms aside", [&] { markSeen(*m_impl->database, ids, isSeen); });
}

void StoreEditor::keepCheckpoint(const run::RunId& id, std::int64_t epoch, bool isKept) {
    const fs::path folder = m_impl->workspace / runFolder(id) / run::checkpointName(epoch);
    if (!fs::is_directory(folder)) {
        fail("run " + id + " has no checkpoint of epoch " + std::to_string(epoch) + " any more");
    }
    run::setKept(folder, isKept);
}

void StoreEditor::remove(const run::RunId& id) {
    inTransaction(*m_impl->database, "delete run " + id, [&] {
        m_impl->refuseLive(id, "deleting it");
        m_impl->update(id, "UPDATE run SET is_deleted = 1, queue_position = NULL WHERE id = ?1");
    });
}

void StoreEditor::undelete(const run::RunId& id) {
    const fs::path doomed = m_impl->doomedFolder(id);
    std::error_code error;
    if (fs::exists(doomed, error)) {
        fs::rename(doomed, m_impl->workspace / runFolder(id), error);
    }
    m_impl->update(id, "UPDATE run SET is_deleted = 0 WHERE id = ?1");
}

bool StoreEditor::isDeleted(const run::RunId& id) const {
    bool isDeleted = false;
    guarded(*m_impl->database, "read run " + id, [&] { isDeleted = !m_impl->hasRun(id) || holderOf(*m_impl->database, id).isDeleted; });
    return isDeleted;
}

void StoreEditor::purge(const run::RunId& id) {
    const fs::path folder = m_impl->workspace / runFolder(id), doomed = m_impl->doomedFolder(id);
    inTransaction(*m_impl->database, "remove run " + id, [&] {
        if (!holderOf(*m_impl->database, id).isDeleted) {
            fail("run " + id + " is not deleted; delete it before its files are removed");
        }
        std::error_code error;
        if (fs::exists(folder, error)) {
            fs::rename(folder, doomed, error);
        }
        if (error) {
            fail("cannot move " + folder.string() + " out of the way: " + error.message());
        }
        m_impl->update(id, "DELETE FROM run WHERE id = ?1");
    });
    std::error_code error;
    fs::remove_all(doomed, error);
    if (error) {
        fail("run " + id + " is gone, but not all of its files in " + doomed.string() + ": " + error.message() + "; remove that folder by hand");
    }
    guarded(*m_impl->database, "look for files of removed runs", [&] { m_impl->removeLeftovers(); });
}

std::int64_t StoreEditor::bytesOnDisk(const run::RunId& id) const {
    std::int64_t bytes = 0;
    for (const fs::path& folder : {m_impl->workspace / runFolder(id), m_impl->doomedFolder(id)}) {
        std::error_code error;
        for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
            std::error_code ignored;
            if (entry->is_regular_file(ignored) && !entry->is_symlink(ignored)) {
                const std::uintmax_t size = entry->file_size(ignored);
                bytes += ignored ? 0 : static_cast<std::int64_t>(size);
            }
        }
    }
    return bytes;
}

void StoreEditor::enqueue(const run::RunId& id) {
    inTransaction(*m_impl->database, "queue run " + id, [&] {
        m_impl->refuseLive(id, "queueing it");
        m_impl->refuseDeleted(id, "queueing it");
        m_impl->update(id,
                       "UPDATE run SET queue_position = COALESCE(queue_position, "
                       "(SELECT COALESCE(MAX(queue_position), 0) + 1 FROM run)) WHERE id = ?1");
    });
}

void StoreEditor::dequeue(const run::RunId& id) {
    m_impl->update(id, "UPDATE run SET queue_position = NULL WHERE id = ?1");
}

std::vector<run::RunId> StoreEditor::reorderQueue(const std::vector<run::RunId>& order) {
    std::vector<run::RunId> before;
    inTransaction(*m_impl->database, "reorder the queue", [&] {
        before.clear();
        SQLite::Statement row(*m_impl->database, "SELECT id FROM run WHERE queue_position IS NOT NULL AND is_deleted = 0 ORDER BY queue_position");
        while (row.executeStep()) {
            before.push_back(runIdText(row.getColumn(0).getInt64()));
        }
        SQLite::Statement move(*m_impl->database,
                               "UPDATE run SET queue_position = (SELECT MAX(queue_position) + 1 FROM run) "
                               "WHERE id = ?1 AND queue_position IS NOT NULL");
        for (const run::RunId& id : order) {
            move.bind(1, runIdNumber(id));
            move.exec();
            move.reset();
        }
    });
    return before;
}

std::optional<run::RunId> StoreEditor::nextQueued() {
    std::optional<run::RunId> id;
    inTransaction(*m_impl->database, "take the next queued run", [&] {
        SQLite::Statement row(*m_impl->database,
                              "SELECT id FROM run WHERE queue_position IS NOT NULL AND is_deleted = 0 ORDER "
                              "BY queue_position LIMIT 1");
        if (row.executeStep()) {
            id = runIdText(row.getColumn(0).getInt64());
            m_impl->update(*id, "UPDATE run SET queue_position = NULL WHERE id = ?1");
        }
    });
    return id;
}

void StoreEditor::claim(const run::RunId& id) {
    inTransaction(*m_impl->database, "claim run " + id, [&] {
        const Holder holder = holderOf(*m_impl->database, id);
        if (holder.isDeleted) {
            fail("run " + id + " is deleted; restore it before training it");
        }
        const bool isOwnUnused = holder.owner == thisProcess() && !holder.hasWriter;
        if (holder.isLive && !isOwnUnused) {
            fail("run " + id + " is already running in process " + std::to_string(holder.owner.pid) + "; two writers would mix their results");
        }
        const Owner& self = thisProcess();
        m_impl->update(id, kClaim, self.pid, self.boot, self.start, now());
    });
}

run::RunRequest StoreEditor::request(const run::RunId& id) const {
    SQLite::Database& database = *m_impl->database;
    run::RunRequest request;
    request.id = id;
    request.folder = m_impl->workspace / runFolder(id);
    const std::vector<run::CheckpointFolder> checkpoints = run::checkpointFolders(request.folder);
    guarded(database, "read run " + id, [&] {
        SQLite::Statement row(database,
                              "SELECT config_json, active_seconds, wall_seconds, (SELECT MAX(epoch) FROM epoch WHERE run_id = id) "
                              "FROM run WHERE id = ?1");
        row.bind(1, runIdNumber(id));
        if (!row.executeStep()) {
            fail("there is no run " + id + " in this workspace");
        }
        const std::string where = "settings of run " + id;
        request.config = run::configFromJson(parseJson(row.getColumn(0).getString(), where), where);
        if (checkpoints.empty() && row.getColumn(3).getInt64() > 0) {
            fail("run " + id + " has " + row.getColumn(3).getString() + " epochs, but no checkpoint is left in " + (request.folder / "checkpoints").string() +
                 ". It is not started again by itself, which would delete its curve: put a checkpoint back, or train a new run with its settings.");
        }
        if (!checkpoints.empty()) {
            SQLite::Statement epoch(database, "SELECT " + counterColumns("") + " FROM epoch WHERE run_id = ?1 AND epoch = ?2");
            epoch.bind(1, runIdNumber(id));
            epoch.bind(2, checkpoints.front().epoch);
            if (epoch.executeStep()) {
                request.resumedCounters = readCounters(epoch, 0);
            }
            request.resumedCounters.epoch = checkpoints.front().epoch;
        }
        request.baseline = readBaseline(database, runIdNumber(id));
        request.resumedCounters.activeSeconds = std::max(request.resumedCounters.activeSeconds, row.getColumn(1).getDouble());
        request.resumedCounters.wallSeconds = std::max(request.resumedCounters.wallSeconds, row.getColumn(2).getDouble());
    });
    for (const run::CheckpointFolder& checkpoint : checkpoints) {
        request.resumeFrom.push_back(checkpoint.path);
    }
    makeFolders(request.folder);
    run::requireTrusted(m_impl->workspace, id, request.config);
    return request;
}

}  // namespace rlcm::store
