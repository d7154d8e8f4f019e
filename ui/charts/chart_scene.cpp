#include "ui/charts/chart_scene.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/base/order_statistics.h"
#include "core/figure/line_dashes.h"
#include "core/figure/lines.h"
#include "ui/charts/band_plottable.h"
#include "ui/charts/chart_marks.h"
#include "ui/charts/chart_ticks.h"
#include "ui/charts/curve_plottable.h"
#include "ui/theme/theme.h"

namespace rlcm::ui {
namespace {

constexpr int kDotsUpTo = 40;  ///< curves with fewer points show each one
constexpr std::size_t kMaxGapMarks = 400;
constexpr float kFaint = 0.15F;  ///< of what does not stand out
constexpr double kLineWidth = 2, kThinWidth = 1.4;

QPen roundPen(const QColor& colour, double width) {
    QPen result(colour);
    result.setWidthF(width);
    result.setJoinStyle(Qt::RoundJoin);
    return result;
}

bool isFiniteAt(const std::vector<double>& y, std::size_t i) {
    return i < y.size() && std::isfinite(y[i]);
}

}  // namespace

QRect PaintedLayer::clipRect() const {
    return m_isClipped ? mParentPlot->axisRect()->rect() : mParentPlot->viewport();
}

std::vector<double> plottable(const std::vector<double>& y, bool isLog) {
    std::vector<double> result = y;
    for (double& v : result) {
        if (!std::isfinite(v) || (isLog && v <= 0)) {
            v = std::numeric_limits<double>::quiet_NaN();
        }
    }
    return result;
}

QString emptyTextOf(const ChartState& state) {
    const bool hasFinite = std::any_of(state.shown.begin(), state.shown.end(),
                                       [](const auto& y) { return std::any_of(y.begin(), y.end(), [](double v) { return std::isfinite(v); }); });
    return state.isLog && hasFinite ? QCoreApplication::translate("Chart", "Nothing above 0: a logarithmic axis has no place for these values.")
                                    : state.emptyText;
}

QString fitted(const QString& title, const QFontMetricsF& metrics, double room) {
    if (metrics.horizontalAdvance(title) <= room) {
        return title;
    }
    qsizetype best = -1;
    for (qsizetype i = title.indexOf(QLatin1Char(' ')); i >= 0; i = title.indexOf(QLatin1Char(' '), i + 1)) {
        if (metrics.horizontalAdvance(title.left(i)) <= room) {
            best = i;
        }
    }
    if (best < 0) {
        return metrics.elidedText(title, Qt::ElideRight, room);
    }
    return title.left(best) + QLatin1Char('\n') + metrics.elidedText(title.mid(best + 1), Qt::ElideRight, room);
}

void styleAxes(QCustomPlot& plot, const ChartStyle& style) {
    const bool dark = style.isDark;
    plot.setBackground(colour(Role::Base, dark));
    for (QCPAxis* axis : {plot.xAxis, plot.yAxis}) {
        axis->setBasePen(roundPen(colour(Role::StrongBorder, dark), 1));
        axis->setTickPen(roundPen(colour(Role::StrongBorder, dark), 1));
        axis->setSubTicks(false);
        axis->setTickLength(0, axis == plot.xAxis ? 4 : 0);
        axis->setTickLabelColor(colour(Role::MutedText, dark));
        axis->setTickLabelFont(style.font);
        axis->setLabelFont(style.font);
        axis->setLabelColor(colour(Role::Text, dark));
        axis->setTickLabelPadding(5);
        axis->setLabelPadding(5);
        axis->setPadding(6);
        axis->grid()->setPen(roundPen(colour(Role::ChartGrid, dark), 1));
        axis->grid()->setZeroLinePen(Qt::NoPen);
    }
    plot.yAxis->setBasePen(Qt::NoPen);
}

void smooth(ChartState& state) {
    state.shown.clear();
    for (const Series& series : state.series) {
        state.shown.push_back(figure::shownValues({series.x, series.y, series.bandLow, series.bandHigh, series.counts}, {state.halfLife, state.smoother}));
    }
}

ChartScene::ChartScene(QCustomPlot& plot, const ChartState& state) : m_plot(plot), m_state(state) {
    const auto layer = [&plot](const char* name, const char* below) {
        plot.addLayer(QLatin1String(name), plot.layer(QLatin1String(below)), QCustomPlot::limAbove);
    };
    layer("decoration", "axes");
    new PaintedLayer(&plot, QStringLiteral("decoration"), true, [this](QCPPainter& p) { paintMarks(p, m_plot, m_state.marks, m_style.isDark); });
    new PaintedLayer(&plot, QStringLiteral("decoration"), true, [this](QCPPainter& p) { paintGaps(p); });
    new PaintedLayer(&plot, QStringLiteral("decoration"), false, [this](QCPPainter& p) { m_legend.paint(p); });
    new PaintedLayer(&plot, QStringLiteral("decoration"), true, [this](QCPPainter& p) { paintEmpty(p); });
    plot.setNotAntialiasedElements(QCP::aeNone);
    plot.setAntialiasedElements(QCP::aePlottables);
    plot.setPlottingHint(QCP::phFastPolylines, true);
    plot.setPlottingHint(QCP::phCacheLabels, false);
    plot.legend->setVisible(false);
    plot.setAutoAddPlottableToLegend(false);  // each entry of the hidden legend makes the next one dearer
}

QPen ChartScene::pen(QColor colour, double width) const {
    return roundPen(colour, width);
}

QColor ChartScene::colourOf(const Series& series) const {
    return inTheme(series.colour, m_style.isDark);
}

void ChartScene::applyStyle(const ChartStyle& style) {
    m_style = style;
    styleAxes(m_plot, style);
    QSharedPointer<QCPAxisTicker> ticker(new WholeTicker);
    if (m_state.isDuration) {
        ticker.reset(new DurationTicker);
    }
    ticker->setTickCount(6);
    m_plot.xAxis->setTicker(ticker);
    m_plot.yAxis->setScaleType(m_state.isLog ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    m_plot.yAxis->setTicker(m_state.isLog ? QSharedPointer<QCPAxisTicker>(new LogTicker) : QSharedPointer<QCPAxisTicker>(new CountTicker));
    rebuild();
}

bool ChartScene::hasData() const {
    return std::any_of(m_state.shown.begin(), m_state.shown.end(), [this](const auto& y) {
        return std::any_of(y.begin(), y.end(), [this](double v) { return std::isfinite(v) && (!m_state.isLog || v > 0); });
    });
}

void ChartScene::rebuild() {
    m_plot.clearPlottables();
    m_repeats.clear();
    std::map<std::pair<QRgb, bool>, int> seen;
    for (const Series& series : m_state.series) {
        m_repeats.push_back(seen[{series.colour.rgb(), series.isDashed}]++);
    }
    addCurves();
    layOut();
}

/// Dashed curves keep their dash; what shares a colour is told apart by finer patterns, unless there are too many to learn them.
QPen ChartScene::linePen(std::size_t index, double width) const {
    const Series& series = m_state.series[index];
    QColor ink = colourOf(series);
    ink.setAlphaF(m_state.isFaint(series) ? kFaint : 1.0F);
    QPen line = pen(ink, width);
    QVector<qreal> pattern;
    for (const double length : figure::lineDashes(series.isDashed, m_state.series.size() > kManyCurves ? 0 : m_repeats[index])) {
        pattern.push_back(length / 2);  // Qt measures in widths of the line
    }
    if (!pattern.isEmpty()) {
        line.setDashPattern(pattern);
        line.setCapStyle(Qt::FlatCap);
    }
    return line;
}

QPen ChartScene::legendPen(std::size_t index) const {
    QPen line = linePen(index, 2.5);
    line.setColor(colourOf(m_state.series[index]));
    return line;
}

/// What stands out lies over the rest.
void ChartScene::addCurves() {
    const auto& all = m_state.series;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!all[i].bandLow.empty() && !m_state.isFaint(all[i])) {
            addBand(i);
        }
    }
    if (m_state.halfLife > 0 && m_state.isRawVisible) {
        for (const Series& series : all) {
            QColor faint = colourOf(series);
            faint.setAlphaF(0.3F);
            if (!m_state.isFaint(series)) {
                addLine(series, series.y, pen(faint, 1));
            }
        }
    }
    for (const bool isFaint : {true, false}) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (m_state.isFaint(all[i]) == isFaint) {
                addCurve(i);
            }
        }
    }
}

