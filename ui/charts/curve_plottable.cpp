#include "ui/charts/curve_plottable.h"

#include <algorithm>
#include <cmath>

namespace rlcm::ui {
namespace {

constexpr qsizetype kLongestPiece = 128;

bool isPlace(const QPointF& point) {
    return std::isfinite(point.x()) && std::isfinite(point.y());
}

}  // namespace

void CurvePlottable::drawLinePlot(QCPPainter* painter, const QVector<QPointF>& lines) const {
    // What the library draws point by point anyway: solid lines.
    const bool isFast = painter->pen().style() == Qt::SolidLine && mParentPlot->plottingHints().testFlag(QCP::phFastPolylines);
    if (lines.size() <= kLongestPiece || isFast) {
        QCPGraph::drawLinePlot(painter, lines);
        return;
    }
    applyDefaultAntialiasingHint(painter);
    const QPen pen = painter->pen();
    double drawn = 0;  // length so far: dashes go on from piece to piece
    qsizetype i = 0;
    while (i < lines.size()) {
        if (!isPlace(lines[i])) {
            ++i;
            continue;
        }
        qsizetype end = i + 1;
        double length = 0;
        for (; end < lines.size() && end - i < kLongestPiece && isPlace(lines[end]); ++end) {
            const QPointF step = lines[end] - lines[end - 1];
            length += std::hypot(step.x(), step.y());
        }
        if (pen.style() != Qt::SolidLine) {
            QPen continued = pen;
            continued.setDashOffset(drawn / std::max(1.0, pen.widthF()));
            painter->setPen(continued);
        }
        painter->drawPolyline(lines.constData() + i, static_cast<int>(end - i));
        drawn += length;
        const bool isCut = end < lines.size() && isPlace(lines[end]);
        i = isCut ? end - 1 : end;
    }
    painter->setPen(pen);
}

}  // namespace rlcm::ui
