#include "ui/vote/share_bar.h"

#include <QPainter>

#include "ui/theme/theme.h"
#include "ui/vote/vote_words.h"

namespace rlcm::ui {
namespace {

constexpr int kSide = 8, kLine = 22, kDot = 6, kTick = 7;  // pixels: beside the scale, above it, of the marks

}  // namespace

ShareBar::ShareBar(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("voteShare"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ShareBar::setTally(const figure::VoteTally& tally) {
    m_tally = tally;
    setVisible(tally.share.has_value());
    setAccessibleName(tr("Share of A: %1, interval %2").arg(shareText(tally), intervalText(tally)));
    update();
}

QSize ShareBar::sizeHint() const {
    return {320, kLine + kTick + fontMetrics().height() + spacing::kTiny};
}

void ShareBar::paintEvent(QPaintEvent*) {
    if (!m_tally.share) {
        return;
    }
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    // A stands left, as in the words above.
    const auto at = [this](double share) { return kSide + (1 - share) * (width() - 2 * kSide); };
    painter.setPen(QPen(colour(Role::StrongBorder), 1));
    painter.drawLine(QPointF(at(1), kLine), QPointF(at(0), kLine));
    for (const double share : {0.0, 0.5, 1.0}) {
        painter.drawLine(QPointF(at(share), kLine - kTick), QPointF(at(share), kLine + kTick));
    }
    painter.setPen(QPen(colour(Role::Accent), 4, Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(QPointF(at(m_tally.interval.high), kLine), QPointF(at(m_tally.interval.low), kLine));
    painter.setPen(QPen(colour(Role::Panel), 2));
    painter.setBrush(colour(Role::Accent));
    painter.drawEllipse(QPointF(at(*m_tally.share), kLine), kDot, kDot);
    painter.setPen(colour(Role::MutedText));
    const QRect words(0, kLine + kTick, width(), height() - kLine - kTick);
    painter.drawText(words, Qt::AlignLeft | Qt::AlignBottom, tr("only A"));
    painter.drawText(words, Qt::AlignHCenter | Qt::AlignBottom, tr("as good"));
    painter.drawText(words, Qt::AlignRight | Qt::AlignBottom, tr("only B"));
}

}  // namespace rlcm::ui
