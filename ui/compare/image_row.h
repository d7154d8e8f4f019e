#pragma once
#include <QColor>
#include <QFrame>
#include <vector>

class QLabel;
class QScrollArea;
class QSpinBox;

namespace rlcm::ui {

class ThumbnailCache;

/// One run's evaluation image.
struct ImageCell {
    QString run = {}, fullName = {};  ///< `run` may leave out words that all cells share
    QColor colour = {};
    QString place = {};    ///< "ep 40 (asked 45)"
    QString file = {};     ///< empty: none
    QString absence = {};  ///< why there is no file; empty: none yet
    QString prompt = {};
    double reward = 0;
    bool isFallback = false;  ///< not from the place asked for: the label says so in the warning colour
    bool operator==(const ImageCell&) const = default;
};

class ImageCanvas;

/// The same evaluation image of every run, side by side. objectNames: imageIndex, imagePrompt, imageCanvas.
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

Q_SIGNALS:
    void imageIndexChanged(int index);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    friend class ImageCanvas;
    void layOut();

    std::vector<ImageCell> m_cells;
    ThumbnailCache* m_images;
    QSpinBox* m_index;
    QLabel* m_of;
    QLabel* m_prompt;
    QScrollArea* m_scroll;
    ImageCanvas* m_canvas;
};

}  // namespace rlcm::ui
