#pragma once
// One evaluation image, large, over the whole window.
#include <QPointer>
#include <QWidget>

#include "ui/gallery/evaluation_grid.h"

class QToolButton;

namespace rlcm::ui {

/// Covers its parent and shows the grid's current cell as large as whole factors allow, with prompt, reward and epoch.
/// Keys: left/right epoch, up/down image, Escape closes. Follows the grid, so both always show the same epoch.
class Lightbox : public QWidget {
    Q_OBJECT
public:
    /// `host`: the widget to cover.
    Lightbox(ThumbnailCache& cache, EvaluationGrid& grid, QWidget* host);
    void open(int cell);

Q_SIGNALS:
    /// Move to the next (+1) or previous (-1) epoch that has images.
    void epochStepAsked(int direction);

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void shut();
    QToolButton* makeButton(const QString& text, const QString& name, const QString& tip);

    ThumbnailCache& m_cache;
    EvaluationGrid& m_grid;
    QToolButton* m_previous = nullptr;
    QToolButton* m_next = nullptr;
    QToolButton* m_close = nullptr;
    QPointer<QWidget> m_focusBefore;
};

}  // namespace rlcm::ui
