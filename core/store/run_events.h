#pragma once
// Inside core/store only: what happened in a run beside its epochs, as rows of the table event.
#include <vector>

#include "core/run/run_event.h"

namespace SQLite {
class Database;
}

namespace rlcm::store {

/// Stores an alert or an edited setting. Inside a transaction or guard of the caller.
void writeRunEvent(SQLite::Database& database, std::int64_t runNumber, const run::AlertRaised& event);
void writeRunEvent(SQLite::Database& database, std::int64_t runNumber, const run::SettingEdited& event);
/// All of a run, in the order in which they happened; kinds of other versions are left out. throws: Format when a row is damaged.
std::vector<run::RunEvent> readRunEvents(SQLite::Database& database, const run::RunId& id);

}  // namespace rlcm::store
