#include "ui/compare/large_image.h"

#include <QApplication>
#include <QKeyEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "ui/compare/image_row.h"
#include "ui/gallery/thumbnail_cache.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {

namespace {
constexpr int kWords = 88;  // pixels of height for what is said below
}  // namespace

LargeImage::LargeImage(ImageRow& row, ThumbnailCache& images) : QWidget(&row), m_row(row), m_images(images) {
    setObjectName(QStringLiteral("largeImage"));
    setAccessibleName(tr("Large image"));
    setFocusPolicy(Qt::StrongFocus);
    hide();
    connect(&images, &ThumbnailCache::ready, this, qOverload<>(&QWidget::update));
    connect(&row, &ImageRow::cellsShown, this, [this] {
        m_cell = std::clamp(m_cell, 0, std::max(0, count() - 1));
        update();
    });
}

int LargeImage::count() const {
    return static_cast<int>(m_row.cells().size());
}

void LargeImage::open(int cell) {
    if (cell < 0 || cell >= count()) {
        return;
    }
    m_cell = cell;
    m_focusBefore = QApplication::focusWidget();
    if (m_host != m_row.window()) {
        m_host = m_row.window();
        m_host->installEventFilter(this);
        setParent(m_host);
    }
    setGeometry(m_host->rect());
    show();
    raise();
    setFocus();
}

void LargeImage::shut() {
    hide();
    if (m_focusBefore) {
        m_focusBefore->setFocus();
    }
}

bool LargeImage::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_host && event->type() == QEvent::Resize) {
        setGeometry(m_host->rect());
    }
    return false;
}

void LargeImage::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), QColor(12, 14, 18, 235));
    if (m_cell >= count()) {
        return;
    }
    const ImageCell& cell = m_row.cells()[static_cast<std::size_t>(m_cell)];
    const QImage image = cell.file.isEmpty() ? QImage() : m_images.image(cell.file);
    const double ratio = devicePixelRatioF();
    const double room = std::max(64.0, std::min<double>(width() - 2 * spacing::kHuge, height() - kWords - 2 * spacing::kHuge));
    const double stored = std::max({image.width(), image.height(), 1}) / ratio;
    const bool isReduced = stored > room;
    const double scale = isReduced ? room / stored : std::floor(room / stored);
    const QSizeF size = image.isNull() ? QSizeF(room, room) : QSizeF(image.width() / ratio * scale, image.height() / ratio * scale);
    const QRectF place(QPointF((width() - size.width()) / 2, (height() - kWords - size.height()) / 2), size);
    painter.setRenderHint(QPainter::SmoothPixmapTransform, isReduced);
    painter.setPen(QColor(255, 255, 255, 190));
    if (image.isNull()) {
        painter.fillRect(place, QColor(255, 255, 255, 20));
        painter.drawText(place, Qt::AlignCenter | Qt::TextWordWrap, cell.absence.isEmpty() ? tr("no image yet") : cell.absence);
    } else {
        painter.drawImage(place, image);
    }
    const int line = fontMetrics().height() + spacing::kTiny;
    QRectF words(spacing::kHuge, place.bottom() + spacing::kMedium, width() - 2 * spacing::kHuge, line);
    const auto say = [&](const QString& text) {
        painter.drawText(words, Qt::AlignCenter, fontMetrics().elidedText(text, Qt::ElideMiddle, static_cast<int>(words.width())));
        words.translate(0, line);
    };
    painter.setPen(Qt::white);
    say(cell.fullName + QStringLiteral("  ·  ") + cell.place);
    painter.setPen(QColor(255, 255, 255, 190));
    say(cell.prompt.isEmpty() ? cell.absence : tr("“%1”  ·  reward %2").arg(cell.prompt, formatReward(cell.reward)));
    say(tr("%1 of %2  ·  Left and Right: the same image of another run, Up and Down: another image").arg(m_cell + 1).arg(count()));
}

void LargeImage::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
        case Qt::Key_Left:
        case Qt::Key_Right:
            m_cell = std::clamp(m_cell + (event->key() == Qt::Key_Left ? -1 : 1), 0, std::max(0, count() - 1));
            update();
            break;
        case Qt::Key_Up:
            m_row.setImageIndex(m_row.imageIndex() - 1);
            break;
        case Qt::Key_Down:
            m_row.setImageIndex(m_row.imageIndex() + 1);
            break;
        case Qt::Key_Escape:
        case Qt::Key_Return:
        case Qt::Key_Enter:
            shut();
            break;
        default:
            QWidget::keyPressEvent(event);
    }
}

void LargeImage::mousePressEvent(QMouseEvent*) {
    shut();
}

}  // namespace rlcm::ui
