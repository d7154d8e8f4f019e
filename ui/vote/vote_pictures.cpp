#include "ui/vote/vote_pictures.h"

#include <QMouseEvent>
#include <QPainter>
#include <algorithm>

#include "ui/gallery/thumbnail_cache.h"
#include "ui/theme/theme.h"

namespace rlcm::ui {
namespace {

constexpr int kBetween = 24;
constexpr QSize kLeast(400, 160);

/// As large as fits; enlarged, by a whole number of its pixels.
QSize shownSize(const QSize& image, const QSize& room, double ratio) {
    QSize fitted = image.scaled(room, Qt::KeepAspectRatio);
    const int factor = static_cast<int>(fitted.width() * ratio) / std::max(1, image.width());
    return factor > 1 ? (QSizeF(image) * factor / ratio).toSize() : fitted;
}

}  // namespace

VotePictures::VotePictures(QWidget* parent) : QWidget(parent), m_images(new ThumbnailCache(this)) {
    setObjectName(QStringLiteral("votePictures"));
    setAccessibleName(tr("Two images"));
    setMinimumSize(kLeast);
    setCursor(Qt::PointingHandCursor);
    connect(m_images, &ThumbnailCache::ready, this, [this] { update(); });
}

void VotePictures::setFiles(const QString& left, const QString& right) {
    m_files = {left, right};
    update();
}

void VotePictures::prepare(const QStringList& files) const {
    for (const QString& file : files) {
        m_images->image(file);
    }
}

bool VotePictures::isSettled() const {
    return std::ranges::all_of(m_files, [this](const QString& file) { return m_images->isSettled(file); });
}

bool VotePictures::isWhole() const {
    return isSettled() && std::ranges::none_of(m_files, [this](const QString& file) { return m_images->isUnreadable(file); });
}

QRect VotePictures::half(std::size_t side) const {
    const int across = (width() - kBetween) / 2;
    return {side == 0 ? 0 : across + kBetween, 0, across, height()};
}

void VotePictures::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    for (std::size_t side = 0; side < m_files.size(); ++side) {
        const QImage image = m_images->image(m_files[side]);
        if (image.isNull()) {
            painter.setPen(colour(Role::MutedText));
            painter.drawText(half(side), Qt::AlignCenter | Qt::TextWordWrap,
                             m_images->isUnreadable(m_files[side]) ? tr("This image cannot be read.") : QString());
            continue;
        }
        QRect place(QPoint(), shownSize(image.size(), half(side).size(), devicePixelRatioF()));
        place.moveCenter(half(side).center());
        painter.setRenderHint(QPainter::SmoothPixmapTransform, place.width() * devicePixelRatioF() < image.width());
        painter.drawImage(place, image);
    }
}

void VotePictures::mouseReleaseEvent(QMouseEvent* event) {
    for (std::size_t side = 0; side < m_files.size(); ++side) {
        if (event->button() == Qt::LeftButton && half(side).contains(event->position().toPoint())) {
            Q_EMIT clicked(side == 0);
        }
    }
}

}  // namespace rlcm::ui
