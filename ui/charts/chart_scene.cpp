#include "ui/charts/chart_scene.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ui/charts/band_plottable.h"
#include "ui/charts/chart_ticks.h"
#include "ui/charts/statistics.h"
#include "ui/theme/theme.h"

namespace rlcm::ui {
namespace {

constexpr int kDotsUpTo = 40;  ///< curves with fewer points show each one
constexpr std::size_t kMaxGapMarks = 400;
constexpr int kLegendRows = 2;  ///< on screen

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
        if (!std::isfinite(v) || (isLog && v <= 0)) v = std::numeric_limits<double>::quiet_NaN();
    }
    return result;
}

ChartScene::ChartScene(QCustomPlot& plot, const ChartState& state) : m_plot(plot), m_state(state) {
    const auto layer = [&plot](const char* name, const char* below) {
        plot.addLayer(QLatin1String(name), plot.layer(QLatin1String(below)), QCustomPlot::limAbove);
    };
    layer("marks", "grid");
    layer("decoration", "axes");
    new PaintedLayer(&plot, QStringLiteral("marks"), true, [this](QCPPainter& p) { paintMarks(p); });
    new PaintedLayer(&plot, QStringLiteral("decoration"), true, [this](QCPPainter& p) { paintGaps(p); });
    new PaintedLayer(&plot, QStringLiteral("decoration"), false, [this](QCPPainter& p) { paintLegend(p); });
    new PaintedLayer(&plot, QStringLiteral("decoration"), true, [this](QCPPainter& p) { paintEmpty(p); });
    plot.setNotAntialiasedElements(QCP::aeNone);
    plot.setAntialiasedElements(QCP::aePlottables);
    plot.setPlottingHint(QCP::phFastPolylines, true);
    plot.setPlottingHint(QCP::phCacheLabels, false);
    plot.legend->setVisible(false);
}

QPen ChartScene::pen(QColor colour, double width) const {
    QPen result(colour);
    result.setWidthF(width * m_style.scale);
    result.setJoinStyle(Qt::RoundJoin);
    return result;
}

QColor ChartScene::colourOf(const Series& series) const {
    return inTheme(series.colour, m_style.isDark);
}

void ChartScene::applyStyle(const ChartStyle& style) {
    m_style = style;
    const bool dark = style.isDark;
    m_plot.setBackground(style.isFigure ? QColor(Qt::white) : colour(Role::Base, dark));
    const auto units = [&](double n) { return static_cast<int>(std::lround(n * style.scale)); };
    for (QCPAxis* axis : {m_plot.xAxis, m_plot.yAxis}) {
        axis->setBasePen(pen(colour(Role::StrongBorder, dark), 1));
        axis->setTickPen(pen(colour(Role::StrongBorder, dark), 1));
        axis->setSubTicks(false);
        axis->setTickLength(0, axis == m_plot.xAxis ? units(4) : 0);
        axis->setTickLabelColor(colour(style.isFigure ? Role::Text : Role::MutedText, dark));
        axis->setTickLabelFont(style.font);
        axis->setLabelFont(style.font);
        axis->setLabelColor(colour(Role::Text, dark));
        axis->setTickLabelPadding(units(5));
        axis->setLabelPadding(units(5));
        axis->setPadding(units(6));
        axis->grid()->setPen(pen(colour(Role::ChartGrid, dark), 1));
        axis->grid()->setZeroLinePen(Qt::NoPen);
    }
    m_plot.yAxis->setBasePen(Qt::NoPen);
    QSharedPointer<QCPAxisTicker> ticker(new WholeTicker);
    if (m_state.isDuration) ticker.reset(new DurationTicker);
    ticker->setTickCount(6);
    m_plot.xAxis->setTicker(ticker);
    m_plot.yAxis->setScaleType(m_state.isLog ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    m_plot.yAxis->setTicker(m_state.isLog ? QSharedPointer<QCPAxisTicker>(new LogTicker)
                                          : QSharedPointer<QCPAxisTicker>(new CountTicker));
    m_plot.xAxis->setLabel(m_state.xTitle);
    m_plot.yAxis->setLabel(m_state.yTitle);
    rebuild();
}

bool ChartScene::hasData() const {
    return std::any_of(m_state.shown.begin(), m_state.shown.end(), [this](const auto& y) {
        return std::any_of(
            y.begin(), y.end(), [this](double v) { return std::isfinite(v) && (!m_state.isLog || v > 0); });
    });
}

void ChartScene::rebuild() {
    m_plot.clearPlottables();
    addCurves();
    layOutLegend();
}

void ChartScene::addCurves() {
    const auto& all = m_state.series;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!m_state.shownLow[i].empty()) addBand(i);
    }
    const bool isSmooth = m_state.halfLife > 0;
    if (isSmooth && m_state.isRawVisible) {
        for (const Series& series : all) {
            QColor faint = colourOf(series);
            faint.setAlphaF(0.3F);
            addLine(series, series.y, pen(faint, 1));
        }
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        QPen line = pen(colourOf(all[i]), 2);
        if (all[i].isDashed) line.setStyle(Qt::DashLine);
        addLine(all[i], m_state.shown[i], line);
        addDots(all[i], m_state.shown[i]);
    }
}

