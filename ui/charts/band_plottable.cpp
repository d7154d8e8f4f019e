#include "ui/charts/band_plottable.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rlcm::ui {

void BandPlottable::setData(std::vector<double> x, std::vector<double> low, std::vector<double> high) {
    m_x = std::move(x);
    m_low = std::move(low);
    m_high = std::move(high);
}

QCPRange BandPlottable::getKeyRange(bool& isFound, QCP::SignDomain) const {
    isFound = !m_x.empty();
    return isFound ? QCPRange(m_x.front(), m_x.back()) : QCPRange();
}

QCPRange BandPlottable::getValueRange(bool& isFound, QCP::SignDomain, const QCPRange&) const {
    QCPRange range(std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity());
    for (std::size_t i = 0; i < m_x.size(); ++i) {
        if (!isPoint(i)) {
            continue;
        }
        range.lower = std::min(range.lower, m_low[i]);
        range.upper = std::max(range.upper, m_high[i]);
    }
    isFound = range.lower <= range.upper;
    return isFound ? range : QCPRange();
}

bool BandPlottable::isPoint(std::size_t i) const {
    return std::isfinite(m_low[i]) && std::isfinite(m_high[i]);
}

/// A logarithmic axis has no place for values <= 0; they go to the bottom edge.
QPointF BandPlottable::pixel(double x, double y) const {
    const QCPAxis* values = mValueAxis.data();
    const double floor = values->scaleType() == QCPAxis::stLogarithmic ? values->range().lower * 1e-3 : y;
    return {mKeyAxis->coordToPixel(x), values->coordToPixel(std::max(y, floor))};
}

void BandPlottable::draw(QCPPainter* painter) {
    if (m_x.size() < 2) {
        return;
    }
    painter->setPen(Qt::NoPen);
    painter->setBrush(mBrush);
    const QRect area = clipRect();
    const int left = area.left(), count = area.width();
    constexpr double kInf = std::numeric_limits<double>::infinity();
    std::vector<double> top(static_cast<std::size_t>(count), kInf), bottom(static_cast<std::size_t>(count), -kInf);
    for (std::size_t i = 0; i + 1 < m_x.size(); ++i) {
        if (!isPoint(i) || !isPoint(i + 1)) {
            continue;
        }
        const QPointF h0 = pixel(m_x[i], m_high[i]), h1 = pixel(m_x[i + 1], m_high[i + 1]);
        if (h1.x() < left || h0.x() > left + count) {
            continue;
        }
        const double l0 = pixel(m_x[i], m_low[i]).y(), l1 = pixel(m_x[i + 1], m_low[i + 1]).y();
        const double width = std::max(1e-9, h1.x() - h0.x());
        const int from = std::clamp(static_cast<int>(std::floor(h0.x())) - left, 0, count - 1);
        const int to = std::clamp(static_cast<int>(std::floor(h1.x())) - left, 0, count - 1);
        for (int column = from; column <= to; ++column) {
            const double a = std::clamp((left + column - h0.x()) / width, 0.0, 1.0);
            const double b = std::clamp((left + column + 1 - h0.x()) / width, 0.0, 1.0);
            const auto at = static_cast<std::size_t>(column);
            for (double share : {a, b}) {
                top[at] = std::min(top[at], h0.y() + share * (h1.y() - h0.y()));
                bottom[at] = std::max(bottom[at], l0 + share * (l1 - l0));
            }
        }
    }
    QVector<QRectF> rects;
    rects.reserve(count);
    for (int column = 0; column < count; ++column) {
        const auto at = static_cast<std::size_t>(column);
        if (top[at] > bottom[at]) {
            continue;
        }
        rects.append(QRectF(left + column, top[at], 1, std::max(1.0, bottom[at] - top[at])));
    }
    painter->setRenderHint(QPainter::Antialiasing,
                           false);  // neighbouring columns must not blend at their seams
    painter->drawRects(rects);
}

}  // namespace rlcm::ui
