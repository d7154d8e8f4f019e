#pragma once
// Inside core/store only: the hue that a new run gets.
#include "core/run/run_config.h"

namespace SQLite {
class Database;
}

namespace rlcm::store {

/// Runs that differ in seed, horizon, reward, length, what is evaluated or what they are computed on share a hue: that of the newest of them, so that a chosen one carries on.
/// The first such runs of a method have the method's own hue, other settings of it the one that the fewest have. throws: SQLite's.
int hueOfNewRun(SQLite::Database& database, const run::RunConfig& config);

}  // namespace rlcm::store
