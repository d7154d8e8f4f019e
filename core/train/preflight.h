#pragma once
// What can be told about a run's files before it starts.
#include <vector>

#include "core/run/field_table.h"

namespace rlcm::train {

/// What a config names that is not there or cannot be what is wanted: prompt lists, the model, models of the rewards in use, the judge,
/// the LoRA to start from. Looks at names and files only, no weights are read. `config` need not be valid. thread: any.
std::vector<run::Problem> missingParts(const run::RunConfig& config);

}  // namespace rlcm::train
