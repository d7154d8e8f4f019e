#pragma once
#include <optional>

#include "core/run/best_evaluation.h"
#include "core/store/workspace.h"

namespace rlcm::figure {

/// The best evaluation of a run by the rule of its settings, as its trainer chose it; nothing for the rule last. throws: Store.
std::optional<run::BestEvaluation> bestOf(const store::StoreReader& reader, const store::RunRow& run);
/// What a run measured at the end of an epoch; nothing where it did not.
std::optional<double> valueAtEpoch(const store::StoreReader& reader, const run::RunId& id, std::string_view measure, std::int64_t epoch);

}  // namespace rlcm::figure
