#pragma once
// Lines over one x axis, drawn with cairo. Inside core/report only.
#include <string>
#include <vector>

#include "core/report/canvas.h"

namespace rlcm::report {

/// One line of the figure.
struct Line {
    std::string label;
    Colour colour;
    bool isSparse = false;      ///< evaluations: drawn thicker and with dots
    int dash = 0;               ///< 0 solid; apart from colour, so that no line is told by colour alone
    std::vector<double> x, y;   ///< x ascending; y may hold NaN
};

/// Lines that share a unit.
struct Panel {
    std::string title;
    std::vector<Line> lines;
};

struct Figure {
    std::string xTitle;
    std::vector<Panel> panels;  ///< one above the other
};

/// Fills the canvas. throws: Config when curves and legend have no readable room, or legend entries would read alike.
void drawFigure(Canvas& canvas, const Figure& figure, int width, int height);

}  // namespace rlcm::report
