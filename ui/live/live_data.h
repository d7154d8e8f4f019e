#pragma once
// What the live page reads about one run.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/run/measures.h"
#include "core/store/workspace.h"
#include "ui/view/x_axis.h"

namespace rlcm::ui {

/// Scalars of the chart of rewards.
inline const std::string kTraining{run::measure::kRewardMean};
inline const std::string kEvaluation{run::measure::kEvalRewardMean};
inline const std::string kHeldOut{run::measure::kEvalHeldOutRewardMean};

/// What to read: the curves named in `wanted` that exist, each from where it is known to.
struct LiveQuery {
    struct Known {
        std::size_t points = 0;
        std::optional<store::ScalarRow> last;
    };
    run::RunId run;
    std::vector<std::string> wanted;
    std::map<std::string, Known> known;
    std::int64_t afterLog = 0;
};
/// What is new.
struct LiveUpdate {
    struct Tail {
        std::size_t after = 0;  ///< points that it follows
        store::CurveTail curve;
    };
    run::RunId run;
    std::vector<std::string> names;
    std::map<std::string, Tail> curves;
    std::vector<int> checkpointEpochs;
    std::vector<store::EventRow> events;
    std::vector<store::LogRow> newLog;
};
/// thread: the store's worker.
LiveUpdate readLive(const store::StoreReader& reader, const LiveQuery& query);

/// Everything the page shows besides images.
struct LiveData {
    std::vector<std::string> names;
    std::map<std::string, std::vector<store::ScalarRow>> curves;
    std::vector<int> checkpointEpochs;
    std::vector<store::EventRow> events;  ///< alarms and edits, as they happened

    /// x of the epochs 0..last: that of the newest point at or before each.
    std::vector<double> places(int last, XAxis axis) const;
    LiveQuery query(const run::RunId& run, std::vector<std::string> wanted, std::int64_t afterLog) const;
    enum class Change { None, Some, Misfit };
    /// Misfit: the update follows other data than these; ask again.
    Change apply(const LiveUpdate& update);
};

}  // namespace rlcm::ui
