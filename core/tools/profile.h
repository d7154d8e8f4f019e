#pragma once
// Where the time of a training round goes, by torch's own profiler. No tensor is named here.
#include <cstddef>
#include <functional>
#include <string>

#include "core/base/json.h"
#include "core/run/run_config.h"

namespace rlcm::tools {

/// Calls `work` once to warm up and `calls` times under the profiler. Returns "device", "seconds" (by the clock, of one call, the profiler's own cost
/// included) and "rows": name, calls, milliseconds and share of all that was measured, of one call, largest first, at most `limit`. On a GPU the rows
/// are its kernels and copies, and "busy_share" is the part of the time in which it had one; on the CPU they are operators without what they call.
Json profiled(const std::string& device, int calls, std::size_t limit, const std::function<void()>& work);
/// The same of training rounds of a config. throws: as a run.
Json profileRounds(const run::RunConfig& config, int rounds, std::size_t limit);

}  // namespace rlcm::tools
