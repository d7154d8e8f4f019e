#include <algorithm>
#include <cmath>
#include <limits>

#include <SQLiteCpp/SQLiteCpp.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/run_palette.h"
#include "core/run/checkpoint_folders.h"
#include "core/run/measures.h"
#include "core/store/counter_columns.h"
#include "core/store/database.h"
#include "core/store/query.h"
#include "core/store/replay.h"
#include "core/store/owner.h"
#include "core/store/run_events.h"
#include "core/store/tags.h"
#include "core/store/training_images.h"
#include "core/store/workspace.h"

namespace rlcm::store {
namespace {

namespace fs = std::filesystem;

/// The first evaluation reward in an order, as "epoch DESC", or training reward where there is no evaluation.
std::string rewardColumn(const std::string& order) {
    const auto value = [&](const std::string& table, std::string_view name) {
        return "(SELECT s.value FROM " + table + " s JOIN metric m ON m.id = s.metric_id WHERE m.name = '" + std::string(name) +
               "' AND s.run_id = run.id ORDER BY s." + order + " LIMIT 1)";
    };
    return "COALESCE(" + value("evaluation_scalar", run::measure::kEvalRewardMean) + ", " + value("epoch_scalar", run::measure::kRewardMean) + ")";
}

/// The query behind RunRow, up to its WHERE.
std::string selectRuns() {
    return R"sql(
SELECT run.id, run.name, run.state, run.error, run.config_json, run.seed, run.method, run.steps, run.reward, run.epochs,
    run.created_at, run.finished_at, run.colour, run.is_visible,
    CASE WHEN run.queue_position IS NULL THEN 0
         ELSE (SELECT COUNT(*) FROM run q WHERE q.queue_position <= run.queue_position) END,
    run.environment_json, run.owner_pid, run.owner_boot, run.owner_start, run.heartbeat_at,
    run.active_seconds, run.wall_seconds, )sql" +
           rewardColumn("epoch DESC") + ", " + rewardColumn("epoch ASC") + ", " + counterColumns("e") + R"sql(, run.is_deleted, run.notes, run.tags,
    (SELECT COUNT(*) FROM event WHERE run_id = run.id AND kind = 'alert' AND is_told = 1),
    (SELECT COUNT(*) FROM event WHERE run_id = run.id AND kind = 'alert' AND is_told = 1 AND is_seen = 0), )sql" +
           rewardColumn("value DESC") + R"sql(
FROM run LEFT JOIN epoch e ON e.run_id = run.id AND e.epoch = (SELECT MAX(epoch) FROM epoch WHERE run_id = run.id))sql";
}

constexpr const char* kScalarNames = R"sql(
SELECT name FROM metric
WHERE EXISTS (SELECT 1 FROM epoch_scalar s WHERE s.run_id = ?1 AND s.metric_id = metric.id)
   OR EXISTS (SELECT 1 FROM evaluation_scalar s WHERE s.run_id = ?1 AND s.metric_id = metric.id)
ORDER BY name)sql";

/// One scalar of a run with its counters, from an epoch on; it is of the epochs or of the evaluations.
std::string selectScalars() {
    const auto half = [](const std::string& table) {
        return "SELECT " + counterColumns("e") + ", s.value FROM " + table + "_scalar s JOIN " + table +
               " e USING (run_id, epoch) WHERE s.run_id = ?1 AND s.metric_id = (SELECT id FROM metric WHERE name = ?2) AND s.epoch >= ?3";
    };
    return half("epoch") + " UNION ALL " + half("evaluation") + " ORDER BY 1";
}

constexpr const char* kSamples = R"sql(
SELECT epoch, idx, prompt.text, is_held_out, noise_seed, reward, width, height, file
FROM sample JOIN prompt ON prompt.id = prompt_id WHERE run_id = ?1 AND epoch = ?2 ORDER BY idx)sql";

std::optional<double> optionalNumber(const SQLite::Column& column) {
    return column.isNull() ? std::nullopt : std::optional<double>(column.getDouble());
}

bool isSame(const ScalarRow& a, const ScalarRow& b) {
    return a.counters == b.counters && (a.value == b.value || (std::isnan(a.value) && std::isnan(b.value)));
}

