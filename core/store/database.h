#pragma once
// Inside core/store only: opening the database, migrations, and turning SQLite's failures into Error{Store}.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/run/run_event.h"
#include "core/store/patience.h"

namespace SQLite {
class Database;
}

namespace rlcm::store {

/// throws: Store.
[[noreturn]] void fail(const std::string& message);

/// The database file of a workspace.
std::filesystem::path databaseFile(const std::filesystem::path& workspace);

/// Opens for writing (WAL, synchronous FULL, foreign keys), creates folder and file when absent and applies missing
/// migrations. throws: Store, also when the database is empty although the folder holds runs.
std::unique_ptr<SQLite::Database> openForWriting(const std::filesystem::path& workspace, Patience patience);
/// Opens an existing workspace without the right to change it. What a killed process left half done is finished first; where the
/// folder cannot be written, an immutable view is taken if nothing is missing from it. throws: Store.
std::unique_ptr<SQLite::Database> openForReading(const std::filesystem::path& workspace);

/// Runs `work`; a failure of SQLite becomes Error{Store}: "cannot <what>: <reason> (<file>)".
void guarded(SQLite::Database& database, std::string_view what, const std::function<void()>& work);
/// Runs `work` in one transaction that holds the write lock from its start, inside guarded().
void inTransaction(SQLite::Database& database, std::string_view what, const std::function<void()>& work);

/// The number of a folder or id like "r0001", or nothing.
std::optional<std::int64_t> parseRunId(const std::string& text);
/// "r0001" <-> 1. throws: Store when the text is no run id.
run::RunId runIdText(std::int64_t number);
std::int64_t runIdNumber(const run::RunId& id);
/// Folder of a run, relative to the workspace.
std::filesystem::path runFolder(const run::RunId& id);
/// Unix seconds.
double now();

}  // namespace rlcm::store
