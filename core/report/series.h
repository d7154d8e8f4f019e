#pragma once
// Names, units and values of what the figures show. Inside core/report only.
#include <string>
#include <string_view>
#include <vector>

#include "core/report/report.h"
#include "core/store/workspace.h"

namespace rlcm::report {

/// A counter of a run that can be an x axis.
struct CounterInfo {
    std::string_view key;   ///< as in CurveOptions::xAxis and in the CSV header
    std::string_view title; ///< for people
    bool isSeconds = false;
    double (*value)(const run::Counters&) = nullptr;
};
/// All counters, epoch first.
const std::vector<CounterInfo>& counterInfos();
/// throws: Config naming the nearest counter.
const CounterInfo& counterInfo(std::string_view key);

/// The run with this id. throws: Store when the workspace has none.
store::RunRow requireRun(const store::StoreReader& reader, const run::RunId& id);
/// Shortest text that reads back to the same number; "nan", "inf", "-inf" for the others.
std::string exactText(double value);

}  // namespace rlcm::report
