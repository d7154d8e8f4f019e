#include "ui/horizons/budget_bar.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>
#include <QToolButton>
#include <algorithm>
#include <array>
#include <cmath>

#include "ui/theme/icons.h"

namespace rlcm::ui {
namespace {

constexpr int kSteps = 1000, kPlaySteps = 8, kKeySteps = 20;  // of the slider; played in about six seconds
constexpr int kFrameMs = 50;
constexpr int kLeastSlider = 60, kLeastUnit = 110;  // pixels, for narrow windows
constexpr std::array kUnits{XAxis::RewardQueries, XAxis::DenoiserEvaluations, XAxis::ActiveTime, XAxis::Epoch, XAxis::Images};

}  // namespace

BudgetBar::BudgetBar(QWidget* parent) : QWidget(parent) {
    m_playButton = makeOutlined(new QToolButton(this));
    m_playButton->setObjectName(QStringLiteral("budgetPlay"));
    m_slider = new QSlider(Qt::Horizontal, this);
    m_slider->setObjectName(QStringLiteral("budgetSlider"));
    m_slider->setAccessibleName(tr("Budget"));
    m_slider->setRange(0, kSteps);
    m_slider->setMinimumWidth(kLeastSlider);
    m_slider->setPageStep(kSteps / 10);
    m_label = new QLabel(this);
    m_label->setObjectName(QStringLiteral("budgetLabel"));
    m_shared = makeOutlined(new QToolButton(this));
    m_shared->setObjectName(QStringLiteral("budgetShared"));
    m_shared->setText(tr("Common"));
    m_shared->setCheckable(true);
    m_shared->setToolTip(tr("The largest budget that every group has reached, also when runs go on"));
    m_unitBox = new QComboBox(this);
    m_unitBox->setObjectName(QStringLiteral("budgetUnit"));
    m_unitBox->setMinimumWidth(kLeastUnit);
    m_unitBox->setAccessibleName(tr("Unit of the budget"));
    m_unitBox->setToolTip(tr("What has to be equal for a fair comparison"));
    for (const XAxis unit : kUnits) {
        m_unitBox->addItem(axisTitle(unit), static_cast<int>(unit));
    }
    auto* title = makeMuted(new QLabel(tr("At equal"), this));
    title->setBuddy(m_unitBox);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(spacing::kSmall);
    row->addWidget(title);
    row->addWidget(m_unitBox);
    row->addWidget(m_playButton);
    row->addWidget(m_slider, 1);
    row->addWidget(m_label);
    row->addWidget(m_shared);
    connect(m_slider, &QSlider::valueChanged, this, [this](int step) {
        m_play.stop();
        showPlaying();
        Q_EMIT chosen(budgetAt(step));
    });
    connect(m_shared, &QToolButton::clicked, this, &BudgetBar::sharedChosen);
    connect(m_unitBox, &QComboBox::activated, this, [this] { Q_EMIT unitChosen(static_cast<XAxis>(m_unitBox->currentData().toInt())); });
    connect(m_playButton, &QToolButton::clicked, this, [this] { setPlaying(!isPlaying()); });
    m_play.setInterval(kFrameMs);
    connect(&m_play, &QTimer::timeout, this, &BudgetBar::advance);
    showPlaying();
}

void BudgetBar::setUnit(XAxis unit) {
    m_unit = unit;
    m_unitBox->setCurrentIndex(m_unitBox->findData(static_cast<int>(unit)));
    setBudget(m_budget, m_shared->isChecked());
}

void BudgetBar::setRange(const figure::BudgetRange& range) {
    m_range = range;
    const bool hasRoom = range.longest > range.first;
    m_slider->setEnabled(hasRoom);
    m_playButton->setEnabled(hasRoom);
    m_shared->setEnabled(hasRoom);
    // Wide enough for every place: nothing moves while it plays.
    m_label->setMinimumWidth(m_label->fontMetrics().horizontalAdvance(tr("%1 of %2").arg(axisValue(m_unit, range.longest), placeText(m_unit, range.longest))) +
                             spacing::kSmall);
    setBudget(m_budget, m_shared->isChecked());
}

void BudgetBar::setBudget(double budget, bool isShared) {
    m_budget = budget;
    const QSignalBlocker slider(m_slider), shared(m_shared);
    const double length = m_range.longest - m_range.first;
    m_slider->setValue(length > 0 ? static_cast<int>(std::lround(kSteps * std::clamp((budget - m_range.first) / length, 0.0, 1.0))) : 0);
    m_shared->setChecked(isShared);
    m_label->setText(
        tr("%1 of %2").arg(isTime(m_unit) ? placeText(m_unit, budget) : QString::number(std::llround(budget)), placeText(m_unit, m_range.longest)));
}

void BudgetBar::setPlaying(bool isPlaying) {
    if (!isPlaying || !m_playButton->isEnabled()) {
        m_play.stop();
    } else {
        if (m_slider->value() == kSteps) {
            Q_EMIT chosen(budgetAt(0));
        }
        m_play.start();
    }
    showPlaying();
}

void BudgetBar::step(int direction) {
    setPlaying(false);
    Q_EMIT chosen(budgetAt(std::clamp(m_slider->value() + direction * kKeySteps, 0, kSteps)));
}

void BudgetBar::advance() {
    const int next = std::min(kSteps, m_slider->value() + kPlaySteps);
    if (next == kSteps) {
        setPlaying(false);
    }
    Q_EMIT chosen(budgetAt(next));
}

void BudgetBar::showPlaying() {
    m_playButton->setIcon(icon(isPlaying() ? Icon::Pause : Icon::Play));
    m_playButton->setToolTip(isPlaying() ? tr("Stop (Space)") : tr("Play the front through training (Space)"));
    m_playButton->setAccessibleName(isPlaying() ? tr("Stop") : tr("Play"));
}

double BudgetBar::budgetAt(int step) const {
    return m_range.first + (m_range.longest - m_range.first) * step / kSteps;
}

void BudgetBar::hideEvent(QHideEvent* event) {
    setPlaying(false);
    QWidget::hideEvent(event);
}

}  // namespace rlcm::ui
