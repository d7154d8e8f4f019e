#include "core/store/run_events.h"

#include <cmath>
#include <string>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/store/query.h"

namespace rlcm::store {
namespace {

constexpr const char* kAlert = "alert";
constexpr const char* kSetting = "setting";

/// JSON has no NaN: null stands for it.
Json numberJson(double value) {
    return std::isfinite(value) ? Json(value) : Json();
}
double numberOf(const Json& json) {
    return json.is_null() ? std::nan("") : json.get<double>();
}

/// What a row holds beside its JSON.
struct Written {
    std::int64_t runNumber = 0, epoch = 0;
    const char* kind = "";
    bool isTold = true;
};

void insertEvent(SQLite::Database& database, const Written& event, const Json& json) {
    SQLite::Statement row(database, "INSERT INTO event (run_id, epoch, kind, json, at, is_told) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
    row.bind(1, event.runNumber);
    row.bind(2, event.epoch);
    row.bind(3, event.kind);
    row.bind(4, json.dump(-1, ' ', false, Json::error_handler_t::replace));
    row.bind(5, now());
    row.bind(6, event.isTold ? 1 : 0);
    row.exec();
}

run::AlertRaised alertOf(const run::RunId& id, std::int64_t epoch, const Json& json) {
    return {.id = id,
            .epoch = epoch,
            .rule = json.at("rule").get<std::string>(),
            .measure = json.at("measure").get<std::string>(),
            .before = numberOf(json.at("before")),
            .after = numberOf(json.at("after")),
            .goodEpoch = json.at("good_epoch").get<std::int64_t>(),
            .text = json.at("text").get<std::string>()};
}

run::SettingEdited editOf(const run::RunId& id, std::int64_t epoch, const Json& json) {
    return {id, epoch, json.at("path").get<std::string>(), json.at("before").get<std::string>(), json.at("after").get<std::string>()};
}

/// Columns of the rows that takeEvent reads.
constexpr const char* kSelect = "SELECT event.id, run_id, epoch, kind, json, at, is_told, is_seen FROM event ";

/// Nothing for a kind of another version.
std::optional<EventRow> takeEvent(SQLite::Statement& row) {
    const run::RunId id = runIdText(row.getColumn(1).getInt64());
    const std::int64_t epoch = row.getColumn(2).getInt64();
    const std::string kind = row.getColumn(3).getString(), where = "an event of run " + id;
    const Json json = parseJson(row.getColumn(4).getString(), where);
    EventRow event{.id = row.getColumn(0).getInt64(), .at = row.getColumn(5).getDouble(), .isSeen = row.getColumn(7).getInt() != 0, .event = {}};
    try {
        if (kind == kAlert) {
            run::AlertRaised alert = alertOf(id, epoch, json);
            alert.isTold = row.getColumn(6).getInt() != 0;
            event.event = std::move(alert);
            return event;
        }
        if (kind == kSetting) {
            event.event = editOf(id, epoch, json);
            return event;
        }
    } catch (const Json::exception& problem) {
        throw Error(ErrorKind::Format, where + " is damaged: " + problem.what());
    }
    return std::nullopt;
}

}  // namespace

void writeRunEvent(SQLite::Database& database, std::int64_t runNumber, const run::AlertRaised& event) {
    insertEvent(database, {runNumber, event.epoch, kAlert, event.isTold},
                {{"rule", event.rule},
                 {"measure", event.measure},
                 {"before", numberJson(event.before)},
                 {"after", numberJson(event.after)},
                 {"good_epoch", event.goodEpoch},
                 {"text", event.text}});
}

void writeRunEvent(SQLite::Database& database, std::int64_t runNumber, const run::SettingEdited& event) {
    insertEvent(database, {runNumber, event.epoch, kSetting}, {{"path", event.path}, {"before", event.before}, {"after", event.after}});
}

std::vector<EventRow> readRunEvents(SQLite::Database& database, const run::RunId& id) {
    std::vector<EventRow> events;
    SQLite::Statement row(database, std::string(kSelect) + "WHERE run_id = ?1 ORDER BY event.id");
    row.bind(1, runIdNumber(id));
    while (row.executeStep()) {
        if (std::optional<EventRow> event = takeEvent(row)) {
            events.push_back(std::move(*event));
        }
    }
    return events;
}

std::vector<EventRow> readAlarms(SQLite::Database& database) {
    std::vector<EventRow> alarms;
    SQLite::Statement row(database,
                          std::string(kSelect) + "JOIN run ON run.id = run_id WHERE run.is_deleted = 0 AND kind = '" + kAlert + "' ORDER BY event.id DESC");
    while (row.executeStep()) {
        if (std::optional<EventRow> event = takeEvent(row)) {
            alarms.push_back(std::move(*event));
        }
    }
    return alarms;
}

void markSeen(SQLite::Database& database, const std::vector<std::int64_t>& ids, bool isSeen) {
    SQLite::Statement row(database, "UPDATE event SET is_seen = ?2 WHERE id = ?1");
    for (const std::int64_t id : ids) {
        row.bind(1, id);
        row.bind(2, isSeen ? 1 : 0);
        row.exec();
        row.reset();
    }
}

}  // namespace rlcm::store
