#include "core/store/counter_columns.h"

#include <variant>

#include <SQLiteCpp/SQLiteCpp.h>

namespace rlcm::store {

int counterCount() {
    return static_cast<int>(run::counterFields().size());
}

std::string counterColumns(const std::string& table) {
    std::string columns;
    for (const run::CounterField& field : run::counterFields()) {
        columns += (columns.empty() ? "" : ", ") + (table.empty() ? "" : table + '.') + std::string(field.name);
    }
    return columns;
}

run::Counters readCounters(SQLite::Statement& row, int first) {
    run::Counters counters;
    for (const run::CounterField& field : run::counterFields()) {
        const SQLite::Column column = row.getColumn(first++);
        if (const auto* whole = std::get_if<std::int64_t run::Counters::*>(&field.member)) {
            counters.** whole = column.getInt64();
        } else {
            counters.*std::get<double run::Counters::*>(field.member) = column.getDouble();
        }
    }
    return counters;
}

void bindCounters(SQLite::Statement& statement, int first, std::int64_t epoch, run::Counters counters) {
    counters.epoch = epoch;
    for (const run::CounterField& field : run::counterFields()) {
        std::visit([&](auto member) { statement.bind(first, counters.*member); }, field.member);
        ++first;
    }
}

}  // namespace rlcm::store
