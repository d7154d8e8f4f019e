#include "ui/gallery/viewer_canvas.h"

#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>
#include <algorithm>
#include <array>
#include <cmath>

#include "core/image/pixel_arithmetic.h"
#include "ui/gallery/pixels.h"
#include "ui/theme/theme.h"

namespace rlcm::ui {
namespace {

constexpr std::array kZooms{0.125, 0.25, 0.5, 0.75, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0};
constexpr double kSharpFrom = 2;  // pixels are seen as they are from here on
constexpr int kBetween = 12;
constexpr double kGrip = 8;  // around the line of the wipe

double longerSide(const QSizeF& size) {
    return std::max({size.width(), size.height(), 1.0});
}

QString valuesText(const QImage& picture, const QPointF& share) {
    const int x = std::clamp(static_cast<int>(share.x() * picture.width()), 0, picture.width() - 1);
    const int y = std::clamp(static_cast<int>(share.y() * picture.height()), 0, picture.height() - 1);
    const QColor pixel = picture.pixelColor(x, y);
    return QStringLiteral("%1 %2 %3").arg(pixel.red()).arg(pixel.green()).arg(pixel.blue());
}

}  // namespace

ViewerCanvas::ViewerCanvas(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("viewerCanvas"));
    setMouseTracking(true);
    setMinimumSize(120, 120);
}

void ViewerCanvas::setImages(const QImage& a, const QImage& b, bool hasB) {
    if (a.cacheKey() == m_a.cacheKey() && b.cacheKey() == m_b.cacheKey() && hasB == m_hasB) {
        return;
    }
    m_a = a;
    m_b = b;
    m_hasB = hasB;
    forgetCombined();
    m_meanDifference.reset();
    if (!m_a.isNull() && m_a.size() == m_b.size()) {
        m_meanDifference = image::meanAbsoluteDifference(pixelsOf(m_a), pixelsOf(m_b));
    }
    keepInside();
    update();
    Q_EMIT zoomChanged();
}

void ViewerCanvas::setWords(const std::array<QString, 2>& words) {
    m_words = words;
    update();
}

void ViewerCanvas::setMode(CompareMode mode) {
    m_mode = mode;
    keepInside();
    update();
    Q_EMIT zoomChanged();  // two panes have less room
}

void ViewerCanvas::setShare(double share) {
    m_share = std::clamp(share, 0.0, 1.0);
    m_blend.reset();
    update();
}

void ViewerCanvas::setGain(int gain) {
    m_gain = gain;
    m_difference.reset();
    update();
}

void ViewerCanvas::setShowsB(bool showsB) {
    m_showsB = showsB;
    update();
}

// --- place and zoom
// -----------------------------------------------------------------------------------------------------

QRectF ViewerCanvas::pane(int side) const {
    if (panes() == 1) {
        return rect();
    }
    const double width = (this->width() - kBetween) / 2.0, height = panes() == 2 ? this->height() : (this->height() - kBetween) / 2.0;
    return {side % 2 == 0 ? 0 : width + kBetween, side < 2 ? 0 : height + kBetween, width, height};
}

double ViewerCanvas::fitted() const {
    const QSizeF size = m_a.isNull() ? QSizeF(m_b.size()) : QSizeF(m_a.size());
    const QSizeF room = pane(0).size() * devicePixelRatioF();
    const double scale = std::min(room.width() / std::max(1.0, size.width()), room.height() / std::max(1.0, size.height()));
    return scale >= 1 ? std::floor(scale) : scale;
}

double ViewerCanvas::zoom() const {
    return m_zoom.value_or(fitted());
}

QRectF ViewerCanvas::imageRect(int side) const {
    const QRectF room = pane(side);
    const QSizeF reference = m_a.isNull() ? QSizeF(m_b.size()) : QSizeF(m_a.size());
    const QSizeF own = image(side).isNull() ? reference : QSizeF(image(side).size());
    const double ratio = devicePixelRatioF();
    // Another number of pixels: as large as A, so that the same thing stands in the same place.
    const QSizeF size = own * (zoom() / ratio * longerSide(reference) / longerSide(own));
    const QPointF corner(room.center().x() - m_centre.x() * size.width(), room.center().y() - m_centre.y() * size.height());
    return {QPointF(std::round(corner.x() * ratio) / ratio, std::round(corner.y() * ratio) / ratio), size};
}

