#include "core/figure/figure_spec.h"

#include <cmath>

#include "core/base/error.h"
#include "core/run/counters.h"
#include "core/run/measures.h"

namespace rlcm::figure {
namespace {

[[noreturn]] void refuse(const std::string& message) {
    throw Error(ErrorKind::Config, message);
}

void requireSize(const Size& size) {
    const auto isSide = [](double mm) { return mm >= 10 && mm <= 10000; };
    if (!isSide(size.widthMm) || !isSide(size.heightMm)) {
        refuse("a figure's sides must be 10 to 10000 mm");
    }
    if (!(size.fontPt == 0 || (size.fontPt >= 4 && size.fontPt <= 72))) {
        refuse("a figure's text must have 4 to 72 pt, or 0 for a size that fits");
    }
    if (size.dpi < 30 || size.dpi > 1200) {
        refuse("a figure must have 30 to 1200 dots per inch");
    }
}

}  // namespace

std::vector<Series> seriesOf(const std::vector<std::string>& measures, const std::vector<run::RunId>& runs) {
    if (measures.empty()) {
        return seriesOf({std::string(run::measure::kRewardMean), std::string(run::measure::kEvalRewardMean)}, runs);
    }
    std::vector<Series> series;
    for (const std::string& measure : measures) {
        series.push_back({measure, runs});
    }
    return series;
}

Size sizeInPixels(int width, int height) {
    constexpr double kMmPerPixel = 25.4 / 96;
    return {.widthMm = width * kMmPerPixel, .heightMm = height * kMmPerPixel};
}

std::string axisTitle(const FigureSpec& spec) {
    return spec.kind == FigureKind::OverOptimisation ? "Distance from the base model (square root of the path KL in nats)"
                                                     : std::string(run::counterField(spec.axis).title);
}

void requireValid(const FigureSpec& spec) {
    run::counterField(spec.axis);
    if (spec.series.empty()) {
        refuse("choose at least one measure to draw");
    }
    for (const Series& series : spec.series) {
        if (series.measure.empty()) {
            refuse("a series of a figure names no measure");
        }
        if (series.runs.empty()) {
            refuse("choose at least one run to draw");
        }
    }
    if (!std::isfinite(spec.halfLife) || spec.halfLife < 0) {
        refuse("the half-life of a figure's smoothing must be 0 or more");
    }
    if (spec.extract) {
        const auto& [x0, x1, y0, y1] = *spec.extract;
        if (!(x0 < x1) || !(y0 < y1) || !std::isfinite(x1 - x0) || !std::isfinite(y1 - y0)) {
            refuse("the part of a figure that is shown must have a width and a height");
        }
        if (spec.isLogY && !(y0 > 0)) {
            refuse("the part of a figure that is shown begins at or below 0, where a logarithmic axis has no place");
        }
    }
    requireSize(spec.size);
}

}  // namespace rlcm::figure
