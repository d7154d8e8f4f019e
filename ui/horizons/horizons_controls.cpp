#include "ui/horizons/horizons_controls.h"

#include <QAbstractItemView>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QToolButton>
#include <algorithm>

#include "core/run/measures.h"
#include "ui/theme/icons.h"
#include "ui/view/measure_box.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/arrange.h"

namespace rlcm::ui {
namespace {
constexpr int kMeasureLetters = 20;
}  // namespace

HorizonsControls::HorizonsControls(QWidget* parent) : QWidget(parent) {
    m_rewardBox = box(QStringLiteral("horizonsReward"), tr("Reward"), tr("The visible runs have unlike rewards, which share no axis: this one is drawn"));
    m_rewardBox->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_measureBox = box(QStringLiteral("horizonsMeasure"), tr("Value"), tr("What stands on the vertical axis"));
    m_measureBox->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_measureBox->setMinimumContentsLength(kMeasureLetters);
    m_measureBox->view()->setTextElideMode(Qt::ElideNone);
    m_costBox =
        box(QStringLiteral("horizonsCost"), tr("Cost of an image"), tr("What stands on the horizontal axis: how dear an image is once the model is trained"));
    m_costBox->addItems({tr("Time of an image"), tr("Denoiser evaluations")});
    m_bandBox = box(QStringLiteral("horizonsBand"), tr("Interval"),
                    tr("What the whiskers show: the range of the seeds, their standard deviation, or the 95 % t interval of the mean"));
    m_bandBox->addItems({tr("min–max"), tr("± std"), tr("95 %")});
    m_dominated = toggle(QStringLiteral("horizonsDominated"), tr("Dominated"), tr("Draw points that another beats in value at no more cost, faintly (D)"),
                         &HorizonsView::hasDominated);
    m_base = toggle(QStringLiteral("horizonsBase"), tr("Before training"), tr("Draw the models before training, hollow (B)"), &HorizonsView::hasBase);
    m_measure = makeOutlined(new QToolButton(this));
    m_measure->setObjectName(QStringLiteral("measureTimes"));
    m_measure->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_progress = makeMuted(new QLabel(this));
    m_progress->setObjectName(QStringLiteral("measureProgress"));

    auto* timing = new QWidget(this);
    auto* row = new QHBoxLayout(timing);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(spacing::kSmall);
    row->addWidget(m_measure);
    row->addWidget(m_progress);
    auto* toggles = new QWidget(this);
    row = new QHBoxLayout(toggles);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(spacing::kSmall);
    row->addWidget(m_dominated);
    row->addWidget(m_base);
    auto* flow = new FlowLayout(this, spacing::kMedium, spacing::kSmall);
    flow->setContentsMargins(0, 0, 0, 0);
    flow->addWidget(labelled(tr("Show"), {m_measureBox}, this));
    flow->addWidget(m_rewardBox);
    flow->addWidget(labelled(tr("against"), {m_costBox}, this));
    flow->addWidget(labelled(tr("Interval"), {m_bandBox}, this));
    flow->addWidget(toggles);
    flow->addWidget(timing);
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    setMeasures({});
    setMeasuring(false);
    setView(m_view);
    connectAll();
}

void HorizonsControls::connectAll() {
    connect(m_measureBox, &QComboBox::activated, this, [this] { choose(&HorizonsView::measure, m_measureBox->currentData().toString().toStdString()); });
    connect(m_rewardBox, &QComboBox::activated, this, [this] { choose(&HorizonsView::reward, reward()); });
    connect(m_costBox, &QComboBox::activated, this, [this](int index) { choose(&HorizonsView::cost, static_cast<InferenceCost>(index)); });
    connect(m_bandBox, &QComboBox::activated, this, [this](int index) { choose(&HorizonsView::band, static_cast<figure::Band>(index)); });
    connect(m_measure, &QToolButton::clicked, this, [this] { m_isMeasuring ? Q_EMIT cancelAsked() : Q_EMIT measureAsked(); });
}

QToolButton* HorizonsControls::toggle(const QString& name, const QString& text, const QString& tip, bool HorizonsView::* part) {
    auto* button = makeOutlined(new QToolButton(this));
    button->setObjectName(name);
    button->setText(text);
    button->setToolTip(tip);
    button->setCheckable(true);
    connect(button, &QToolButton::toggled, this, [this, part](bool isOn) { choose(part, isOn); });
    return button;
}

QComboBox* HorizonsControls::box(const QString& name, const QString& accessibleName, const QString& tip) {
    auto* one = new QComboBox(this);
    one->setObjectName(name);
    one->setAccessibleName(accessibleName);
    one->setToolTip(tip);
    return one;
}

template <typename Choice>
void HorizonsControls::choose(Choice HorizonsView::* part, Choice value) {
    HorizonsView next = m_view;
    next.*part = std::move(value);
    Q_EMIT chosen(next);
}

void HorizonsControls::setView(const HorizonsView& view) {
    m_view = view;
    setMeasures(m_measures);
    if (const int at = m_rewardBox->findData(QString::fromStdString(view.reward)); at >= 0) {
        m_rewardBox->setCurrentIndex(at);
    }
    m_costBox->setCurrentIndex(static_cast<int>(view.cost));
    m_bandBox->setCurrentIndex(static_cast<int>(view.band));
    for (const auto& [button, isOn] : {std::pair(m_dominated, view.hasDominated), {m_base, view.hasBase}}) {
        const QSignalBlocker quiet(button);
        button->setChecked(isOn);
    }
    showRewardBox();
}

void HorizonsControls::setMeasures(const std::vector<std::string>& names) {
    m_measures = names;
    showMeasures(*m_measureBox, names, m_view.measure);
}

void HorizonsControls::setRewards(const std::vector<std::pair<std::string, QString>>& rewards) {
    const QString chosen = m_view.reward.empty() ? m_rewardBox->currentData().toString() : QString::fromStdString(m_view.reward);
    QStringList texts, present;
    for (const auto& [key, title] : rewards) {
        texts << title;
    }
    for (int i = 0; i < m_rewardBox->count(); ++i) {
        present << m_rewardBox->itemText(i);
    }
    if (texts != present) {
        m_rewardBox->clear();
        for (const auto& [key, title] : rewards) {
            m_rewardBox->addItem(title, QString::fromStdString(key));
        }
        m_rewardBox->setCurrentIndex(std::max(0, m_rewardBox->findData(chosen)));
    }
    showRewardBox();
}

std::string HorizonsControls::reward() const {
    return m_rewardBox->currentData().toString().toStdString();
}

void HorizonsControls::showRewardBox() {
    m_rewardBox->setVisible(m_rewardBox->count() > 1 && run::isInRewardUnits(m_view.measure));
}

void HorizonsControls::setMeasuring(bool isMeasuring, const QString& progress) {
    m_isMeasuring = isMeasuring;
    m_measure->setText(isMeasuring ? tr("Cancel") : m_hasTimes ? tr("Measure again…") : tr("Measure times…"));
    m_measure->setIcon(icon(isMeasuring ? Icon::Close : Icon::Clock));
    m_measure->setToolTip(isMeasuring ? tr("Stop measuring; what has been measured stays")
                                      : tr("Samples images with every horizon on this machine, in a process of its own, and keeps the times in the workspace"));
    m_measure->setEnabled(m_whyNot.isEmpty());
    if (!m_whyNot.isEmpty()) {
        m_measure->setToolTip(m_whyNot);
    }
    m_progress->setText(progress);
    m_progress->setVisible(!progress.isEmpty());
}

void HorizonsControls::forbidMeasuring(const QString& reason) {
    m_whyNot = reason;
    setMeasuring(false);
}

void HorizonsControls::setTimes(bool areMeasured) {
    m_hasTimes = areMeasured;
    if (!m_isMeasuring) {
        setMeasuring(false);
    }
}

}  // namespace rlcm::ui
