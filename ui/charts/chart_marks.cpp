#include "ui/charts/chart_marks.h"

#include "ui/theme/theme.h"

namespace rlcm::ui {
namespace {
constexpr double kFlagWidth = 8, kFlagHeight = 7;
}

QColor markColour(ChartMark::Kind kind, bool isDark) {
    return colour(kind == ChartMark::Kind::Alarm ? Role::Danger : Role::Info, isDark);
}

void paintMarks(QCPPainter& painter, const QCustomPlot& plot, const std::vector<ChartMark>& marks, bool isDark) {
    const QRectF area = plot.axisRect()->rect();
    for (const ChartMark& mark : marks) {
        const double x = plot.xAxis->coordToPixel(mark.x);
        if (x < area.left() - 1 || x > area.right() + 1) {
            continue;
        }
        const QColor ink = markColour(mark.kind, isDark);
        painter.setPen(QPen(ink, 1, Qt::DotLine));
        painter.drawLine(QLineF(x, area.top() + kFlagHeight, x, area.bottom()));
        painter.setPen(Qt::NoPen);
        painter.setBrush(ink);
        // An alarm is a flag, an edit a diamond: told apart without colour.
        const QPointF top(x, area.top());
        painter.drawPolygon(mark.kind == ChartMark::Kind::Alarm ? QPolygonF{{top, top + QPointF(kFlagWidth, kFlagHeight / 2), top + QPointF(0, kFlagHeight)}}
                                                                : QPolygonF{{top, top + QPointF(kFlagWidth / 2, kFlagHeight / 2), top + QPointF(0, kFlagHeight),
                                                                             top + QPointF(-kFlagWidth / 2, kFlagHeight / 2)}});
    }
    painter.setBrush(Qt::NoBrush);
}

}  // namespace rlcm::ui
