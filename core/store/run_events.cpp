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

void insertEvent(SQLite::Database& database, std::int64_t runNumber, std::int64_t epoch, const char* kind, const Json& json) {
    SQLite::Statement row(database, "INSERT INTO event (run_id, epoch, kind, json, at) VALUES (?1, ?2, ?3, ?4, ?5)");
    row.bind(1, runNumber);
    row.bind(2, epoch);
    row.bind(3, kind);
    row.bind(4, json.dump(-1, ' ', false, Json::error_handler_t::replace));
    row.bind(5, now());
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

}  // namespace

void writeRunEvent(SQLite::Database& database, std::int64_t runNumber, const run::AlertRaised& event) {
    insertEvent(database, runNumber, event.epoch, kAlert,
                {{"rule", event.rule},
                 {"measure", event.measure},
                 {"before", numberJson(event.before)},
                 {"after", numberJson(event.after)},
                 {"good_epoch", event.goodEpoch},
                 {"text", event.text}});
}

void writeRunEvent(SQLite::Database& database, std::int64_t runNumber, const run::SettingEdited& event) {
    insertEvent(database, runNumber, event.epoch, kSetting, {{"path", event.path}, {"before", event.before}, {"after", event.after}});
}

std::vector<run::RunEvent> readRunEvents(SQLite::Database& database, const run::RunId& id) {
    std::vector<run::RunEvent> events;
    SQLite::Statement row(database, "SELECT epoch, kind, json FROM event WHERE run_id = ?1 ORDER BY id");
    row.bind(1, runIdNumber(id));
    while (row.executeStep()) {
        const std::int64_t epoch = row.getColumn(0).getInt64();
        const std::string kind = row.getColumn(1).getString(), where = "an event of run " + id;
        const Json json = parseJson(row.getColumn(2).getString(), where);
        try {
            if (kind == kAlert) {
                events.emplace_back(alertOf(id, epoch, json));
            } else if (kind == kSetting) {
                events.emplace_back(run::SettingEdited{id, epoch, json.at("path").get<std::string>(), json.at("before").get<std::string>(),
                                                       json.at("after").get<std::string>()});
            }
        } catch (const Json::exception& problem) {
            throw Error(ErrorKind::Format, where + " is damaged: " + problem.what());
        }
    }
    return events;
}

}  // namespace rlcm::store
