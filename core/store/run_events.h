#pragma once
// Inside core/store only: what happened in a run beside its epochs, as rows of the table event.
#include <vector>

#include "core/run/run_event.h"
#include "core/store/workspace.h"

namespace SQLite {
class Database;
}

namespace rlcm::store {

/// Stores an alert or an edited setting. Inside a transaction or guard of the caller.
void writeRunEvent(SQLite::Database& database, std::int64_t runNumber, const run::AlertRaised& event);
void writeRunEvent(SQLite::Database& database, std::int64_t runNumber, const run::SettingEdited& event);
/// All of a run, in the order in which they happened; kinds of other versions are left out. throws: Format when a row is damaged.
std::vector<EventRow> readRunEvents(SQLite::Database& database, const run::RunId& id);
/// The alerts of all runs that are not deleted, newest first. throws: as readRunEvents.
std::vector<EventRow> readAlarms(SQLite::Database& database);
/// Puts alerts aside, or back. Inside a transaction of the caller.
void markSeen(SQLite::Database& database, const std::vector<std::int64_t>& ids, bool isSeen);

}  // namespace rlcm::store
