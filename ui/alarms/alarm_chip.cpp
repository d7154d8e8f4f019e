#include "ui/alarms/alarm_chip.h"

#include <QMenu>
#include <algorithm>

#include "ui/alarms/alarm_list.h"
#include "ui/alarms/alarm_words.h"
#include "ui/runs/runs_model.h"
#include "ui/theme/icons.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {
namespace {
constexpr int kMostListed = 20;
}

AlarmChip::AlarmChip(const AlarmList& alarms, const RunsModel& runs, QWidget* parent) : QToolButton(parent), m_alarms(alarms), m_runs(runs) {
    setObjectName(QStringLiteral("alarmChip"));
    setAutoRaise(true);
    setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    setPopupMode(QToolButton::InstantPopup);
    setIconSize({16, 16});
    setToolTip(tr("Alarms of all runs, newest first"));
    auto* menu = new QMenu(this);
    setMenu(menu);
    connect(menu, &QMenu::aboutToShow, this, &AlarmChip::fill);
    connect(&m_alarms, &AlarmList::changed, this, &AlarmChip::showCount);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, this, &AlarmChip::showCount);
    showCount();
}

void AlarmChip::showCount() {
    const auto told = std::ranges::count_if(m_alarms.all(), [](const Alarm& alarm) { return alarm.alert.isTold; });
    const auto fresh = std::ssize(m_alarms.fresh());
    setVisible(told > 0);
    setIcon(ui::icon(Icon::Warning, fresh > 0 ? Role::Danger : Role::MutedText));
    setText(fresh == 1 ? tr("1 new alarm") : fresh > 1 ? tr("%1 new alarms").arg(fresh) : told == 1 ? tr("1 alarm") : tr("%1 alarms").arg(told));
    setAccessibleName(text());
}

void AlarmChip::fill() {
    menu()->clear();
    int listed = 0;
    for (const Alarm& alarm : m_alarms.all()) {
        if (!alarm.alert.isTold || ++listed > kMostListed) {
            continue;
        }
        const store::RunRow* run = m_runs.find(alarm.alert.id);
        QString text = oneLine(run != nullptr ? run->name : alarm.alert.id) + QStringLiteral(":  ") + alarmLine(alarm.alert);
        QAction* action = menu()->addAction(ui::icon(Icon::Warning, alarm.isSeen ? Role::MutedText : Role::Danger),
                                            text.replace(QLatin1Char('&'), QStringLiteral("&&")), this, [this, id = alarm.id] { Q_EMIT chosen(id); });
        action->setToolTip(plainToolTip(QString::fromStdString(alarm.alert.text)));
    }
    if (listed > kMostListed) {
        menu()->addAction(tr("… and %1 older ones").arg(listed - kMostListed))->setEnabled(false);
    }
    menu()->setToolTipsVisible(true);
    menu()->addSeparator();
    QAction* all = menu()->addAction(ui::icon(Icon::Close), tr("Dismiss all"), this, [this] {
        std::vector<std::int64_t> ids;
        for (const Alarm* alarm : m_alarms.fresh()) {
            ids.push_back(alarm->id);
        }
        Q_EMIT allDismissed(ids);
    });
    all->setEnabled(!m_alarms.fresh().empty());
}

}  // namespace rlcm::ui
