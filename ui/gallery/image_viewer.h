#pragma once
// Evaluation images large, one alone or two against each other, over the whole window.
#include <QPointer>
#include <QWidget>
#include <array>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "ui/gallery/pair_likeness.h"
#include "ui/gallery/thumbnail_cache.h"
#include "ui/gallery/viewed_image.h"
#include "ui/gallery/viewer_canvas.h"

class QHBoxLayout;
class QLabel;
class QProgressBar;
class QSlider;
class QToolButton;

namespace rlcm::ui {

/// The thread between a place that shows images and the viewer: the place answers a step by showing another image.
class ImageLink : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;

Q_SIGNALS:
    /// Of the viewer: the image to the right (+1) or left (-1), below (+1) or above (-1) is wanted.
    void stepAsked(int right, int down);
    /// Of the place: its current image is another one.
    void shown(const rlcm::ui::ViewedImage& image);
};

/// The one overlay for images of a window. A is looked at, B compared with it; both stay until others are chosen, so that they can come from different places. The
/// arrows step the side that was chosen last. Keys: A and B choose that side (B begins as A), X changes them, Tab and Space flicker, S side by side, W wipe, L blend,
/// D difference, 4 all of them at once, [ and ] their amount, + and - zoom, 0 fits, 1 shows pixel for pixel, C stops or begins the measuring of the CLIP cosine,
/// Backspace takes B away, Escape closes.
/// objectNames: imageViewer, viewerCanvas, viewerA, viewerB, viewerNumbers, viewerPixel, viewerAmount, viewerMode0 and on, viewerLikeness, viewerMeasuring, viewerClose.
class ImageViewer : public QWidget {
    Q_OBJECT
public:
    enum class Side { A, B };
    /// The viewer of the widget's window, made when it is asked for first.
    static ImageViewer& of(const QWidget& widget);

    /// Shows an image alone. `link` may be null; then there is nothing to step to.
    void open(const ViewedImage& image, ImageLink* link);
    /// Chooses A without opening: the next compare() is against it.
    void chooseA(const ViewedImage& image, ImageLink* link);
    /// Shows an image as B, against the A chosen before, or if there is none against `before`.
    void compare(const ViewedImage& image, ImageLink* link, const std::optional<ViewedImage>& before = {});
    /// What is chosen, whether it is open or not.
    const std::optional<ViewedImage>& image(Side side) const { return part(side).wanted; }
    Side stepped() const { return m_stepped; }
    ViewerCanvas& canvas() { return *m_canvas; }
    /// Tells the CLIP cosine of A and B from now on, when a model judges their runs.
    void setLikenessMeter(run::LikenessMeter meter) { m_likeness.setMeter(std::move(meter)); }
    const PairLikeness& likeness() const { return m_likeness; }
    /// All images are decoded, or known not to be readable.
    bool isSettled() const;

Q_SIGNALS:
    void chosen();  ///< another A or B

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool focusNextPrevChild(bool) override { return false; }  // Tab is a key of the viewer
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Part {
        std::optional<ViewedImage> wanted, shown;  // shown: decoded
        QPointer<ImageLink> link;
        QImage picture;
    };
    explicit ImageViewer(QWidget* host);
    Part& part(Side side) { return m_parts[static_cast<std::size_t>(side)]; }
    const Part& part(Side side) const { return m_parts[static_cast<std::size_t>(side)]; }
    QWidget* makeBar();
    QWidget* makeFoot();
    QToolButton* makeButton(const QString& text, const QString& name, const QString& tip);
    void makeModes(QHBoxLayout* row);
    void put(Side side, const ViewedImage& image, ImageLink* link);
    void stepSide(Side side);
    void popUp();
    void shut();
    void follow(const ViewedImage& image);
    void ask(int right, int down);
    bool compareKey(int key);
    void setMode(CompareMode mode);
    void flicker();
    void swapSides();
    void takeBAway();
    void setAmount(int amount);
    void changeAmount(int steps);
    void takeDecoded();
    void showAll();
    void showAmount();
    void showCaptions();
    void showNumbers();
    void measureOrCancel();
    QString captionOf(Side side) const;
    QString numbersText() const;
    QString likenessText() const;

    ThumbnailCache m_cache;
    PairLikeness m_likeness;
    std::array<Part, 2> m_parts;
    Side m_stepped = Side::A;
    QMetaObject::Connection m_following;
    ViewerCanvas* m_canvas = nullptr;
    QLabel *m_captionA = nullptr, *m_captionB = nullptr, *m_numbers = nullptr, *m_pixel = nullptr, *m_zoom = nullptr, *m_amountText = nullptr;
    QSlider* m_amount = nullptr;
    QToolButton* m_measure = nullptr;
    QProgressBar* m_measuring = nullptr;
    std::vector<QToolButton*> m_modes;
    QPointer<QWidget> m_focusBefore;
};

}  // namespace rlcm::ui
