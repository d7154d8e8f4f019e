#pragma once
#include <QWidget>

#include "core/run/run_event.h"

class QLabel;
class QProgressBar;

namespace rlcm::ui {

/// The foot of the window while a run trains: what it does, how far it is, how fast, how long, and how soon it can stop.
/// Fields have fixed widths, so nothing jumps while numbers change. objectNames: statusPhase, statusEpoch, statusTime.
class RunStatus : public QWidget {
    Q_OBJECT
public:
    explicit RunStatus(QWidget* parent = nullptr);
    void setProgress(run::RunState state, const run::Progress& progress);
    void setIdle();

private:
    QLabel* add(const QString& name, const QString& widest, const QString& tip);

    QLabel* m_idle = nullptr;
    QWidget* m_busy = nullptr;
    QLabel *m_phase = nullptr, *m_epoch = nullptr, *m_speed = nullptr, *m_time = nullptr, *m_stop = nullptr;
    QProgressBar* m_bar = nullptr;
};

}  // namespace rlcm::ui
