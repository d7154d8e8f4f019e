#include "ui/charts/chart_legend.h"

#include <algorithm>
#include <cmath>

#include "ui/theme/theme.h"

namespace rlcm::ui {
namespace {

constexpr int kMostRows = 2;
constexpr std::size_t kMostEntries = 64;  ///< that could ever stand in two rows
constexpr double kMostLabelWidth = 260, kMoreWidth = 80, kGap = 16, kSwatch = 24, kMargin = 14, kAir = 8;

}  // namespace

void ChartLegend::layOut(std::size_t count, const std::function<Curve(std::size_t)>& curve, const QString& note, const ChartStyle& style, double width) {
    m_style = style;
    m_entries.clear();
    m_more = {};
    const QFontMetricsF metrics(style.font);
    const double rowHeight = metrics.height() + 6, right = width - kMargin, room = right - kMargin;
    std::vector<Curve> curves;
    double rest = count > kMostEntries ? 1e9 : 0;  // width of the entries still to come
    for (std::size_t i = 0; i < std::min(count, kMostEntries); ++i) {
        curves.push_back(curve(i));
        curves.back().label = metrics.elidedText(curves.back().label, Qt::ElideMiddle, std::min(kMostLabelWidth, room - kSwatch));
        rest += kSwatch + metrics.horizontalAdvance(curves.back().label) + kGap;
    }
    double x = kMargin, y = kAir;
    int row = 1;
    const auto breakRow = [&] {
        x = kMargin;
        y += rowHeight;
        ++row;
    };
    for (std::size_t i = 0; i < curves.size(); ++i) {
        const double needed = kSwatch + metrics.horizontalAdvance(curves[i].label);
        const bool isLastRow = row == kMostRows;
        // The last row keeps room for saying how many are left out.
        if (x > kMargin && x + (isLastRow && x + rest - kGap > right ? needed + kGap + kMoreWidth : needed) > right) {
            if (isLastRow) {
                m_more = QRectF(x, y, kMoreWidth, rowHeight);
                m_entries.push_back({m_more, QCoreApplication::translate("Chart", "+%1 more").arg(count - i), std::nullopt});
                x = right;
                break;
            }
            breakRow();
        }
        m_entries.push_back({QRectF(x, y, needed, rowHeight), curves[i].label, curves[i].line});
        x += needed + kGap;
        rest -= needed + kGap;
    }
    if (!note.isEmpty()) {
        const QString text = metrics.elidedText(note, Qt::ElideRight, room);
        const double needed = metrics.horizontalAdvance(text);
        if (x > kMargin && x + needed > right) {
            breakRow();
        }
        m_entries.push_back({QRectF(x, y, needed, rowHeight), text, std::nullopt});
    }
    m_height = m_entries.empty() ? kMargin : kAir + row * rowHeight + kAir;
}

bool ChartLegend::isMoreAt(QPointF place) const {
    return m_more.contains(place);
}

void ChartLegend::paint(QCPPainter& painter) const {
    painter.setFont(m_style.font);
    for (const Entry& entry : m_entries) {
        double textX = entry.box.left();
        if (entry.swatch) {
            painter.setPen(*entry.swatch);
            painter.drawLine(QLineF(textX, entry.box.center().y(), textX + 18, entry.box.center().y()));
            textX += kSwatch;
        }
        painter.setPen(colour(entry.swatch ? Role::Text : entry.box == m_more ? Role::Accent : Role::MutedText, m_style.isDark));
        painter.drawText(QRectF(textX, entry.box.top(), entry.box.right() - textX + 2, entry.box.height()), Qt::AlignVCenter | Qt::AlignLeft | Qt::TextDontClip,
                         entry.text);
    }
}

}  // namespace rlcm::ui
