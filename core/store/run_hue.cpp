#include "core/store/run_hue.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <SQLiteCpp/SQLiteCpp.h>

#include "core/base/run_palette.h"
#include "core/base/json.h"
#include "core/run/field_table.h"

namespace rlcm::store {
namespace {

constexpr int kMethods = static_cast<int>(run::namesOf(run::Method{}).size());  // method i has hue i
static_assert(kMethods < kRunHues);

// The newest runs are enough: who has more looks at some of them.
constexpr const char* kNewestRuns = R"sql(
SELECT colour, json_remove(config_json, '$.seed', '$.name', '$.compute', '$.health', '$.evaluation', '$.checkpoint', '$.reward', '$.sampling.steps', '$.training.epochs')
    = json_remove(?1, '$.seed', '$.name', '$.compute', '$.health', '$.evaluation', '$.checkpoint', '$.reward', '$.sampling.steps', '$.training.epochs')
FROM (SELECT id, colour, config_json FROM run WHERE is_deleted = 0 AND json_valid(config_json) ORDER BY id DESC LIMIT 500) ORDER BY id DESC)sql";

}  // namespace

int hueOfNewRun(SQLite::Database& database, const run::RunConfig& config) {
    std::array<std::int64_t, kRunHues> uses{};
    SQLite::Statement row(database, kNewestRuns);
    row.bind(1, run::toJson(config).dump());
    while (row.executeStep()) {
        const int hue = paletteIndex(row.getColumn(0).getInt(), 0);
        if (row.getColumn(1).getInt() != 0) {
            return hue;
        }
        ++uses[static_cast<std::size_t>(hue)];
    }
    const auto own = static_cast<int>(config.algorithm.method);
    if (uses[static_cast<std::size_t>(own)] == 0) {
        return own;
    }
    return static_cast<int>(std::min_element(uses.begin() + kMethods, uses.end()) - uses.begin());
}

}  // namespace rlcm::store
