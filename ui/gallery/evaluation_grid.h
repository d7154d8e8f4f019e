#pragma once
// The fixed evaluation set as a grid of images with their rewards.
#include <QAbstractScrollArea>
#include <QTimer>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/store/workspace.h"
#include "ui/gallery/grid_geometry.h"
#include "ui/gallery/image_key.h"
#include "ui/gallery/thumbnail_cache.h"
#include "ui/gallery/viewed_image.h"

namespace rlcm::ui {

/// What the grid shows: one evaluation of one run, always in the order of the fixed set.
struct GridContent {
    run::RunId run;
    std::int64_t askedEpoch = 0;
    std::int64_t epoch = -1;  ///< the newest evaluation at or before askedEpoch; -1: none
    std::vector<store::SampleRow> samples;
    std::map<ImageKey, store::SampleRow> baseline;  ///< before training
    QString runName;
    QString judgeModel;
    std::optional<double> judge, judgeBefore;  ///< accuracy over the evaluation shown, and over that before training
    bool operator==(const GridContent&) const = default;
};

/// Paints the evaluation images, enlarged by whole factors without blurring or reduced smoothly, each with its reward, the
/// change since epoch 0, its prompt and a held-out mark. New content is swapped in once its images are decoded, so
/// scrubbing never flashes. Keys: up/down select, Return opens, A chooses the image and B compares another with it (a click with Shift too). Left/right are left to the
/// time bar.
class EvaluationGrid : public QAbstractScrollArea {
    Q_OBJECT
public:
    explicit EvaluationGrid(ThumbnailCache& cache, QWidget* parent = nullptr);

    void setContent(GridContent content);
    /// What is painted now; may be one behind setContent while images are being decoded.
    const GridContent& content() const { return m_content; }
    /// True when the content set last is painted and all its images are decoded.
    bool isSettled() const;
    /// Images so many sizes larger than those of which all fit; 0: all fit.
    void setLarger(int steps);
    int current() const { return m_current; }
    void setCurrent(int cell);
    /// Where a cell is painted, in viewport coordinates.
    QRect cellRect(int cell) const;
    int cellAt(const QPoint& position) const;  ///< -1: none
    /// Decodes an image that will be shown soon, at the size of the present cells.
    void decodeAhead(const store::SampleRow& sample);
    /// One cell in words: prompt, reward, change, held-out mark.
    QString describe(int cell) const;
    /// Change since the same prompt and noise before training; nothing where that image is not there.
    std::optional<double> delta(int cell) const;
    /// That change in words, to as many decimals as the reward before has.
    QString deltaText(int cell) const;
    /// The image of a cell for the viewer, and the same prompt and noise before training; the latter nothing where that is not there.
    ViewedImage viewed(int cell) const;
    std::optional<ViewedImage> viewedBefore(int cell) const;
    /// Puts the image on the clipboard as it is stored, whatever the size of its cell.
    void copyImage(int cell);

Q_SIGNALS:
    void activated(int cell);    ///< double click or Return
    void chosenAsA(int cell);    ///< A
    void comparedAsB(int cell);  ///< B, or a click with Shift
    void currentChanged(int cell);
    void contentShown();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;

private:
    void updateGeometryNow();
    bool isDecoded(const GridContent& content);
    void swapIfDecoded();
    void swapNow();
    void paintCell(QPainter& painter, int cell, const QRect& rect);
    void paintImage(QPainter& painter, int cell, const QRectF& place);

    ThumbnailCache& m_cache;
    GridContent m_content;
    std::optional<GridContent> m_next;
    QTimer m_patience;  // shows the next content with placeholders when decoding takes long
    GridGeometry m_geometry;
    int m_larger = 0;
    int m_current = -1;
    int m_hovered = -1;
};

}  // namespace rlcm::ui