void ChartScene::addCurve(std::size_t index) {
    const Series& series = m_state.series[index];
    addLine(series, m_state.shown[index], linePen(index, m_state.series.size() > kManyCurves ? kThinWidth : kLineWidth));
    if (!m_state.isFaint(series)) {
        addDots(series, m_state.shown[index]);
    }
}

/// Of the values themselves, smoothed or not: a band is what it is called. One run has none.
void ChartScene::addBand(std::size_t index) {
    const Series& series = m_state.series[index];
    auto* band = new BandPlottable(m_plot.xAxis, m_plot.yAxis);
    QColor fill = colourOf(series);
    fill.setAlphaF(m_style.isDark ? 0.22F : 0.16F);
    band->setBrush(fill);
    std::vector<double> low = series.bandLow;
    for (std::size_t i = 0; i < series.counts.size() && i < low.size(); ++i) {
        if (series.counts[i] < 2) {
            low[i] = std::numeric_limits<double>::quiet_NaN();
        }
    }
    band->setData(series.x, std::move(low), series.bandHigh);
}

void ChartScene::addLine(const Series& series, const std::vector<double>& y, const QPen& line) {
    const std::vector<double> values = plottable(y, m_state.isLog);
    auto* graph = new CurvePlottable(m_plot.xAxis, m_plot.yAxis);
    graph->setPen(line);
    graph->setSelectable(QCP::stNone);
    graph->setData(QVector<double>(series.x.begin(), series.x.end()), QVector<double>(values.begin(), values.end()), true);
}

