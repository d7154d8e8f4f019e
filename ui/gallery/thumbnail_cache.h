#pragma once
// Decoded images by file, made off the GUI thread.
#include <QCache>
#include <QImage>
#include <QObject>
#include <QSet>
#include <QString>
#include <memory>

#include "ui/bridge/background.h"

namespace rlcm::ui {

/// Least-recently-used cache of decoded images, limited in bytes. thread: GUI; decoding happens on its own few threads.
class ThumbnailCache : public QObject {
    Q_OBJECT
public:
    /// Of all that are made so, however many places show images, at most this is kept: they have their images in common.
    static constexpr qsizetype kCommonBytes = qsizetype{128} << 20;
    explicit ThumbnailCache(QObject* parent = nullptr);
    /// Keeps images of its own.
    explicit ThumbnailCache(qsizetype maxBytes, QObject* parent = nullptr);
    /// Waits for the image being decoded; the rest of the queue is dropped.
    ~ThumbnailCache() override;

    /// The image if it is there; otherwise a null image, and ready() follows. `maxSidePx` > 0: scaled down (smoothly) so
    /// that the longer side is at most that; images are never enlarged.
    QImage image(const QString& file, int maxSidePx = 0);
    /// True when nothing more will come for this request: decoded, or found to be unreadable.
    bool isSettled(const QString& file, int maxSidePx = 0) const;
    bool isUnreadable(const QString& file, int maxSidePx = 0) const;
    /// Forgets requests not yet begun (the user has scrolled on).
    void dropPending();
    qsizetype bytes() const { return m_images->totalCost(); }

Q_SIGNALS:
    void ready(const QString& file);

private:
    struct Key {
        QString file;
        int maxSidePx = 0;
        bool operator==(const Key&) const = default;
        friend size_t qHash(const Key& key, size_t seed = 0) { return qHashMulti(seed, key.file, key.maxSidePx); }
    };
    using Images = QCache<Key, QImage>;  // cost: bytes
    ThumbnailCache(std::shared_ptr<Images> images, QObject* parent);
    static std::shared_ptr<Images> commonImages();
    void request(const Key& key);
    void store(const Key& key, const QImage& image);

    std::shared_ptr<Images> m_images;
    QSet<Key> m_pending;
    QSet<Key> m_unreadable;
    Generation m_requests;
    BackgroundThreads m_threads;  // last: has ended before the rest goes
};

}  // namespace rlcm::ui
