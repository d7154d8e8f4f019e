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
#include "ui/widgets/flow_layout.h"

namespace rlcm::ui {
namespace {

constexpr int kScalarLetters = 18;
constexpr int kSliderSteps = 100;
constexpr double kLeastShare = 0.002, kMostShare = 0.5;  ///< of the x axis, at the ends of the slider

double shareOf(int step) {
    return step <= 0 ? 0.0
                     : kLeastShare * std::pow(kMostShare / kLeastShare, (step - 1.0) / (kSliderSteps - 1.0));
}

int stepOf(double share) {
    if (share <= 0) return 0;
    const double step =
        1 + (kSliderSteps - 1) * std::log(share / kLeastShare) / std::log(kMostShare / kLeastShare);
    return std::clamp(static_cast<int>(std::lround(step)), 1, kSliderSteps);
}

/// Two digits are all that a half-life needs.
double rounded(double value) {
    if (value <= 0) return 0;
    const double unit = std::pow(10.0, std::floor(std::log10(value)) - 1);
    return std::round(value / unit) * unit;
}

}  // namespace

CompareControls::CompareControls(QWidget* parent)
    : QWidget(parent),
      m_scalarBox(new QComboBox(this)),
      m_rewardBox(new QComboBox(this)),
      m_axisBox(new QComboBox(this)),
      m_slider(new QSlider(Qt::Horizontal, this)),
      m_number(new QDoubleSpinBox(this)),
      m_bandBox(new QComboBox(this)),
      m_export(new QToolButton(this)) {
    m_scalarBox->setObjectName(QStringLiteral("scalar"));
    // Two rows at the width that a window of 1280 leaves: names of measures may be long, the list itself shows them whole.
    m_scalarBox->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_scalarBox->setMinimumContentsLength(kScalarLetters);
    m_scalarBox->view()->setTextElideMode(Qt::ElideNone);
    m_rewardBox->setObjectName(QStringLiteral("rewardChoice"));
    m_rewardBox->setAccessibleName(tr("Reward"));
    m_rewardBox->setToolTip(tr("The visible runs have unlike rewards, which share no axis: this one is drawn"));
    m_rewardBox->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_rewardBox->hide();
    m_axisBox->setObjectName(QStringLiteral("xAxis"));
    m_axisBox->setToolTip(tr("What stands on the horizontal axis (keys 1 to 7)"));
    for (int i = 0; i < kXAxes; ++i) m_axisBox->addItem(axisTitle(static_cast<XAxis>(i)));
    m_slider->setObjectName(QStringLiteral("halfLifeSlider"));
    m_slider->setRange(0, kSliderSteps);
    m_slider->setFixedWidth(64);
    m_slider->setAccessibleName(tr("Smoothing"));
    m_number->setObjectName(QStringLiteral("halfLife"));
    m_number->setAccessibleName(tr("Smoothing half-life"));
    m_number->setToolTip(
        tr("Half-life of the smoothing: a point this far back counts half ([ and ] halve and double it)"));
    m_number->setRange(0, 1e12);
    m_number->setDecimals(1);
    m_number->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
    m_number->setSpecialValueText(tr("Off"));
    m_number->setKeyboardTracking(false);
    m_number->setFixedWidth(fontMetrics().horizontalAdvance(QStringLiteral("0000.0 queries")) + 34);
    m_raw = toggle(QStringLiteral("raw"), tr("Raw"), tr("Show the unsmoothed curve faintly behind (R)"));
    m_raw->setChecked(true);
    m_log = toggle(QStringLiteral("logY"), tr("Log y"), tr("Logarithmic vertical axis (L)"));
    m_outliers = toggle(QStringLiteral("outliers"),
                        tr("Ignore outliers"),
                        tr("Fit the vertical axis to the middle 98 % of the values (O)"));
    m_group = toggle(QStringLiteral("group"),
                     tr("Group seeds"),
                     tr("Mean and band over runs that differ only in their seed (G)"));
    m_group->setIcon(icon(Icon::Group));
    m_group->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_bandBox->setObjectName(QStringLiteral("band"));
    m_bandBox->setAccessibleName(tr("Band around the mean"));
    m_bandBox->addItems({tr("min–max"), tr("± std"), tr("95 %")});
    m_bandBox->setToolTip(tr("What the band around the mean shows: the range of the seeds, their standard deviation, or the 95 % t interval of the mean"));
    m_bandBox->setEnabled(false);  // it keeps its place: nothing jumps when seeds are grouped
    addExportMenu();

    auto* flow = new FlowLayout(this, spacing::kMedium, spacing::kSmall);
    flow->setContentsMargins(0, 0, 0, 0);
    flow->addWidget(labelled(tr("Show"), {m_scalarBox, m_rewardBox}));
    flow->addWidget(labelled(tr("against"), {m_axisBox}));
    flow->addWidget(m_export);
    flow->addWidget(labelled(tr("Smoothing"), {m_slider, m_number}));
    flow->addWidget(labelled({}, {m_raw, m_log, m_outliers}));
    flow->addWidget(labelled({}, {m_group, m_bandBox}));
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);

