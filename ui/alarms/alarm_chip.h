#pragma once
#include <QToolButton>
#include <cstdint>
#include <vector>

namespace rlcm::ui {

class AlarmList;
class RunsModel;

/// How many alarms there are, for the foot of the window; its menu lists the newest ones. Hidden while there is none. objectName: alarmChip.
class AlarmChip : public QToolButton {
    Q_OBJECT
public:
    /// Both must outlive it.
    AlarmChip(const AlarmList& alarms, const RunsModel& runs, QWidget* parent = nullptr);

Q_SIGNALS:
    void chosen(std::int64_t id);
    void allDismissed(const std::vector<std::int64_t>& ids);

private:
    void showCount();
    void fill();

    const AlarmList& m_alarms;
    const RunsModel& m_runs;
};

}  // namespace rlcm::ui
