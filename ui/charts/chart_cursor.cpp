#include "ui/charts/chart_cursor.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/number_text.h"
#include "ui/charts/chart_marks.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {
namespace {

constexpr double kMostHeightShare = 0.6, kMostWidthShare = 0.6;  ///< of the plot that the readout may cover
constexpr float kVeil = 0.72F;
constexpr double kLeastLabelWidth = 110, kWideEnoughForRaw = 480;

QString placeOf(const ChartState& state, double x) {
    if (state.placeText) {
        return state.placeText(x);
    }
    return state.isDuration ? formatDuration(x) : QString::number(x, 'g', 12);
}

/// Distance of a curve's point to its neighbour.
double distance(const Series& series, std::size_t i) {
    if (i > 0) {
        return series.x[i] - series.x[i - 1];
    }
    return series.x.size() > 1 ? series.x[1] - series.x[0] : 0;
}

}  // namespace

std::ptrdiff_t pointAt(const Series& series, double x) {
    return std::upper_bound(series.x.begin(), series.x.end(), x) - series.x.begin() - 1;
}

std::vector<CursorValue> valuesAt(const ChartState& state, double x) {
    std::vector<CursorValue> values;
    double newest = -std::numeric_limits<double>::infinity(), apart = 0;
    for (std::size_t s = 0; s < state.series.size(); ++s) {
        const Series& series = state.series[s];
        const std::ptrdiff_t i = pointAt(series, x);
        if (i < 0) {
            continue;
        }
        const auto at = static_cast<std::size_t>(i);
        values.push_back(
            {.series = s, .x = series.x[at], .raw = series.y[at], .smoothed = state.shown[s][at], .count = series.counts.empty() ? 1 : series.counts[at]});
        if (series.x[at] > newest) {
            apart = 0;
        }
        newest = std::max(newest, series.x[at]);
        if (series.x[at] == newest) {
            apart = std::max(apart, distance(series, at));
        }
    }
    for (CursorValue& value : values) {
        value.isExact = value.x == (std::isfinite(x) ? x : newest);
        const Series& series = state.series[value.series];
        const double own = distance(series, static_cast<std::size_t>(pointAt(series, value.x)));
        value.isHere = value.x == newest || newest - value.x < std::min(apart, own);
    }
    return values;
}

QString readoutHead(const ChartState& state, double x) {
    const QString place = state.isDuration ? formatDuration(x) : QString::number(x, 'g', 12);
    return state.xTitle.isEmpty() ? place : QStringLiteral("%1 %2").arg(state.xTitle, place);
}

std::vector<ReadoutRow> readoutRows(const ChartState& state, double x, bool withRaw) {
    std::vector<ReadoutRow> rows;
    const std::vector<CursorValue> values = valuesAt(state, x);
    const auto shownOf = [](const CursorValue& value) { return std::isfinite(value.smoothed) ? value.smoothed : value.raw; };
    const auto baseline = std::ranges::find_if(values, [&](const CursorValue& value) { return state.series[value.series].id == state.baseline; });
    for (const CursorValue& value : values) {
        const Series& series = state.series[value.series];
        const bool isShown = std::isfinite(value.smoothed);
        QString text = formatReward(isShown ? value.smoothed : value.raw);
        if (withRaw && state.halfLife > 0 && isShown) {
            text += QCoreApplication::translate("Chart", "  (raw %1)").arg(formatReward(value.raw));
        }
        if (baseline != values.end() && value.series != baseline->series) {
            text += QStringLiteral("  Δ ") + QString::fromStdString(changeText(shownOf(value) - shownOf(*baseline), shownOf(*baseline)));
        }
        if (!series.counts.empty()) {
            text += QCoreApplication::translate("Chart", "  n = %1").arg(value.count);
        }
        if (!value.isHere) {
            text += QStringLiteral("  @ ") + placeOf(state, value.x);
        }
        rows.push_back({series.colour, briefName(series), text, value.isHere, isShown ? value.smoothed : -std::numeric_limits<double>::infinity()});
    }
    std::stable_sort(rows.begin(), rows.end(), [](const ReadoutRow& a, const ReadoutRow& b) { return a.isHere != b.isHere ? a.isHere : a.height > b.height; });
    std::vector<ReadoutRow> marks;
    for (const ChartMark& mark : state.marks) {
        if (nearestPoint(state, mark.x) == x) {
            marks.push_back({.ink = markColour(mark.kind, false), .label = mark.text, .value = {}});
        }
    }
    rows.insert(rows.begin(), marks.begin(), marks.end());  // what happened there comes first
    return rows;
}

double nearestPoint(const ChartState& state, double x) {
    double best = x, distance = std::numeric_limits<double>::infinity();
    for (const Series& series : state.series) {
        const auto at = std::lower_bound(series.x.begin(), series.x.end(), x);
        for (auto near : {at, at == series.x.begin() ? at : std::prev(at)}) {
            if (near != series.x.end() && std::abs(*near - x) < distance) {
                distance = std::abs(*near - x);
                best = *near;
            }
        }
    }
    return best;
}

void CursorPainter::paint(QCPPainter& painter, std::optional<double> cursorX, std::optional<double> hoverX, const QPointF& mouse) const {
    const QRectF area = m_plot.axisRect()->rect();
    if (!m_state.veil.isEmpty()) {
        paintVeil(painter);
        return;
    }
    const auto line = [&](double x, Qt::PenStyle style, const QColor& ink) {
        const double px = m_plot.xAxis->coordToPixel(x);
        if (px < area.left() - 1 || px > area.right() + 1) {
            return;
        }
        painter.setPen(QPen(ink, 1, style));
        painter.drawLine(QLineF(px, area.top(), px, area.bottom()));
        paintDots(painter, x);
    };
    if (cursorX && m_scene.hasData()) {
        line(*cursorX, Qt::SolidLine, colour(Role::ChartCursor));
    }
    if (hoverX && m_scene.hasData()) {
        if (hoverX != cursorX) {
            line(*hoverX, Qt::DashLine, colour(Role::ChartAxis));
        }
        paintReadout(painter, *hoverX, mouse);
    }
}

