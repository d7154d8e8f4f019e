#pragma once
// Run events as the JSON objects of `rlcm train --json`.
#include "core/base/json.h"
#include "core/run/run_event.h"

namespace rlcm::cli {

/// One object with "event" and "run"; numbers that JSON lacks (NaN, infinity) become null. An EpochDone counts finished epochs from 1.
Json eventJson(const run::RunEvent& event);
/// Adds eval_* of the evaluation of the same state to an epoch's object.
void mergeEvaluation(Json& epoch, const run::EvaluationDone& evaluation);

}  // namespace rlcm::cli
