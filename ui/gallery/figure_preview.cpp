#include "ui/gallery/figure_preview.h"

#include <QPainter>

#include "ui/theme/theme.h"

namespace rlcm::ui {

FigurePreview::FigurePreview(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("exportPreview"));
    setAccessibleName(tr("Preview"));
    setMinimumSize(320, 200);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void FigurePreview::setPicture(const QImage& picture) {
    m_picture = picture;
    m_words.clear();
    update();
}

void FigurePreview::setWords(const QString& words) {
    m_picture = {};
    m_words = words;
    update();
}

void FigurePreview::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    if (m_picture.isNull()) {
        painter.setPen(colour(Role::MutedText));
        painter.drawText(rect().adjusted(spacing::kMedium, 0, -spacing::kMedium, 0), Qt::AlignCenter | Qt::TextWordWrap, m_words);
        return;
    }
    QRect paper(QPoint(), m_picture.size().scaled(size() - QSize(2, 2), Qt::KeepAspectRatio));
    paper.moveCenter(rect().center());
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    painter.drawImage(paper, m_picture);
    painter.setPen(colour(Role::Border));
    painter.drawRect(paper.adjusted(-1, -1, 0, 0));
}

}  // namespace rlcm::ui