/// What is larger than its pane fills it, what is smaller stands in the middle.
void ViewerCanvas::keepInside() {
    const QRectF room = pane(0);
    const QSizeF size = imageRect(0).size();
    const auto kept = [](double centre, double wide, double length) {
        const double half = wide / 2 / std::max(1.0, length);
        return half >= 0.5 ? 0.5 : std::clamp(centre, half, 1 - half);
    };
    m_centre = {kept(m_centre.x(), room.width(), size.width()), kept(m_centre.y(), room.height(), size.height())};
}

void ViewerCanvas::setZoom(std::optional<double> zoom) {
    m_zoom = zoom;
    keepInside();
    update();
    Q_EMIT zoomChanged();
}

void ViewerCanvas::zoomBy(int steps, const QPointF& at) {
    const double before = zoom();
    double next = before;
    for (int i = 0; i < std::abs(steps); ++i) {
        const auto above = std::upper_bound(kZooms.begin(), kZooms.end(), next * 1.0001);
        const auto below = std::lower_bound(kZooms.begin(), kZooms.end(), next * 0.9999);
        next = steps > 0 ? (above == kZooms.end() ? next : *above) : (below == kZooms.begin() ? next : *std::prev(below));
    }
    const int side = sideAt(at);
    const QRectF place = imageRect(side);
    const QPointF under((at.x() - place.x()) / place.width(), (at.y() - place.y()) / place.height());
    m_zoom = next;
    const QSizeF size = imageRect(side).size();
    const QPointF middle = pane(side).center();
    m_centre = {under.x() - (at.x() - middle.x()) / size.width(), under.y() - (at.y() - middle.y()) / size.height()};
    setZoom(next);
}

int ViewerCanvas::sideAt(const QPointF& position) const {
    const int column = panes() > 1 && position.x() > width() / 2.0 ? 1 : 0;
    return panes() == 4 && position.y() > height() / 2.0 ? 2 + column : column;
}

QString ViewerCanvas::pixelText(const QPointF& position) const {
    const int side = sideAt(position);
    const QRectF place = imageRect(side);
    const QImage& here = m_hasB ? image(side) : m_a;
    if (here.isNull() || !place.contains(position)) {
        return {};
    }
    const QPointF share((position.x() - place.x()) / place.width(), (position.y() - place.y()) / place.height());
    QString text = tr("x %1, y %2").arg(static_cast<int>(share.x() * here.width())).arg(static_cast<int>(share.y() * here.height()));
    if (!m_a.isNull()) {
        text += (m_hasB ? tr("   A %1") : tr("   %1")).arg(valuesText(m_a, share));
    }
    if (m_hasB && !m_b.isNull()) {
        text += tr("   B %1").arg(valuesText(m_b, share));
    }
    return text;
}

// --- painting
// -----------------------------------------------------------------------------------------------------------

void ViewerCanvas::forgetCombined() {
    m_difference.reset();
    m_blend.reset();
}

const QImage& ViewerCanvas::combined(CompareMode mode) {
    const bool isDifference = mode == CompareMode::Difference;
    std::optional<QImage>& kept = isDifference ? m_difference : m_blend;
    if (!kept) {
        kept = QImage();
        if (m_meanDifference) {
            const image::Rgb8Image a = pixelsOf(m_a), b = pixelsOf(m_b);
            kept = pictureOf(isDifference ? image::absoluteDifference(a, b, m_gain) : image::blended(a, b, m_share));
        }
    }
    return *kept;
}

void ViewerCanvas::paintImage(QPainter& painter, const QImage& picture, int side) const {
    const double scale = zoom();
    painter.setRenderHint(QPainter::SmoothPixmapTransform, scale < kSharpFrom && scale != 1);
    painter.drawImage(imageRect(side), picture);
}

void ViewerCanvas::paintWords(QPainter& painter, const QRectF& place, const QString& words) const {
    const QRectF box = place.isEmpty() || place.width() < 80 ? QRectF(rect()) : place;
    painter.fillRect(place, QColor(255, 255, 255, 20));
    painter.setPen(QColor(255, 255, 255, 200));
    painter.drawText(box.adjusted(spacing::kSmall, 0, -spacing::kSmall, 0), Qt::AlignCenter | Qt::TextWordWrap, words);
}

void ViewerCanvas::paintSide(QPainter& painter, int side) {
    painter.save();
    painter.setClipRect(pane(side), Qt::IntersectClip);
    if (image(side).isNull()) {
        paintWords(painter, m_a.isNull() && m_b.isNull() ? pane(side) : imageRect(side), m_words[static_cast<std::size_t>(side)]);
    } else {
        paintImage(painter, image(side), side);
    }
    painter.restore();
}

