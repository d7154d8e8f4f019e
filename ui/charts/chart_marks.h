#pragma once
// Alarms and edits on a chart. Private to ui/charts.
#include "ui/charts/plot_library.h"

#include <vector>

#include "ui/charts/chart_widget.h"

namespace rlcm::ui {

/// Colour of a mark in a theme.
QColor markColour(ChartMark::Kind kind, bool isDark);
/// A line through the axis rect with a flag at its top, for each mark in the visible range.
void paintMarks(QCPPainter& painter, const QCustomPlot& plot, const std::vector<ChartMark>& marks, bool isDark);

}  // namespace rlcm::ui
