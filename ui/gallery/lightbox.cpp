#include "ui/gallery/lightbox.h"

#include <QApplication>
#include <QKeyEvent>
#include <QPainter>
#include <QToolButton>
#include <algorithm>
#include <cmath>

#include "ui/theme/theme.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {

namespace {
constexpr int kButton = 44;
constexpr int kCaption = 92;
}  // namespace

Lightbox::Lightbox(ThumbnailCache& cache, EvaluationGrid& grid, QWidget* host) : QWidget(host), m_cache(cache), m_grid(grid) {
    setObjectName(QStringLiteral("lightbox"));
    setAccessibleName(tr("Large image"));
    setFocusPolicy(Qt::StrongFocus);
    hide();
    m_previous = makeButton(QStringLiteral("‹"), QStringLiteral("lightboxPrevious"), tr("Previous epoch with images (Left)"));
    m_next = makeButton(QStringLiteral("›"), QStringLiteral("lightboxNext"), tr("Next epoch with images (Right)"));
    m_close = makeButton(QStringLiteral("✕"), QStringLiteral("lightboxClose"), tr("Close (Escape)"));
    connect(m_previous, &QToolButton::clicked, this, [this] { Q_EMIT epochStepAsked(-1); });
    connect(m_next, &QToolButton::clicked, this, [this] { Q_EMIT epochStepAsked(1); });
    connect(m_close, &QToolButton::clicked, this, &Lightbox::shut);
    connect(&m_grid, &EvaluationGrid::contentShown, this, qOverload<>(&QWidget::update));
    connect(&m_grid, &EvaluationGrid::currentChanged, this, qOverload<>(&QWidget::update));
    connect(&m_cache, &ThumbnailCache::ready, this, qOverload<>(&QWidget::update));
    host->installEventFilter(this);
}

QToolButton* Lightbox::makeButton(const QString& text, const QString& name, const QString& tip) {
    auto* button = new QToolButton(this);
    button->setText(text);
    button->setObjectName(name);
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    button->setFocusPolicy(Qt::NoFocus);
    // Always on the dark scrim, whatever the theme.
    button->setStyleSheet(
        QStringLiteral("QToolButton { color: white; background: rgba(255,255,255,28); border: none; border-radius: 22px; font-size: 20px; }"
                       "QToolButton:hover { background: rgba(255,255,255,60); }"));
    return button;
}

void Lightbox::open(int cell) {
    m_focusBefore = QApplication::focusWidget();
    m_grid.setCurrent(cell);
    setGeometry(parentWidget()->rect());
    show();
    raise();
    setFocus();
}

void Lightbox::shut() {
    hide();
    if (m_focusBefore) {
        m_focusBefore->setFocus();
    }
}

bool Lightbox::eventFilter(QObject* watched, QEvent* event) {
    if (watched == parentWidget() && event->type() == QEvent::Resize) {
        setGeometry(parentWidget()->rect());
    }
    return false;
}

void Lightbox::resizeEvent(QResizeEvent*) {
    m_previous->setGeometry(spacing::kLarge, (height() - kButton) / 2, kButton, kButton);
    m_next->setGeometry(width() - kButton - spacing::kLarge, (height() - kButton) / 2, kButton, kButton);
    m_close->setGeometry(width() - kButton - spacing::kLarge, spacing::kLarge, kButton, kButton);
}

void Lightbox::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), QColor(12, 14, 18, 235));
    const GridContent& content = m_grid.content();
    const int cell = m_grid.current();
    if (cell < 0 || cell >= static_cast<int>(content.samples.size())) {
        return;
    }
    const store::SampleRow& sample = content.samples[static_cast<std::size_t>(cell)];
    const QImage image = m_cache.image(QString::fromStdString(sample.file.string()));
    const double ratio = devicePixelRatioF();
    const double room = std::max(64.0, std::min<double>(width() - 2 * (kButton + 2 * spacing::kLarge), height() - kCaption - 2 * spacing::kHuge));
    const double stored = std::max({sample.width, sample.height, 1}) / ratio;
    const bool isReduced = stored > room;
    const double scale = isReduced ? room / stored : std::floor(room / stored);
    const QSizeF size(sample.width / ratio * scale, sample.height / ratio * scale);
    const QRectF place(std::round((width() - size.width()) / 2 * ratio) / ratio, std::round((height() - kCaption - size.height()) / 2 * ratio) / ratio,
                       size.width(), size.height());
    painter.setRenderHint(QPainter::SmoothPixmapTransform, isReduced);
    if (image.isNull()) {
        painter.fillRect(place, QColor(255, 255, 255, 20));
    } else {
        painter.drawImage(place, image);
    }
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 1.35);
    const int line = QFontMetrics(large).height() + spacing::kTiny;
    QRectF text(spacing::kHuge, place.bottom() + spacing::kMedium, width() - 2 * spacing::kHuge, line);
    painter.setFont(large);
    painter.setPen(Qt::white);
    painter.drawText(text, Qt::AlignCenter,
                     QFontMetrics(large).elidedText(QString::fromStdString(sample.prompt), Qt::ElideRight, static_cast<int>(text.width())));
    text.translate(0, line);
    QString facts = tr("reward %1").arg(formatReward(sample.reward));
    if (m_grid.delta(cell)) {
        facts += tr("  (%1 since epoch 0)").arg(m_grid.deltaText(cell));
    }
    painter.drawText(text, Qt::AlignCenter, facts);
    text.translate(0, line);
    painter.setFont(font());
    painter.setPen(QColor(255, 255, 255, 190));
    QString place2 = tr("epoch %1").arg(sample.epoch);
    if (content.askedEpoch != content.epoch) {
        place2 += tr(" (asked %1)").arg(content.askedEpoch);
    }
    place2 += sample.isHeldOut ? tr("  ·  held-out prompt") : tr("  ·  training prompt");
    painter.drawText(text, Qt::AlignCenter, place2 + tr("  ·  image %1 of %2").arg(cell + 1).arg(content.samples.size()));
}

void Lightbox::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
        case Qt::Key_Left:
            Q_EMIT epochStepAsked(-1);
            break;
        case Qt::Key_Right:
            Q_EMIT epochStepAsked(1);
            break;
        case Qt::Key_Up:
            m_grid.setCurrent(std::max(0, m_grid.current() - 1));
            break;
        case Qt::Key_Down:
            m_grid.setCurrent(m_grid.current() + 1);
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

void Lightbox::mousePressEvent(QMouseEvent*) {
    shut();
}

}  // namespace rlcm::ui
