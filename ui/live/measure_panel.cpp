#include "ui/live/measure_panel.h"

#include <QAbstractItemView>
#include <QComboBox>
#include <QHBoxLayout>
#include <QMenu>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "core/run/measures.h"
#include "ui/charts/chart_widget.h"
#include "ui/theme/icons.h"
#include "ui/view/live_view.h"
#include "ui/view/measure_box.h"

namespace rlcm::ui {

namespace {

constexpr int kLetters = 12;  // that the box is at least wide

std::string unitOf(const std::string& name) {
    const run::Measure* known = run::findMeasure(name);
    return known == nullptr ? name : std::string(known->unit);
}

QStringList words(const std::vector<std::string>& measures) {
    QStringList all;
    std::ranges::transform(measures, std::back_inserter(all), [](const std::string& name) { return QString::fromStdString(name); });
    return all;
}

}  // namespace

QString panelTitle(const std::vector<std::string>& measures) {
    if (measures == rewardMeasures()) {
        return MeasurePanel::tr("Reward");
    }
    const QString first = measures.empty() ? QString() : scalarTitle(measures.front());
    return measures.size() < 2 ? first : MeasurePanel::tr("%1 + %2").arg(first).arg(measures.size() - 1);
}

QString panelAxisTitle(const std::vector<std::string>& measures) {
    if (measures.size() == 1) {
        return scalarTitle(measures.front());
    }
    const std::string unit = measures.empty() ? std::string() : unitOf(measures.front());
    return unit == run::kRewardUnit ? MeasurePanel::tr("Mean reward") : unit == "s" ? MeasurePanel::tr("Seconds") : QString::fromStdString(unit);
}

MeasurePanel::MeasurePanel(std::size_t number, QWidget* parent) : QWidget(parent) {
    const QString suffix = QString::number(number);
    m_what = new QComboBox(this);
    m_what->setObjectName(QStringLiteral("panelMeasure") + suffix);
    m_what->setAccessibleName(tr("Measure of chart %1").arg(number + 1));
    m_what->setToolTip(tr("What this chart shows"));
    m_what->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_what->setMinimumContentsLength(kLetters);
    m_what->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_what->setMaxVisibleItems(24);
    auto* more = new QToolButton(this);
    more->setObjectName(QStringLiteral("panelMenu") + suffix);
    more->setAccessibleName(tr("More of chart %1").arg(number + 1));
    more->setToolTip(tr("Show several measures here, a logarithmic axis, add a chart or remove this one"));
    more->setIcon(icon(Icon::More));
    more->setAutoRaise(true);
    more->setStyleSheet(QStringLiteral("QToolButton::menu-indicator { image: none; width: 0; }"));
    more->setPopupMode(QToolButton::InstantPopup);
    m_menu = new QMenu(more);
    more->setMenu(m_menu);
    m_chart = new ChartWidget(this);
    m_chart->setObjectName(number == 0 ? QStringLiteral("rewardChart") : number == 1 ? QStringLiteral("measureChart") : QStringLiteral("chart") + suffix);
    auto* head = new QHBoxLayout;
    head->setSpacing(spacing::kTiny);
    head->addWidget(m_what, 1);
    head->addWidget(more);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(spacing::kTiny);
    column->addLayout(head);
    column->addWidget(m_chart, 1);
    connect(m_what, &QComboBox::activated, this, [this](int index) {
        std::vector<std::string> measures;
        for (const QString& name : m_what->itemData(index).toStringList()) {
            measures.push_back(name.toStdString());
        }
        Q_EMIT chosen(measures);
    });
    connect(m_menu, &QMenu::aboutToShow, this, &MeasurePanel::fillMenu);
}

void MeasurePanel::setMeasures(const std::vector<std::string>& names, const std::vector<std::string>& shown) {
    const bool isSame = names == m_names && shown == m_shown;
    m_names = names;
    m_shown = shown;
    if (!isSame || m_what->count() == 0) {
        fillBox();
        m_chart->setAccessibleName(panelTitle(shown));
    }
}

void MeasurePanel::setRoom(bool canAdd, bool canRemove) {
    m_canAdd = canAdd;
    m_canRemove = canRemove;
}

void MeasurePanel::fillBox() {
    m_what->clear();
    m_what->addItem(panelTitle(rewardMeasures()), words(rewardMeasures()));
    if (m_shown.size() > 1 && m_shown != rewardMeasures()) {
        m_what->addItem(panelTitle(m_shown), words(m_shown));
    }
    std::vector<std::string> names = m_names;
    if (m_shown.size() == 1 && std::ranges::find(names, m_shown.front()) == names.end()) {
        names.push_back(m_shown.front());
    }
    addMeasures(*m_what, names, [](const QString& name) { return QVariant(QStringList{name}); });
    m_what->setCurrentIndex(m_what->findData(words(m_shown)));
    m_what->view()->setMinimumWidth(m_what->view()->sizeHintForColumn(0) + 2 * spacing::kHuge);
}

/// Only what has the unit of what is shown can be shown with it.
void MeasurePanel::fillMenu() {
    qDeleteAll(m_menu->findChildren<QMenu*>(QString(), Qt::FindDirectChildrenOnly));
    m_menu->clear();
    const std::string unit = m_shown.empty() ? std::string() : unitOf(m_shown.front());
    QMenu* also = m_menu->addMenu(tr("Show &with it"));
    for (const std::string& name : m_names) {
        if (unitOf(name) != unit || name == run::measure::kEvalImages) {
            continue;
        }
        QAction* action = also->addAction(scalarTitle(name));
        action->setCheckable(true);
        action->setChecked(std::ranges::find(m_shown, name) != m_shown.end());
        connect(action, &QAction::toggled, this, [this, name](bool isShown) { toggle(name, isShown); });
    }
    also->setEnabled(!also->isEmpty());
    QAction* log = m_menu->addAction(tr("&Log y"));
    log->setCheckable(true);
    log->setChecked(m_chart->isLogY());
    connect(log, &QAction::toggled, this, &MeasurePanel::logAsked);
    m_menu->addSeparator();
    QAction* add = m_menu->addAction(icon(Icon::Add), tr("&Add a chart"), this, &MeasurePanel::addAsked);
    add->setEnabled(m_canAdd);
    QAction* remove = m_menu->addAction(icon(Icon::Close), tr("&Remove this chart"), this, &MeasurePanel::removeAsked);
    remove->setEnabled(m_canRemove);
}

void MeasurePanel::toggle(const std::string& name, bool isShown) {
    std::vector<std::string> next = m_shown;
    isShown ? next.push_back(name) : static_cast<void>(std::erase(next, name));
    if (!next.empty()) {
        Q_EMIT chosen(next);
    }
}

}  // namespace rlcm::ui
