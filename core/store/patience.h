#pragma once
// How long a connection waits while another process holds the database's write lock.
namespace SQLite {
class Database;
}

namespace rlcm::store {

enum class Patience {
    Brief,    ///< 5 s: where a person waits for the answer
    Minutes,  ///< 10 min: a run's own writes; a backup or a copy may hold the lock that long. Says so from the fifth second on
};

/// Sets what a connection does from now on when the database is locked. thread: any, before the first statement.
void setPatience(SQLite::Database& database, Patience patience);

}  // namespace rlcm::store
