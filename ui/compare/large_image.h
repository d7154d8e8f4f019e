#pragma once
#include <QPointer>
#include <QWidget>

namespace rlcm::ui {

class ImageRow;
class ThumbnailCache;

/// One image of a row over the whole window, as large as whole factors allow. Left and right put the next run's image in the same place, up and down another image of the
/// set; Escape or a click closes. Follows the row. objectName: largeImage.
class LargeImage : public QWidget {
    Q_OBJECT
public:
    LargeImage(ImageRow& row, ThumbnailCache& images);
    void open(int cell);
    int cell() const { return m_cell; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void shut();
    int count() const;

    ImageRow& m_row;
    ThumbnailCache& m_images;
    int m_cell = 0;
    QPointer<QWidget> m_host, m_focusBefore;
};

}  // namespace rlcm::ui
