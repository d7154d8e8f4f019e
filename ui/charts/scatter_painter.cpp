#include "ui/charts/scatter_painter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>

#include "ui/theme/theme.h"

namespace rlcm::ui {
namespace {

constexpr double kRadius = 6, kSmallRadius = 4.5, kCap = 4;
constexpr float kDimmed = 0.35F;
constexpr double kHiddenByLabel = 0.1;  // share of a label that may cover others

bool isMinor(const ScatterPoint& point, const ScatterState& state) {
    const bool isLit = !point.id.isEmpty() && point.id == state.highlight;
    return point.isDimmed && !isLit;
}

QColor inkOf(const ScatterPoint& point, const ScatterState& state) {
    QColor ink = inTheme(point.colour, state.style.isDark);
    ink.setAlphaF(isMinor(point, state) ? kDimmed : 1.0F);
    return ink;
}

/// Along the front from the cheapest point to the right edge.
void paintStaircase(QCPPainter& painter, const QCustomPlot& plot, const ScatterState& state) {
    std::vector<QPointF> steps;
    for (const ScatterPoint& point : state.points) {
        if (isDrawn(point) && point.isOnFront) {
            steps.push_back(pixelOf(plot, point.x, point.y));
        }
    }
    if (steps.empty()) {
        return;
    }
    std::sort(steps.begin(), steps.end(), [](const QPointF& a, const QPointF& b) { return a.x() < b.x(); });
    QPolygonF line;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (i > 0) {
            line << QPointF(steps[i].x(), steps[i - 1].y());
        }
        line << steps[i];
    }
    line << QPointF(plot.axisRect()->right() + 1, steps.back().y());
    painter.setPen(QPen(colour(Role::StrongBorder, state.style.isDark), 1.5));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(line);
}

void paintWhiskers(QCPPainter& painter, const QCustomPlot& plot, const ScatterPoint& point, const QColor& ink) {
    painter.setPen(QPen(ink, 1.5));
    const QPointF at = pixelOf(plot, point.x, point.y);
    if (point.yLow < point.yHigh) {
        const double top = pixelOf(plot, point.x, point.yHigh).y(), bottom = pixelOf(plot, point.x, point.yLow).y();
        painter.drawLine(QLineF(at.x(), top, at.x(), bottom));
        painter.drawLine(QLineF(at.x() - kCap, top, at.x() + kCap, top));
        painter.drawLine(QLineF(at.x() - kCap, bottom, at.x() + kCap, bottom));
    }
    if (point.xLow < point.xHigh && point.xLow > 0) {
        const double left = pixelOf(plot, point.xLow, point.y).x(), right = pixelOf(plot, point.xHigh, point.y).x();
        painter.drawLine(QLineF(left, at.y(), right, at.y()));
    }
}

void paintMark(QCPPainter& painter, const QCustomPlot& plot, const ScatterPoint& point, const ScatterState& state) {
    const QPointF at = pixelOf(plot, point.x, point.y);
    const QColor ink = inkOf(point, state);
    const bool isLit = !point.id.isEmpty() && point.id == state.highlight;
    const double radius = (point.isSmall ? kSmallRadius : kRadius) + (isLit ? 1.5 : 0);
    if (point.isPinned || isLit) {
        painter.setPen(QPen(colour(point.isPinned ? Role::Text : Role::ChartCursor, state.style.isDark), 1.5));
        painter.setBrush(Qt::NoBrush);
        painter.drawEllipse(at, radius + 4, radius + 4);
    }
    painter.setPen(QPen(ink, 2));
    painter.setBrush(point.isHollow ? QBrush(colour(Role::Base, state.style.isDark)) : QBrush(ink));
    if (point.isDiamond) {
        const double side = radius * 1.25;
        painter.drawPolygon(QPolygonF{{at.x(), at.y() - side}, {at.x() + side, at.y()}, {at.x(), at.y() + side}, {at.x() - side, at.y()}});
    } else {
        painter.drawEllipse(at, radius, radius);
    }
}

struct Place {
    QRectF box;
    double hidden = 0;  // area of what it covers
};

/// The place that hides least of what is taken, inside the area when one is.
Place freestOf(std::span<const QPointF> places, const QSizeF& size, const QRectF& area, const std::vector<QRectF>& taken) {
    Place best{QRectF(places.front(), size), std::numeric_limits<double>::infinity()};
    for (const QPointF& place : places) {
        const QRectF box(place, size);
        double hidden = area.contains(box) ? 0 : 2 * size.width() * size.height();
        for (const QRectF& other : taken) {
            const QRectF both = box & other;
            hidden += both.width() * both.height();
        }
        if (hidden < best.hidden) {
            best = {box, hidden};
        }
    }
    return best;
}

/// Those that must be read before those that may be left out.
std::vector<const ScatterPoint*> labelled(const ScatterState& state) {
    std::vector<const ScatterPoint*> points;
    for (const ScatterPoint& point : state.points) {
        if (isDrawn(point) && !point.label.isEmpty()) {
            points.push_back(&point);
        }
    }
    std::stable_partition(points.begin(), points.end(), [&](const ScatterPoint* point) { return !isMinor(*point, state); });
    return points;
}

/// Beside the points, where no other label or point stands if there is such a place. Labels of dimmed points that would stand on others are left out.
void paintLabels(QCPPainter& painter, const QCustomPlot& plot, const ScatterState& state) {
    const QFontMetricsF metrics(state.style.font);
    const QRectF area = plot.axisRect()->rect();
    std::vector<QRectF> taken;
    for (const ScatterPoint& point : state.points) {
        if (isDrawn(point)) {
            const QPointF at = pixelOf(plot, point.x, point.y);
            taken.emplace_back(at.x() - kRadius, at.y() - kRadius, 2 * kRadius, 2 * kRadius);
        }
    }
    painter.setFont(state.style.font);
    for (const ScatterPoint* each : labelled(state)) {
        const ScatterPoint& point = *each;
        const QPointF at = pixelOf(plot, point.x, point.y);
        const double width = metrics.horizontalAdvance(point.label), height = metrics.height(), gap = kRadius + 5;
        const double left = at.x() - gap - width, right = at.x() + gap, middle = at.x() - width / 2;
        const std::array<QPointF, 8> places{QPointF(right, at.y() - height),     QPointF(left, at.y() - height),         QPointF(right, at.y() + 2),
                                            QPointF(left, at.y() + 2),           QPointF(middle, at.y() - gap - height), QPointF(middle, at.y() + gap),
                                            QPointF(right, at.y() - 2 * height), QPointF(right, at.y() + height)};
        const auto [box, hidden] = freestOf(places, {width, height}, area, taken);
        if (isMinor(point, state) && hidden > kHiddenByLabel * width * height) {
            continue;
        }
        taken.push_back(box);
        painter.setPen(colour(isMinor(point, state) ? Role::MutedText : Role::Text, state.style.isDark));
        painter.drawText(box, Qt::AlignCenter | Qt::TextDontClip, point.label);
    }
}

}  // namespace

