#include "core/report/legend.h"

#include <set>

#include "core/base/error.h"

namespace rlcm::report {
namespace {

constexpr int kMostColumns = 6;
constexpr double kSwatch = 30, kSwatchGap = 8, kEntryGap = 22;

/// Puts entries one behind the other, or at even distances.
class Flow {
public:
    Flow(Legend& legend, const Box& area, const Style& style) : m_legend(legend), m_area(area), m_style(style), m_x(area.left), m_y(area.top) {}
    void put(std::string label, const PlotLine* line, double width) {
        if (m_x > m_area.left && m_x + width > m_area.right + 1e-6) {
            m_x = m_area.left;
            m_y += m_style.font * 1.6;
        }
        m_legend.entries.push_back({m_x, m_y, std::move(label), line});
        m_x += width + kEntryGap * m_style.scale;
    }
    double height() const { return m_y + m_style.font * 2.0 - m_area.top; }

private:
    Legend& m_legend;
    const Box& m_area;
    const Style& m_style;
    double m_x, m_y;
};

/// `columns` 0: whole names one after the other; otherwise even columns with names cut in the middle.
Legend layOutLegend(const Canvas& canvas, const LegendContent& content, const Box& area, const Style& style, int columns) {
    Legend legend;
    std::set<std::string> seen;
    const double gap = kEntryGap * style.scale, swatch = (kSwatch + kSwatchGap) * style.scale;
    const double pitch = columns == 0 ? area.width() : (area.width() + gap) / columns - gap;
    Flow flow(legend, area, style);
    for (const PlotLine* line : content.lines) {
        const std::string label = canvas.elidedInTheMiddle(line->drawn->line.label, pitch - swatch);
        legend.isToldApart = seen.insert(label).second && legend.isToldApart;
        flow.put(label, line, columns == 0 ? swatch + canvas.textWidth(label) : pitch);
    }
    for (const std::string& note : content.notes) {
        const std::string label = canvas.elided(note, area.width());
        flow.put(label, nullptr, canvas.textWidth(label));
    }
    legend.height = flow.height();
    return legend;
}

}  // namespace

Legend makeLegend(const Canvas& canvas, const LegendContent& content, const Box& area, const Style& style, double mostHeight) {
    for (const int columns : {0, 2, 3, 4, 5, kMostColumns}) {
        Legend legend = layOutLegend(canvas, content, area, style, columns);
        if (legend.isToldApart && legend.height <= mostHeight) {
            return legend;
        }
    }
    throw Error(ErrorKind::Config, "the figure has no room for " + std::to_string(content.lines.size()) +
                                       " lines and a legend that tells them apart; choose a larger figure, fewer runs or measures, or group their seeds");
}

void drawLegend(Canvas& canvas, const Legend& legend, const Style& style) {
    for (const Legend::Entry& entry : legend.entries) {
        double x = entry.x;
        if (entry.line != nullptr) {
            const double middle = entry.y + style.font * 0.65, end = x + kSwatch * style.scale;
            canvas.setColour(entry.line->colour);
            setDash(canvas, entry.line->dashes, style.scale);
            canvas.strokeLine(x, middle, end, middle, entry.line->width * style.scale);
            setDash(canvas, {}, style.scale);
            if (entry.line->drawn->isEvaluation) {
                fillDot(canvas, (x + end) / 2, middle, kDotRadius * style.scale);
            }
            x = end + kSwatchGap * style.scale;
        }
        canvas.setColour(entry.line != nullptr ? kInk : kSoftInk);
        canvas.drawText(entry.label, x, entry.y + style.font);
    }
}

}  // namespace rlcm::report
