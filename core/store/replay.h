#pragma once
// Inside core/store only.
#include "core/store/workspace.h"

namespace SQLite {
class Database;
}

namespace rlcm::store {

/// The work of StoreReader::replay.
void replayRun(const StoreReader& reader, SQLite::Database& database, const RunRow& row, run::RunObserver& observer);

}  // namespace rlcm::store
