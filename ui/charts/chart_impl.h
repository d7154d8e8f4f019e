#pragma once
// What a chart keeps, and how it redraws and follows mouse and keys. Private to ui/charts.
#include <QElapsedTimer>
#include <QTimer>
#include <optional>

#include "ui/charts/chart_cursor.h"
#include "ui/charts/chart_scene.h"
#include "ui/charts/chart_widget.h"

namespace rlcm::ui {

struct ChartWidget::Impl {
    explicit Impl(ChartWidget* widget) : self(widget), plot(new QCustomPlot(widget)), scene(*plot, state) {}

    void setUp();
    void connectMouse();
    void showAllNames(const QPoint& place) const;
    /// The curves of the entry of the legend under the pointer stand out.
    void pointAtLegend(const std::vector<std::size_t>& curves);
    /// Something has changed: draw soon, at most 20 times a second and only while visible.
    void schedule(bool isData);
    void flush();
    void restyle();
    void updateHover();
    void setRange(const Range& range);
    void noteUserRange();
    void redrawCursor() { plot->layer(QStringLiteral("cursor"))->replot(); }
    void userCursor(double x);
    void stepCursor(int direction);

    ChartWidget* self;
    ChartState state;
    QCustomPlot* plot;
    ChartScene scene;
    CursorPainter cursorPainter{*plot, state, scene};
    QTimer timer;
    QElapsedTimer sinceReplot;
    bool isDataDirty = true, isStyleDirty = true, isZoomed = false, isAlongX = false, isOwnRange = false;
    bool isDraggingCursor = false, hasLegendChoice = false, legendChoice = true;
    int replots = 0;
    std::optional<double> cursorX, hoverX;
    QPointF pressedAt, hoverAt;
    Range full{0, 1, 0, 1};  ///< shows all data
};

}  // namespace rlcm::ui
