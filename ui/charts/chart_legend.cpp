#include "ui/charts/chart_legend.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "ui/theme/theme.h"

namespace rlcm::ui {
namespace {

constexpr int kMostRows = 2;
constexpr std::size_t kMostEntries = 64;  ///< that could ever stand in two rows
constexpr double kMostLabelWidth = 260, kMoreWidth = 80, kGap = 16, kSwatch = 24, kMargin = 14, kAir = 8, kRowAir = 6;

/// The words that all of the names have, in their order.
QString commonWords(const std::vector<QString>& names) {
    QStringList words = names.front().split(QLatin1Char(' '));
    for (const QString& name : names) {
        const QStringList own = name.split(QLatin1Char(' '));
        words.removeIf([&own](const QString& word) { return !own.contains(word); });
    }
    return words.isEmpty() ? names.front() : words.join(QLatin1Char(' '));
}

/// One entry for all curves of a colour and kind of line.
std::vector<ChartLegend::Curve> folded(std::vector<ChartLegend::Curve> curves) {
    std::map<std::pair<QRgb, bool>, std::size_t> places;
    std::vector<ChartLegend::Curve> result;
    std::vector<std::vector<QString>> names;
    for (ChartLegend::Curve& curve : curves) {
        const auto [at, isNew] = places.try_emplace({curve.line.color().rgb(), curve.line.style() != Qt::SolidLine}, result.size());
        if (isNew) {
            names.push_back({curve.label});
            result.push_back(std::move(curve));
        } else {
            names[at->second].push_back(curve.label);
            std::ranges::copy(curve.curves, std::back_inserter(result[at->second].curves));
        }
    }
    for (std::size_t i = 0; i < result.size(); ++i) {
        if (names[i].size() > 1) {
            result[i].label = QStringLiteral("%1 ×%2").arg(commonWords(names[i])).arg(names[i].size());
        }
    }
    return result;
}

}  // namespace

void ChartLegend::layOut(std::vector<Curve> curves, const QString& note, const ChartStyle& style, double width) {
    m_style = style;
    const QFontMetricsF metrics(style.font);
    const double right = width - kMargin, room = right - kMargin;
    End end = place(curves, right);
    if (!m_more.isEmpty()) {
        end = place(folded(std::move(curves)), right);
    }
    if (!note.isEmpty()) {
        const QString text = metrics.elidedText(note, Qt::ElideRight, room);
        const double needed = metrics.horizontalAdvance(text);
        if (end.x > kMargin && end.x + needed > right) {
            end = {kMargin, end.y + metrics.height() + kRowAir, end.row + 1};
        }
        m_entries.push_back({QRectF(end.x, end.y, needed, metrics.height() + kRowAir), text});
    }
    m_height = m_entries.empty() ? kMargin : kAir + end.row * (metrics.height() + kRowAir) + kAir;
}

ChartLegend::End ChartLegend::place(const std::vector<Curve>& curves, double right) {
    m_entries.clear();
    m_more = {};
    const QFontMetricsF metrics(m_style.font);
    const double rowHeight = metrics.height() + kRowAir;
    std::vector<QString> labels;
    double rest = curves.size() > kMostEntries ? 1e9 : 0;  // width of the entries still to come
    for (std::size_t i = 0; i < std::min(curves.size(), kMostEntries); ++i) {
        labels.push_back(metrics.elidedText(curves[i].label, Qt::ElideMiddle, std::min(kMostLabelWidth, right - kMargin - kSwatch)));
        rest += kSwatch + metrics.horizontalAdvance(labels.back()) + kGap;
    }
    End end{.x = kMargin, .y = kAir};
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const double needed = kSwatch + metrics.horizontalAdvance(labels[i]);
        const bool isLastRow = end.row == kMostRows;
        // The last row keeps room for saying how many are left out.
        if (end.x > kMargin && end.x + (isLastRow && end.x + rest - kGap > right ? needed + kGap + kMoreWidth : needed) > right) {
            if (isLastRow) {
                m_more = QRectF(end.x, end.y, kMoreWidth, rowHeight);
                m_entries.push_back({m_more, QCoreApplication::translate("Chart", "+%1 more").arg(curves.size() - i)});
                end.x = right;
                break;
            }
            end = {kMargin, end.y + rowHeight, end.row + 1};
        }
        m_entries.push_back({QRectF(end.x, end.y, needed, rowHeight), labels[i], curves[i].line, curves[i].curves});
        end.x += needed + kGap;
        rest -= needed + kGap;
    }
    return end;
}

std::vector<std::size_t> ChartLegend::namedAt(QPointF place) const {
    const auto at = std::ranges::find_if(m_entries, [place](const Entry& entry) { return entry.box.contains(place); });
    return at == m_entries.end() ? std::vector<std::size_t>() : at->curves;
}

bool ChartLegend::isMoreAt(QPointF place) const {
    return m_more.contains(place) || namedAt(place).size() > 1;
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
