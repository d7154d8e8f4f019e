#include "ui/bridge/run_controller.h"

#include <exception>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "core/health/watch.h"
#include "core/run/field_table.h"
#include "core/run/reward_trust.h"
#include "core/store/workspace.h"
#include "ui/bridge/run_bridge.h"
#include "ui/bridge/store_service.h"

namespace rlcm::ui {

/// What lives as long as one run. The thread is the last member, so it has ended before the others go.
struct RunController::ActiveRun {
    run::RunRequest request;
    run::RunCommands commands;
    RunBridge bridge;
    std::jthread thread;

    ~ActiveRun() {
        // A paused trainer must see the stop, too: stopNow() and the token both end its wait.
        commands.stopNow();
        thread.request_stop();
    }

    /// Body of the trainer's thread. Returns a message when the run could not be made or the store could not be written.
    QString work(std::stop_token stop, const std::filesystem::path& workspace, const run::RunFactory& factory) {
        run::ObserverFanout fanout;
        std::optional<store::StoreWriter> writer;
        std::optional<health::Watch> watch;  // hears of a failure too
        try {
            writer.emplace(workspace, request.id, commands);
            fanout.add(*writer);
            fanout.add(bridge);
            watch.emplace(fanout, request.config, &commands,
                          [&](const run::RunId& run, run::RunObserver& rules) { store::StoreReader(workspace).replay(run, rules); });
            fanout.add(*watch);
            factory(request, fanout)->execute(std::move(stop), commands);
        } catch (const std::exception& error) {
            if (!writer) {
                fanout.add(bridge);
            }
            fanout.onEvent(run::RunFinished{request.id, run::RunState::Failed, error.what(), request.resumedCounters});
            return QString::fromUtf8(error.what());
        }
        const std::optional<std::string> failure = writer->error();
        return failure ? QString::fromStdString(*failure) : QString();
    }
};

/// A run that is ready to be trained, or why the user is to be asked first.
struct RunController::Opening {
    run::RunId id;
    std::optional<run::RunRequest> request = {};
    QString outside = {};  ///< what its reward uses, when that is not trusted
};

/// On the store's thread.
RunController::Opening RunController::open(store::StoreEditor& editor, const std::filesystem::path& workspace, const run::RunId& id, const Consent& consent) {
    if (const auto row = store::StoreReader(workspace).run(id); row && !row->isDeleted) {
        const run::RunConfig config = run::configFromJson(parseJson(row->configJson, id), id);
        const QString outside = QString::fromStdString(run::outsideReward(config));
        if (!outside.isEmpty() && outside == consent.trusted) {
            run::trust(workspace, config);  // should that not be remembered, the request below says so
        } else if (!run::isTrusted(workspace, config)) {
            return {.id = id, .outside = outside};
        }
    }
    Opening opening{.id = id, .request = editor.request(id)};
    opening.request->allowsChangedInputs = consent.allowsChangedInputs;
    editor.claim(id);
    return opening;
}

RunController::RunController(StoreService& store, run::RunFactory factory, QObject* parent) : QObject(parent), m_store(store), m_factory(std::move(factory)) {}

RunController::~RunController() = default;

run::RunState RunController::state() const {
    if (!m_active) {
        return m_state;
    }
    return m_stop != StopRequest::None ? run::RunState::Stopping : m_isPaused ? run::RunState::Paused : m_state;
}

bool RunController::isSamplePending() const {
    return m_active && m_active->commands.isSampleNowAsked();
}

bool RunController::isCheckpointPending() const {
    return m_active && m_active->commands.isCheckpointNowAsked();
}

void RunController::setQueueHeld(bool isHeld) {
    m_isQueueHeld = isHeld;
    Q_EMIT changed();
}

void RunController::start(const run::RunId& id, Consent consent) {
    if (m_isLookingAtQueue) {
        m_startAfterLook = id;  // a start asked for between two runs is not lost
        m_consentAfterLook = std::move(consent);
        return;
    }
    if (isActive()) {
        return;
    }
    m_isStarting = true;
    m_id = id;
    m_state = run::RunState::Preparing;
    Q_EMIT changed();
    m_store.edit(
        this, [id, consent, workspace = m_store.workspace()](store::StoreEditor& editor) { return open(editor, workspace, id, consent); },
        [this, id](const Opening& opening) {
            if (opening.request) {
                launch(*opening.request, false);
                return;
            }
            m_isStarting = false;
            m_id.clear();
            Q_EMIT changed();
            Q_EMIT trustNeeded(id, opening.outside);
        },
        [this, id](const QString& message) {
            m_isStarting = false;
            m_id.clear();
            Q_EMIT changed();
            Q_EMIT startFailed(id, message);
        });
}

void RunController::startNextQueued() {
    m_isQueueHeld = false;
    lookAtQueue(false);
}

void RunController::lookAtQueue(bool isByItself) {
    if (isActive()) {
        return;
    }
    m_isStarting = true;
    m_isLookingAtQueue = true;
    m_state = run::RunState::Preparing;
    m_store.edit(
        this,
        [workspace = m_store.workspace()](store::StoreEditor& editor) -> std::optional<Opening> {
            const std::optional<run::RunId> id = editor.nextQueued();
            return id ? std::optional(open(editor, workspace, *id, {})) : std::nullopt;
        },
        [this, isByItself](const std::optional<Opening>& opening) { afterLook(opening, isByItself); },
        [this, isByItself](const QString& message) {
            afterLook(std::nullopt, isByItself);
            Q_EMIT startFailed({}, message);
        });
}

void RunController::afterLook(const std::optional<Opening>& opening, bool isByItself) {
    m_isStarting = false;
    m_isLookingAtQueue = false;
    const run::RunId wanted = std::exchange(m_startAfterLook, {});
    if (opening && opening->request) {
        launch(*opening->request, isByItself);
        if (!wanted.empty() && wanted != opening->id) {
            Q_EMIT startFailed(wanted, tr("The queue has started another run. Start this one when that run has ended, or put it in the queue."));
        }
        return;
    }
    if (opening) {
        Q_EMIT trustNeeded(opening->id, opening->outside);
    }
    if (wanted.empty()) {
        Q_EMIT changed();
    } else {
        start(wanted, std::exchange(m_consentAfterLook, {}));
    }
}

void RunController::launch(run::RunRequest request, bool isFromQueue) {
    m_isStarting = false;
    m_stop = StopRequest::None;
    m_isPauseAsked = false;
    m_isPaused = false;
    m_isLeaving = false;
    m_error.clear();
    m_changedInputs.clear();
    m_progress = {};
    m_state = run::RunState::Preparing;
    m_id = request.id;
    m_active = std::make_unique<ActiveRun>();
    m_active->request = std::move(request);
    m_config = m_active->request.config;
    m_pendingEdits.clear();
    connect(&m_active->bridge, &RunBridge::eventsReady, this, &RunController::take);
    m_active->thread = std::jthread([this, active = m_active.get(), workspace = m_store.workspace(), factory = m_factory](std::stop_token stop) {
        const QString error = active->work(std::move(stop), workspace, factory);
        QMetaObject::invokeMethod(this, [this, error] { onThreadEnd(error); }, Qt::QueuedConnection);
    });
    Q_EMIT started(m_id, isFromQueue);
    Q_EMIT changed();
}

void RunController::take(const std::vector<run::RunEvent>& batch) {
    for (const run::RunEvent& event : batch) {
        if (const auto* state = std::get_if<run::StateChanged>(&event)) {
            m_state = state->state;
            m_isPauseAsked = m_isPauseAsked || (m_state == run::RunState::Paused && m_active && m_active->commands.isPaused());  // an alarm asked
            m_isPaused = m_isPauseAsked && (m_isPaused || m_state == run::RunState::Paused);
            m_isLeaving = false;
        } else if (const auto* progress = std::get_if<run::Progress>(&event)) {
            m_progress = *progress;
        } else if (const auto* edited = std::get_if<run::SettingEdited>(&event)) {
            run::setField(m_config, edited->path, edited->after);
            std::erase_if(m_pendingEdits, [edited](const run::LiveEdit& one) { return one.path == edited->path; });
        } else if (const auto* finished = std::get_if<run::RunFinished>(&event)) {
            m_state = finished->state;
            m_error = QString::fromStdString(finished->error);
            m_changedInputs = finished->changedInputs;
        }
    }
    Q_EMIT eventsReady(batch);
    Q_EMIT changed();
}

void RunController::onThreadEnd(const QString& error) {
    const run::RunId id = std::exchange(m_id, {});
    const run::RunState state = m_state;
    const QString message = error.isEmpty() ? m_error : error;
    m_active.reset();
    m_pendingEdits.clear();
    m_stop = StopRequest::None;
    m_isPauseAsked = false;
    m_isPaused = false;
    Q_EMIT changed();
    Q_EMIT ended(id, state, message);
    if (!m_isQueueHeld) {
        lookAtQueue(true);
    }
}

void RunController::command(void (run::RunCommands::*what)()) {
    if (m_active) {
        (m_active->commands.*what)();
        Q_EMIT changed();
    }
}

void RunController::pause() {
    m_isPauseAsked = m_active != nullptr;
    m_isPaused = m_isPaused || std::exchange(m_isLeaving, false);  // it may not even have noticed
    command(&run::RunCommands::pause);
}
void RunController::resume() {
    m_isPauseAsked = false;
    m_isLeaving = m_isPaused;
    m_isPaused = false;
    command(&run::RunCommands::resume);
}
void RunController::stopAfterEpoch() {
    if (m_stop == StopRequest::Now) {
        return;
    }
    m_stop = m_active ? StopRequest::AfterEpoch : StopRequest::None;
    m_isPauseAsked = false;
    m_isPaused = false;
    command(&run::RunCommands::stopAfterEpoch);
    command(&run::RunCommands::resume);  // a paused run cannot finish its epoch
}
void RunController::goOnAfterEpoch() {
    if (m_stop == StopRequest::AfterEpoch) {
        m_stop = StopRequest::None;
        command(&run::RunCommands::goOnAfterEpoch);
    }
}
void RunController::stopNow() {
    m_stop = m_active ? StopRequest::Now : StopRequest::None;
    command(&run::RunCommands::stopNow);
}
void RunController::sampleNow() {
    command(&run::RunCommands::sampleNow);
}
void RunController::checkpointNow() {
    command(&run::RunCommands::checkpointNow);
}

void RunController::edit(const run::LiveEdit& edit) {
    if (!m_active) {
        return;
    }
    const run::RunConfig next = run::withLiveEdit(m_config, edit, m_progress.epoch);
    const run::Field& field = run::fieldAt(edit.path);
    const run::LiveEdit exact{edit.path, run::fieldText(next, field)};
    std::erase_if(m_pendingEdits, [&exact](const run::LiveEdit& one) { return one.path == exact.path; });
    if (run::fieldText(m_config, field) != exact.value) {
        m_pendingEdits.push_back(exact);
    }
    m_active->commands.edit(exact);  // also what it has already: that takes a pending change back
    Q_EMIT changed();
}

}  // namespace rlcm::ui
