#pragma once
#include <iosfwd>

#include "core/base/json.h"
#include "core/run/derive.h"
#include "core/run/run_config.h"

namespace rlcm::cli {

/// What a run will count in all, by the names of its counters.
Json countsJson(const run::Derived& derived);
/// What a run will cost: counts, time, disk, and memory by part. throws: Config when the config is not valid.
Json estimateJson(const run::RunConfig& config);
/// The same for people.
void printEstimate(std::ostream& out, const run::RunConfig& config);

}  // namespace rlcm::cli
