#pragma once
#include <QColor>
#include <QString>
#include <QStringList>
#include <QWidget>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/figure/smoothing.h"

namespace rlcm::ui {

/// One curve. x ascending and finite; y may hold NaN (gap and a mark) and infinities (a mark, never plotted).
struct Series {
    QString id = {};     ///< stable key, as the run's id
    QString label = {};  ///< its whole name
    QString brief = {};  ///< for legend and readout; empty: the whole name
    QColor colour = {};  ///< a runColour(); follows theme changes by itself
    std::vector<double> x = {}, y = {};
    std::vector<double> bandLow = {}, bandHigh = {};  ///< empty, or as long as x
    std::vector<int> counts = {};                     ///< runs behind each point of a mean; empty: the curve is one run
    int runs = 1;                                     ///< of all
    bool isDashed = false;
    bool operator==(const Series&) const = default;
};

/// More curves than these are drawn thinner, without their points, and seeds of one kind alike: the pointer tells them apart.
inline constexpr std::size_t kManyCurves = 8;

/// A place on the x axis at which something happened.
struct ChartMark {
    enum class Kind { Alarm, Edit };
    double x = 0;
    QString text = {};  ///< for the readout there
    Kind kind = Kind::Alarm;
    bool operator==(const ChartMark&) const = default;
};

/// What a curve shows at the cursor: its newest point at or before it.
struct CursorValue {
    std::size_t series = 0;  ///< index into series()
    double x = 0;            ///< of the point
    double raw = 0;          ///< may be NaN
    double smoothed = 0;     ///< equals raw when smoothing is off
    int count = 1;           ///< runs behind it
    bool isHere = true;      ///< measured at the place asked for, so that it can be ranked with the others that are
    bool isExact = true;     ///< at that very x
};

/// Line chart for live curves: smoothing, bands, log axis, cursor and zoom. Keeps full data;
/// smoothing is a view. Replots are queued, at most 20 a second, none while hidden. Mouse: hovering reads
/// values, a click or dragging the line moves the cursor, dragging pans, Shift+drag zooms into a rectangle,
/// the wheel zooms (Ctrl: y only, Shift: x only), double click resets. New data never touches a zoom made by
/// the user. Keys: left/right step the cursor through the points, F resets the zoom.
/// thread: GUI only.
class ChartWidget : public QWidget {
    Q_OBJECT
public:
    explicit ChartWidget(QWidget* parent = nullptr);
    ~ChartWidget() override;

    void setSeries(std::vector<Series> series);
    const std::vector<Series>& series() const;
    /// Thin lines with a flag; the readout at their place says what they are.
    void setMarks(std::vector<ChartMark> marks);
    const std::vector<ChartMark>& marks() const;
    void setAxisTitles(const QString& x, const QString& y);
    /// x is in seconds and labelled as time.
    void setDurationAxis(bool isDuration);
    /// How a place on the x axis is written beside a value that comes from there: "ep 6".
    void setPlaceText(std::function<QString(double)> placeText);
    /// What the bands are, for the legend: "band: min to max of the seeds".
    void setBandNote(const QString& note);
    void setLogY(bool isLog);
    bool isLogY() const;
    /// Half-life, or width, of the smoothing in x units; 0 switches it off.
    void setHalfLife(double halfLife);
    void setSmoother(figure::Smoother smoother);
    double halfLife() const;
    /// Faint unsmoothed line behind the smoothed one.
    void setRawVisible(bool isVisible);
    /// The y range follows the 1..99 % quantiles instead of the extremes.
    void setRobustRange(bool isRobust);
    /// The curves with these ids stand out, all others are faint; none: all are alike. An entry of the legend under the pointer comes before it.
    void setEmphasis(const QStringList& ids);
    /// Ids of the curves that stand out now.
    QStringList emphasis() const;
    /// The readout tells by how much the others differ from the curve with this id; empty: from none.
    void setBaseline(const QString& id);
    /// Legend above the plot (on by default when there are several series).
    void setLegendVisible(bool isVisible);
    /// Shown inside the plot while there is no finite point; a logarithmic axis without a value above 0 says that itself.
    void setEmptyText(const QString& text);
    QString emptyText() const;
    /// Dims the curves at once and says over them why they are not those asked for; nothing is read from them meanwhile. Empty: they are.
    void setVeil(const QString& text);
    const QString& veil() const;

    /// Vertical line at x with a dot on every curve; no signal. Redraws its own layer only.
    void setCursor(double x);
    void clearCursor();
    std::optional<double> cursor() const;
    /// Infinity: at the farthest point of any curve.
    std::vector<CursorValue> valuesAt(double x) const;
    /// The readout that hovering at x shows, a line each: the place, then the curves.
    QStringList readoutAt(double x) const;
    /// Place of the readout under the mouse.
    std::optional<double> hoveredX() const;

    bool isZoomed() const;
    void resetZoom();
    struct Range {
        double x0, x1, y0, y1;
    };
    Range visibleRange() const;
    /// Sets the visible range as if the user had zoomed there.
    void zoomTo(const Range& range);
    /// The same along x alone: all values stay in sight, also those that come.
    void zoomX(double x0, double x1);
    bool isZoomedAlongX() const;  ///< by zoomX()
    /// Draws at once whatever is pending; for tests.
    void replotNow();
    /// Number of full redraws so far; cursor moves do not count. For performance tests.
    int replotCount() const;

    /// The chart in words, for screen readers and tests: series, ranges and last values.
    QString summary() const;

Q_SIGNALS:
    void cursorMoved(double x);  ///< by the mouse or the keyboard
    void zoomChanged();          ///< another part is shown, or everything again: by the user or zoomTo(), resetZoom()

protected:
    void showEvent(QShowEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace rlcm::ui