void CursorPainter::paintVeil(QCPPainter& painter) const {
    const QRectF area = m_plot.axisRect()->rect();
    QColor ground = colour(Role::Base);
    ground.setAlphaF(kVeil);
    painter.fillRect(area, ground);
    painter.setFont(m_scene.style().font);
    painter.setPen(colour(Role::Text));
    painter.drawText(area.adjusted(20, 0, -20, 0), Qt::AlignCenter | Qt::TextWordWrap, m_state.veil);
}

void CursorPainter::paintDots(QCPPainter& painter, double x) const {
    const QRectF area = QRectF(m_plot.axisRect()->rect()).adjusted(-1, -1, 1, 1);
    const double radius = m_state.series.size() > kManyCurves ? 3 : 4.5;
    for (std::size_t s = 0; s < m_state.series.size(); ++s) {
        const std::ptrdiff_t i = pointAt(m_state.series[s], x);
        if (i < 0) {
            continue;
        }
        const double value = m_state.shown[s][static_cast<std::size_t>(i)];
        if (!std::isfinite(value) || (m_state.isLog && value <= 0) || m_state.isFaint(m_state.series[s])) {
            continue;
        }
        const QPointF at(m_plot.xAxis->coordToPixel(m_state.series[s].x[static_cast<std::size_t>(i)]), m_plot.yAxis->coordToPixel(value));
        if (!area.contains(at)) {
            continue;
        }
        painter.setPen(QPen(colour(Role::Base), 1.5));
        painter.setBrush(m_scene.colourOf(m_state.series[s]));
        painter.drawEllipse(at, radius, radius);
    }
}

/// Box in the upper or lower half away from the mouse, beside the line: it never hides what it explains.
void CursorPainter::paintReadout(QCPPainter& painter, double x, const QPointF& mouse) const {
    const QRectF area = m_plot.axisRect()->rect();
    std::vector<ReadoutRow> rows = readoutRows(m_state, x, area.width() >= kWideEnoughForRaw);
    if (rows.empty()) {
        return;
    }
    const QFont font = m_scene.style().font;
    const QFontMetricsF metrics(font);
    const double lineHeight = metrics.height() + 2, pad = 7, indent = 14;
    const auto most = static_cast<std::size_t>(std::max(1.0, (area.height() * kMostHeightShare - 2 * pad) / lineHeight - 2));
    const std::size_t hidden = rows.size() > most ? rows.size() - most : 0;
    rows.resize(rows.size() - hidden);
    const QString head = readoutHead(m_state, x);
    double labelWidth = 0, valueWidth = 0;
    for (const ReadoutRow& row : rows) {
        valueWidth = std::max(valueWidth, metrics.horizontalAdvance(row.value));
    }
    const double labelRoom = std::max(kLeastLabelWidth, area.width() * kMostWidthShare - valueWidth - indent - 14 - 2 * pad);
    for (ReadoutRow& row : rows) {
        row.label = metrics.elidedText(row.label, Qt::ElideMiddle, labelRoom);
        labelWidth = std::max(labelWidth, metrics.horizontalAdvance(row.label));
    }
    const double width = std::max(metrics.horizontalAdvance(head), indent + labelWidth + 14 + valueWidth) + 2 * pad;
    const double height = lineHeight * static_cast<double>(rows.size() + 1 + (hidden ? 1 : 0)) + 2 * pad;
    const double line = m_plot.xAxis->coordToPixel(x);
    double left = line + 12;
    if (left + width > area.right()) {
        left = std::max(area.left(), line - 12 - width);
    }
    const bool isMouseAbove = mouse.y() < area.center().y();
    const double top = isMouseAbove ? std::max(area.top(), area.bottom() - height - 4) : area.top() + 4;
    const QRectF box(left, top, width, height);
    painter.setPen(QPen(colour(Role::StrongBorder), 1));
    painter.setBrush(colour(Role::Panel));
    painter.drawRoundedRect(box, spacing::kRadius, spacing::kRadius);
    painter.setFont(font);
    double y = top + pad;
    const auto put = [&](double at, double room, Qt::Alignment side, Role ink, const QString& text) {
        painter.setPen(colour(ink));
        painter.drawText(QRectF(at, y, room, lineHeight), int(side | Qt::AlignVCenter) | Qt::TextDontClip, text);
    };
    put(left + pad, width - 2 * pad, Qt::AlignLeft, Role::MutedText, head);
    for (const ReadoutRow& row : rows) {
        const Role ink = row.isHere ? Role::Text : Role::MutedText;
        y += lineHeight;
        painter.setPen(Qt::NoPen);
        painter.setBrush(inTheme(row.ink, isDark()));
        painter.drawEllipse(QPointF(left + pad + 4, y + lineHeight / 2), 4, 4);
        put(left + pad + indent, labelWidth, Qt::AlignLeft, ink, row.label);
        put(box.right() - pad - valueWidth, valueWidth, Qt::AlignRight, ink, row.value);
    }
    y += lineHeight;
    if (hidden) {
        put(left + pad + indent, labelWidth, Qt::AlignLeft, Role::MutedText, QCoreApplication::translate("Chart", "+%1 more").arg(hidden));
    }
}

}  // namespace rlcm::ui
