#pragma once
// The legend above a chart: two rows on the screen, all curves in a figure. Private to ui/charts.
#include "ui/charts/plot_library.h"

#include <functional>
#include <optional>
#include <vector>

namespace rlcm::ui {

/// How it is drawn. Sizes are in plot units: pixels on the screen, `scale` times as many in a figure.
struct ChartStyle {
    bool isDark = false;
    bool isFigure = false;  ///< every legend entry, and notes on smoothing and bands
    double scale = 1;
    QFont font;
};

/// Lays out and paints the names of the curves with their lines, and notes.
class ChartLegend {
public:
    struct Curve {
        QString label;
        QPen line;
    };
    /// Screen: from left to right over at most two rows, then "+9 more". Figure: flowing over as many rows as fit into
    /// `mostHeight`, else in even columns with names cut in the middle. `curve` is asked only for what is drawn.
    void layOut(std::size_t count, const std::function<Curve(std::size_t)>& curve, const QStringList& notes, const ChartStyle& style, double width,
                double mostHeight);
    void paint(QCPPainter& painter) const;
    /// Of the legend with the air around it.
    double height() const { return m_height; }
    /// All curves of a figure are named and told apart within the height.
    bool isComplete() const { return m_isComplete; }

private:
    struct Entry {
        QRectF box;
        QString text;
        std::optional<QPen> swatch;  ///< a copy: the legend may be painted once more after the series have changed
    };
    struct Sizes;
    void flow(const std::vector<Curve>& curves, const QStringList& notes, const Sizes& sizes);
    void flowOnScreen(std::size_t count, const std::function<Curve(std::size_t)>& curve, const QStringList& notes, const Sizes& sizes);
    bool inColumns(const std::vector<Curve>& curves, const QStringList& notes, const Sizes& sizes, int columns);

    ChartStyle m_style;
    std::vector<Entry> m_entries;
    double m_height = 0;
    bool m_isComplete = true;
};

}  // namespace rlcm::ui
