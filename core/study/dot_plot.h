#pragma once
// Inside core/study only: one line of dots for each cell.
#include <optional>
#include <string>
#include <vector>

#include "core/figure/intervals.h"

namespace rlcm::study {

struct DotRow {
    std::string label;
    std::vector<double> values;  ///< one dot each, of a run; those that are not finite are left out
    std::optional<figure::Interval> interval = {};
    int colour = 0;  ///< index into kRunPalette
};

/// An SVG element: dots of the runs, a bar at their mean, a line over the interval. Empty when no row has a value.
std::string dotPlot(const std::vector<DotRow>& rows, const std::string& axisTitle);

}  // namespace rlcm::study