void ChartScene::addBand(std::size_t index) {
    const Series& series = m_state.series[index];
    auto* band = new BandPlottable(m_plot.xAxis, m_plot.yAxis);
    QColor fill = colourOf(series);
    fill.setAlphaF(m_style.isDark ? 0.22F : 0.16F);
    band->setBrush(fill);
    band->setData(series.x, m_state.shownLow[index], m_state.shownHigh[index]);
}

void ChartScene::addLine(const Series& series, const std::vector<double>& y, const QPen& line) {
    const std::vector<double> values = plottable(y, m_state.isLog);
    QCPGraph* graph = m_plot.addGraph();
    graph->setPen(line);
    graph->setSelectable(QCP::stNone);
    graph->setData(QVector<double>(series.x.begin(), series.x.end()),
                   QVector<double>(values.begin(), values.end()),
                   true);
}

/// A lone point between gaps has no line; short curves show every point, so that one sees where they were
/// measured.
void ChartScene::addDots(const Series& series, const std::vector<double>& y) {
    const std::vector<double> values = plottable(y, m_state.isLog);
    const auto finite =
        std::count_if(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
    QVector<double> dotX, dotY;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const bool isLone =
            isFiniteAt(values, i) && !(i > 0 && isFiniteAt(values, i - 1)) && !isFiniteAt(values, i + 1);
        if (isFiniteAt(values, i) && (isLone || finite <= kDotsUpTo)) {
            dotX.append(series.x[i]);
            dotY.append(values[i]);
        }
    }
    if (dotX.isEmpty()) return;
    QCPGraph* graph = m_plot.addGraph();
    graph->setLineStyle(QCPGraph::lsNone);
    graph->setSelectable(QCP::stNone);
    const QColor ink = colourOf(series);
    graph->setScatterStyle(
        QCPScatterStyle(QCPScatterStyle::ssCircle, pen(ink, 1), QBrush(ink), 5 * m_style.scale));
    graph->setData(dotX, dotY, true);
}

/// Extremes of all that is drawn, or the 1 % and 99 % quantiles of the curves.
Extent ChartScene::drawnExtent() const {
    Extent extent;
    std::vector<double> all;
    const auto take = [&](const std::vector<double>& values) {
        for (double v : values) {
            if (!std::isfinite(v) || (m_state.isLog && v <= 0)) continue;
            if (m_state.isRobust)
                all.push_back(v);
            else
                extent.add(v);
        }
    };
    const bool isRawDrawn = m_state.halfLife > 0 && m_state.isRawVisible;
    for (std::size_t i = 0; i < m_state.series.size(); ++i) {
        take(m_state.shown[i]);
        take(m_state.shownLow[i]);
        take(m_state.shownHigh[i]);
        if (isRawDrawn) take(m_state.series[i].y);
    }
    if (m_state.isRobust && !all.empty()) extent = {quantile(all, 0.01), quantile(all, 0.99)};
    return extent;
}

