#include <algorithm>
#include <map>
#include <mutex>

#include <SQLiteCpp/SQLiteCpp.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/log.h"
#include "core/run/checkpoint_folders.h"
#include "core/run/live_edits.h"
#include "core/run/measures.h"
#include "core/store/counter_columns.h"
#include "core/store/database.h"
#include "core/store/heartbeat.h"
#include "core/store/image_files.h"
#include "core/store/owner.h"
#include "core/store/run_events.h"
#include "core/store/training_images.h"
#include "core/store/workspace.h"

namespace rlcm::store {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTakeWriter = R"sql(
UPDATE run SET has_writer = 1, heartbeat_at = ?2
WHERE id = ?1 AND owner_pid = ?3 AND owner_boot = ?4 AND owner_start = ?5 AND has_writer = 0)sql";

constexpr const char* kRelease = R"sql(
UPDATE run SET owner_pid = NULL, owner_boot = NULL, owner_start = NULL, has_writer = 0
WHERE id = ?1 AND owner_pid = ?2 AND owner_start = ?3)sql";

constexpr int kFirstCounter = 2;  // ?1 is the run in both statements

/// "?first, ...": as many as there are counters.
std::string counterValues() {
    std::string values;
    for (int i = 0; i < counterCount(); ++i) {
        values += (i == 0 ? "?" : ", ?") + std::to_string(kFirstCounter + i);
    }
    return values;
}

std::string insertEpoch() {
    return "INSERT OR REPLACE INTO epoch (run_id, " + counterColumns("") + ") VALUES (?1, " + counterValues() + ")";
}

// An evaluation asked for by hand does not turn a scheduled one of the same epoch into an extra one.
std::string insertEvaluation() {
    return "INSERT OR REPLACE INTO evaluation (run_id, " + counterColumns("") + ", is_extra, seconds) VALUES (?1, " + counterValues() +
           ", MIN(:is_extra, COALESCE((SELECT is_extra FROM evaluation WHERE run_id = ?1 AND epoch = :of_epoch), 1)), :seconds)";
}

constexpr double kSlowWriteSeconds = 5;

constexpr const char* kInsertSample = R"sql(
INSERT OR REPLACE INTO sample (run_id, epoch, idx, prompt_id, is_held_out, noise_seed, reward, width, height, file)
VALUES (?1, ?2, ?3, (SELECT id FROM prompt WHERE text = ?4), ?5, ?6, ?7, ?8, ?9, ?10))sql";

constexpr const char* kTables[] = {"epoch", "epoch_scalar", "evaluation", "evaluation_scalar", "sample", "checkpoint", "training_images", "event"};

}  // namespace

struct StoreWriter::Impl {
    fs::path workspace;
    run::RunId id;
    std::int64_t number = 0;
    run::RunCommands& commands;
    std::unique_ptr<SQLite::Database> database;
    std::unique_ptr<Heartbeat> heartbeat;
    std::map<std::string, std::int64_t> metrics;
    run::RunState storedState = run::RunState::Preparing;
    mutable std::mutex mutex;
    std::optional<std::string> error;  // guarded by mutex

    Impl(fs::path folder, run::RunId runId, run::RunCommands& runCommands)
        : workspace(std::move(folder)), id(std::move(runId)), number(runIdNumber(id)), commands(runCommands) {}

    template <typename... Values>
    int execute(const char* sql, const Values&... values) {
        SQLite::Statement statement(*database, sql);
        int index = 0;
        (statement.bind(++index, values), ...);
        return statement.exec();
    }
    void takeOwnership() {
        inTransaction(*database, "start writing run " + id, [&] {
            const Owner& self = thisProcess();
            if (execute(kTakeWriter, number, now(), self.pid, self.boot, self.start) == 0) {
                throw Error(ErrorKind::Store, "run " + id + " is not claimed by this process or has a writer already");
            }
        });
    }
    void release() {
        guarded(*database, "release run " + id, [&] { execute(kRelease, number, thisProcess().pid, thisProcess().start); });
    }

