#pragma once
#include <QElapsedTimer>
#include <QFrame>
#include <QPoint>
#include <QTimer>
#include <cstdint>
#include <vector>

#include "core/run/run_event.h"

class QLabel;
class QToolButton;

namespace rlcm::ui {

struct Alarm;
class AlarmList;
class RunsModel;

/// Bar above the pages that tells of new alarms, newest first: what happened in which run at which epoch, and what can be done. It comes and goes only while
/// the mouse is elsewhere or rests, so that the page does not move under a click. objectNames: alarmBar, alarmText, alarmDetail, alarmPrevious, alarmCount,
/// alarmNext, alarmGo, alarmKeep, alarmStop, alarmDismiss.
class AlarmBar : public QFrame {
    Q_OBJECT
public:
    /// `alarms` and `runs` must outlive it.
    AlarmBar(const AlarmList& alarms, const RunsModel& runs, QWidget* parent = nullptr);
    /// The run that trains in this window, "" for none, and whether a stop has been asked for.
    void setTraining(const run::RunId& id, bool isStopping);
    /// Shows this one of the new alarms.
    void bringUp(std::int64_t id);
    /// The alarm that is shown; 0: none.
    std::int64_t shown() const { return m_shown; }

Q_SIGNALS:
    void goRequested(std::int64_t id);
    void keepRequested(std::int64_t id);
    void stopRequested();
    void dismissed(std::int64_t id);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void build();
    QToolButton* addButton(const char* name, const QString& text, const QString& tip);
    void takeAlarms();
    void step(int direction);
    void showTexts();
    void showButtons(const Alarm& alarm);
    void settle();
    bool isCalm();
    bool isWide() const;

    const AlarmList& m_alarms;
    const RunsModel& m_runs;
    std::vector<std::int64_t> m_fresh;  // newest first
    std::int64_t m_shown = 0;
    run::RunId m_training;
    bool m_isStopping = false;
    QTimer m_settles;
    QElapsedTimer m_rests;
    QPoint m_pointer;

    QLabel *m_icon = nullptr, *m_text = nullptr, *m_detail = nullptr, *m_count = nullptr;
    QToolButton *m_previous = nullptr, *m_next = nullptr, *m_go = nullptr, *m_keep = nullptr, *m_stop = nullptr, *m_dismiss = nullptr;
};

}  // namespace rlcm::ui
