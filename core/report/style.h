#pragma once
// What the parts of a figure share: boxes, inks, and how a line is drawn. Inside core/report only.
#include <vector>

#include "core/figure/panels.h"
#include "core/report/canvas.h"

namespace rlcm::report {

inline constexpr Colour kInk{0.13, 0.13, 0.13, 1}, kSoftInk{0.35, 0.35, 0.35, 1}, kGrid{0.90, 0.90, 0.90, 1}, kFrame{0.62, 0.62, 0.62, 1};
inline constexpr double kDotRadius = 3.6, kFullTurn = 6.2831853071795862;

struct Box {
    double left = 0, top = 0, right = 0, bottom = 0;
    double width() const { return right - left; }
    double height() const { return bottom - top; }
};

/// Sizes of a figure: of its text in pixels, and what lengths given for text of 10 points are multiplied with.
struct Style {
    double font = 12, scale = 1;
};

/// How one line is drawn, in plot and legend.
struct PlotLine {
    const figure::DrawnLine* drawn = nullptr;
    Colour colour;                    ///< with its strength
    std::vector<double> dashes = {};  ///< see figure::lineDashes; no line is told by colour alone
    double width = 2;
};

/// Dashes and gaps of all lines from now on; none: solid.
void setDash(Canvas& canvas, const std::vector<double>& dashes, double scale);
void fillDot(Canvas& canvas, double x, double y, double radius);

}  // namespace rlcm::report
