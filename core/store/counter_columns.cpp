#include "core/store/counter_columns.h"

#include <SQLiteCpp/SQLiteCpp.h>

namespace rlcm::store {

std::string counterColumns(const std::string& table) {
    std::string columns;
    for (const char* name : {"epoch", "images", "reward_queries", "denoiser_evaluations", "nominal_denoiser_evaluations", "optimizer_steps",
                             "active_seconds", "wall_seconds"}) {
        columns += (columns.empty() ? "" : ", ") + (table.empty() ? "" : table + '.') + name;
    }
    return columns;
}

run::Counters readCounters(SQLite::Statement& row, int first) {
    run::Counters c;
    c.epoch = row.getColumn(first).getInt64();
    c.images = row.getColumn(first + 1).getInt64();
    c.rewardQueries = row.getColumn(first + 2).getInt64();
    c.denoiserEvaluations = row.getColumn(first + 3).getInt64();
    c.nominalDenoiserEvaluations = row.getColumn(first + 4).getInt64();
    c.optimizerSteps = row.getColumn(first + 5).getInt64();
    c.activeSeconds = row.getColumn(first + 6).getDouble();
    c.wallSeconds = row.getColumn(first + 7).getDouble();
    return c;
}

void bindCounters(SQLite::Statement& statement, int first, std::int64_t epoch, const run::Counters& c) {
    statement.bind(first, epoch);
    statement.bind(first + 1, c.images);
    statement.bind(first + 2, c.rewardQueries);
    statement.bind(first + 3, c.denoiserEvaluations);
    statement.bind(first + 4, c.nominalDenoiserEvaluations);
    statement.bind(first + 5, c.optimizerSteps);
    statement.bind(first + 6, c.activeSeconds);
    statement.bind(first + 7, c.wallSeconds);
}

}  // namespace rlcm::store
