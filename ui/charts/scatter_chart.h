#pragma once
#include <QColor>
#include <QString>
#include <QStringList>
#include <QWidget>
#include <memory>
#include <optional>
#include <vector>

namespace rlcm::ui {

/// A point with its interval; x above 0 and finite, y finite, else it is not drawn.
struct ScatterPoint {
    QString id = {};     ///< stable key; points may share one (before and after training)
    QString label = {};  ///< short, beside the point; empty: none
    QString tip = {};    ///< lines of the readout when the mouse is over it
    QColor colour = {};  ///< a runColour(); follows theme changes by itself
    double x = 0, y = 0;
    double xLow = 0, xHigh = 0, yLow = 0, yHigh = 0;  ///< of the whiskers; none where low is not below high
    bool isDiamond = false;                           ///< else a circle
    bool isHollow = false, isDimmed = false, isSmall = false;
    bool isOnFront = false;  ///< a step of the staircase
    bool isPinned = false;   ///< ringed
    bool operator==(const ScatterPoint&) const = default;
};

/// Points over a logarithmic axis with the staircase of the best trades through those on the front. Mouse: hovering reads a point, a click or Return picks it, a double
/// click opens it, dragging a box chooses all in it. Keys: left and right go from point to point, Escape leaves them. thread: GUI only.
class ScatterChart : public QWidget {
    Q_OBJECT
public:
    explicit ScatterChart(QWidget* parent = nullptr);
    ~ScatterChart() override;

    void setPoints(std::vector<ScatterPoint> points);
    const std::vector<ScatterPoint>& points() const;
    void setAxisTitles(const QString& x, const QString& y);
    /// The y range that is kept while points move; empty: that of the points.
    void setValueRange(std::optional<std::pair<double, double>> range);
    /// Shown while there is no point.
    void setEmptyText(const QString& text);
    /// Marks the points with this key as if the mouse were there; "" none.
    void setHighlight(const QString& id);
    /// Where the first drawn point with this key lies, in this widget; nothing when it is not drawn. For tests and tours.
    std::optional<QPoint> placeOf(const QString& id) const;
    /// The chart in words, for screen readers and tests.
    QString summary() const;
    /// In light colours as PDF, SVG or PNG, by the ending. throws: Io when it cannot be written.
    void exportTo(const QString& file, const QSizeF& millimetres) const;
    /// Draws at once whatever is pending; for tests.
    void replotNow();

Q_SIGNALS:
    void hovered(const QString& id);  ///< "" when the mouse leaves
    void picked(const QString& id);
    void opened(const QString& id);
    void boxed(const QStringList& ids);  ///< at least one

protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace rlcm::ui
