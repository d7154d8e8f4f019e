#include "ui/widgets/time_track.h"

#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <utility>

#include "ui/theme/theme.h"
#include "ui/widgets/time_bar.h"

namespace rlcm::ui {
namespace {

constexpr double kMargin = 18;

/// Smallest of 1, 2, 5, 10, 20, ... that is at least `least`.
double niceStep(double least) {
    double power = 1;
    while (true) {
        for (const double factor : {1.0, 2.0, 5.0}) {
            if (factor * power >= least) {
                return factor * power;
            }
        }
        power *= 10;
    }
}

bool hasStop(const std::vector<double>& marks, const TimeBar& bar, int stop) {
    return std::ranges::any_of(marks, [&](double place) { return bar.stopAt(place) == stop; });
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

double TimeTrack::pixelOf(double place) const {
    return kMargin + (width() - 2 * kMargin) * place / m_bar.endPlace();
}

int TimeTrack::epochAt(double pixel) const {
    return m_bar.stopAt((pixel - kMargin) / std::max(1.0, width() - 2 * kMargin) * m_bar.endPlace());
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
    bar(0, m_bar.endPlace(), colour(Role::Border));
    bar(0, m_bar.placeOf(m_bar.m_last), colour(Role::ChartAxis));
    bar(0, m_bar.placeOf(m_bar.m_epoch), colour(isEnabled() ? Role::Accent : Role::StrongBorder));
    paintTicks(painter, y);
    paintEvents(painter, y);
    paintLabels(painter, y);
    paintHandle(painter, y);
}

void TimeTrack::paintTicks(QPainter& painter, double y) const {
    const double here = m_bar.placeOf(m_bar.m_epoch);
    double lastPixel = -10;
    for (const double place : m_bar.m_marks.images) {
        const double x = pixelOf(place);
        if (x - lastPixel < 3) {
            continue;  // more ticks than pixels say nothing more
        }
        lastPixel = x;
        painter.setPen(QPen(colour(place <= here ? Role::Accent : Role::MutedText), 1.5));
        painter.drawLine(QPointF(x, y - 7), QPointF(x, y - 3));
    }
    lastPixel = -10;
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour(Role::MutedText));
    for (const double place : m_bar.m_marks.checkpoints) {
        const double x = pixelOf(place);
        if (x - lastPixel < 8) {
            continue;
        }
        lastPixel = x;
        painter.drawPolygon(QPolygonF{{x, y + 3.5}, {x + 3.5, y + 7}, {x, y + 10.5}, {x - 3.5, y + 7}});
    }
}

/// As on the charts: alarms are flags, edits diamonds, here above the track.
void TimeTrack::paintEvents(QPainter& painter, double y) const {
    for (const double place : m_bar.m_marks.edits) {
        const double x = pixelOf(place);
        painter.setPen(Qt::NoPen);
        painter.setBrush(colour(Role::Info));
        painter.drawPolygon(QPolygonF{{x, y - 13}, {x + 3.5, y - 9.5}, {x, y - 6}, {x - 3.5, y - 9.5}});
    }
    for (const double place : m_bar.m_marks.alarms) {
        const double x = pixelOf(place);
        painter.setPen(QPen(colour(Role::Danger), 1.5));
        painter.drawLine(QPointF(x, y - 13), QPointF(x, y + 4));
        painter.setPen(Qt::NoPen);
        painter.setBrush(colour(Role::Danger));
        painter.drawPolygon(QPolygonF{{x, y - 13}, {x + 7, y - 10}, {x, y - 7}});
    }
}

void TimeTrack::paintLabels(QPainter& painter, double y) const {
    QFont font = painter.font();
    font.setPointSizeF(font.pointSizeF() * 0.85);
    painter.setFont(font);
    const QFontMetricsF metrics(font);
    const double end = m_bar.endPlace();
    const double widest = metrics.horizontalAdvance(m_bar.placeText(end)) + 26;
    const double step = niceStep(widest / std::max(1.0, width() - 2 * kMargin) * end);
    painter.setPen(colour(Role::MutedText));
    const auto label = [&](double place) {
        const QString text = m_bar.placeText(place);
        const double w = metrics.horizontalAdvance(text);
        const double x = std::clamp(pixelOf(place) - w / 2, 0.0, width() - w);
        painter.drawText(QPointF(x, y + 14 + metrics.ascent()), text);
    };
    for (double place = 0; place < end; place += step) {
        if (pixelOf(end) - pixelOf(place) < widest) {
            break;  // leaves room for the end
        }
        label(place);
    }
    label(end);
}

void TimeTrack::paintHandle(QPainter& painter, double y) const {
    if (!isEnabled()) {
        return;
    }
    if (m_hovered >= 0 && m_hovered != m_bar.m_epoch) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(colour(Role::MutedText));
        painter.drawEllipse(QPointF(pixelOf(m_bar.placeOf(m_hovered)), y), 3.5, 3.5);
    }
    const QPointF centre(pixelOf(m_bar.placeOf(m_bar.m_epoch)), y);
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
        QString text = QStringLiteral("%1 %2").arg(m_bar.m_label->text(), m_bar.placeText(m_bar.placeOf(epoch)));
        const TimeMarks& marks = m_bar.m_marks;
        for (const auto& [places, word] : {std::pair(&marks.images, tr("images")),
                                           {&marks.checkpoints, tr("checkpoint")},
                                           {&marks.alarms, tr("alarm")},
                                           {&marks.edits, tr("edited setting")}}) {
            text += hasStop(*places, m_bar, epoch) ? QStringLiteral(" · ") + word : QString();
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