    std::int64_t metricId(const std::string& name) {
        const auto [entry, isNew] = metrics.try_emplace(name, 0);
        if (isNew) {
            const run::Measure* measure = run::findMeasure(name);
            execute("INSERT INTO metric (name, unit, better) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO UPDATE SET unit = ?2, better = ?3", name,
                    std::string(measure != nullptr ? measure->unit : ""), std::string(measure != nullptr ? toString(measure->better) : ""));
            SQLite::Statement row(*database, "SELECT id FROM metric WHERE name = ?1");
            row.bind(1, name);
            row.executeStep();
            entry->second = row.getColumn(0).getInt64();
        }
        return entry->second;
    }
    void insertScalars(const char* sql, std::int64_t epoch, const std::vector<std::pair<std::string, double>>& scalars) {
        for (const auto& [name, value] : scalars) {
            execute(sql, number, metricId(name), epoch, value);
        }
    }

    void write(const run::RunStarted& event);
    void write(const run::StateChanged& event);
    void write(const run::Progress& event) { heartbeat->setSeconds(event.activeSeconds, event.wallSeconds); }
    void write(const run::EpochDone& event);
    void write(const run::EvaluationDone& event);
    void write(const run::CheckpointSaved& event);
    void write(const run::LogLine& event);
    template <typename Happening>
    void writeHappening(const Happening& event) {
        guarded(*database, "store an event of run " + id, [&] { writeRunEvent(*database, number, event); });
    }
    void write(const run::AlertRaised& event) { writeHappening(event); }
    void write(const run::SettingEdited& event);
    void write(const run::RunFinished& event);

    void recordCheckpoint(std::int64_t epoch, const std::string& folder, std::int64_t bytes);
    void adoptCheckpoint(std::int64_t epoch);
    void insertSample(const run::EvaluationDone& event, const run::EvaluationImage& image);
    void finish(run::RunState state, const std::string& message, const run::Counters& counters);
    void tellSlowWrite(double seconds);
    void keepError(const std::string& message) noexcept;
};

void StoreWriter::Impl::write(const run::RunStarted& event) {
    std::vector<fs::path> obsolete;
    inTransaction(*database, "start run " + id, [&] {
        SQLite::Statement row(*database, "SELECT DISTINCT epoch FROM sample WHERE run_id = ?1 AND epoch > ?2");
        row.bind(1, number);
        row.bind(2, event.firstEpoch);
        while (row.executeStep()) {
            obsolete.push_back(workspace / imageFolder(id, row.getColumn(0).getInt64()));
        }
        for (const char* table : kTables) {
            execute(("DELETE FROM " + std::string(table) + " WHERE run_id = ?1 AND epoch > ?2").c_str(), number, event.firstEpoch);
        }
        execute(
            "UPDATE run SET state = 'preparing', error = '', finished_at = 0, environment_json = ?2, "
            "config_json = CASE ?3 WHEN '' THEN config_json ELSE ?3 END WHERE id = ?1",
            number, event.environmentJson, event.configJson);
        adoptCheckpoint(event.firstEpoch);
    });
    for (const fs::path& folder : obsolete) {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
    }
}

/// A setting that can change while a run trains becomes part of its settings, so that a resume goes on with it.
void StoreWriter::Impl::write(const run::SettingEdited& event) {
    inTransaction(*database, "store an event of run " + id, [&] {
        writeRunEvent(*database, number, event);
        if (std::ranges::find(run::liveSettings(), event.path) == run::liveSettings().end()) {
            return;  // told of a resume, whose settings have it already
        }
        execute("UPDATE run SET config_json = json_set(config_json, '$.' || ?2, json(?3)) WHERE id = ?1 AND json_valid(config_json) AND json_valid(?3)", number,
                event.path, event.after);
        if (event.path == "training.epochs") {
            execute("UPDATE run SET epochs = CAST(?2 AS INTEGER) WHERE id = ?1", number, event.after);
        }
    });
}

