#pragma once
// Fills a QCustomPlot from plain values.
// Private to ui/charts.
#include "ui/charts/plot_library.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

#include "core/figure/smoothing.h"
#include "ui/charts/chart_legend.h"
#include "ui/charts/chart_widget.h"

namespace rlcm::ui {

/// Everything that decides what a chart shows, but the visible range and the cursor.
struct ChartState {
    std::vector<Series> series;
    std::vector<std::vector<double>> shown;  ///< smoothed y of each series, kept inside its band
    std::vector<ChartMark> marks;
    QString xTitle, yTitle, emptyText, bandNote;
    QString veil;                              ///< lies over curves that are not those asked for; empty: none
    std::function<QString(double)> placeText;  ///< may be empty
    bool isDuration = false, isLog = false, isRawVisible = true, isRobust = false, isLegendVisible = true;
    double halfLife = 0;
    figure::Smoother smoother = figure::Smoother::Exponential;
    QString baseline;               ///< id of the curve that others are told against; empty: none
    QStringList emphasis, pointed;  ///< ids of curves that stand out: as set, and by the pointer on the legend

    const QStringList& standsOut() const { return pointed.isEmpty() ? emphasis : pointed; }
    bool isFaint(const Series& one) const { return !standsOut().isEmpty() && !standsOut().contains(one.id); }
};
/// The name of a curve where room is small.
inline const QString& briefName(const Series& series) {
    return series.brief.isEmpty() ? series.label : series.brief;
}

/// Colours and fonts of background, axes and grid; ticks and titles are the chart's own.
void styleAxes(QCustomPlot& plot, const ChartStyle& style);
/// A title in the room that it has: whole, over two lines, or cut.
QString fitted(const QString& title, const QFontMetricsF& metrics, double room);
/// The state's `shown` from its series and half-life.
void smooth(ChartState& state);
/// What an empty chart says.
QString emptyTextOf(const ChartState& state);

/// A layerable painted by a function; clipped to the axis rect unless `isClipped` is false.
class PaintedLayer : public QCPLayerable {
public:
    using Paint = std::function<void(QCPPainter&)>;
    PaintedLayer(QCustomPlot* plot, const QString& layer, bool isClipped, Paint paint)
        : QCPLayerable(plot, layer), m_isClipped(isClipped), m_paint(std::move(paint)) {}

protected:
    QRect clipRect() const override;
    void applyDefaultAntialiasingHint(QCPPainter* painter) const override { painter->setAntialiasing(true); }
    void draw(QCPPainter* painter) override { m_paint(*painter); }

private:
    bool m_isClipped;
    Paint m_paint;
};

/// Least and greatest of the values that have a place on the axis.
struct Extent {
    double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
    void add(double v) {
        low = std::min(low, v);
        high = std::max(high, v);
    }
    bool isEmpty() const { return low > high; }
};

/// One plot with its decoration. The state must outlive the scene.
class ChartScene {
public:
    ChartScene(QCustomPlot& plot, const ChartState& state);
    /// Colours, fonts, tick labels and titles.
    void applyStyle(const ChartStyle& style);
    const ChartStyle& style() const { return m_style; }
    /// Curves and bands anew from the state; leaves the ranges alone.
    void rebuild();
    /// Range that shows all data, with a little air; [0,1] when there is none.
    ChartWidget::Range fullRange() const;
    bool hasData() const;
    QColor colourOf(const Series& series) const;
    /// Whether the legend says there that curves are left out.
    bool isMoreAt(QPointF place) const { return m_legend.isMoreAt(place); }
    /// The curves that the entry of the legend there stands for.
    std::vector<std::size_t> namedAt(QPointF place) const { return m_legend.namedAt(place); }
    /// The line of a curve in the legend.
    QPen legendPen(std::size_t index) const;

private:
    Extent drawnExtent() const;
    void addCurves();
    void addCurve(std::size_t index);
    void addBand(std::size_t index);
    void addLine(const Series& series, const std::vector<double>& y, const QPen& pen);
    void addDots(const Series& series, const std::vector<double>& y);
    void layOut();
    void paintGaps(QCPPainter& painter) const;
    void paintEmpty(QCPPainter& painter) const;
    QPen pen(QColor colour, double width) const;
    QPen linePen(std::size_t index, double width) const;
    std::vector<ChartLegend::Curve> named() const;

    QCustomPlot& m_plot;
    const ChartState& m_state;
    ChartStyle m_style;
    ChartLegend m_legend;
    std::vector<int> m_repeats;  ///< how many curves before this one have its colour and kind: their dashes differ
};

/// Values that a log axis cannot show and infinities as NaN.
std::vector<double> plottable(const std::vector<double>& y, bool isLog);

}  // namespace rlcm::ui