RunRow runRow(SQLite::Statement& row) {
    RunRow r;
    r.id = runIdText(row.getColumn(0).getInt64());
    r.name = row.getColumn(1).getString();
    r.state = run::runStateFromString(row.getColumn(2).getString());
    r.error = row.getColumn(3).getString();
    r.configJson = row.getColumn(4).getString();
    r.seed = row.getColumn(5).getInt64();
    const std::string method = row.getColumn(6).getString();
    const std::optional<run::Method> known = run::choiceOf<run::Method>(method);
    if (!known) {
        throw Error(ErrorKind::Store, "run " + r.id + " has the method \"" + method + "\", which this version does not know; use the version that wrote it");
    }
    r.method = *known;
    r.steps = row.getColumn(7).getInt64();
    r.reward = row.getColumn(8).getString();
    r.epochs = row.getColumn(9).getInt64();
    r.createdAt = row.getColumn(10).getDouble();
    r.finishedAt = row.getColumn(11).getDouble();
    r.colour = paletteIndex(row.getColumn(12).getInt(), shadeOf(r.steps));
    r.isVisible = row.getColumn(13).getInt() != 0;
    r.queuePosition = row.getColumn(14).getInt64();
    r.environmentJson = row.getColumn(15).getString();
    const Owner owner{row.getColumn(16).getInt64(), row.getColumn(17).getString(), row.getColumn(18).getInt64()};
    if (run::isLive(r.state)) {
        const bool isOwned = isAlive(owner, row.getColumn(19).getDouble());
        r.isOwnedHere = isOwned && owner == thisProcess();
        r.state = isOwned ? r.state : run::RunState::Interrupted;
    }
    r.lastReward = optionalNumber(row.getColumn(22));
    r.firstReward = optionalNumber(row.getColumn(23));
    r.counters = readCounters(row, 24);
    // Workspaces of older versions have no totals of their own.
    r.activeSeconds = std::max(row.getColumn(20).getDouble(), r.counters.activeSeconds);
    r.wallSeconds = std::max(row.getColumn(21).getDouble(), r.counters.wallSeconds);
    const int after = 24 + counterCount();
    r.isDeleted = row.getColumn(after).getInt() != 0;
    r.notes = row.getColumn(after + 1).getString();
    r.tags = splitTags(row.getColumn(after + 2).getString());
    r.alarms = row.getColumn(after + 3).getInt64();
    r.newAlarms = row.getColumn(after + 4).getInt64();
    r.bestReward = optionalNumber(row.getColumn(after + 5));
    return r;
}

}  // namespace

struct StoreReader::Impl {
    fs::path workspace;
    std::unique_ptr<SQLite::Database> database;

    template <typename Take, typename... Values>
    void query(const char* sql, Take take, const Values&... values) const {
        store::query(*database, sql, take, values...);
    }
};

StoreReader::StoreReader(const fs::path& workspace) : m_impl(std::make_unique<Impl>()) {
    m_impl->workspace = fs::absolute(workspace);
    m_impl->database = openForReading(m_impl->workspace);
}
StoreReader::~StoreReader() = default;
StoreReader::StoreReader(StoreReader&&) noexcept = default;

std::vector<RunRow> StoreReader::runs(bool withDeleted) const {
    std::vector<RunRow> rows;
    const std::string sql = selectRuns() + " WHERE ?1 OR run.is_deleted = 0 ORDER BY run.id DESC";
    m_impl->query(sql.c_str(), [&](SQLite::Statement& row) { rows.push_back(runRow(row)); }, withDeleted ? 1 : 0);
    return rows;
}

std::optional<RunRow> StoreReader::run(const run::RunId& id) const {
    std::optional<RunRow> found;
    const std::string sql = selectRuns() + " WHERE run.id = ?1";
    m_impl->query(sql.c_str(), [&](SQLite::Statement& row) { found = runRow(row); }, runIdNumber(id));
    return found;
}

std::vector<std::string> StoreReader::scalarNames(const run::RunId& id) const {
    std::vector<std::string> names;
    m_impl->query(kScalarNames, [&](SQLite::Statement& row) { names.push_back(row.getColumn(0).getString()); }, runIdNumber(id));
    return names;
}

std::vector<ScalarRow> StoreReader::scalars(const run::RunId& id, std::string_view name, std::int64_t fromEpoch) const {
    std::vector<ScalarRow> rows;
    m_impl->query(
        selectScalars().c_str(), [&](SQLite::Statement& row) { rows.push_back({readCounters(row, 0), numberIn(row.getColumn(counterCount()))}); },
        runIdNumber(id), std::string(name), fromEpoch);
    return rows;
}

CurveTail StoreReader::scalarsAfter(const run::RunId& id, std::string_view name, const std::optional<ScalarRow>& last) const {
    if (last) {
        std::vector<ScalarRow> rows = scalars(id, name, last->counters.epoch);
        if (!rows.empty() && isSame(rows.front(), *last)) {
            rows.erase(rows.begin());
            return {false, std::move(rows)};
        }
    }
    return {true, scalars(id, name)};
}

