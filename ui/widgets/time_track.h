#pragma once
#include <QWidget>

namespace rlcm::ui {

class TimeBar;

/// The painted strip of a TimeBar; owns no state but the mouse's.
class TimeTrack : public QWidget {
    Q_OBJECT
public:
    explicit TimeTrack(TimeBar& bar);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    /// Pixel of a place, and the stop nearest to a pixel; the ends leave room for half a label.
    double pixelOf(double place) const;
    int epochAt(double pixel) const;

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    void paintLabels(QPainter& painter, double y) const;
    void paintTicks(QPainter& painter, double y) const;
    void paintEvents(QPainter& painter, double y) const;
    void paintHandle(QPainter& painter, double y) const;

    TimeBar& m_bar;
    int m_hovered = -1;
};

}  // namespace rlcm::ui
