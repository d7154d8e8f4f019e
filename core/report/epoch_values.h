#pragma once
// The numbers of a run by epoch. Private to core/report.
#include <map>
#include <string>
#include <vector>

#include "core/store/workspace.h"

namespace rlcm::report {

struct EpochValues {
    run::Counters counters;
    std::map<std::string, double> values;  ///< by measure
};
/// Those of the measures `names`. Evaluations of an epoch are stored with the same epoch count as its training row; the later counters stand.
std::map<std::int64_t, EpochValues> epochValues(const store::StoreReader& reader, const run::RunId& id, const std::vector<std::string>& names);

}  // namespace rlcm::report
