#pragma once
// The legend above a chart. Private to ui/charts.
#include "ui/charts/plot_library.h"

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
        std::vector<std::size_t> curves;  ///< that it stands for
    };
    /// From left to right over at most two rows, then the note if there is one. Where that is too little room, curves of one colour share an entry, "RLCM H4 ×3"; what is
    /// left even so is "+9 more".
    void layOut(std::vector<Curve> curves, const QString& note, const ChartStyle& style, double width);
    void paint(QCPPainter& painter) const;
    /// Whether there stands more than is told: "+9 more", or several curves in one entry.
    bool isMoreAt(QPointF place) const;
    /// The curves of the entry there.
    std::vector<std::size_t> namedAt(QPointF place) const;
    /// Of the legend with the air around it.
    double height() const { return m_height; }

private:
    struct Entry {
        QRectF box;
        QString text;
        std::optional<QPen> swatch = {};  ///< a copy: the legend may be painted once more after the series have changed
        std::vector<std::size_t> curves = {};
    };
    /// Puts the names into the rows; where the note goes, and the number of the row.
    struct End {
        double x = 0, y = 0;
        int row = 1;
    };
    End place(const std::vector<Curve>& curves, double right);

    ChartStyle m_style;
    std::vector<Entry> m_entries;
    QRectF m_more;  ///< empty: all curves are named
    double m_height = 0;
};

}  // namespace rlcm::ui
