#pragma once
// Inside core/store .cpp files only: reading rows.
#include <limits>

#include <SQLiteCpp/SQLiteCpp.h>

#include "core/store/database.h"

namespace rlcm::store {

/// SQLite keeps no NaN: it stores NULL, which is read back as NaN.
inline double numberIn(const SQLite::Column& column) {
    return column.isNull() ? std::numeric_limits<double>::quiet_NaN() : column.getDouble();
}

/// Calls `take` for every row of a query whose parameters are bound in order. throws: Store.
template <typename Take, typename... Values>
void query(SQLite::Database& database, const char* sql, Take take, const Values&... values) {
    guarded(database, "read the workspace", [&] {
        SQLite::Statement statement(database, sql);
        int index = 0;
        (statement.bind(++index, values), ...);
        while (statement.executeStep()) {
            take(statement);
        }
    });
}

}  // namespace rlcm::store
