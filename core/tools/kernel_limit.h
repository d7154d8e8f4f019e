#pragma once
// How near a training round comes to its convolutions and matrix products alone. No tensor is named here.
#include "core/base/json.h"
#include "core/run/run_config.h"

namespace rlcm::tools {

/// Times `rounds` rounds of a config, after each the convolutions, matrix products and attentions of a round without all the rest, in the same order, on random
/// numbers of the same layout: side by side, because what else a machine does makes both slower. Returns of the pair whose share lies in the middle "seconds" of the
/// round by the clock, "limit_seconds" (all of those alone, divided among the threads) and "share" of the two; "low" and "high", the least and the largest share of
/// all "pairs"; and "rows": name, calls, milliseconds of processor time in the round and alone, largest first. What the round computes besides has no part in the
/// limit. throws: as a run.
Json benchLimit(const run::RunConfig& config, int rounds);

}  // namespace rlcm::tools
