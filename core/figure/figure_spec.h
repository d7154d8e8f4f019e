#pragma once
// What a figure shows, as a value: which measure of which runs, over which counter, smoothed, grouped and sized how. The window, `rlcm export` and reports make
// one and hand it to the same renderer; written as JSON it can be kept and drawn again.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/figure/smoothing.h"
#include "core/figure/statistics.h"
#include "core/run/run_event.h"

namespace rlcm::figure {

enum class FigureKind {
    Curves,            ///< measures over a counter
    OverOptimisation,  ///< what measures of the evaluations gained over the distance from the base model, with the fitted curves and their peaks
};

/// Whether runs that differ in nothing but their seed become one line, their mean with a band around it.
enum class Grouping { None, Seeds };

/// Lines of one measure, one for each run or group of runs.
struct Series {
    std::string measure;  ///< as in core/run/measures.h, or of a newer version
    std::vector<run::RunId> runs;
    bool operator==(const Series&) const = default;
};

/// A vertical line with a short label, as "checkpoint"; x in the axis' unit, seconds for times.
struct Mark {
    double x = 0;
    std::string label;
    bool operator==(const Mark&) const = default;
};

/// The part of the plane that is shown.
struct Extract {
    double x0 = 0, x1 = 1, y0 = 0, y1 = 1;
    bool operator==(const Extract&) const = default;
};

struct Size {
    double widthMm = 317.5, heightMm = 198.4375;  ///< 1200 x 750 pixels at 96 to the inch
    double fontPt = 0;                            ///< 0: by the size of the figure
    int dpi = 96;                                 ///< of PNG files
    bool operator==(const Size&) const = default;
};

struct FigureSpec {
    FigureKind kind = FigureKind::Curves;
    std::string title = {};      ///< above everything; empty: none
    std::string axis = "epoch";  ///< a counter of core/run/counters.h; of curves
    std::vector<Series> series = {};
    Grouping grouping = Grouping::None;
    Band band = Band::MinMax;  ///< of groups
    double halfLife = 0;       ///< width of the smoothing, in the axis' unit; 0: off
    Smoother smoother = Smoother::Exponential;
    bool hasRaw = true;  ///< the unsmoothed line faintly behind a smoothed one
    bool isLogY = false;
    bool ignoresOutliers = false;         ///< the vertical axis fits the middle 98 % of the values
    std::optional<Extract> extract = {};  ///< empty: everything
    std::vector<Mark> marks = {};
    Size size = {};
    bool operator==(const FigureSpec&) const = default;
};

/// A series of all runs for each measure; of training and evaluation reward when none is named.
std::vector<Series> seriesOf(const std::vector<std::string>& measures, const std::vector<run::RunId>& runs);
/// The size of a figure in pixels of 1/96 inch.
Size sizeInPixels(int width, int height);

/// Title of the horizontal axis without its unit: that of the counter, or the distance.
std::string axisTitle(const FigureSpec& spec);

/// throws: Config naming the first value that no figure can be drawn with (no series, unknown axis, a size out of range).
void requireValid(const FigureSpec& spec);

Json toJson(const FigureSpec& spec);
/// Strict: what is absent keeps its default, unknown keys and wrong types are errors that name the place and the nearest key.
/// `where` (a file name) begins every message. throws: Config.
FigureSpec figureSpecFromJson(const Json& json, std::string_view where);

}  // namespace rlcm::figure