std::vector<std::int64_t> StoreReader::sampleEpochs(const run::RunId& id, std::int64_t fromEpoch) const {
    std::vector<std::int64_t> epochs;
    m_impl->query(
        "SELECT DISTINCT epoch FROM sample WHERE run_id = ?1 AND epoch >= ?2 ORDER BY epoch",
        [&](SQLite::Statement& row) { epochs.push_back(row.getColumn(0).getInt64()); }, runIdNumber(id), fromEpoch);
    return epochs;
}

std::vector<SampleRow> StoreReader::samples(const run::RunId& id, std::int64_t epoch) const {
    std::vector<SampleRow> rows;
    const auto take = [&](SQLite::Statement& row) {
        SampleRow s;
        s.epoch = row.getColumn(0).getInt64();
        s.index = row.getColumn(1).getInt64();
        s.prompt = row.getColumn(2).getString();
        s.isHeldOut = row.getColumn(3).getInt() != 0;
        s.noiseSeed = static_cast<std::uint64_t>(row.getColumn(4).getInt64());
        s.reward = numberIn(row.getColumn(5));
        s.width = row.getColumn(6).getInt();
        s.height = row.getColumn(7).getInt();
        s.file = insideFolder(m_impl->workspace, row.getColumn(8).getString());
        rows.push_back(std::move(s));
    };
    m_impl->query(kSamples, take, runIdNumber(id), epoch);
    return rows;
}

std::vector<run::TrainingImage> StoreReader::trainingImages(const run::RunId& id, std::int64_t epoch) const {
    std::vector<run::TrainingImage> images;
    guarded(*m_impl->database, "read the training images of run " + id, [&] { images = readTrainingImages(*m_impl->database, runIdNumber(id), epoch); });
    return images;
}

std::vector<CheckpointRow> StoreReader::checkpoints(const run::RunId& id) const {
    std::vector<CheckpointRow> rows;
    const auto take = [&](SQLite::Statement& row) {
        CheckpointRow c;
        c.epoch = row.getColumn(0).getInt64();
        c.folder = insideFolder(m_impl->workspace, row.getColumn(1).getString());
        c.bytes = row.getColumn(2).getInt64();
        c.at = row.getColumn(3).getDouble();
        std::error_code ignored;
        if (fs::is_directory(c.folder, ignored)) {
            c.isKept = run::isKept(c.folder);
            rows.push_back(std::move(c));
        }
    };
    m_impl->query("SELECT epoch, folder, bytes, saved_at FROM checkpoint WHERE run_id = ?1 ORDER BY epoch DESC", take, runIdNumber(id));
    return rows;
}

std::vector<LogRow> StoreReader::log(const run::RunId& id, std::int64_t afterId, int limit) const {
    std::vector<LogRow> rows;
    const auto take = [&](SQLite::Statement& row) {
        rows.push_back({row.getColumn(0).getInt64(), row.getColumn(1).getDouble(), static_cast<log::Level>(std::clamp(row.getColumn(2).getInt(), 0, 3)),
                        row.getColumn(3).getString()});
    };
    m_impl->query("SELECT id, logged_at, level, text FROM log WHERE run_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3", take, runIdNumber(id), afterId, limit);
    return rows;
}

std::vector<EventRow> StoreReader::events(const run::RunId& id) const {
    std::vector<EventRow> rows;
    guarded(*m_impl->database, "read the events of run " + id, [&] { rows = readRunEvents(*m_impl->database, id); });
    return rows;
}

std::vector<EventRow> StoreReader::alarms() const {
    std::vector<EventRow> rows;
    guarded(*m_impl->database, "read the alarms", [&] { rows = readAlarms(*m_impl->database); });
    return rows;
}

void StoreReader::replay(const run::RunId& id, run::RunObserver& observer) const {
    const std::optional<RunRow> row = run(id);
    if (!row) {
        fail("there is no run " + id + " in this workspace");
    }
    replayRun(*this, *m_impl->database, *row, observer);
}

std::int64_t StoreReader::dataVersion() const {
    std::int64_t version = 0;
    m_impl->query("PRAGMA data_version", [&](SQLite::Statement& row) { version = row.getColumn(0).getInt64(); });
    return version;
}

const fs::path& StoreReader::workspace() const {
    return m_impl->workspace;
}

}  // namespace rlcm::store
