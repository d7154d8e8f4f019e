#include "ui/widgets/time_bar.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QToolButton>
#include <algorithm>
#include <cmath>

#include "ui/theme/icons.h"
#include "ui/widgets/time_track.h"

namespace rlcm::ui {

TimeBar::TimeBar(QWidget* parent) : QWidget(parent) {
    const auto button = [this](Icon which, const QString& name, const QString& tip) {
        auto* result = new QToolButton(this);
        result->setIcon(icon(which));
        result->setIconSize(QSize(18, 18));
        result->setObjectName(name);
        result->setToolTip(tip);
        result->setAccessibleName(tip);
        result->setFocusPolicy(Qt::TabFocus);
        return result;
    };
    m_playButton = button(Icon::Play, QStringLiteral("timePlay"), tr("Play through the epochs (Space)"));
    auto* first = button(Icon::First, QStringLiteral("timeFirst"), tr("First epoch (Home)"));
    auto* previous = button(Icon::Previous, QStringLiteral("timePreviousImage"), tr("Previous epoch with images (Page Up)"));
    auto* next = button(Icon::Next, QStringLiteral("timeNextImage"), tr("Next epoch with images (Page Down)"));
    m_follow = button(Icon::Live, QStringLiteral("timeFollow"), tr("Follow the newest epoch (End)"));
    m_follow->setText(tr("Follow live"));
    m_follow->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_follow->setCheckable(true);
    m_label = new QLabel(this);
    m_label->setObjectName(QStringLiteral("timeLabel"));
    m_label->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_track = new TimeTrack(*this);

    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(spacing::kMedium, spacing::kTiny, spacing::kMedium, spacing::kTiny);
    row->setSpacing(spacing::kTiny);
    row->addWidget(first);
    row->addWidget(previous);
    row->addWidget(m_playButton);
    row->addWidget(next);
    row->addSpacing(spacing::kSmall);
    row->addWidget(m_track, 1);
    row->addSpacing(spacing::kSmall);
    row->addWidget(m_label);
    row->addSpacing(spacing::kSmall);
    row->addWidget(m_follow);

    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Epoch"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setPlaySpeed(4);
    connect(m_playButton, &QToolButton::clicked, this, [this] { setPlaying(!isPlaying()); });
    connect(first, &QToolButton::clicked, this, [this] { scrubTo(0); });
    connect(previous, &QToolButton::clicked, this, [this] { stepImage(-1); });
    connect(next, &QToolButton::clicked, this, [this] { stepImage(+1); });
    connect(m_follow, &QToolButton::clicked, this, [this](bool isOn) { setFollowing(isOn); });
    connect(&m_play, &QTimer::timeout, this, [this] {
        if (m_epoch >= m_last) {
            setPlaying(false);
        } else {
            moveTo(m_epoch + 1);
        }
    });
    connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, this, [this] { m_track->update(); });
    updateControls();
}

void TimeBar::setRange(int last, int planned) {
    m_last = std::max(0, last);
    m_planned = std::max({m_last, planned, 0});
    m_isFollowing ? moveTo(m_last) : clampTo(m_wanted);
    updateControls();
}

void TimeBar::setImageEpochs(std::vector<int> epochs) {
    m_images = std::move(epochs);
    m_track->update();
}

void TimeBar::setCheckpointEpochs(std::vector<int> epochs) {
    m_checkpoints = std::move(epochs);
    m_track->update();
}

void TimeBar::setEpoch(int epoch) {
    m_wanted = epoch;
    m_epoch = std::clamp(epoch, 0, m_last);
    updateLabel();
}

void TimeBar::setFollowing(bool isFollowing) {
    if (isFollowing != m_isFollowing) {
        m_isFollowing = isFollowing;
        if (isFollowing) {
            setPlaying(false);
        }
        Q_EMIT followChanged(isFollowing);
    }
    if (isFollowing) {
        moveTo(m_last);
    }
    updateControls();
}

void TimeBar::setPlaying(bool isPlaying) {
    if (isPlaying == m_play.isActive()) {
        return;
    }
    if (isPlaying) {
        setFollowing(false);
        if (m_epoch >= m_last) {
            moveTo(0);
        }
        m_play.start();
    } else {
        m_play.stop();
    }
    updateControls();
}

void TimeBar::setPlaySpeed(double perSecond) {
    m_play.setInterval(static_cast<int>(std::lround(1000.0 / std::clamp(perSecond, 1.0, 10.0))));
}

/// Every move by hand lets go of 'follow live'.
void TimeBar::scrubTo(int epoch) {
    setPlaying(false);
    setFollowing(false);
    moveTo(epoch);
}

void TimeBar::moveTo(int epoch) {
    m_wanted = std::clamp(epoch, 0, m_last);
    clampTo(m_wanted);
}

void TimeBar::clampTo(int epoch) {
    const int clamped = std::clamp(epoch, 0, m_last);
    const bool isChanged = clamped != m_epoch;
    m_epoch = clamped;
    updateLabel();
    if (isChanged) {
        Q_EMIT epochChanged(m_epoch);
    }
}

void TimeBar::stepImage(int direction) {
    if (direction > 0) {
        const auto next = std::upper_bound(m_images.begin(), m_images.end(), m_epoch);
        scrubTo(next == m_images.end() ? m_last : *next);
    } else {
        const auto here = std::lower_bound(m_images.begin(), m_images.end(), m_epoch);
        scrubTo(here == m_images.begin() ? 0 : *std::prev(here));
    }
}

void TimeBar::keyPressEvent(QKeyEvent* event) {
    const int step = event->modifiers() & Qt::ShiftModifier ? 10 : 1;
    switch (event->key()) {
        case Qt::Key_Left:
            scrubTo(m_epoch - step);
            break;
        case Qt::Key_Right:
            scrubTo(m_epoch + step);
            break;
        case Qt::Key_PageUp:
            stepImage(-1);
            break;
        case Qt::Key_PageDown:
            stepImage(+1);
            break;
        case Qt::Key_Home:
            scrubTo(0);
            break;
        case Qt::Key_End:
            setFollowing(true);
            break;
        case Qt::Key_Space:
            setPlaying(!isPlaying());
            break;
        default:
            QWidget::keyPressEvent(event);
    }
}

void TimeBar::hideEvent(QHideEvent* event) {
    setPlaying(false);
    QWidget::hideEvent(event);
}

void TimeBar::updateControls() {
    m_playButton->setIcon(icon(isPlaying() ? Icon::Pause : Icon::Play));
    m_follow->setChecked(m_isFollowing);
    m_follow->setIcon(icon(Icon::Live, m_isFollowing ? Role::Accent : Role::MutedText));
    m_track->setEnabled(m_last > 0);
    m_playButton->setEnabled(m_last > 0);
    updateLabel();
}

void TimeBar::updateLabel() {
    m_label->setText(tr("Epoch %1 of %2").arg(m_epoch).arg(m_planned));
    // Digits change while playing; a width for the largest number keeps the track from jumping.
    const QString widest = tr("Epoch %1 of %2").arg(m_planned).arg(m_planned);
    m_label->setMinimumWidth(m_label->fontMetrics().horizontalAdvance(widest));
    setAccessibleDescription(m_label->text());
    m_track->update();
}

}  // namespace rlcm::ui
