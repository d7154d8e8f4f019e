#include "ui/charts/chart_legend.h"

#include <QSet>
#include <algorithm>
#include <cmath>

#include "ui/theme/theme.h"

namespace rlcm::ui {
namespace {

constexpr int kScreenRows = 2;
constexpr int kMostColumns = 6;
constexpr std::size_t kMostOnScreen = 64;  ///< entries that could ever stand in two rows

}  // namespace

struct ChartLegend::Sizes {
    Sizes(const ChartStyle& style, double width)
        : metrics(style.font), scale(style.scale), rowHeight(metrics.height() + (style.isFigure ? 3 : 6) * scale), gap(16 * scale), swatch(24 * scale),
          left(14 * scale), right(width - 14 * scale), top(8 * scale) {}
    double room() const { return right - left; }
    double heightOf(int rows) const { return rows == 0 ? 14 * scale : top + rows * rowHeight + 8 * scale; }

    QFontMetricsF metrics;
    double scale, rowHeight, gap, swatch, left, right, top;
};

void ChartLegend::layOut(std::size_t count, const std::function<Curve(std::size_t)>& curve, const QStringList& notes, const ChartStyle& style, double width,
                         double mostHeight) {
    m_style = style;
    m_entries.clear();
    m_isComplete = true;
    const Sizes sizes(style, width);
    if (!style.isFigure) {
        flowOnScreen(count, curve, notes, sizes);
        return;
    }
    std::vector<Curve> curves;
    for (std::size_t i = 0; i < count; ++i) curves.push_back(curve(i));
    flow(curves, notes, sizes);
    if (m_isComplete && m_height <= mostHeight) return;
    for (int columns = 2; columns <= kMostColumns; ++columns) {
        if (inColumns(curves, notes, sizes, columns) && m_height <= mostHeight) return;
    }
    m_isComplete = false;
}

/// Whole names one after the other; a name longer than a row is cut.
void ChartLegend::flow(const std::vector<Curve>& curves, const QStringList& notes, const Sizes& sizes) {
    double x = sizes.left, y = sizes.top;
    int row = 1;
    QSet<QString> seen;
    const auto put = [&](const QString& text, const std::optional<QPen>& swatch) {
        const double width = (swatch ? sizes.swatch : 0) + sizes.metrics.horizontalAdvance(text);
        if (x > sizes.left && x + width > sizes.right) {
            x = sizes.left;
            y += sizes.rowHeight;
            ++row;
        }
        m_entries.push_back({QRectF(x, y, width, sizes.rowHeight), text, swatch});
        x += width + sizes.gap;
    };
    for (const Curve& curve : curves) {
        const QString text = sizes.metrics.elidedText(curve.label, Qt::ElideMiddle, sizes.room() - sizes.swatch);
        m_isComplete = m_isComplete && !seen.contains(text);
        seen.insert(text);
        put(text, curve.line);
    }
    for (const QString& note : notes) put(sizes.metrics.elidedText(note, Qt::ElideRight, sizes.room()), std::nullopt);
    m_height = sizes.heightOf(m_entries.empty() ? 0 : row);
}

void ChartLegend::flowOnScreen(std::size_t count, const std::function<Curve(std::size_t)>& curve, const QStringList& notes, const Sizes& sizes) {
    const double most = std::min(260 * sizes.scale, sizes.room() - sizes.swatch), more = 80 * sizes.scale;
    std::vector<Curve> curves;
    double rest = count > kMostOnScreen ? 1e9 : 0;  // width of the entries still to come
    for (std::size_t i = 0; i < std::min(count, kMostOnScreen); ++i) {
        curves.push_back(curve(i));
        curves.back().label = sizes.metrics.elidedText(curves.back().label, Qt::ElideMiddle, most);
        rest += sizes.swatch + sizes.metrics.horizontalAdvance(curves.back().label) + sizes.gap;
    }
    double x = sizes.left, y = sizes.top;
    int row = 1;
    for (std::size_t i = 0; i < curves.size(); ++i) {
        const double width = sizes.swatch + sizes.metrics.horizontalAdvance(curves[i].label);
        const bool isLastRow = row == kScreenRows;
        // The last row keeps room for saying how many are left out.
        const double needed = isLastRow && x + rest - sizes.gap > sizes.right ? width + sizes.gap + more : width;
        if (x > sizes.left && x + needed > sizes.right) {
            if (isLastRow) {
                m_entries.push_back({QRectF(x, y, more, sizes.rowHeight), QCoreApplication::translate("Chart", "+%1 more").arg(count - i), std::nullopt});
                x = sizes.right;
                break;
            }
            x = sizes.left;
            y += sizes.rowHeight;
            ++row;
        }
        m_entries.push_back({QRectF(x, y, width, sizes.rowHeight), curves[i].label, curves[i].line});
        x += width + sizes.gap;
        rest -= width + sizes.gap;
    }
    for (const QString& note : notes) {
        const QString text = sizes.metrics.elidedText(note, Qt::ElideRight, sizes.room());
        const double width = sizes.metrics.horizontalAdvance(text);
        if (x > sizes.left && x + width > sizes.right) {
            x = sizes.left;
            y += sizes.rowHeight;
            ++row;
        }
        m_entries.push_back({QRectF(x, y, width, sizes.rowHeight), text, std::nullopt});
        x += width + sizes.gap;
    }
    m_height = sizes.heightOf(m_entries.empty() ? 0 : row);
}

/// False when cut names read alike.
bool ChartLegend::inColumns(const std::vector<Curve>& curves, const QStringList& notes, const Sizes& sizes, int columns) {
    m_entries.clear();
    const double width = (sizes.room() - (columns - 1) * sizes.gap) / columns;
    QSet<QString> seen;
    for (std::size_t i = 0; i < curves.size(); ++i) {
        const QString text = sizes.metrics.elidedText(curves[i].label, Qt::ElideMiddle, width - sizes.swatch);
        seen.insert(text);
        const auto column = static_cast<int>(i) % columns, row = static_cast<int>(i) / columns;
        m_entries.push_back({QRectF(sizes.left + column * (width + sizes.gap), sizes.top + row * sizes.rowHeight, width, sizes.rowHeight), text, curves[i].line});
    }
    int row = (static_cast<int>(curves.size()) + columns - 1) / columns;
    for (const QString& note : notes) {
        m_entries.push_back({QRectF(sizes.left, sizes.top + row++ * sizes.rowHeight, sizes.room(), sizes.rowHeight),
                             sizes.metrics.elidedText(note, Qt::ElideRight, sizes.room()), std::nullopt});
    }
    m_height = sizes.heightOf(row);
    m_isComplete = seen.size() == static_cast<qsizetype>(curves.size());
    return m_isComplete;
}

void ChartLegend::paint(QCPPainter& painter) const {
    const double s = m_style.scale;
    painter.setFont(m_style.font);
    for (const Entry& entry : m_entries) {
        double textX = entry.box.left();
        if (entry.swatch) {
            painter.setPen(*entry.swatch);
            painter.drawLine(QLineF(textX, entry.box.center().y(), textX + 18 * s, entry.box.center().y()));
            textX += 24 * s;
        }
        painter.setPen(colour(entry.swatch ? Role::Text : Role::MutedText, m_style.isDark));
        painter.drawText(QRectF(textX, entry.box.top(), entry.box.right() - textX + 2 * s, entry.box.height()),
                         Qt::AlignVCenter | Qt::AlignLeft | Qt::TextDontClip, entry.text);
    }
}

}  // namespace rlcm::ui
