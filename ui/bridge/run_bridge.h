#pragma once
// The mailbox between the trainer's thread and the window.
#include <mutex>
#include <vector>

#include <QObject>

#include "core/run/run.h"

namespace rlcm::ui {

/// Carries events from the trainer's thread to the GUI thread: one queued wake-up per batch, however many events come.
/// Encoded images are dropped on the way; the gallery loads them by key from the store, so a slow window cannot pile
/// up memory. thread: onEvent the trainer's, everything else the GUI's.
class RunBridge : public QObject, public run::RunObserver {
    Q_OBJECT
public:
    using QObject::QObject;
    void onEvent(const run::RunEvent& event) noexcept override;

Q_SIGNALS:
    /// In order of arrival, never empty, nothing left out.
    void eventsReady(const std::vector<rlcm::run::RunEvent>& batch);

private:
    void drain();

    std::mutex m_mutex;
    std::vector<run::RunEvent> m_box;  // guarded by m_mutex
};

}  // namespace rlcm::ui