/// A lone point between gaps has no line; short curves show every point, so that one sees where they were
/// measured.
void ChartScene::addDots(const Series& series, const std::vector<double>& y) {
    const std::vector<double> values = plottable(y, m_state.isLog);
    const auto finite = std::count_if(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
    QVector<double> dotX, dotY;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const bool isLone = isFiniteAt(values, i) && !(i > 0 && isFiniteAt(values, i - 1)) && !isFiniteAt(values, i + 1);
        if (isFiniteAt(values, i) && (isLone || (finite <= kDotsUpTo && m_state.series.size() <= kManyCurves))) {
            dotX.append(series.x[i]);
            dotY.append(values[i]);
        }
    }
    if (dotX.isEmpty()) {
        return;
    }
    QCPGraph* graph = m_plot.addGraph();
    graph->setLineStyle(QCPGraph::lsNone);
    graph->setSelectable(QCP::stNone);
    const QColor ink = colourOf(series);
    graph->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, pen(ink, 1), QBrush(ink), 5));
    graph->setData(dotX, dotY, true);
}

/// Extremes of all that is drawn, or the 1 % and 99 % quantiles of the curves.
Extent ChartScene::drawnExtent() const {
    Extent extent;
    std::vector<double> all;
    const auto take = [&](const std::vector<double>& values) {
        for (double v : values) {
            if (!std::isfinite(v) || (m_state.isLog && v <= 0)) {
                continue;
            }
            if (m_state.isRobust) {
                all.push_back(v);
            } else {
                extent.add(v);
            }
        }
    };
    const bool isRawDrawn = m_state.halfLife > 0 && m_state.isRawVisible;
    for (std::size_t i = 0; i < m_state.series.size(); ++i) {
        take(m_state.shown[i]);
        take(m_state.series[i].bandLow);
        take(m_state.series[i].bandHigh);
        if (isRawDrawn) {
            take(m_state.series[i].y);
        }
    }
    if (m_state.isRobust && !all.empty()) {
        extent = {quantile(all, 0.01), quantile(all, 0.99)};
    }
    return extent;
}

