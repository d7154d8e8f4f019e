#pragma once
// Names of the lines above a figure, and notes under them. Inside core/report only.
#include <string>
#include <vector>

#include "core/report/style.h"

namespace rlcm::report {

struct LegendContent {
    std::vector<const PlotLine*> lines;
    std::vector<std::string> notes;
};

/// A legend that has found its place.
struct Legend {
    struct Entry {
        double x = 0, y = 0;
        std::string label;
        const PlotLine* line = nullptr;  ///< none: a note
    };
    std::vector<Entry> entries;
    double height = 0;
    bool isToldApart = true;
};

/// Whole names one after the other if they fit into `mostHeight`, else even columns with names cut in the middle.
/// throws: Config when lines would read alike or there is no room.
Legend makeLegend(const Canvas& canvas, const LegendContent& content, const Box& area, const Style& style, double mostHeight);
void drawLegend(Canvas& canvas, const Legend& legend, const Style& style);

}  // namespace rlcm::report