void StoreWriter::Impl::write(const run::StateChanged& event) {
    using run::RunState;
    heartbeat->setState(event.state);
    const auto isPhase = [](RunState s) { return s == RunState::Sampling || s == RunState::Rewarding || s == RunState::Updating; };
    // Phases follow each other many times a second; the heartbeat stores the current one.
    if (isPhase(event.state) && isPhase(storedState)) {
        return;
    }
    storedState = event.state;
    guarded(*database, "store the state of run " + id,
            [&] { execute("UPDATE run SET state = ?2 WHERE id = ?1", number, std::string(run::toString(event.state))); });
}

void StoreWriter::Impl::write(const run::EpochDone& event) {
    const std::int64_t epoch = event.epoch + 1;
    inTransaction(*database, "store epoch " + std::to_string(epoch) + " of run " + id, [&] {
        constexpr const char* kInsert = "INSERT OR REPLACE INTO epoch_scalar (run_id, metric_id, epoch, value) VALUES (?1, ?2, ?3, ?4)";
        SQLite::Statement row(*database, insertEpoch());
        row.bind(1, number);
        bindCounters(row, kFirstCounter, epoch, event.counters);
        row.exec();
        writeTrainingImages(*database, number, epoch, event.images);
        insertScalars(kInsert, epoch, event.scalars);
        for (const run::PhaseField& phase : run::phaseFields()) {
            const std::string name = std::string(run::measure::kSecondsPrefix) + std::string(phase.name);
            insertScalars(kInsert, epoch, {{name, event.seconds.*phase.member}});
        }
    });
}

void StoreWriter::Impl::insertSample(const run::EvaluationDone& event, const run::EvaluationImage& image) {
    execute("INSERT OR IGNORE INTO prompt (text) VALUES (?1)", image.prompt);
    const fs::path file = imageFile(id, event.epoch, image.index);
    execute(kInsertSample, number, event.epoch, image.index, image.prompt, image.isHeldOut ? 1 : 0, static_cast<std::int64_t>(image.noiseSeed), image.reward,
            image.width, image.height, file.generic_string());
}

void StoreWriter::Impl::write(const run::EvaluationDone& event) {
    if (!event.images.empty()) {
        writeImages(workspace, event);
    }
    inTransaction(*database, "store the evaluation at epoch " + std::to_string(event.epoch) + " of run " + id, [&] {
        execute("DELETE FROM evaluation_scalar WHERE run_id = ?1 AND epoch = ?2", number, event.epoch);
        execute("DELETE FROM sample WHERE run_id = ?1 AND epoch = ?2", number, event.epoch);
        SQLite::Statement row(*database, insertEvaluation());
        row.bind(1, number);
        bindCounters(row, kFirstCounter, event.epoch, event.counters);
        row.bind(":is_extra", event.isExtra ? 1 : 0);
        row.bind(":of_epoch", event.epoch);
        row.bind(":seconds", event.seconds);
        row.exec();
        insertScalars("INSERT INTO evaluation_scalar (run_id, metric_id, epoch, value) VALUES (?1, ?2, ?3, ?4)", event.epoch, event.scalars);
        for (const run::EvaluationImage& image : event.images) {
            insertSample(event, image);
        }
    });
}

void StoreWriter::Impl::recordCheckpoint(std::int64_t epoch, const std::string& folder, std::int64_t bytes) {
    execute("INSERT OR REPLACE INTO checkpoint (run_id, epoch, folder, bytes, saved_at) VALUES (?1, ?2, ?3, ?4, ?5)", number, epoch, folder, bytes, now());
}

/// The checkpoint that a run went on from may lack its row: its process was killed between the two.
void StoreWriter::Impl::adoptCheckpoint(std::int64_t epoch) {
    SQLite::Statement row(*database, "SELECT 1 FROM checkpoint WHERE run_id = ?1 AND epoch = ?2");
    row.bind(1, number);
    row.bind(2, epoch);
    if (row.executeStep()) {
        return;
    }
    for (const run::CheckpointFolder& folder : run::checkpointFolders(workspace / runFolder(id))) {
        if (folder.epoch == epoch) {
            std::int64_t bytes = 0;
            for (const auto& file : fs::directory_iterator(folder.path)) {
                bytes += static_cast<std::int64_t>(file.file_size());
            }
            recordCheckpoint(epoch, folder.path.lexically_relative(workspace).generic_string(), bytes);
        }
    }
}

