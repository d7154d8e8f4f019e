#include "ui/charts/chart_cursor.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ui/theme/theme.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {
namespace {

constexpr std::size_t kReadoutRows = 10;

}  // namespace

std::ptrdiff_t pointAt(const Series& series, double x) {
    return std::upper_bound(series.x.begin(), series.x.end(), x) - series.x.begin() - 1;
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

void CursorPainter::paint(QCPPainter& painter,
                          std::optional<double> cursorX,
                          std::optional<double> hoverX,
                          const QPointF& mouse) const {
    const QRectF area = m_plot.axisRect()->rect();
    const auto line = [&](double x, Qt::PenStyle style, const QColor& ink) {
        const double px = m_plot.xAxis->coordToPixel(x);
        if (px < area.left() - 1 || px > area.right() + 1) return;
        painter.setPen(QPen(ink, 1, style));
        painter.drawLine(QLineF(px, area.top(), px, area.bottom()));
        paintDots(painter, x);
    };
    if (cursorX && m_scene.hasData()) line(*cursorX, Qt::SolidLine, colour(Role::ChartCursor));
    if (hoverX && m_scene.hasData()) {
        if (hoverX != cursorX) line(*hoverX, Qt::DashLine, colour(Role::ChartAxis));
        paintReadout(painter, *hoverX, mouse);
    }
}

void CursorPainter::paintDots(QCPPainter& painter, double x) const {
    const QRectF area = QRectF(m_plot.axisRect()->rect()).adjusted(-1, -1, 1, 1);
    for (std::size_t s = 0; s < m_state.series.size(); ++s) {
        const std::ptrdiff_t i = pointAt(m_state.series[s], x);
        if (i < 0) continue;
        const double value = m_state.shown[s][static_cast<std::size_t>(i)];
        if (!std::isfinite(value) || (m_state.isLog && value <= 0)) continue;
        const QPointF at(m_plot.xAxis->coordToPixel(m_state.series[s].x[static_cast<std::size_t>(i)]),
                         m_plot.yAxis->coordToPixel(value));
        if (!area.contains(at)) continue;
        painter.setPen(QPen(colour(Role::Base), 1.5));
        painter.setBrush(m_scene.colourOf(m_state.series[s]));
        painter.drawEllipse(at, 4.5, 4.5);
    }
}

/// The values at x in the order in which the curves lie above each other.
std::vector<CursorPainter::Row> CursorPainter::rowsAt(double x) const {
    std::vector<Row> rows;
    for (std::size_t s = 0; s < m_state.series.size(); ++s) {
        const std::ptrdiff_t i = pointAt(m_state.series[s], x);
        if (i < 0) continue;
        const auto at = static_cast<std::size_t>(i);
        const double raw = m_state.series[s].y[at], shown = m_state.shown[s][at];
        QString value = formatReward(std::isfinite(shown) ? shown : raw);
        if (m_state.halfLife > 0 && std::isfinite(shown))
            value += QStringLiteral("  (%1)").arg(formatReward(raw));
        const double height = std::isfinite(shown) ? shown : -std::numeric_limits<double>::infinity();
        rows.push_back({m_scene.colourOf(m_state.series[s]), m_state.series[s].label, value, height});
    }
    std::stable_sort(
        rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.height > b.height; });
    return rows;
}

/// Box beside the mouse.
void CursorPainter::paintReadout(QCPPainter& painter, double x, const QPointF& mouse) const {
    std::vector<Row> rows = rowsAt(x);
    if (rows.empty()) return;
    const std::size_t hidden = rows.size() > kReadoutRows ? rows.size() - kReadoutRows : 0;
    rows.resize(rows.size() - hidden);
    const QFont font = m_scene.style().font;
    const QFontMetricsF metrics(font);
    const QString head = m_state.isDuration
                             ? formatDuration(x)
                             : QStringLiteral("%1 %2").arg(QString::number(x, 'g', 7), m_state.xUnit);
    double labelWidth = 0, valueWidth = 0;
    for (Row& row : rows) {
        row.label = metrics.elidedText(row.label, Qt::ElideMiddle, 220);
        labelWidth = std::max(labelWidth, metrics.horizontalAdvance(row.label));
        valueWidth = std::max(valueWidth, metrics.horizontalAdvance(row.value));
    }
    const double lineHeight = metrics.height() + 3, pad = 9, indent = 14;
    const double width =
        std::max(metrics.horizontalAdvance(head), indent + labelWidth + 14 + valueWidth) + 2 * pad;
    const double height = lineHeight * static_cast<double>(rows.size() + 1 + (hidden ? 1 : 0)) + 2 * pad;
    const QRectF area = m_plot.axisRect()->rect();
    double left = mouse.x() + 16;
    if (left + width > area.right()) left = std::max(area.left(), mouse.x() - 16 - width);
    const double top =
        std::clamp(mouse.y() - height / 2, area.top(), std::max(area.top(), area.bottom() - height));
    const QRectF box(left, top, width, height);
    painter.setPen(QPen(colour(Role::StrongBorder), 1));
    painter.setBrush(colour(Role::Panel));
    painter.drawRoundedRect(box, spacing::kRadius, spacing::kRadius);
    painter.setFont(font);
    double y = top + pad;
    const auto put = [&](double at, double room, Qt::Alignment side, Role ink, const QString& text) {
        painter.setPen(colour(ink));
        painter.drawText(
            QRectF(at, y, room, lineHeight), int(side | Qt::AlignVCenter) | Qt::TextDontClip, text);
    };
    put(left + pad, width - 2 * pad, Qt::AlignLeft, Role::MutedText, head);
    for (const Row& row : rows) {
        y += lineHeight;
        painter.setPen(Qt::NoPen);
        painter.setBrush(row.ink);
        painter.drawEllipse(QPointF(left + pad + 4, y + lineHeight / 2), 4, 4);
        put(left + pad + indent, labelWidth, Qt::AlignLeft, Role::Text, row.label);
        put(box.right() - pad - valueWidth, valueWidth, Qt::AlignRight, Role::Text, row.value);
    }
    y += lineHeight;
    if (hidden)
        put(left + pad + indent,
            labelWidth,
            Qt::AlignLeft,
            Role::MutedText,
            QCoreApplication::translate("Chart", "+%1 more").arg(hidden));
}

}  // namespace rlcm::ui