void ViewerCanvas::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    if (!m_hasB || m_mode == CompareMode::SideBySide) {
        paintSide(painter, 0);
        if (m_hasB) {
            paintSide(painter, 1);
        }
        return;
    }
    if (m_mode == CompareMode::Four) {
        paintSide(painter, 0);
        paintSide(painter, 1);
        paintCombined(painter, 2, CompareMode::Difference);
        paintCombined(painter, 3, CompareMode::Blend);
        return;
    }
    if (m_mode == CompareMode::Flicker) {
        paintSide(painter, m_showsB ? 1 : 0);
        return;
    }
    if (m_mode == CompareMode::Wipe) {
        paintSide(painter, 0);
        const QRectF place = imageRect(0);
        const double line = place.left() + place.width() * m_share;
        painter.save();
        painter.setClipRect(QRectF(line, 0, width() - line, height()));
        paintSide(painter, 1);
        painter.restore();
        painter.fillRect(QRectF(line - 1, place.top(), 2, place.height()), Qt::white);
        return;
    }
    paintCombined(painter, 0, m_mode);
}

void ViewerCanvas::paintCombined(QPainter& painter, int side, CompareMode mode) {
    painter.save();
    painter.setClipRect(pane(side), Qt::IntersectClip);
    if (!combined(mode).isNull()) {
        paintImage(painter, combined(mode), side);
    } else {
        const bool isMissing = m_a.isNull() || m_b.isNull();
        paintWords(painter, imageRect(side),
                   isMissing
                       ? m_words[m_a.isNull() ? 0 : 1]
                       : tr("A has %1 × %2 pixels, B %3 × %4: only images of one size can be compared pixel by pixel. Side by side, wipe and flicker work.")
                             .arg(m_a.width())
                             .arg(m_a.height())
                             .arg(m_b.width())
                             .arg(m_b.height()));
    }
    painter.restore();
}

// --- mouse
// --------------------------------------------------------------------------------------------------------------

void ViewerCanvas::resizeEvent(QResizeEvent*) {
    keepInside();
    Q_EMIT zoomChanged();
}

void ViewerCanvas::wheelEvent(QWheelEvent* event) {
    if (const int delta = event->angleDelta().y(); delta != 0) {
        zoomBy(delta > 0 ? 1 : -1, event->position());
    }
    event->accept();
}

void ViewerCanvas::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) {
        return;
    }
    const QRectF place = imageRect(0);
    const double line = place.left() + place.width() * m_share;
    const bool isOnLine = m_hasB && m_mode == CompareMode::Wipe && std::abs(event->position().x() - line) <= kGrip;
    m_drag = isOnLine ? Drag::Wiping : Drag::Pressed;
    m_pressedAt = event->position();
    m_centreBefore = m_centre;
}

void ViewerCanvas::mouseMoveEvent(QMouseEvent* event) {
    const QPointF moved = event->position() - m_pressedAt;
    const QRectF place = imageRect(0);
    if (m_drag == Drag::Pressed && moved.manhattanLength() > 4) {
        m_drag = Drag::Moving;
    }
    if (m_drag == Drag::Moving) {
        m_centre = {m_centreBefore.x() - moved.x() / place.width(), m_centreBefore.y() - moved.y() / place.height()};
        keepInside();
        update();
    } else if (m_drag == Drag::Wiping) {
        Q_EMIT shareChosen(std::clamp((event->position().x() - place.left()) / place.width(), 0.0, 1.0));
    }
    const bool isOnLine = m_hasB && m_mode == CompareMode::Wipe && std::abs(event->position().x() - place.left() - place.width() * m_share) <= kGrip;
    setCursor(m_drag == Drag::Moving ? Qt::ClosedHandCursor : isOnLine ? Qt::SplitHCursor : Qt::ArrowCursor);
    Q_EMIT pointed(event->position());
}

void ViewerCanvas::mouseReleaseEvent(QMouseEvent* event) {
    const bool isClick = m_drag == Drag::Pressed;
    m_drag = Drag::None;
    if (isClick && !imageRect(sideAt(event->position())).contains(event->position())) {
        Q_EMIT clickedOutside();
    }
}

void ViewerCanvas::leaveEvent(QEvent*) {
    Q_EMIT pointed({-1, -1});
}

}  // namespace rlcm::ui
