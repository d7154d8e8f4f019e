#include "ui/gallery/image_badge.h"

#include <QCoreApplication>
#include <QPainter>
#include <cmath>

namespace rlcm::ui {

namespace {
constexpr QColor kPlate(0, 0, 0, 205);
constexpr int kPadding = 6;  // both sides of the words together
}  // namespace

QString shortChange(double value) {
    const int decimals = std::abs(value) < 10 ? 2 : std::abs(value) < 100 ? 1 : 0;
    const QString digits = QString::number(std::abs(value), 'f', decimals);
    return (digits.toDouble() == 0 ? QStringLiteral("±") : value > 0 ? QStringLiteral("+") : QStringLiteral("−")) + digits;
}

Role changeRole(const QString& change) {
    return change.startsWith(QLatin1Char('+')) ? Role::Success : change.startsWith(QChar(0x2212)) ? Role::Danger : Role::MutedText;
}

BadgePainter::BadgePainter(QPainter& painter, const QRectF& image, double margin)
    : m_painter(painter), m_image(image), m_margin(margin), m_metrics(painter.fontMetrics()) {}

double BadgePainter::put(const QString& text, const QColor& ink, Qt::Alignment corner, double taken) {
    QRectF box(0, 0, m_metrics.horizontalAdvance(text) + kPadding, m_metrics.height() + 1);
    if (text.isEmpty() || box.width() + taken > m_image.width() - 6) {
        return 0;
    }
    corner.testFlag(Qt::AlignRight) ? box.moveRight(m_image.right() - m_margin) : box.moveLeft(m_image.left() + m_margin);
    corner.testFlag(Qt::AlignBottom) ? box.moveBottom(m_image.bottom() - m_margin) : box.moveTop(m_image.top() + m_margin);
    m_painter.setRenderHint(QPainter::Antialiasing);
    m_painter.setPen(Qt::NoPen);
    m_painter.setBrush(kPlate);
    m_painter.drawRoundedRect(box, 4, 4);
    m_painter.setRenderHint(QPainter::Antialiasing, false);
    m_painter.setPen(ink);
    m_painter.drawText(box, Qt::AlignCenter, text);
    return box.width();
}

void paintNoImage(QPainter& painter, const QRectF& place, bool isUnreadable) {
    painter.fillRect(place, colour(Role::AlternateBase));
    if (isUnreadable) {
        painter.setPen(colour(Role::MutedText));
        painter.drawText(place, Qt::AlignCenter | Qt::TextWordWrap, QCoreApplication::translate("Gallery", "image missing"));
    }
}

}  // namespace rlcm::ui