ChartWidget::Range ChartScene::fullRange() const {
    Extent x, y = drawnExtent();
    for (const Series& series : m_state.series) {
        if (series.x.empty()) continue;
        x.add(series.x.front());
        x.add(series.x.back());
    }
    const double unitLow = m_state.isLog ? 0.1 : 0, unitHigh = m_state.isLog ? 10.0 : 1;
    if (x.isEmpty()) return {0, 1, unitLow, unitHigh};
    if (x.low == x.high) x.high = x.low + 1;
    const double padX = 0.012 * (x.high - x.low);
    if (y.isEmpty()) return {x.low - padX, x.high + padX, unitLow, unitHigh};
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

/// Entries flow from left to right above the axes and wrap; the axis rect's top margin makes room for them.
void ChartScene::layOutLegend() {
    m_legend.clear();
    const double s = m_style.scale;
    const QFontMetricsF metrics(m_style.font);
    const double rowHeight = metrics.height() + 6 * s, gap = 16 * s, swatch = 24 * s;
    const double right = m_plot.viewport().width() - 14 * s, left = 14 * s;
    const double most = m_style.isFigure ? right - left - swatch : std::min(260 * s, right - left - swatch);
    const double more = 80 * s;
    double x = left, y = 8 * s;
    int row = 1;
    const auto count = m_state.isLegendVisible ? m_state.series.size() : std::size_t{0};
    std::vector<QString> texts;
    double rest = 0;  // width of the entries still to come
    for (std::size_t i = 0; i < count; ++i) {
        texts.push_back(metrics.elidedText(m_state.series[i].label, Qt::ElideMiddle, most));
        rest += swatch + metrics.horizontalAdvance(texts.back()) + gap;
    }
    for (std::size_t i = 0; i < count; ++i) {
        const double width = swatch + metrics.horizontalAdvance(texts[i]);
        const bool isLastRow = !m_style.isFigure && row == kLegendRows;
        // The last row keeps room for saying how many are left out.
        const double needed = isLastRow && x + rest - gap > right ? width + gap + more : width;
        if (x > left && x + needed > right) {
            if (isLastRow) {
                m_legend.push_back({QRectF(x, y, more, rowHeight), QCoreApplication::translate("Chart", "+%1 more").arg(count - i), std::nullopt});
                break;
            }
            x = left;
            y += rowHeight;
            ++row;
        }
        const Series& series = m_state.series[i];
        QPen swatchPen = pen(colourOf(series), 2.5);
        if (series.isDashed) swatchPen.setStyle(Qt::DashLine);
        m_legend.push_back({QRectF(x, y, width, rowHeight), texts[i], swatchPen});
        x += width + gap;
        rest -= width + gap;
    }
    if (m_style.isFigure && m_state.halfLife > 0) {  // a figure must say what it shows
        const QString note = QCoreApplication::translate("Chart", "smoothed, half-life %1 %2")
                                 .arg(QString::number(m_state.halfLife, 'g', 3), m_state.xUnit);
        const double width = metrics.horizontalAdvance(note);
        if (x > left && x + width > right) {
            x = left;
            y += rowHeight;
        }
        m_legend.push_back({QRectF(x, y, width, rowHeight), note, std::nullopt});
    }
    const int top = static_cast<int>(m_legend.empty() ? 14 * s : y + rowHeight + 8 * s);
    QCPAxisRect* rect = m_plot.axisRect();
    rect->setAutoMargins(QCP::msLeft | QCP::msBottom);
    rect->setMargins(QMargins(0, top, static_cast<int>(18 * s), 0));
    rect->setMinimumMargins(
        QMargins(static_cast<int>(10 * s), top, static_cast<int>(18 * s), static_cast<int>(8 * s)));
}

void ChartScene::paintLegend(QCPPainter& painter) const {
    const double s = m_style.scale;
    painter.setFont(m_style.font);
    for (const LegendEntry& entry : m_legend) {
        double textX = entry.box.left();
        if (entry.swatch) {
            painter.setPen(*entry.swatch);
            painter.drawLine(QLineF(textX, entry.box.center().y(), textX + 16 * s, entry.box.center().y()));
            textX += 24 * s;
        }
        painter.setPen(colour(entry.swatch ? Role::Text : Role::MutedText, m_style.isDark));
        painter.drawText(
            QRectF(textX, entry.box.top(), entry.box.right() - textX + 2 * s, entry.box.height()),
            Qt::AlignVCenter | Qt::AlignLeft | Qt::TextDontClip,
            entry.text);
    }
}

void ChartScene::paintMarks(QCPPainter& painter) const {
    const double s = m_style.scale;
    const QRectF area = m_plot.axisRect()->rect();
    const QFontMetricsF metrics(m_style.font);
    painter.setFont(m_style.font);
    double freeFrom = area.left();
    for (const EventMark& mark : m_state.marks) {
        const double x = m_plot.xAxis->coordToPixel(mark.x);
        if (x < area.left() || x > area.right()) continue;
        QPen line = pen(colour(Role::ChartAxis, m_style.isDark), 1);
        line.setStyle(Qt::DotLine);
        painter.setPen(line);
        painter.drawLine(QLineF(x, area.top(), x, area.bottom()));
        const double width = metrics.horizontalAdvance(mark.label);
        if (mark.label.isEmpty() || x < freeFrom) continue;  // labels never overlap; the line stays
        const bool fits = x + 4 * s + width < area.right();
        painter.setPen(colour(Role::MutedText, m_style.isDark));
        painter.drawText(QPointF(fits ? x + 4 * s : x - 4 * s - width, area.top() + metrics.ascent() + 2 * s),
                         mark.label);
        freeFrom = x + width + 12 * s;
    }
}

/// Points that have no place on the axes (NaN, ±Inf, <= 0 on a log axis) as crosses along the bottom edge.
void ChartScene::paintGaps(QCPPainter& painter) const {
    const double s = m_style.scale;
    const QRectF area = m_plot.axisRect()->rect();
    for (const Series& series : m_state.series) {
        painter.setPen(pen(colourOf(series), 1.5));
        double lastX = -std::numeric_limits<double>::infinity();
        std::size_t drawn = 0;
        for (std::size_t i = 0; i < series.y.size() && drawn < kMaxGapMarks; ++i) {
            if (std::isfinite(series.y[i]) && !(m_state.isLog && series.y[i] <= 0)) continue;
            const double x = m_plot.xAxis->coordToPixel(series.x[i]);
            if (x - lastX < 6 * s || x < area.left() - 1 || x > area.right() + 1) continue;
            lastX = x;
            ++drawn;
            const double y = area.bottom() - 7 * s, r = 3 * s;
            painter.drawLine(QLineF(x - r, y - r, x + r, y + r));
            painter.drawLine(QLineF(x - r, y + r, x + r, y - r));
        }
    }
}

void ChartScene::paintEmpty(QCPPainter& painter) const {
    if (hasData() || m_state.emptyText.isEmpty()) return;
    painter.setFont(m_style.font);
    painter.setPen(colour(Role::MutedText, m_style.isDark));
    painter.drawText(QRectF(m_plot.axisRect()->rect()).adjusted(20, 0, -20, 0),
                     Qt::AlignCenter | Qt::TextWordWrap,
                     m_state.emptyText);
}

}  // namespace rlcm::ui
