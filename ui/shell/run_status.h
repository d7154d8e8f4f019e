#pragma once
#include <QWidget>

#include "core/run/run_event.h"
#include "ui/bridge/run_controller.h"

class QLabel;
class QProgressBar;

namespace rlcm::ui {

/// The foot of the window while a run trains: what it does, how far it is, how fast, how long, and how soon it can stop.
/// Fields have fixed widths, so nothing jumps while numbers change. objectNames: statusPhase, statusEpoch, statusSpeed,
/// statusTime, statusStop.
class RunStatus : public QWidget {
    Q_OBJECT
public:
    explicit RunStatus(QWidget* parent = nullptr);
    /// `stop`: time left is then that until the stop.
    void setProgress(run::RunState state, StopRequest stop, const run::Progress& progress);
    void setIdle();
    /// Speed and latency give way in a narrow window, so that a run never makes the window wider.
    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void giveWay();
    QLabel* add(const QString& name, const QString& widest, const QString& tip);

    QLabel* m_idle = nullptr;
    QWidget* m_busy = nullptr;
    QLabel *m_phase = nullptr, *m_epoch = nullptr, *m_speed = nullptr, *m_time = nullptr, *m_stop = nullptr;
    QProgressBar* m_bar = nullptr;
};

}  // namespace rlcm::ui
