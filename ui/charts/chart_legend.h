#pragma once
// The legend above a chart. Private to ui/charts.
#include "ui/charts/plot_library.h"

#include <functional>
#include <optional>
#include <vector>

namespace rlcm::ui {

/// How a chart is drawn.
struct ChartStyle {
    bool isDark = false;
    QFont font;
};

/// Lays out and paints the names of the curves with their lines, and a note.
class ChartLegend {
public:
    struct Curve {
        QString label;
        QPen line;
    };
    /// From left to right over at most two rows, then "+9 more", then the note if there is one. `curve` is asked only for what is drawn.
    void layOut(std::size_t count, const std::function<Curve(std::size_t)>& curve, const QString& note, const ChartStyle& style, double width);
    void paint(QCPPainter& painter) const;
    /// Whether that is "+9 more".
    bool isMoreAt(QPointF place) const;
    /// Of the legend with the air around it.
    double height() const { return m_height; }

private:
    struct Entry {
        QRectF box;
        QString text;
        std::optional<QPen> swatch;  ///< a copy: the legend may be painted once more after the series have changed
    };
    ChartStyle m_style;
    std::vector<Entry> m_entries;
    QRectF m_more;  ///< empty: all curves are named
    double m_height = 0;
};

}  // namespace rlcm::ui
