#pragma once
// The grid itself: images in rows and columns below and beside headers that stay.
#include <QAbstractScrollArea>
#include <QSet>
#include <QTimer>
#include <array>
#include <optional>
#include <vector>

#include "core/figure/pivot_grid.h"
#include "ui/gallery/thumbnail_cache.h"
#include "ui/gallery/viewed_image.h"
#include "ui/view/grid_view.h"

namespace rlcm::ui {

/// Paints one page of a PivotGrid. Only what is seen is asked for, and decoded on the cache's threads. Keys: arrows, Home, End, Page Up and Down go from cell to cell,
/// Return opens, A chooses and B compares (a click with Shift too), Ctrl+C copies. objectName: pivotView.
class PivotView : public QAbstractScrollArea {
    Q_OBJECT
public:
    struct Place {
        int row = -1, column = -1;  ///< as shown; -1: none
        bool operator==(const Place&) const = default;
    };
    struct Look {
        int side = 128;  ///< at most; small images are enlarged by whole factors only
        GridBadge badge = GridBadge::Reward;
        GridHeat heat = GridHeat::Change;
        bool operator==(const Look&) const = default;
    };

    explicit PivotView(QWidget* parent = nullptr);
    /// Shows a page; the place that is current stays as far as there is one.
    void setGrid(figure::PivotGrid grid, int page);
    void setLook(const Look& look);
    /// The rows or columns of this epoch's evaluation are marked.
    void setEpoch(std::int64_t epoch);
    /// Files of the images that are A and B.
    void setMarks(const QString& a, const QString& b);

    /// The next larger (+1) or smaller (-1) side at which images look otherwise.
    int sideBeside(int direction) const;

    const figure::PivotGrid& grid() const { return m_grid; }
    const figure::PivotSummary& summary() const { return m_summary; }
    int page() const { return m_page; }
    int rows() const { return static_cast<int>(m_order.size()); }
    int columns() const { return static_cast<int>(m_grid.headers(figure::PivotSlot::Columns).size()); }
    figure::PivotCell cell(const Place& place) const;
    /// Row of the grid that is shown as this one.
    int gridRow(int row) const { return m_order[static_cast<std::size_t>(row)]; }
    const Place& current() const { return m_current; }
    void setCurrent(Place place);
    bool has(const Place& place) const { return place.row >= 0 && place.row < rows() && place.column >= 0 && place.column < columns(); }
    QRect cellRect(const Place& place) const;  ///< in the viewport
    Place placeAt(const QPoint& position) const;
    QString describe(const Place& place) const;
    /// Names of runs without the words that all of them share.
    QString headerText(figure::PivotSlot slot, int index) const;
    ViewedImage viewed(const Place& place) const;
    /// The same prompt and noise of the same run at its first evaluation.
    std::optional<ViewedImage> viewedFirst(const Place& place) const;
    /// All images in sight are decoded, or known not to be readable.
    bool isSettled();
    const ThumbnailCache& cache() const { return m_cache; }

Q_SIGNALS:
    void activated(const rlcm::ui::PivotView::Place& place);
    void chosenAsA(const rlcm::ui::PivotView::Place& place);
    void comparedAsB(const rlcm::ui::PivotView::Place& place);
    void currentChanged();
    void headerClicked(rlcm::figure::PivotSlot slot, std::int64_t value);
    void sizeAsked(int direction);  ///< the wheel with Ctrl

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;

private:
    int cellWidth() const;
    int cellHeight() const;
    int widestHeader() const;
    int headerHeight() const;
    QRect cells() const;  ///< the viewport without the headers
    void layOut();
    void takeDecoded();
    /// Slot and index of a header; nothing elsewhere.
    std::optional<std::pair<figure::PivotSlot, int>> headerAt(const QPoint& position) const;
    int decodeSide(const store::SampleRow& image) const;
    /// First and last row, first and last column in sight.
    std::array<int, 4> inSight() const;
    bool isAtEpoch(figure::PivotSlot slot, std::int64_t value) const;
    void paintHeaders(QPainter& painter, const QRegion& region);
    /// The mean change of a row or column, and whether its prompt is held out.
    /// In which settings the run of a header is unlike the others; empty for other axes.
    QString differenceOf(figure::PivotSlot slot, int index) const;
    QString underHeader(figure::PivotSlot slot, int index) const;
    void paintHeader(QPainter& painter, const QRect& place, figure::PivotSlot slot, int index);
    void paintCell(QPainter& painter, const Place& place);
    void paintPicture(QPainter& painter, const QRectF& frame, const figure::PivotCell& one);
    void paintBadges(QPainter& painter, const QRectF& frame, const figure::PivotCell& one);
    std::optional<QColor> heatOf(const figure::PivotCell& one) const;
    ViewedImage viewedSample(const figure::PivotCell& one, const store::SampleRow& sample) const;

    ThumbnailCache m_cache;
    figure::PivotGrid m_grid;
    figure::PivotSummary m_summary;
    std::vector<int> m_order;
    std::vector<QString> m_runNames;
    int m_page = 0, m_headerWidth = 0;
    int m_side = 128;         // of an image as shown
    int m_stored = 0;         // pixels of one; 0: there is none
    QSet<QString> m_decoded;  // files that are to be painted
    QTimer m_decodedSoon;
    Look m_look;
    std::int64_t m_epoch = -1;
    QString m_fileA, m_fileB;
    Place m_current, m_hovered;
};

}  // namespace rlcm::ui
