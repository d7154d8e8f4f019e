#include "ui/shell/run_status.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <algorithm>

#include "ui/theme/theme.h"
#include "ui/widgets/format.h"
#include "ui/widgets/state_badge.h"

namespace rlcm::ui {

namespace {
constexpr int kSteps = 1000;
}

RunStatus::RunStatus(QWidget* parent) : QWidget(parent) {
    m_idle = makeMuted(new QLabel(tr("No run is training in this window")));
    m_idle->setObjectName(QStringLiteral("statusIdle"));
    m_busy = new QWidget;
    auto* busy = new QHBoxLayout(m_busy);
    busy->setContentsMargins(0, 0, 0, 0);
    busy->setSpacing(spacing::kLarge);
    m_bar = new QProgressBar;
    m_bar->setRange(0, kSteps);
    m_bar->setTextVisible(false);
    m_bar->setFixedWidth(150);
    m_bar->setAccessibleName(tr("Progress of the run"));
    m_phase = add(QStringLiteral("statusPhase"), tr("Rewarding…"), tr("What the run is doing"));
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

void RunStatus::setIdle() {
    m_idle->show();
    m_busy->hide();
}

void RunStatus::setProgress(run::RunState state, const run::Progress& progress) {
    m_idle->hide();
    m_busy->show();
    m_phase->setText(state == run::RunState::Stopping ? tr("Stopping…") : stateText(state));
    const double done = static_cast<double>(progress.epoch) + progress.fractionOfEpoch;
    m_bar->setValue(progress.epochs > 0 ? static_cast<int>(kSteps * done / static_cast<double>(progress.epochs)) : 0);
    m_epoch->setText(progress.epochs > 0 ? tr("epoch %1 / %2").arg(std::min(progress.epoch + 1, progress.epochs)).arg(progress.epochs) : QString());
    m_speed->setText(progress.imagesPerSecond > 0 ? tr("%1 images/s").arg(progress.imagesPerSecond, 0, 'f', 1) : QString());
    m_time->setText(progress.epochs > 0 && progress.secondsLeft >= 0 ? tr("%1 left").arg(formatDuration(progress.secondsLeft)) : QString());
    m_stop->setText(progress.stopLatencySeconds > 0 ? tr("stops within %1").arg(formatDuration(std::max(0.1, progress.stopLatencySeconds))) : QString());
}

}  // namespace rlcm::ui
