#pragma once
// Draws the panels of a figure with cairo. Inside core/report only.
#include <vector>

#include "core/figure/panels.h"
#include "core/report/canvas.h"

namespace rlcm::report {

constexpr double kPixelsPerMm = 96 / 25.4;

/// Fills a canvas of the spec's size, in pixels of 1/96 inch. Seconds are drawn as minutes or hours when the axis is long.
/// throws: Config when lines and legend have no readable room, or legend entries would read alike.
void drawFigure(Canvas& canvas, figure::FigureSpec spec, std::vector<figure::Panel> panels);

}  // namespace rlcm::report
