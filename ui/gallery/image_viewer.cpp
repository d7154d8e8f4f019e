#include "ui/gallery/image_viewer.h"

#include <QApplication>
#include <QKeyEvent>
#include <QPainter>
#include <QSignalBlocker>
#include <QSlider>
#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/number_text.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {

ImageViewer& ImageViewer::of(const QWidget& widget) {
    QWidget* host = widget.window();
    auto* found = host->findChild<ImageViewer*>(QString(), Qt::FindDirectChildrenOnly);
    return found != nullptr ? *found : *new ImageViewer(host);
}

void ImageViewer::put(Side side, const ViewedImage& image, ImageLink* link) {
    part(side).wanted = image;
    part(side).link = link;
    takeDecoded();
    Q_EMIT chosen();
}

void ImageViewer::open(const ViewedImage& image, ImageLink* link) {
    part(Side::B) = {};
    put(Side::A, image, link);
    stepSide(Side::A);
    popUp();
}

void ImageViewer::chooseA(const ViewedImage& image, ImageLink* link) {
    put(Side::A, image, link);
}

void ImageViewer::compare(const ViewedImage& image, ImageLink* link, const std::optional<ViewedImage>& before) {
    if (!part(Side::A).wanted) {
        put(Side::A, before.value_or(image), link);
    }
    put(Side::B, image, link);
    stepSide(Side::B);
    popUp();
}

/// From now on the arrows, and what its place shows, are of this side.
void ImageViewer::stepSide(Side side) {
    m_stepped = side;
    disconnect(m_following);
    if (ImageLink* link = part(side).link) {
        m_following = connect(link, &ImageLink::shown, this, &ImageViewer::follow);
    }
    showAll();
}

void ImageViewer::follow(const ViewedImage& image) {
    if (isVisible() && part(m_stepped).wanted != image) {
        put(m_stepped, image, part(m_stepped).link);
    }
}

void ImageViewer::ask(int right, int down) {
    if (ImageLink* link = part(m_stepped).link) {
        Q_EMIT link->stepAsked(right, down);
    }
}

void ImageViewer::popUp() {
    if (!isVisible()) {
        m_focusBefore = QApplication::focusWidget();
        setGeometry(parentWidget()->rect());
        show();
    }
    raise();
    setFocus();
}

void ImageViewer::shut() {
    hide();
    if (m_focusBefore) {
        m_focusBefore->setFocus();
    }
}

bool ImageViewer::eventFilter(QObject* watched, QEvent* event) {
    if (watched == parentWidget() && event->type() == QEvent::Resize) {
        setGeometry(parentWidget()->rect());
    }
    return false;
}

bool ImageViewer::isSettled() const {
    return std::all_of(m_parts.begin(), m_parts.end(), [](const Part& one) { return one.wanted == one.shown; });
}

/// An image and its words change together, once it is decoded.
void ImageViewer::takeDecoded() {
    for (Part& one : m_parts) {
        if (one.wanted == one.shown) {
            continue;
        }
        const QString file = one.wanted ? one.wanted->file : QString();
        QImage picture = file.isEmpty() ? QImage() : m_cache.image(file);
        if (file.isEmpty() || m_cache.isSettled(file)) {
            one.picture = std::move(picture);
            one.shown = one.wanted;
        }
    }
    showAll();
}

// --- choices
// ------------------------------------------------------------------------------------------------------------

void ImageViewer::setMode(CompareMode mode) {
    if (!part(Side::B).wanted && part(Side::A).wanted) {
        put(Side::B, *part(Side::A).wanted, part(Side::A).link);  // to be stepped away from
        stepSide(Side::B);
    }
    m_canvas->setShowsB(false);
    m_canvas->setMode(mode);
    showAll();
}

void ImageViewer::flicker() {
    if (m_canvas->mode() != CompareMode::Flicker) {
        setMode(CompareMode::Flicker);
    }
    m_canvas->setShowsB(!m_canvas->showsB());
    showAll();
}

void ImageViewer::swapSides() {
    if (part(Side::B).wanted) {
        std::swap(m_parts[0], m_parts[1]);
        stepSide(m_stepped == Side::A ? Side::B : Side::A);
        Q_EMIT chosen();
    }
}

void ImageViewer::takeBAway() {
    part(Side::B) = {};
    stepSide(Side::A);
    Q_EMIT chosen();
}

/// The slider is the share of B in hundredths, or the gain as a power of two.
void ImageViewer::setAmount(int amount) {
    m_canvas->mode() == CompareMode::Difference || m_canvas->mode() == CompareMode::Four ? m_canvas->setGain(1 << std::clamp(amount, 0, 5))
                                                                                         : m_canvas->setShare(amount / 100.0);
    showAmount();
}

void ImageViewer::changeAmount(int steps) {
    m_amount->setValue(m_amount->value() + steps * m_amount->singleStep());
}