    setScalars({});
    setAxis(XAxis::Epoch);
    connect(m_scalarBox, &QComboBox::activated, this, [this] {
        m_scalar = m_scalarBox->currentData().toString().toStdString();
        updateRewardBox();
        Q_EMIT scalarChanged();
    });
    connect(m_rewardBox, &QComboBox::activated, this, &CompareControls::viewChanged);
    connect(m_axisBox, &QComboBox::currentIndexChanged, this, &CompareControls::axisChanged);
    connect(m_slider, &QSlider::valueChanged, this, [this](int step) {
        setHalfLife(rounded(shareOf(step) * m_longest));
    });
    connect(m_number, &QDoubleSpinBox::valueChanged, this, [this] {
        updateSlider();
        Q_EMIT viewChanged();
    });
    connect(m_group, &QToolButton::toggled, m_bandBox, &QWidget::setEnabled);
    connect(m_bandBox, &QComboBox::currentIndexChanged, this, &CompareControls::viewChanged);
}

QWidget* CompareControls::labelled(const QString& text, std::initializer_list<QWidget*> widgets) {
    auto* box = new QWidget(this);
    auto* row = new QHBoxLayout(box);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(spacing::kSmall);
    if (!text.isEmpty()) {
        auto* label = makeMuted(new QLabel(text, box));
        label->setBuddy(*widgets.begin());
        row->addWidget(label);
    }
    for (QWidget* widget : widgets) row->addWidget(widget);
    return box;
}

QToolButton* CompareControls::toggle(const QString& name, const QString& text, const QString& tip) {
    auto* button = makeOutlined(new QToolButton(this));
    button->setObjectName(name);
    button->setText(text);
    button->setToolTip(tip);
    button->setCheckable(true);
    connect(button, &QToolButton::toggled, this, &CompareControls::viewChanged);
    return button;
}

void CompareControls::addExportMenu() {
    m_export->setObjectName(QStringLiteral("export"));
    m_export->setText(tr("Export"));
    m_export->setIcon(icon(Icon::Export));
    m_export->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_export->setPopupMode(QToolButton::InstantPopup);
    m_export->setToolTip(tr("Save the chart as PDF, SVG or PNG, or its data (Ctrl+E)"));
    auto* menu = new QMenu(m_export);
    const auto add = [&](const QString& text, const QString& what) {
        connect(
            menu->addAction(text), &QAction::triggered, this, [this, what] { Q_EMIT exportRequested(what); });
    };
    add(tr("Figure, one column (84 mm)…"), QStringLiteral("column"));
    add(tr("Figure, full width (174 mm)…"), QStringLiteral("page"));
    add(tr("Figure, slide (16:9)…"), QStringLiteral("slide"));
    menu->addSeparator();
    add(tr("Data as CSV…"), QStringLiteral("csv"));
    add(tr("Copy the table at the cursor"), QStringLiteral("table"));
    m_export->setMenu(menu);
    makeOutlined(m_export);
}

void CompareControls::setScalars(const std::vector<std::string>& names) {
    std::vector<std::string> all = names;
    if (std::find(all.begin(), all.end(), m_scalar) == all.end()) all.push_back(m_scalar);
    // Rewards first: they are what most comparisons are about.
    std::stable_sort(all.begin(), all.end(), [](const std::string& a, const std::string& b) {
        const auto rank = [](const std::string& name) {
            if (name == run::measure::kEvalRewardMean) return 0;
            if (name == run::measure::kRewardMean) return 1;
            return name.rfind("eval_", 0) == 0 ? 2 : name.rfind("reward", 0) == 0 ? 3 : 4;
        };
        return rank(a) < rank(b);
    });
    QStringList keys, present;
    for (const std::string& name : all) keys << QString::fromStdString(name);
    for (int i = 0; i < m_scalarBox->count(); ++i) present << m_scalarBox->itemData(i).toString();
    if (keys == present) return;  // the list may be open right now
    const QSignalBlocker quiet(m_scalarBox);
    m_scalarBox->clear();
    for (const std::string& name : all) m_scalarBox->addItem(scalarTitle(name), QString::fromStdString(name));
    m_scalarBox->setCurrentIndex(m_scalarBox->findData(QString::fromStdString(m_scalar)));
}