void StoreWriter::Impl::write(const run::CheckpointSaved& event) {
    insideFolder(workspace, event.folder);
    inTransaction(*database, "store the checkpoint of epoch " + std::to_string(event.epoch) + " of run " + id, [&] {
        recordCheckpoint(event.epoch, event.folder, event.bytes);
        // The trainer deletes old checkpoint folders; their rows go here.
        SQLite::Statement row(*database, "SELECT epoch, folder FROM checkpoint WHERE run_id = ?1");
        row.bind(1, number);
        std::vector<std::int64_t> gone;
        while (row.executeStep()) {
            std::error_code ignored;
            if (!fs::exists(workspace / row.getColumn(1).getString(), ignored)) {
                gone.push_back(row.getColumn(0).getInt64());
            }
        }
        for (const std::int64_t epoch : gone) {
            execute("DELETE FROM checkpoint WHERE run_id = ?1 AND epoch = ?2", number, epoch);
        }
    });
}

void StoreWriter::Impl::write(const run::LogLine& event) {
    guarded(*database, "store a log line of run " + id, [&] {
        execute("INSERT INTO log (run_id, logged_at, level, text) VALUES (?1, ?2, ?3, ?4)", number, now(), static_cast<int>(event.level), event.text);
    });
}

void StoreWriter::Impl::write(const run::RunFinished& event) {
    finish(event.state, event.error, event.counters);
}

void StoreWriter::Impl::tellSlowWrite(double seconds) {
    write(run::LogLine{
        id, log::Level::Warning,
        "storing took " + std::to_string(static_cast<int>(seconds)) + " s: another program kept the workspace's database locked, or the disk is slow"});
}

void StoreWriter::Impl::finish(run::RunState state, const std::string& message, const run::Counters& counters) {
    heartbeat->stop();
    inTransaction(*database, "store the end of run " + id, [&] {
        execute(
            "UPDATE run SET state = ?2, error = ?3, finished_at = ?4, active_seconds = MAX(active_seconds, ?5), "
            "wall_seconds = MAX(wall_seconds, ?6) WHERE id = ?1",
            number, std::string(run::toString(state)), message, now(), counters.activeSeconds, counters.wallSeconds);
        execute(kRelease, number, thisProcess().pid, thisProcess().start);
    });
}

void StoreWriter::Impl::keepError(const std::string& message) noexcept {
    {
        const std::lock_guard lock(mutex);
        error = message;
    }
    log::error("store", message);
    commands.failNow(message);
}

StoreWriter::StoreWriter(const fs::path& workspace, const run::RunId& id, run::RunCommands& commands)
    : m_impl(std::make_unique<Impl>(fs::absolute(workspace), id, commands)) {
    m_impl->database = openForWriting(m_impl->workspace, Patience::Minutes);
    m_impl->takeOwnership();
    m_impl->heartbeat = std::make_unique<Heartbeat>(m_impl->workspace, id);
}

StoreWriter::~StoreWriter() {
    m_impl->heartbeat->stop();
    // Nothing to release after RunFinished; otherwise the run is shown as interrupted from now on.
    try {
        m_impl->release();
    } catch (const std::exception& error) {
        log::error("store", error.what());
    }
}

void StoreWriter::onEvent(const run::RunEvent& event) noexcept {
    const std::optional<std::string> failed = error();
    try {
        const double begin = now();
        if (!failed) {
            std::visit([this](const auto& e) { m_impl->write(e); }, event);
        } else if (const auto* end = std::get_if<run::RunFinished>(&event)) {
            // The rest is lost, but a list should say why, if that much can still be written.
            m_impl->finish(run::RunState::Failed, *failed, end->counters);
        }
        if (!failed && now() - begin > kSlowWriteSeconds) {
            m_impl->tellSlowWrite(now() - begin);
        }
    } catch (const std::exception& problem) {
        if (!failed) {
            m_impl->keepError(problem.what());
        }
    }
}

std::optional<std::string> StoreWriter::error() const {
    const std::lock_guard lock(m_impl->mutex);
    return m_impl->error;
}

}  // namespace rlcm::store