bool ImageViewer::compareKey(int key) {
    switch (key) {
        case Qt::Key_Tab:
        case Qt::Key_Space:
            flicker();
            return true;
        case Qt::Key_S:
            setMode(CompareMode::SideBySide);
            return true;
        case Qt::Key_W:
            setMode(CompareMode::Wipe);
            return true;
        case Qt::Key_L:
            setMode(CompareMode::Blend);
            return true;
        case Qt::Key_D:
            setMode(CompareMode::Difference);
            return true;
        case Qt::Key_4:
            setMode(CompareMode::Four);
            return true;
        case Qt::Key_A:
            stepSide(Side::A);
            return true;
        case Qt::Key_B:
            part(Side::B).wanted ? stepSide(Side::B) : setMode(m_canvas->mode());
            return true;
        case Qt::Key_X:
            swapSides();
            return true;
        case Qt::Key_C:
            measureOrCancel();
            return true;
        case Qt::Key_Backspace:
        case Qt::Key_Delete:
            takeBAway();
            return true;
        case Qt::Key_BracketLeft:
        case Qt::Key_BracketRight:
            changeAmount(key == Qt::Key_BracketLeft ? -1 : 1);
            return true;
        default:
            return false;
    }
}

void ImageViewer::keyPressEvent(QKeyEvent* event) {
    const int key = event->key();
    if (key == Qt::Key_0 || key == Qt::Key_1) {
        return m_canvas->setZoom(key == Qt::Key_0 ? std::nullopt : std::optional(1.0));
    }
    if ((event->modifiers() & (Qt::ControlModifier | Qt::AltModifier)) == 0 && compareKey(key)) {
        return;
    }
    switch (key) {
        case Qt::Key_Left:
        case Qt::Key_Right:
            return ask(key == Qt::Key_Left ? -1 : 1, 0);
        case Qt::Key_Up:
        case Qt::Key_Down:
            return ask(0, key == Qt::Key_Up ? -1 : 1);
        case Qt::Key_Plus:
        case Qt::Key_Equal:
        case Qt::Key_Minus:
            return m_canvas->zoomBy(key == Qt::Key_Minus ? -1 : 1, QRectF(m_canvas->rect()).center() - QPointF(1, 0));
        case Qt::Key_Escape:
        case Qt::Key_Return:
        case Qt::Key_Enter:
            return shut();
        default:
            QWidget::keyPressEvent(event);
    }
}

// --- words
// --------------------------------------------------------------------------------------------------------------

QString ImageViewer::captionOf(Side side) const {
    const std::optional<ViewedImage>& one = part(side).shown;
    if (!one) {
        return {};
    }
    const QString gap = QStringLiteral("  ·  ");
    QString text = one->run.simplified();
    for (const QString& word : {one->place, one->reward ? tr("reward %1").arg(formatReward(*one->reward)) : QString(),
                                one->judge ? tr("judge %1").arg(formatReward(*one->judge)) : QString(), one->absence}) {
        text += word.isEmpty() ? QString() : gap + word;
    }
    if (!one->prompt.isEmpty()) {
        text += tr("\n“%1”").arg(one->prompt.simplified()) + gap + (one->isHeldOut ? tr("held-out prompt") : tr("training prompt")) + gap +
                tr("noise %1").arg(one->noiseSeed);
    }
    return text;
}

QString ImageViewer::numbersText() const {
    const std::optional<ViewedImage>&a = part(Side::A).shown, &b = part(Side::B).shown;
    if (!a || !b) {
        return tr("Arrows: another image  ·  B: compare with it  ·  Escape closes");
    }
    QStringList words;
    if (a->reward && b->reward) {
        words << tr("reward B − A %1").arg(QString::fromStdString(changeText(*b->reward - *a->reward, *a->reward)));
    }
    if (a->judge && b->judge) {
        words << tr("judge B − A %1").arg(QString::fromStdString(changeText(*b->judge - *a->judge, *a->judge)));
    }
    if (const auto mean = m_canvas->meanDifference()) {
        words << tr("mean |A − B| %1").arg(formatReward(*mean));
    }
    if (const QString cosine = likenessText(); !cosine.isEmpty()) {
        words << cosine;
    }
    if (a->prompt != b->prompt || a->noiseSeed != b->noiseSeed) {
        words << (a->prompt != b->prompt ? tr("unlike prompts") : tr("unlike noise"));
    }
    words << tr("arrows step %1").arg(m_stepped == Side::A ? tr("A") : tr("B"));
    return words.join(QStringLiteral("  ·  "));
}

QString ImageViewer::likenessText() const {
    switch (m_likeness.state()) {
        case PairLikeness::State::None:
        case PairLikeness::State::Cancelled:
            return {};
        case PairLikeness::State::Measuring:
            return tr("CLIP cosine …");
        case PairLikeness::State::Known:
            return tr("CLIP cosine %1").arg(formatReward(*m_likeness.cosine()));
        case PairLikeness::State::Failed:
            return tr("CLIP cosine not known");
    }
    return {};
}

void ImageViewer::measureOrCancel() {
    m_likeness.state() == PairLikeness::State::Measuring ? m_likeness.cancel() : m_likeness.retry();
}

}  // namespace rlcm::ui
