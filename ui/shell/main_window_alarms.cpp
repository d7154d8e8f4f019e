// What can be done with an alarm, whichever run has it.
#include "ui/alarms/alarm_bar.h"
#include "ui/alarms/alarm_chip.h"
#include "ui/alarms/alarm_list.h"
#include "ui/alarms/desktop_notice.h"
#include "ui/bridge/run_controller.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/main_window.h"
#include "ui/view/page.h"

namespace rlcm::ui {

void MainWindow::connectAlarms() {
    connect(m_alarms, &AlarmList::failed, this, [this](const QString& text) { tell(MessageLevel::Error, text); });
    connect(m_alarmBar, &AlarmBar::goRequested, this, &MainWindow::goToAlarm);
    connect(m_alarmBar, &AlarmBar::keepRequested, m_alarms, &AlarmList::keepGood);
    connect(m_alarmBar, &AlarmBar::stopRequested, this, [this] { stop(&RunController::stopAfterEpoch); });
    connect(m_alarmBar, &AlarmBar::dismissed, this, [this](std::int64_t id) { m_alarms->dismiss({id}); });
    connect(new DesktopNotice(*m_alarms, this), &DesktopNotice::clicked, this, [this](std::int64_t id) {
        show();
        raise();
        activateWindow();
        goToAlarm(id);
    });
    connect(m_alarmChip, &AlarmChip::chosen, this, &MainWindow::showAlarm);
    connect(m_alarmChip, &AlarmChip::allDismissed, m_alarms, &AlarmList::dismiss);
}

/// The run at the epoch of the alarm, on the page that is shown when that one follows the time bar.
void MainWindow::goToAlarm(std::int64_t id) {
    const Alarm* alarm = m_alarms->find(id);
    if (alarm == nullptr) {
        return;
    }
    if (m_runs->model().find(alarm->alert.id) == nullptr) {
        tell(MessageLevel::Info, tr("The run of this alarm is not in the list any more."));
        return;
    }
    const bool hasTime = shownPage()->epochs().has_value();
    m_view.apply({[run = alarm->alert.id, epoch = static_cast<int>(alarm->alert.epoch), hasTime](ViewState& state) {
        state.select(run);
        state.goTo(epoch);
        state.page = hasTime ? state.page : QStringLiteral("live");
    }});
}

/// One of the list: what was put aside is gone to, the rest is brought up with all that can be done.
void MainWindow::showAlarm(std::int64_t id) {
    m_alarmBar->bringUp(id);
    goToAlarm(id);
}

}  // namespace rlcm::ui
