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

/// Paints over the curves; everything it is given must outlive it.
class CursorPainter {
public:
    CursorPainter(QCustomPlot& plot, const ChartState& state, const ChartScene& scene)
        : m_plot(plot), m_state(state), m_scene(scene) {}
    void paint(QCPPainter& painter,
               std::optional<double> cursorX,
               std::optional<double> hoverX,
               const QPointF& mouse) const;

private:
    struct Row {
        QColor ink;
        QString label, value;
        double height = 0;
    };
    void paintDots(QCPPainter& painter, double x) const;
    void paintReadout(QCPPainter& painter, double x, const QPointF& mouse) const;
    std::vector<Row> rowsAt(double x) const;

    QCustomPlot& m_plot;
    const ChartState& m_state;
    const ChartScene& m_scene;
};

}  // namespace rlcm::ui
