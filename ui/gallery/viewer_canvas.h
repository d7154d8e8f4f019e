#pragma once
#include <QImage>
#include <QWidget>
#include <array>
#include <optional>

namespace rlcm::ui {

/// How two images are looked at. Four: A, B, their difference and their blend at once.
enum class CompareMode { SideBySide, Wipe, Blend, Flicker, Difference, Four };
inline constexpr int kCompareModes = 6;

/// Paints one image, or two with one zoom and place for both. The wheel zooms at the pointer, dragging moves, in the wipe the line too.
class ViewerCanvas : public QWidget {
    Q_OBJECT
public:
    explicit ViewerCanvas(QWidget* parent = nullptr);
    /// A null `b`: `a` alone. The zoom and the place stay. `words`: where an image is null.
    void setImages(const QImage& a, const QImage& b, bool hasB);
    void setWords(const std::array<QString, 2>& words);
    void setMode(CompareMode mode);
    CompareMode mode() const { return m_mode; }
    /// Of the wipe and the blend: 0 A, 1 B.
    void setShare(double share);
    double share() const { return m_share; }
    void setGain(int gain);
    int gain() const { return m_gain; }
    /// Of the flicker: which one is seen.
    void setShowsB(bool showsB);
    bool showsB() const { return m_showsB; }

    /// Device pixels for a pixel of A; nothing: as large as whole factors allow, or reduced.
    void setZoom(std::optional<double> zoom);
    double zoom() const;
    bool isFitted() const { return !m_zoom; }
    void zoomBy(int steps, const QPointF& at);
    /// Where an image is painted: side 0 is A, 1 is B, and of four 2 is the difference and 3 the blend. Equal for all but side by side and of four.
    QRectF imageRect(int side) const;
    /// Mean difference of the two, 0..1; nothing when there are not two of one size.
    std::optional<double> meanDifference() const { return m_meanDifference; }
    /// What the difference, or for any other mode the blend, makes of A and B; null when they are not of one size.
    const QImage& combined(CompareMode mode);
    const QImage& combined() { return combined(m_mode); }
    /// "x 12, y 40": the pixel at a position, with the values of both; empty outside.
    QString pixelText(const QPointF& position) const;

Q_SIGNALS:
    void pointed(const QPointF& position);
    void shareChosen(double share);
    void zoomChanged();
    void clickedOutside();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    enum class Drag { None, Pressed, Moving, Wiping };
    QRectF pane(int side) const;
    int sideAt(const QPointF& position) const;
    const QImage& image(int side) const { return side == 1 ? m_b : m_a; }
    /// How many images stand beside each other.
    int panes() const { return !m_hasB ? 1 : m_mode == CompareMode::SideBySide ? 2 : m_mode == CompareMode::Four ? 4 : 1; }
    void forgetCombined();
    double fitted() const;
    void keepInside();
    void paintSide(QPainter& painter, int side);
    void paintCombined(QPainter& painter, int side, CompareMode mode);
    void paintImage(QPainter& painter, const QImage& picture, int side) const;
    void paintWords(QPainter& painter, const QRectF& place, const QString& words) const;

    QImage m_a, m_b;
    std::optional<QImage> m_difference, m_blend;  // once they were asked for
    std::array<QString, 2> m_words;
    bool m_hasB = false, m_showsB = false;
    CompareMode m_mode = CompareMode::SideBySide;
    double m_share = 0.5;
    int m_gain = 4;
    std::optional<double> m_meanDifference;
    std::optional<double> m_zoom;
    QPointF m_centre{0.5, 0.5};  // of a pane, in the image's own width and height
    Drag m_drag = Drag::None;
    QPointF m_pressedAt, m_centreBefore;
};

}  // namespace rlcm::ui
