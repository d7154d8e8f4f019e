#pragma once
// One pair of axes with what stands between them. Inside core/report only.
#include <vector>

#include "core/report/axis.h"
#include "core/report/style.h"

namespace rlcm::report {

struct Plot {
    Box box;
    Axis x, y;
    Style style;
    /// Places on the page. Values far outside are brought near: a page has no room for them, and cairo no numbers.
    double left(double value) const;
    double top(double value) const;
};

void drawAxes(Canvas& canvas, const Plot& plot, bool hasXLabels);
/// Vertical lines with labels that never overlap.
void drawMarks(Canvas& canvas, const Plot& plot, const std::vector<figure::Mark>& marks);
/// Bands below, then faint raw lines, lines, and a cross at the bottom for each value that has no place.
void drawLines(Canvas& canvas, const Plot& plot, const std::vector<PlotLine>& lines, const figure::FigureSpec& spec);

}  // namespace rlcm::report
