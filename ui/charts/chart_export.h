#pragma once
// Figures, CSV and the description of a chart in words. Private to ui/charts.
#include "ui/charts/chart_scene.h"

namespace rlcm::ui {

/// throws: Io, see ChartWidget::exportTo.
void writeFigure(const ChartState& state,
                 const ChartWidget::Range& range,
                 const QString& file,
                 const FigureStyle& style);
/// throws: Io, see ChartWidget::exportCsv.
void writeCsv(const ChartState& state, const ChartWidget::Range& range, const QString& file);
QString describe(const ChartState& state);

}  // namespace rlcm::ui
