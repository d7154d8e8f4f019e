#include "ui/compare/compare_controls.h"

#include <QAction>
#include <QAbstractItemView>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QSignalBlocker>
#include <QSlider>
#include <QToolButton>
#include <algorithm>
#include <cmath>

#include "ui/theme/icons.h"
#include "ui/view/measure_box.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/arrange.h"

namespace rlcm::ui {
namespace {

constexpr int kScalarLetters = 18, kAxisLetters = 11;
constexpr int kSliderSteps = 100;
constexpr int kDecimals = 1;                             ///< of the half-life
constexpr double kLeastShare = 0.002, kMostShare = 0.5;  ///< of the x axis, at the ends of the slider

double shareOf(int step) {
    return step <= 0 ? 0.0 : kLeastShare * std::pow(kMostShare / kLeastShare, (step - 1.0) / (kSliderSteps - 1.0));
}

int stepOf(double share) {
    if (share <= 0) {
        return 0;
    }
    const double step = 1 + (kSliderSteps - 1) * std::log(share / kLeastShare) / std::log(kMostShare / kLeastShare);
    return std::clamp(static_cast<int>(std::lround(step)), 1, kSliderSteps);
}

/// Two digits are all that a half-life needs.
double rounded(double value) {
    if (value <= 0) {
        return 0;
    }
    const double unit = std::pow(10.0, std::floor(std::log10(value)) - 1);
    return std::round(value / unit) * unit;
}

}  // namespace

CompareControls::CompareControls(QWidget* parent) : QWidget(parent) {
    makeBoxes();
    makeSmoothing();
    makeToggles();
    layOut();
    setScalars({});
    setView(m_view);
    connectAll();
}

void CompareControls::makeBoxes() {
    m_scalarBox = new QComboBox(this);
    m_scalarBox->setObjectName(QStringLiteral("scalar"));
    // Two rows at the width that a window of 1280 leaves: names of measures may be long, the list itself shows them whole.
    m_scalarBox->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_scalarBox->setMinimumContentsLength(kScalarLetters);
    m_scalarBox->view()->setTextElideMode(Qt::ElideNone);
    m_rewardBox = new QComboBox(this);
    m_rewardBox->setObjectName(QStringLiteral("rewardChoice"));
    m_rewardBox->setAccessibleName(tr("Reward"));
    m_rewardBox->setToolTip(tr("The visible runs have unlike rewards, which share no axis: this one is drawn"));
    m_rewardBox->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_rewardBox->hide();
    m_axisBox = new QComboBox(this);
    m_axisBox->setObjectName(QStringLiteral("xAxis"));
    m_axisBox->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_axisBox->setMinimumContentsLength(kAxisLetters);
    m_axisBox->view()->setTextElideMode(Qt::ElideNone);
    m_axisBox->setToolTip(tr("What stands on the horizontal axis (keys 1 to 8)"));
    for (const run::CounterField& field : run::counterFields()) {
        m_axisBox->addItem(axisTitle(field.counter));
    }
}

void CompareControls::makeSmoothing() {
    m_smootherBox = new QComboBox(this);
    m_smootherBox->setObjectName(QStringLiteral("smoother"));
    m_smootherBox->setAccessibleName(tr("Kind of smoothing"));
    m_smootherBox->addItems({tr("EMA"), tr("Mean"), tr("Median")});
    m_smootherBox->setToolTip(
        tr("How curves are smoothed. EMA: what lies one half-life back counts half, what comes later nothing. Mean and median: of the points this near on "
           "either side, none "
           "further away; one outlier moves the median little"));
    m_slider = new QSlider(Qt::Horizontal, this);
    m_slider->setObjectName(QStringLiteral("halfLifeSlider"));
    m_slider->setRange(0, kSliderSteps);
    m_slider->setFixedWidth(64);
    m_slider->setAccessibleName(tr("Smoothing"));
    m_number = new QDoubleSpinBox(this);
    m_number->setObjectName(QStringLiteral("halfLife"));
    m_number->setAccessibleName(tr("Smoothing half-life"));
    m_number->setToolTip(tr("Half-life of the smoothing, or how far mean and median reach to either side ([ and ] halve and double it)"));
    m_number->setRange(0, 1e12);
    m_number->setDecimals(kDecimals);
    m_number->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
    m_number->setSpecialValueText(tr("Off"));
    m_number->setKeyboardTracking(false);
    m_number->setFixedWidth(fontMetrics().horizontalAdvance(QStringLiteral("0000.0 queries")) + 34);
}

void CompareControls::makeToggles() {
    m_raw = toggle(QStringLiteral("raw"), tr("Raw"), tr("Show the unsmoothed curve faintly behind (R)"), &CompareView::hasRaw);
    m_log = toggle(QStringLiteral("logY"), tr("Log y"), tr("Logarithmic vertical axis (L)"), &CompareView::isLogY);
    m_outliers = toggle(QStringLiteral("outliers"), tr("Ignore outliers"), tr("Fit the vertical axis to the middle 98 % of the values (O)"),
                        &CompareView::ignoresOutliers);
    m_group = toggle(QStringLiteral("group"), tr("Group seeds"),
                     tr("Mean and band over runs that differ only in their seed (G). More than %1 runs are grouped until you choose.").arg(kManyCurves),
                     &CompareView::isGrouped);
    m_group->setIcon(icon(Icon::Group));
    m_group->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_bandBox = new QComboBox(this);
    m_bandBox->setObjectName(QStringLiteral("band"));
    m_bandBox->setAccessibleName(tr("Band around the mean"));
    m_bandBox->addItems({tr("min–max"), tr("± std"), tr("95 %")});
    m_bandBox->setToolTip(tr("What the band around the mean shows: the range of the seeds, their standard deviation, or the 95 % t interval of the mean"));
}

void CompareControls::layOut() {
    auto* flow = new FlowLayout(this, spacing::kMedium, spacing::kSmall);
    flow->setContentsMargins(0, 0, 0, 0);
    flow->addWidget(labelled(tr("Show"), {m_scalarBox, m_rewardBox}, this));
    flow->addWidget(labelled(tr("against"), {m_axisBox}, this));
    flow->addWidget(labelled({}, {m_smootherBox, m_slider, m_number}, this));
    flow->addWidget(labelled({}, {m_raw, m_log, m_outliers}, this));
    flow->addWidget(labelled({}, {m_group, m_bandBox}, this));
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void CompareControls::connectAll() {
    connect(m_scalarBox, &QComboBox::activated, this, [this] { choose(&CompareView::measure, m_scalarBox->currentData().toString().toStdString()); });
    connect(m_rewardBox, &QComboBox::activated, this, [this] { choose(&CompareView::reward, reward()); });
    connect(m_axisBox, &QComboBox::currentIndexChanged, this, [this](int index) { choose(&CompareView::axis, static_cast<XAxis>(index)); });
    connect(m_slider, &QSlider::valueChanged, this, [this](int step) { m_number->setValue(rounded(shareOf(step) * m_longest)); });
    connect(m_number, &QDoubleSpinBox::valueChanged, this, [this](double halfLife) { choose(&CompareView::halfLife, halfLife); });
    connect(m_smootherBox, &QComboBox::currentIndexChanged, this, [this](int index) { choose(&CompareView::smoother, static_cast<figure::Smoother>(index)); });
    connect(m_bandBox, &QComboBox::currentIndexChanged, this, [this](int index) { choose(&CompareView::band, static_cast<figure::Band>(index)); });
}

template <typename Choice>
void CompareControls::choose(Choice CompareView::* part, Choice value) {
    CompareView next = m_view;
    next.*part = std::move(value);
    Q_EMIT chosen(next);
}

void CompareControls::setView(const CompareView& view) {
    m_view = view;
    const QSignalBlocker axis(m_axisBox), number(m_number), smoother(m_smootherBox), band(m_bandBox);
    setScalars(m_scalars);
    if (const int at = m_rewardBox->findData(QString::fromStdString(view.reward)); at >= 0) {
        m_rewardBox->setCurrentIndex(at);
    }
    m_axisBox->setCurrentIndex(static_cast<int>(view.axis));
    m_number->setValue(view.halfLife);
    m_smootherBox->setCurrentIndex(static_cast<int>(view.smoother));
    for (const auto& [button, isOn] : {std::pair(m_raw, view.hasRaw), {m_log, view.isLogY}, {m_outliers, view.ignoresOutliers}}) {
        const QSignalBlocker quiet(button);
        button->setChecked(isOn);
    }
    m_bandBox->setCurrentIndex(static_cast<int>(view.band));
    updateGroup();
    updateUnit();
    updateSlider();
    updateRewardBox();
}

template <typename Choice>
QToolButton* CompareControls::toggle(const QString& name, const QString& text, const QString& tip, Choice CompareView::* choice) {
    auto* button = makeOutlined(new QToolButton(this));
    button->setObjectName(name);
    button->setText(text);
    button->setToolTip(tip);
    button->setCheckable(true);
    connect(button, &QToolButton::toggled, this, [this, choice](bool isOn) { choose(choice, Choice(isOn)); });
    return button;
}

void CompareControls::setScalars(const std::vector<std::string>& names) {
    m_scalars = names;
    showMeasures(*m_scalarBox, names, m_view.measure);
}

void CompareControls::setRewards(const std::vector<RewardChoice>& rewards) {
    const QString chosen = m_view.reward.empty() ? m_rewardBox->currentData().toString() : QString::fromStdString(m_view.reward);
    QStringList texts, present;
    for (const RewardChoice& reward : rewards) {
        texts << (reward.runs == 1 ? tr("%1, 1 run").arg(reward.title) : tr("%1, %2 runs").arg(reward.title).arg(reward.runs));
    }
    for (int i = 0; i < m_rewardBox->count(); ++i) {
        present << m_rewardBox->itemText(i);
    }
    if (texts != present) {  // the list may be open right now
        m_rewardBox->clear();
        for (qsizetype i = 0; i < texts.size(); ++i) {
            m_rewardBox->addItem(texts[i], QString::fromStdString(rewards[static_cast<std::size_t>(i)].key));
        }
        m_rewardBox->setCurrentIndex(std::max(0, m_rewardBox->findData(chosen)));
    }
    updateRewardBox();
}

std::string CompareControls::reward() const {
    return m_rewardBox->currentData().toString().toStdString();
}

void CompareControls::updateRewardBox() {
    m_rewardBox->setVisible(m_rewardBox->count() > 1 && run::isInRewardUnits(m_view.measure));
}

void CompareControls::setGroupedByItself(bool isGrouped) {
    m_isGroupedByItself = isGrouped;
    updateGroup();
}

void CompareControls::updateGroup() {
    const bool isGrouped = m_view.isGrouped.value_or(m_isGroupedByItself);
    const QSignalBlocker quiet(m_group);
    m_group->setChecked(isGrouped);
    m_bandBox->setEnabled(isGrouped);  // it keeps its place: nothing jumps when seeds are grouped
}

void CompareControls::setLongestX(double longest) {
    m_longest = longest;
    updateUnit();
    updateSlider();
}

double CompareControls::shownHalfLife(double halfLife) {
    return QString::number(std::max(0.0, halfLife), 'f', kDecimals).toDouble();
}

void CompareControls::updateSlider() {
    const QSignalBlocker quiet(m_slider);
    m_slider->setValue(m_longest > 0 ? stepOf(m_number->value() / m_longest) : 0);
    m_slider->setEnabled(m_longest > 0);
    m_raw->setEnabled(m_number->value() > 0);
}

void CompareControls::updateUnit() {
    m_number->setSuffix(QLatin1Char(' ') + axisUnit(m_view.axis));
}

}  // namespace rlcm::ui
