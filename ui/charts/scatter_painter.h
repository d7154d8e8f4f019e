#pragma once
// Draws the points of a ScatterChart. Private to ui/charts.
#include "ui/charts/chart_legend.h"
#include "ui/charts/scatter_chart.h"

namespace rlcm::ui {

/// What a scatter shows.
struct ScatterState {
    std::vector<ScatterPoint> points;
    QString xTitle, yTitle, emptyText;
    std::optional<std::pair<double, double>> valueRange;
    QString highlight;
    ChartStyle style;
};

/// Whether a point has a place on the axes.
bool isDrawn(const ScatterPoint& point);
/// Range of both axes with air around the points and their whiskers.
struct ScatterRange {
    double x0 = 1, x1 = 10, y0 = 0, y1 = 1;
};
ScatterRange rangeOf(const ScatterState& state);
/// Staircase, whiskers, points and labels into the axis rectangle of a plot.
void paintScatter(QCPPainter& painter, const QCustomPlot& plot, const ScatterState& state);
QPointF pixelOf(const QCustomPlot& plot, double x, double y);

}  // namespace rlcm::ui