void CompareControls::setRewards(const std::vector<RewardChoice>& rewards) {
    const QString chosen = m_rewardBox->currentData().toString();
    QStringList texts, present;
    for (const RewardChoice& reward : rewards) texts << (reward.runs == 1 ? tr("%1, 1 run").arg(reward.title) : tr("%1, %2 runs").arg(reward.title).arg(reward.runs));
    for (int i = 0; i < m_rewardBox->count(); ++i) present << m_rewardBox->itemText(i);
    if (texts != present) {  // the list may be open right now
        m_rewardBox->clear();
        for (qsizetype i = 0; i < texts.size(); ++i) m_rewardBox->addItem(texts[i], QString::fromStdString(rewards[static_cast<std::size_t>(i)].key));
        m_rewardBox->setCurrentIndex(std::max(0, m_rewardBox->findData(chosen)));
    }
    updateRewardBox();
}

std::string CompareControls::reward() const {
    return m_rewardBox->currentData().toString().toStdString();
}

void CompareControls::updateRewardBox() {
    m_rewardBox->setVisible(m_rewardBox->count() > 1 && run::isInRewardUnits(m_scalar));
}

std::string CompareControls::scalar() const {
    return m_scalar;
}

XAxis CompareControls::axis() const {
    return static_cast<XAxis>(m_axisBox->currentIndex());
}

void CompareControls::setAxis(XAxis axis) {
    m_axisBox->setCurrentIndex(static_cast<int>(axis));
    updateUnit();
}

void CompareControls::setLongestX(double longest) {
    m_longest = longest;
    updateUnit();
    updateSlider();
}

double CompareControls::halfLife() const {
    return m_number->value();
}

void CompareControls::setHalfLife(double halfLife) {
    m_number->setValue(std::max(0.0, halfLife));
}

void CompareControls::updateSlider() {
    const QSignalBlocker quiet(m_slider);
    m_slider->setValue(m_longest > 0 ? stepOf(halfLife() / m_longest) : 0);
    m_slider->setEnabled(m_longest > 0);
    m_raw->setEnabled(halfLife() > 0);
}

void CompareControls::updateUnit() {
    m_number->setSuffix(QLatin1Char(' ') + axisUnit(axis()));
}

bool CompareControls::isRaw() const {
    return m_raw->isChecked();
}
bool CompareControls::isLogY() const {
    return m_log->isChecked();
}
bool CompareControls::areOutliersIgnored() const {
    return m_outliers->isChecked();
}
bool CompareControls::isGrouped() const {
    return m_group->isChecked();
}
figure::Band CompareControls::band() const {
    return static_cast<figure::Band>(m_bandBox->currentIndex());
}
void CompareControls::toggleRaw() {
    m_raw->toggle();
}
void CompareControls::toggleLogY() {
    m_log->toggle();
}
void CompareControls::toggleOutliers() {
    m_outliers->toggle();
}
void CompareControls::toggleGroup() {
    m_group->toggle();
}

QJsonObject CompareControls::state() const {
    return {{QStringLiteral("scalar"), QString::fromStdString(m_scalar)},
            {QStringLiteral("axis"), m_axisBox->currentIndex()},
            {QStringLiteral("halfLife"), halfLife()},
            {QStringLiteral("raw"), isRaw()},
            {QStringLiteral("log"), isLogY()},
            {QStringLiteral("outliers"), areOutliersIgnored()},
            {QStringLiteral("group"), isGrouped()},
            {QStringLiteral("band"), m_bandBox->currentIndex()}};
}

void CompareControls::setState(const QJsonObject& state) {
    const QSignalBlocker quiet(this);
    const auto at = [&](const char* key) { return state.value(QLatin1String(key)); };
    m_scalar = at("scalar").toString(QString::fromStdString(m_scalar)).toStdString();
    setScalars({});
    setAxis(static_cast<XAxis>(std::clamp(at("axis").toInt(), 0, kXAxes - 1)));
    setHalfLife(at("halfLife").toDouble());
    m_raw->setChecked(at("raw").toBool(true));
    m_log->setChecked(at("log").toBool());
    m_outliers->setChecked(at("outliers").toBool());
    m_group->setChecked(at("group").toBool());
    m_bandBox->setCurrentIndex(std::clamp(at("band").toInt(), 0, m_bandBox->count() - 1));
}

}  // namespace rlcm::ui
