#pragma once
// The cursor line, its dots and the readout under the mouse. Private to ui/charts.
#include <optional>
#include <vector>

#include "ui/charts/chart_scene.h"

namespace rlcm::ui {

/// Index of the newest point at or before x, or -1.
std::ptrdiff_t pointAt(const Series& series, double x);
/// The x nearest to `x` at which some curve has a point: the cursor always tells values that exist.
double nearestPoint(const ChartState& state, double x);

/// The newest point of each curve at or before x; infinity: at the farthest point of all. A curve is "here" when its point is
/// the newest of all, or nearer to that one than the points of both curves lie apart.
std::vector<CursorValue> valuesAt(const ChartState& state, double x);

/// One line of the readout.
struct ReadoutRow {
    QColor ink;
    QString label, value;
    bool isHere = true;
    double height = 0;  ///< of the curve
};
/// What the readout says of x, in the order in which the curves lie above each other; those from elsewhere come last.
QString readoutHead(const ChartState& state, double x);
std::vector<ReadoutRow> readoutRows(const ChartState& state, double x, bool withRaw = true);

/// Paints over the curves; everything it is given must outlive it.
class CursorPainter {
public:
    CursorPainter(QCustomPlot& plot, const ChartState& state, const ChartScene& scene) : m_plot(plot), m_state(state), m_scene(scene) {}
    void paint(QCPPainter& painter, std::optional<double> cursorX, std::optional<double> hoverX, const QPointF& mouse) const;

private:
    void paintVeil(QCPPainter& painter) const;
    void paintDots(QCPPainter& painter, double x) const;
    void paintReadout(QCPPainter& painter, double x, const QPointF& mouse) const;

    QCustomPlot& m_plot;
    const ChartState& m_state;
    const ChartScene& m_scene;
};

}  // namespace rlcm::ui
