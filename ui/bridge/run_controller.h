#pragma once
// Starts, commands and ends the window's run, and works through the queue.
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include <QObject>
#include <QString>

#include "core/run/run.h"

namespace rlcm::store {
class StoreEditor;
}

namespace rlcm::ui {

class StoreService;

/// What the user has agreed to after having been shown it.
struct Consent {
    bool allowsChangedInputs = false;  ///< to a resume although files that the run reads are others now
    QString trusted = {};              ///< what its reward and judges use, as trustNeeded() said it: anything else is not agreed to
};

/// What the user has asked of the run that trains.
enum class StopRequest { None, AfterEpoch, Now };

/// Owns the run that this window trains, and its thread. Idle -> Starting -> Running -> Idle; when a run ends, the next
/// queued one of the workspace follows. thread: GUI. The destructor stops a run at the next safe point and joins.
class RunController : public QObject {
    Q_OBJECT
public:
    /// `store` must outlive the controller.
    RunController(StoreService& store, run::RunFactory factory, QObject* parent = nullptr);
    ~RunController() override;

    /// Starts a queued run or resumes one from its newest checkpoint. Does nothing while another run is active; asked for
    /// while the queue is being looked at, it follows that look, and startFailed() tells when the queue had a run of its own.
    void start(const run::RunId& id, Consent consent = {});
    /// Takes the first run of the queue when none is active.
    void startNextQueued();
    /// Whether the next queued run waits for startNextQueued() when this one ends; off by default and after startNextQueued().
    void setQueueHeld(bool isHeld);
    bool isQueueHeld() const { return m_isQueueHeld; }

    void pause();
    void resume();
    void stopAfterEpoch();
    /// Takes stopAfterEpoch() back.
    void goOnAfterEpoch();
    void stopNow();
    void sampleNow();
    void checkpointNow();
    /// Changes a setting of the run before its next epoch. throws: Config as run::withLiveEdit.
    void edit(const run::LiveEdit& edit);

    /// True from the request to start until the trainer's thread has ended.
    bool isActive() const { return m_isStarting || m_active != nullptr; }
    /// The run being trained, or "" when idle.
    const run::RunId& activeRun() const { return m_id; }
    /// Newest known state of the active run. A stop asked for counts as Stopping before the trainer has seen it; a run that
    /// has said it is paused stays Paused until it is told to continue, whatever phase it was in.
    run::RunState state() const;
    StopRequest stopRequest() const { return m_stop; }
    /// Asked for, and not yet taken up by the trainer.
    bool isSamplePending() const;
    bool isCheckpointPending() const;
    const std::vector<run::LiveEdit>& pendingEdits() const { return m_pendingEdits; }
    /// The settings of the active run as it trains now. Only while isActive().
    const run::RunConfig& config() const { return m_config; }
    /// True between asking for a pause and continuing, whether or not the trainer has reached its next safe point.
    bool isPauseAsked() const { return m_isPauseAsked; }
    const run::Progress& progress() const { return m_progress; }
    /// Settings whose files were others, when that is why the run that ended last was refused; a start that allows it goes on.
    const std::vector<std::string>& changedInputs() const { return m_changedInputs; }

Q_SIGNALS:
    /// State, progress or whether a run is active changed.
    void changed();
    /// Everything the run told, in order, images without pixels.
    void eventsReady(const std::vector<rlcm::run::RunEvent>& batch);
    /// `isFromQueue`: it followed by itself, nobody asked for it now.
    void started(const rlcm::run::RunId& id, bool isFromQueue);
    /// The thread has ended and the store holds the final state. `error` is empty unless something went wrong.
    void ended(const rlcm::run::RunId& id, rlcm::run::RunState state, const QString& error);
    /// A run could not be started (for one, because another process trains it).
    void startFailed(const rlcm::run::RunId& id, const QString& message);
    /// A run was not started because its reward or a judge starts or asks `outside` ("the program `score`"), which the user has not trusted in this workspace.
    void trustNeeded(const rlcm::run::RunId& id, const QString& outside);

private:
    struct ActiveRun;
    struct Opening;
    static Opening open(store::StoreEditor& editor, const std::filesystem::path& workspace, const run::RunId& id, const Consent& consent);
    void launch(run::RunRequest request, bool isFromQueue);
    void lookAtQueue(bool isByItself);
    void afterLook(const std::optional<Opening>& opening, bool isByItself);
    void take(const std::vector<run::RunEvent>& batch);
    void onThreadEnd(const QString& error);
    void command(void (run::RunCommands::*what)());

    StoreService& m_store;
    run::RunFactory m_factory;
    run::RunId m_id;
    run::RunState m_state = run::RunState::Queued;
    run::Progress m_progress;
    QString m_error;
    bool m_isStarting = false;
    bool m_isLookingAtQueue = false;
    run::RunId m_startAfterLook;
    Consent m_consentAfterLook;
    std::vector<std::string> m_changedInputs;
    run::RunConfig m_config;
    std::vector<run::LiveEdit> m_pendingEdits;
    StopRequest m_stop = StopRequest::None;
    bool m_isPauseAsked = false;
    bool m_isPaused = false;   // the trainer has said so since the pause was asked for
    bool m_isLeaving = false;  // told to continue out of a pause, and the trainer has said nothing since
    bool m_isQueueHeld = false;
    std::unique_ptr<ActiveRun> m_active;  // last: its thread stops and joins before the rest goes
};

}  // namespace rlcm::ui
