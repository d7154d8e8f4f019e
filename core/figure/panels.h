#pragma once
// The lines that a FigureSpec asks for, read from a store and sorted by unit.
#include <string>
#include <vector>

#include "core/figure/figure_spec.h"
#include "core/figure/lines.h"

namespace rlcm::figure {

/// A line of a figure with what is drawn of it.
struct DrawnLine {
    Line line;
    std::vector<double> shown;  ///< y smoothed, see shownValues
    bool isEvaluation = false;  ///< measured every few epochs
};

/// Lines that share a unit and so an axis.
struct Panel {
    std::string title;
    std::vector<DrawnLine> lines;
};

/// The panels of a figure, one above the other, in the order in which their units come up. Lines without a point are left out; labels name the measure when there
/// are several. throws: Config for a spec that is not valid, Store for a run that is not there or when nothing is left to draw.
std::vector<Panel> readPanels(const store::StoreReader& reader, const FigureSpec& spec);
/// Lines under the legend: what bands are and how far the curves are smoothed.
std::vector<std::string> notesOf(const FigureSpec& spec, const std::vector<Panel>& panels);
/// "Evaluation reward (mean), compressibility (kB)": the axis of a measure of such runs.
std::string valueTitle(const std::string& measure, const store::RunRow& run);
/// The run with this id. throws: Store when the workspace has none.
store::RunRow requireRun(const store::StoreReader& reader, const run::RunId& id);

}  // namespace rlcm::figure