ChartWidget::Range ChartScene::fullRange() const {
    Extent x, y = drawnExtent();
    for (const Series& series : m_state.series) {
        if (series.x.empty()) {
            continue;
        }
        x.add(series.x.front());
        x.add(series.x.back());
    }
    const double unitLow = m_state.isLog ? 0.1 : 0, unitHigh = m_state.isLog ? 10.0 : 1;
    if (x.isEmpty()) {
        return {0, 1, unitLow, unitHigh};
    }
    if (x.low == x.high) {
        x.high = x.low + 1;
    }
    const double padX = 0.012 * (x.high - x.low);
    if (y.isEmpty()) {
        return {x.low - padX, x.high + padX, unitLow, unitHigh};
    }
    if (m_state.isLog) {
        const double factor = std::pow(std::max(y.high / y.low, 1.2), 0.06);
        return {x.low - padX, x.high + padX, y.low / factor, y.high * factor};
    }
    if (y.low == y.high) {
        const double half = y.low == 0 ? 1 : std::abs(y.low) * 0.1;
        y = {y.low - half, y.high + half};
    }
    const double padY = 0.06 * (y.high - y.low);
    return {x.low - padX, x.high + padX, y.low - padY, y.high + padY};
}

// --- decoration
// --------------------------------------------------------------------------------------------------

std::vector<ChartLegend::Curve> ChartScene::named() const {
    std::vector<ChartLegend::Curve> curves;
    for (std::size_t i = 0; i < m_state.series.size(); ++i) {
        curves.push_back({briefName(m_state.series[i]), legendPen(i), {i}});
    }
    return curves;
}

/// The legend above the axes, whose top margin makes room for it, and titles in the room that is left.
void ChartScene::layOut() {
    const double height = m_plot.viewport().height();
    const QFontMetricsF metrics(m_style.font);
    const double below = 2 * metrics.height() + 20;  // tick labels and title of the x axis
    const bool hasBand = std::any_of(m_state.series.begin(), m_state.series.end(), [](const Series& one) { return !one.bandLow.empty(); });
    const QString note = hasBand ? m_state.bandNote : QString();
    m_legend.layOut(m_state.isLegendVisible ? named() : std::vector<ChartLegend::Curve>(), m_state.isLegendVisible ? note : QString(), m_style,
                    m_plot.viewport().width());
    const int top = static_cast<int>(m_legend.height());
    QCPAxisRect* rect = m_plot.axisRect();
    rect->setAutoMargins(QCP::msLeft | QCP::msBottom);
    rect->setMargins(QMargins(0, top, 18, 0));
    rect->setMinimumMargins(QMargins(10, top, 18, 8));
    m_plot.yAxis->setLabel(fitted(m_state.yTitle, metrics, height - top - below));
    m_plot.xAxis->setLabel(metrics.elidedText(m_state.xTitle, Qt::ElideRight, m_plot.viewport().width() * 0.8));
}

/// Points that have no place on the axes (NaN, ±Inf, <= 0 on a log axis) as crosses along the bottom edge.
void ChartScene::paintGaps(QCPPainter& painter) const {
    const QRectF area = m_plot.axisRect()->rect();
    for (const Series& series : m_state.series) {
        painter.setPen(pen(colourOf(series), 1.5));
        double lastX = -std::numeric_limits<double>::infinity();
        std::size_t drawn = 0;
        for (std::size_t i = 0; i < series.y.size() && drawn < kMaxGapMarks; ++i) {
            if (std::isfinite(series.y[i]) && !(m_state.isLog && series.y[i] <= 0)) {
                continue;
            }
            const double x = m_plot.xAxis->coordToPixel(series.x[i]);
            if (x - lastX < 6 || x < area.left() - 1 || x > area.right() + 1) {
                continue;
            }
            lastX = x;
            ++drawn;
            const double y = area.bottom() - 7, r = 3;
            painter.drawLine(QLineF(x - r, y - r, x + r, y + r));
            painter.drawLine(QLineF(x - r, y + r, x + r, y - r));
        }
    }
}

void ChartScene::paintEmpty(QCPPainter& painter) const {
    if (hasData()) {
        return;
    }
    const QString text = emptyTextOf(m_state);
    if (text.isEmpty()) {
        return;
    }
    painter.setFont(m_style.font);
    painter.setPen(colour(Role::MutedText, m_style.isDark));
    painter.drawText(QRectF(m_plot.axisRect()->rect()).adjusted(20, 0, -20, 0), Qt::AlignCenter | Qt::TextWordWrap, text);
}

}  // namespace rlcm::ui
