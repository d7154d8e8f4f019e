#pragma once
// From runs and their points to the lines of a chart: names, colours, groups of seeds. The window's charts and the files draw these.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/figure/figure_spec.h"
#include "core/figure/smoothing.h"
#include "core/run/counters.h"
#include "core/store/workspace.h"

namespace rlcm::figure {

/// One line of a chart. x ascending; y may hold NaN (a gap) and infinities.
struct Line {
    std::string id;     ///< the run's, or that of a group's first run
    std::string label;  ///< unlike those of the other lines
    int colour = 0;     ///< index into kRunPalette
    bool isDashed = false;
    std::vector<double> x, y;
    std::vector<double> bandLow, bandHigh;  ///< empty for a single run, else as long as x
    std::vector<int> counts;                ///< runs behind each point of a mean; empty for a single run
    int runs = 1;                           ///< of all
};

/// A run with the points of one measure. Both must outlive the call that they are handed to.
struct RunPoints {
    const store::RunRow& run;
    const std::vector<store::ScalarRow>& points;
    std::string group = {};  ///< see groupKey; needed for grouped lines only
};

struct LineOptions {
    const run::CounterField& axis;
    Grouping grouping = Grouping::None;
    Band band = Band::MinMax;
};

/// One line for each run, or group of runs with its mean and band, in the order of the (first) runs. thread: any.
std::vector<Line> makeLines(std::span<const RunPoints> runs, const LineOptions& options);
/// " (3 seeds)": the end of a group's label; empty for one run.
std::string seedsText(int runs);

/// The settings of a run; those that its version did not know yet have their defaults.
Json completeSettings(const store::RunRow& run);
/// Equal for runs whose configs differ in nothing but seed, name, compute settings and what alarms do.
std::string groupKey(const store::RunRow& run);
/// Equal for runs whose rewards can stand on one axis: same terms, models and server. Others have another unit or scale.
std::string rewardKey(const store::RunRow& run);
/// "compressibility (kB)": terms and, where it is known, the unit.
std::string rewardTitle(const store::RunRow& run);

/// The points of a curve that smoothing looks at; all of one length, or empty where there is no band.
struct Points {
    std::span<const double> x, y, low, high;
    std::span<const int> counts;
};
/// y smoothed and, where it is the mean of several runs, kept inside its band; y with infinities as NaN for width 0.
std::vector<double> shownValues(const Points& points, const Smoothing& smoothing);
/// "smoothed, half-life 5 epochs" or "smoothed, median within 5 epochs either side".
std::string smoothingNote(const Smoothing& smoothing, std::string_view unit);
/// What the band around a mean is, in words: "band: min to max of the seeds".
std::string bandNote(Band band);

}  // namespace rlcm::figure
