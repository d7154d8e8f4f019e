#include "ui/gallery/thumbnail_cache.h"

#include <QImageReader>
#include <algorithm>
#include <utility>

namespace rlcm::ui {

namespace {

constexpr int kThreads = 2;

QImage decode(const QString& file, int maxSidePx) {
    QImage image = QImageReader(file).read();
    const int side = std::max(image.width(), image.height());
    if (maxSidePx > 0 && side > maxSidePx) {
        image = image.scaled(maxSidePx, maxSidePx, Qt::KeepAspectRatio, Qt::SmoothTransformation);
    }
    return image.isNull() ? image : image.convertToFormat(QImage::Format_RGB32);
}

}  // namespace

/// As long as somebody has them.
std::shared_ptr<ThumbnailCache::Images> ThumbnailCache::commonImages() {
    static std::weak_ptr<Images> common;
    std::shared_ptr<Images> images = common.lock();
    if (!images) {
        common = images = std::make_shared<Images>(kCommonBytes);
    }
    return images;
}

ThumbnailCache::ThumbnailCache(std::shared_ptr<Images> images, QObject* parent) : QObject(parent), m_images(std::move(images)), m_threads(kThreads) {
    m_threads.setPriority(QThread::LowPriority);
}

ThumbnailCache::ThumbnailCache(QObject* parent) : ThumbnailCache(commonImages(), parent) {}

ThumbnailCache::ThumbnailCache(qsizetype maxBytes, QObject* parent) : ThumbnailCache(std::make_shared<Images>(maxBytes), parent) {}

ThumbnailCache::~ThumbnailCache() {
    dropPending();
}

QImage ThumbnailCache::image(const QString& file, int maxSidePx) {
    const Key key{file, maxSidePx};
    if (const QImage* found = m_images->object(key)) {
        return *found;
    }
    request(key);
    return {};
}

bool ThumbnailCache::isSettled(const QString& file, int maxSidePx) const {
    return m_images->contains({file, maxSidePx}) || isUnreadable(file, maxSidePx);
}

bool ThumbnailCache::isUnreadable(const QString& file, int maxSidePx) const {
    return m_unreadable.contains({file, maxSidePx});
}

void ThumbnailCache::dropPending() {
    m_requests.renew();
    m_pending.clear();
}

void ThumbnailCache::request(const Key& key) {
    if (m_pending.contains(key) || m_unreadable.contains(key)) {
        return;
    }
    m_pending.insert(key);
    runInBackground(
        {m_threads, this, m_requests.token()}, [key] { return decode(key.file, key.maxSidePx); }, [this, key](const QImage& image) { store(key, image); });
}

void ThumbnailCache::store(const Key& key, const QImage& image) {
    m_pending.remove(key);
    if (image.isNull()) {
        m_unreadable.insert(key);
    } else {
        m_images->insert(key, new QImage(image), image.sizeInBytes());
    }
    Q_EMIT ready(key.file);
}

}  // namespace rlcm::ui