bool isDrawn(const ScatterPoint& point) {
    return std::isfinite(point.x) && point.x > 0 && std::isfinite(point.y);
}

QPointF pixelOf(const QCustomPlot& plot, double x, double y) {
    return {plot.xAxis->coordToPixel(x), plot.yAxis->coordToPixel(y)};
}

ScatterRange rangeOf(const ScatterState& state) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    double x0 = kInfinity, x1 = 0, y0 = kInfinity, y1 = -kInfinity;
    for (const ScatterPoint& point : state.points) {
        if (!isDrawn(point)) {
            continue;
        }
        x0 = std::min({x0, point.x, point.xLow > 0 ? point.xLow : point.x});
        x1 = std::max({x1, point.x, point.xHigh});
        y0 = std::min({y0, point.y, point.yLow < point.yHigh ? point.yLow : point.y});
        y1 = std::max({y1, point.y, point.yLow < point.yHigh ? point.yHigh : point.y});
    }
    if (x1 <= 0) {
        return {};
    }
    if (state.valueRange) {
        std::tie(y0, y1) = *state.valueRange;
    }
    const double factor = std::pow(std::max(x1 / x0, 1.5), 0.12);
    const double air = y1 > y0 ? 0.08 * (y1 - y0) : y0 == 0 ? 1 : 0.1 * std::abs(y0);
    return {x0 / factor, x1 * factor, y0 - air, y1 + air};
}

void paintScatter(QCPPainter& painter, const QCustomPlot& plot, const ScatterState& state) {
    paintStaircase(painter, plot, state);
    for (const bool isFront : {false, true}) {  // what is dimmed lies below
        for (const ScatterPoint& point : state.points) {
            if (isDrawn(point) && isFront == !point.isDimmed) {
                paintWhiskers(painter, plot, point, inkOf(point, state));
                paintMark(painter, plot, point, state);
            }
        }
    }
    paintLabels(painter, plot, state);
    if (std::none_of(state.points.begin(), state.points.end(), isDrawn) && !state.emptyText.isEmpty()) {
        painter.setFont(state.style.font);
        painter.setPen(colour(Role::MutedText, state.style.isDark));
        painter.drawText(QRectF(plot.axisRect()->rect()).adjusted(20, 0, -20, 0), Qt::AlignCenter | Qt::TextWordWrap, state.emptyText);
    }
}

}  // namespace rlcm::ui
