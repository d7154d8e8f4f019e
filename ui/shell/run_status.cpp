#include "ui/shell/run_status.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <algorithm>
#include <initializer_list>

#include "ui/theme/theme.h"
#include "ui/widgets/format.h"
#include "ui/widgets/state_badge.h"

namespace rlcm::ui {

namespace {
constexpr int kSteps = 1000;
constexpr double kSoon = 0.5;  // seconds
constexpr int kNarrowest = 320;

QString phaseText(run::RunState state, StopRequest stop) {
    switch (stop) {
        case StopRequest::AfterEpoch:
            return QObject::tr("Stops after this epoch");
        case StopRequest::Now:
            return QObject::tr("Stopping…");
        case StopRequest::None:
            break;
    }
    return stateText(state);
}

/// What is left until the end, or until the stop that was asked for.
QString timeText(run::RunState state, StopRequest stop, const run::Progress& progress) {
    if (progress.epochs <= 0 || progress.secondsLeft < 0 || state == run::RunState::Paused || stop == StopRequest::Now) {
        return {};
    }
    const double epochsLeft = static_cast<double>(progress.epochs - progress.epoch) - progress.fractionOfEpoch;
    double left = progress.secondsLeft;
    if (stop == StopRequest::AfterEpoch && epochsLeft > 0) {
        left *= (1 - progress.fractionOfEpoch) / epochsLeft;
    }
    return left < kSoon ? QObject::tr("nearly done") : QObject::tr("%1 left").arg(formatDuration(left));
}
}  // namespace

RunStatus::RunStatus(QWidget* parent) : QWidget(parent) {
    m_idle = makeMuted(new QLabel(tr("No run is training in this window")));
    m_idle->setObjectName(QStringLiteral("statusIdle"));
    m_idle->setAlignment(Qt::AlignRight | Qt::AlignVCenter);  // the room is that of a run
    m_busy = new QWidget;
    auto* busy = new QHBoxLayout(m_busy);
    busy->setContentsMargins(0, 0, 0, 0);
    busy->setSpacing(spacing::kLarge);
    m_bar = new QProgressBar;
    m_bar->setRange(0, kSteps);
    m_bar->setTextVisible(false);
    m_bar->setFixedWidth(150);
    m_bar->setAccessibleName(tr("Progress of the run"));
    m_phase = add(QStringLiteral("statusPhase"), tr("Stops after this epoch"), tr("What the run is doing"));
    busy->addWidget(m_bar);
    m_epoch = add(QStringLiteral("statusEpoch"), tr("epoch 8888 / 8888"), tr("Epoch being worked on, and epochs planned"));
    m_speed = add(QStringLiteral("statusSpeed"), tr("888.8 images/s"), tr("Training images a second, updates included"));
    m_time = add(QStringLiteral("statusTime"), tr("88 min 88 s left"), tr("Time left, from the epochs so far"));
    m_stop = add(QStringLiteral("statusStop"), tr("stops within 88.8 s"), tr("Longest time until a command acts"));

    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(spacing::kSmall, 0, spacing::kSmall, 0);
    layout->addWidget(m_idle);
    layout->addWidget(m_busy);
    setIdle();
}

QLabel* RunStatus::add(const QString& name, const QString& widest, const QString& tip) {
    auto* label = new QLabel;
    label->setObjectName(name);
    label->setToolTip(tip);
    label->setMinimumWidth(label->fontMetrics().horizontalAdvance(widest));
    m_busy->layout()->addWidget(label);
    return label;
}

QSize RunStatus::minimumSizeHint() const {
    return {kNarrowest, QWidget::minimumSizeHint().height()};
}

void RunStatus::resizeEvent(QResizeEvent*) {
    giveWay();
}

void RunStatus::giveWay() {
    const auto need = [this](std::initializer_list<const QWidget*> shown) {
        int width = 2 * spacing::kSmall;
        for (const QWidget* one : shown) {
            width += one->minimumSizeHint().expandedTo(one->minimumSize()).width() + spacing::kLarge;
        }
        return width;
    };
    m_stop->setVisible(width() >= need({m_bar, m_phase, m_epoch, m_speed, m_time, m_stop}));
    m_speed->setVisible(width() >= need({m_bar, m_phase, m_epoch, m_speed, m_time}));
    m_bar->setVisible(width() >= need({m_bar, m_phase, m_epoch, m_time}));
}

void RunStatus::setIdle() {
    m_idle->show();
    m_busy->hide();
}

void RunStatus::setProgress(run::RunState state, StopRequest stop, const run::Progress& progress) {
    m_idle->hide();
    m_busy->show();
    m_phase->setText(phaseText(state, stop));
    const double done = static_cast<double>(progress.epoch) + progress.fractionOfEpoch;
    // A full bar means finished, which a run that is shown here is not.
    const int steps = progress.epochs > 0 ? static_cast<int>(kSteps * done / static_cast<double>(progress.epochs)) : 0;
    m_bar->setValue(std::min(steps, kSteps - kSteps / 100));
    m_epoch->setText(progress.epochs > 0 ? tr("epoch %1 / %2").arg(std::min(progress.epoch + 1, progress.epochs)).arg(progress.epochs) : QString());
    m_speed->setText(progress.imagesPerSecond > 0 && state != run::RunState::Paused ? tr("%1 images/s").arg(progress.imagesPerSecond, 0, 'f', 1) : QString());
    m_time->setText(timeText(state, stop, progress));
    m_stop->setText(progress.stopLatencySeconds > 0 ? tr("stops within %1").arg(formatDuration(std::max(0.1, progress.stopLatencySeconds))) : QString());
}

}  // namespace rlcm::ui
