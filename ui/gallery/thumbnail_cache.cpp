#include "ui/gallery/thumbnail_cache.h"

#include <QImageReader>
#include <algorithm>

namespace rlcm::ui {

namespace {

QImage decode(const QString& file, int maxSidePx) {
    QImage image = QImageReader(file).read();
    const int side = std::max(image.width(), image.height());
    if (maxSidePx > 0 && side > maxSidePx) {
        image = image.scaled(maxSidePx, maxSidePx, Qt::KeepAspectRatio, Qt::SmoothTransformation);
    }
    return image.isNull() ? image : image.convertToFormat(QImage::Format_RGB32);
}

}  // namespace

ThumbnailCache::ThumbnailCache(qsizetype maxBytes, QObject* parent) : QObject(parent), m_images(maxBytes) {
    m_pool.setMaxThreadCount(2);
    m_pool.setThreadPriority(QThread::LowPriority);
}

ThumbnailCache::~ThumbnailCache() {
    dropPending();
    m_pool.waitForDone();
}

QImage ThumbnailCache::image(const QString& file, int maxSidePx) {
    const Key key{file, maxSidePx};
    if (const QImage* found = m_images.object(key)) {
        return *found;
    }
    request(key);
    return {};
}

bool ThumbnailCache::isSettled(const QString& file, int maxSidePx) const {
    return m_images.contains({file, maxSidePx}) || isUnreadable(file, maxSidePx);
}

bool ThumbnailCache::isUnreadable(const QString& file, int maxSidePx) const { return m_unreadable.contains({file, maxSidePx}); }

void ThumbnailCache::dropPending() {
    m_token->fetch_add(1);
    m_pool.clear();
    m_pending.clear();
}

void ThumbnailCache::request(const Key& key) {
    if (m_pending.contains(key) || m_unreadable.contains(key)) {
        return;
    }
    m_pending.insert(key);
    m_pool.start([this, key, token = m_token, mine = m_token->load()] {
        if (token->load() != mine) {
            return;
        }
        const QImage image = decode(key.file, key.maxSidePx);
        QMetaObject::invokeMethod(this, [this, key, image] { store(key, image); }, Qt::QueuedConnection);
    });
}

void ThumbnailCache::store(const Key& key, const QImage& image) {
    m_pending.remove(key);
    if (image.isNull()) {
        m_unreadable.insert(key);
    } else {
        m_images.insert(key, new QImage(image), image.sizeInBytes());
    }
    Q_EMIT ready(key.file);
}

}  // namespace rlcm::ui
