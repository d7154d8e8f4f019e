#pragma once
// How near a training round comes to its convolutions and matrix products alone. No tensor is named here.
#include "core/base/json.h"
#include "core/run/run_config.h"

namespace rlcm::tools {

/// Times rounds of a config, then the convolutions, matrix products and attentions of a round without all the rest, in the same order, on random numbers of the same
/// layout. Returns "seconds" of the fastest round by the clock, "limit_seconds" (all of those alone, the fastest of several passes, divided among the threads), "share" of
/// the two, and "rows": name, calls, milliseconds of processor time in the round and alone, largest first. What the round computes besides has no part in the limit.
/// throws: as a run.
Json benchLimit(const run::RunConfig& config, int rounds);

}  // namespace rlcm::tools
