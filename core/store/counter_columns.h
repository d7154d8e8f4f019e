#pragma once
// Inside core/store only: the counters as columns of the tables epoch and evaluation, in one order for all statements.
#include <string>

#include "core/run/counters.h"

namespace SQLite {
class Statement;
}

namespace rlcm::store {

/// How many columns the counters take.
int counterCount();
/// "<table>.epoch, <table>.optimizer_steps, ...": counterCount() names in the order of run::counterFields().
std::string counterColumns(const std::string& table);
/// Reads them from column `first` on; columns of an outer join that found nothing are 0.
run::Counters readCounters(SQLite::Statement& row, int first);
/// Binds them to the parameters `first`, first + 1, ...; the epoch is given, since an event counts from 0.
void bindCounters(SQLite::Statement& statement, int first, std::int64_t epoch, run::Counters counters);

}  // namespace rlcm::store
