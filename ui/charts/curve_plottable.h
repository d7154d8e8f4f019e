#pragma once
// A graph whose line is drawn piece by piece. Private to ui/charts.
#include "ui/charts/plot_library.h"

namespace rlcm::ui {

/// Stroking a long thick line at once takes time far beyond its length, because all of it is cut against itself.
class CurvePlottable : public QCPGraph {
public:
    using QCPGraph::QCPGraph;

protected:
    void drawLinePlot(QCPPainter* painter, const QVector<QPointF>& lines) const override;
};

}  // namespace rlcm::ui
