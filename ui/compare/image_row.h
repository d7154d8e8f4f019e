#pragma once
#include <QColor>
#include <QFrame>
#include <cstdint>
#include <optional>
#include <vector>

class QHBoxLayout;
class QLabel;
class QScrollArea;
class QSpinBox;

namespace rlcm::ui {

class ImageLink;
class ThumbnailCache;
struct ViewedImage;

/// One run's evaluation image.
struct ImageCell {
    QString run = {}, fullName = {};  ///< `run` may leave out words that all cells share
    QColor colour = {};
    QString place = {};    ///< "ep 40 (asked 45)"
    QString file = {};     ///< empty: none
    QString absence = {};  ///< why there is no file; empty: none yet
    QString prompt = {};
    double reward = 0;
    std::uint64_t noiseSeed = 0;
    bool isHeldOut = false;
    std::optional<double> judge = {};  ///< accuracy of the judge over the evaluation that it is of
    QString judgeModel = {};           ///< CLIP model that judges its run; empty: none
    bool isFallback = false;           ///< not from the place asked for: the label says so in the warning colour
    bool operator==(const ImageCell&) const = default;
};

class ImageCanvas;

/// The same evaluation image of every run, side by side. A double click opens one large, a click with Shift compares it as B; A and B do so for the one under the
/// pointer. The place stands in the heading when all images are of one, else under each. The wheel
/// scrolls the row. objectNames: imageIndex, imagePrompt, imagePlace, imageCanvas.
class ImageRow : public QFrame {
    Q_OBJECT
public:
    explicit ImageRow(QWidget* parent = nullptr);
    ~ImageRow() override;
    /// `count` images are in the evaluation sets, `prompt` is that of the one shown; 0 shows why there is nothing.
    void setCells(std::vector<ImageCell> cells, int count, const QString& prompt = {});
    const std::vector<ImageCell>& cells() const { return m_cells; }
    /// From 0.
    int imageIndex() const;
    void setImageIndex(int index);
    /// All images are decoded, or known not to be readable.
    bool isSettled() const;
    /// The heading, "Evaluation image" unless another is set.
    void setTitle(const QString& title);
    /// Puts a widget at the end of the heading.
    void addToHead(QWidget* widget);
    /// Frames a cell; -1 none.
    void setHighlight(int cell);
    /// Opens a cell in the viewer, where the arrows go to the next run and the next image.
    void openLarge(int cell);
    /// Makes a cell the A of the viewer, or compares it as B.
    void chooseAsA(int cell);
    void compareAsB(int cell);

Q_SIGNALS:
    void imageIndexChanged(int index);

protected:
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    friend class ImageCanvas;
    void layOut();
    bool hasCell(int cell) const { return cell >= 0 && cell < static_cast<int>(m_cells.size()); }
    ViewedImage viewed(int cell) const;
    void step(int right, int down);

    std::vector<ImageCell> m_cells;
    ThumbnailCache* m_images;
    ImageLink* m_link;  // to the viewer
    int m_viewed = 0;   // the cell that it shows
    QSpinBox* m_index;
    int m_highlight = -1;
    bool m_isOnePlace = false;  // all images are of one place, and of the one asked for
    QLabel* m_title;
    QLabel* m_of;
    QLabel* m_prompt;
    QLabel* m_place;
    QHBoxLayout* m_head;
    QScrollArea* m_scroll;
    ImageCanvas* m_canvas;
};

}  // namespace rlcm::ui
