#include "ui/widgets/time_track.h"

#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/theme/theme.h"
#include "ui/widgets/time_bar.h"

namespace rlcm::ui {
namespace {

constexpr double kMargin = 18;

/// Smallest of 1, 2, 5, 10, 20, ... that is at least `least`.
int niceStep(double least) {
    int power = 1;
    while (true) {
        for (int factor : {1, 2, 5}) {
            if (factor * power >= least) {
                return factor * power;
            }
        }
        power *= 10;
    }
}

}  // namespace

TimeTrack::TimeTrack(TimeBar& bar) : QWidget(&bar), m_bar(bar) {
    setObjectName(QStringLiteral("timeTrack"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setMouseTracking(true);
    setCursor(Qt::PointingHandCursor);
}

QSize TimeTrack::sizeHint() const {
    return {400, fontMetrics().height() + 28};
}

QSize TimeTrack::minimumSizeHint() const {
    return {120, sizeHint().height()};
}

double TimeTrack::pixelOf(double epoch) const {
    const double span = std::max(1, m_bar.m_planned);
    return kMargin + (width() - 2 * kMargin) * epoch / span;
}

int TimeTrack::epochAt(double pixel) const {
    const double span = std::max(1, m_bar.m_planned);
    const double epoch = (pixel - kMargin) / std::max(1.0, width() - 2 * kMargin) * span;
    return std::clamp(static_cast<int>(std::lround(epoch)), 0, m_bar.m_last);
}

void TimeTrack::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const double y = 14;
    const auto bar = [&](double from, double to, const QColor& fill) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(fill);
        painter.drawRoundedRect(QRectF(pixelOf(from) - 2, y - 2, pixelOf(to) - pixelOf(from) + 4, 4), 2, 2);
    };
    bar(0, std::max(1, m_bar.m_planned), colour(Role::Border));
    bar(0, m_bar.m_last, colour(Role::ChartAxis));
    bar(0, m_bar.m_epoch, colour(isEnabled() ? Role::Accent : Role::StrongBorder));
    paintTicks(painter, y);
    paintLabels(painter, y);
    paintHandle(painter, y);
}

void TimeTrack::paintTicks(QPainter& painter, double y) const {
    double lastPixel = -10;
    for (int epoch : m_bar.m_images) {
        const double x = pixelOf(epoch);
        if (x - lastPixel < 3) {
            continue;  // more ticks than pixels say nothing more
        }
        lastPixel = x;
        painter.setPen(QPen(colour(epoch <= m_bar.m_epoch ? Role::Accent : Role::MutedText), 1.5));
        painter.drawLine(QPointF(x, y - 7), QPointF(x, y - 3));
    }
    lastPixel = -10;
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour(Role::MutedText));
    for (int epoch : m_bar.m_checkpoints) {
        const double x = pixelOf(epoch);
        if (x - lastPixel < 8) {
            continue;
        }
        lastPixel = x;
        painter.drawPolygon(QPolygonF{{x, y + 3.5}, {x + 3.5, y + 7}, {x, y + 10.5}, {x - 3.5, y + 7}});
    }
}

void TimeTrack::paintLabels(QPainter& painter, double y) const {
    QFont font = painter.font();
    font.setPointSizeF(font.pointSizeF() * 0.85);
    painter.setFont(font);
    const QFontMetricsF metrics(font);
    const int planned = std::max(1, m_bar.m_planned);
    const double widest = metrics.horizontalAdvance(QString::number(planned)) + 26;
    const int step = niceStep(widest / std::max(1.0, width() - 2 * kMargin) * planned);
    painter.setPen(colour(Role::MutedText));
    const auto label = [&](int epoch) {
        const QString text = QString::number(epoch);
        const double w = metrics.horizontalAdvance(text);
        const double x = std::clamp(pixelOf(epoch) - w / 2, 0.0, width() - w);
        painter.drawText(QPointF(x, y + 14 + metrics.ascent()), text);
    };
    for (int epoch = 0; epoch < planned; epoch += step) {
        if (pixelOf(planned) - pixelOf(epoch) < widest) {
            break;  // leaves room for the end
        }
        label(epoch);
    }
    label(planned);
}

void TimeTrack::paintHandle(QPainter& painter, double y) const {
    if (!isEnabled()) {
        return;
    }
    if (m_hovered >= 0 && m_hovered != m_bar.m_epoch) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(colour(Role::MutedText));
        painter.drawEllipse(QPointF(pixelOf(m_hovered), y), 3.5, 3.5);
    }
    const QPointF centre(pixelOf(m_bar.m_epoch), y);
    if (m_bar.hasFocus()) {
        QColor halo = colour(Role::Accent);
        halo.setAlphaF(0.25F);
        painter.setPen(Qt::NoPen);
        painter.setBrush(halo);
        painter.drawEllipse(centre, 12, 12);
    }
    painter.setPen(QPen(colour(Role::Panel), 2));
    painter.setBrush(colour(Role::Accent));
    painter.drawEllipse(centre, 7.5, 7.5);
}

void TimeTrack::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) {
        return;
    }
    m_bar.setFocus(Qt::MouseFocusReason);
    m_bar.scrubTo(epochAt(event->position().x()));
}

void TimeTrack::mouseMoveEvent(QMouseEvent* event) {
    const int epoch = epochAt(event->position().x());
    if (event->buttons() & Qt::LeftButton) {
        m_bar.scrubTo(epoch);
    } else if (epoch != m_hovered) {
        m_hovered = epoch;
        const bool hasImages = std::binary_search(m_bar.m_images.begin(), m_bar.m_images.end(), epoch);
        const bool hasCheckpoint = std::binary_search(m_bar.m_checkpoints.begin(), m_bar.m_checkpoints.end(), epoch);
        QString text = tr("Epoch %1").arg(epoch);
        if (hasImages) {
            text += tr(" · images");
        }
        if (hasCheckpoint) {
            text += tr(" · checkpoint");
        }
        setToolTip(text);
        update();
    }
}

void TimeTrack::wheelEvent(QWheelEvent* event) {
    const int steps = event->angleDelta().y() > 0 ? 1 : -1;
    m_bar.scrubTo(m_bar.epoch() + steps);
    event->accept();
}

void TimeTrack::leaveEvent(QEvent*) {
    m_hovered = -1;
    update();
}

}  // namespace rlcm::ui
