// What the window does when runs, selection or its own state change.
#include <QAction>
#include <QApplication>
#include <QCloseEvent>
#include <QJsonDocument>
#include <QToolBar>
#include <QToolButton>
#include <algorithm>

#include "core/run/field_table.h"
#include "core/run/presets.h"
#include "core/store/workspace.h"
#include "ui/alarms/alarm_bar.h"
#include "ui/bridge/run_controller.h"
#include "ui/bridge/store_service.h"
#include "ui/runs/new_run_dialog.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/main_window.h"
#include "ui/shell/run_status.h"
#include "ui/theme/icons.h"
#include "ui/view/page.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/within_screen.h"

namespace rlcm::ui {

namespace {
constexpr int kWordsFrom = 1000;  // pixels of the window, for words on all commands
}  // namespace

// --- runs -------------------------------------------------------------------------------------------------------

const store::RunRow* MainWindow::selectedRun() const {
    return m_runs->model().find(m_runs->selected());
}

void MainWindow::onRunsLoaded() {
    showFittingPage();
    if (m_runs->model().rowCount() > 0 && m_runs->selected().empty()) {
        const auto& runs = m_runs->model().runs();
        const auto active = std::find_if(runs.begin(), runs.end(), [](const store::RunRow& run) { return run::isLive(run.state); });
        m_runs->select(active != runs.end() ? active->id : runs.front().id);
    }
    onSelected();
    offerInterrupted();
}

void MainWindow::onSelected() {
    const auto select = [id = m_runs->selected()](ViewState& state) { state.select(id); };
    m_runs->isTaking() ? m_view.follow(select) : m_view.apply({select});
    showView();  // facts may be newer though the run is the same
    updateTimeBar();
    updateControls();
}

void MainWindow::offerInterrupted() {
    if (m_hasOfferedInterrupted) {
        return;
    }
    m_hasOfferedInterrupted = true;
    for (const store::RunRow& run : m_runs->model().runs()) {
        if (run.state == run::RunState::Interrupted && !m_controller->isActive()) {
            tell(MessageLevel::Warning,
                 tr("“%1” was interrupted after %2 of %3 epochs. It continues exactly from its last checkpoint.")
                     .arg(QString::fromStdString(run.name))
                     .arg(run.counters.epoch)
                     .arg(run.epochs),
                 tr("Resume"), [this, id = run.id] { m_controller->start(id); });
            return;
        }
    }
}

// --- training ---------------------------------------------------------------------------------------------------

void MainWindow::startStudy() {
    m_store->isRecorded() ? leaveFor(m_options.ownWorkspace) : submit({run::firstStudy().config}, true);
}

void MainWindow::submit(const std::vector<run::RunConfig>& configs, bool startNow) {
    m_isForcedWelcome = false;
    m_store->edit(
        this,
        [configs, startNow](store::StoreEditor& editor) {
            std::vector<run::RunId> ids;
            for (const run::RunConfig& config : configs) {
                ids.push_back(editor.createRun(config));
                if (!startNow || ids.size() > 1) {
                    editor.enqueue(ids.back());
                }
            }
            return ids;
        },
        [this, startNow](const std::vector<run::RunId>& ids) {
            if (m_dialog) {
                m_dialog->accept();
            }
            m_runs->refresh();
            if (startNow) {
                m_runs->select(ids.front());
                showPage(m_pages.front()->key());
                m_controller->start(ids.front());
            } else {
                tell(MessageLevel::Success, ids.size() == 1 ? tr("The run waits in the queue.") : tr("%1 runs wait in the queue.").arg(ids.size()), tr("Show"),
                     [this, id = ids.front()] { m_runs->select(id); });
            }
        },
        [this](const QString& text) { m_dialog ? m_dialog->refuse(text) : tell(MessageLevel::Error, text); });
}

void MainWindow::cloneRun(const run::RunId& id) {
    const store::RunRow* run = m_runs->model().find(id);
    if (run == nullptr) {
        return;
    }
    try {
        run::RunConfig config = run::configFromJson(parseJson(run->configJson, run->name), run->name);
        config.name.clear();
        openDialog()->setConfig(config, tr("“%1”").arg(QString::fromStdString(run->name)));
    } catch (const std::exception& error) {
        tell(MessageLevel::Error, QString::fromUtf8(error.what()));
    }
}

void MainWindow::onEvents(const std::vector<run::RunEvent>& batch) {
    const bool hasNews = std::any_of(batch.begin(), batch.end(), [](const run::RunEvent& event) {
        return !std::holds_alternative<run::Progress>(event) && !std::holds_alternative<run::StateChanged>(event);
    });
    if (hasNews) {
        m_runs->refresh();
        refreshPages();
    }
}

/// Stops the run, and says what the queue does then.
void MainWindow::stop(void (RunController::*how)()) {
    (m_controller->*how)();
    const std::vector<std::string> waiting = m_runs->waiting();
    if (m_controller->isActive() && !waiting.empty() && !m_controller->isQueueHeld()) {
        tell(MessageLevel::Info, tr("When this run has stopped, the queue goes on with “%1”.").arg(QString::fromStdString(waiting.front())), tr("Hold queue"),
             [this] { m_controller->setQueueHeld(true); });
    }
}

void MainWindow::onEnded(const run::RunId& id, run::RunState state, const QString& error) {
    m_followsQueue = state == run::RunState::Finished && m_runs->selected() == id;
    m_runs->refresh();
    refreshPages();
    if (m_isClosing) {
        close();
        return;
    }
    tellEnd(m_runs->model().find(id), id, state, error);
    if (m_runs->waiting().empty()) {
        Q_EMIT idle();
    }
}

void MainWindow::tellEnd(const store::RunRow* run, const run::RunId& id, run::RunState state, const QString& error) {
    const QString name = run != nullptr ? QString::fromStdString(run->name) : QString::fromStdString(id);
    const std::vector<std::string> waiting = m_runs->waiting();
    const QString next = waiting.empty()               ? QString()
                         : m_controller->isQueueHeld() ? tr(" The queue is held.")
                                                       : tr(" The queue goes on with “%1”.").arg(QString::fromStdString(waiting.front()));
    const auto resume = [this, id] {
        m_controller->isActive() ? tell(MessageLevel::Info, tr("Another run is training. Add this one to the queue, or resume it later."))
                                 : m_controller->start(id);
    };
    if (!m_controller->changedInputs().empty()) {
        offerChangedInputs(id, name, m_controller->changedInputs());
    } else if (state == run::RunState::Failed || !error.isEmpty()) {
        const bool hasCheckpoint = run != nullptr && run->counters.epoch > 0;
        tell(MessageLevel::Error, tr("“%1” failed: %2").arg(name, error) + next, hasCheckpoint ? tr("Resume from checkpoint") : tr("Change settings…"),
             [this, id, hasCheckpoint, resume] { hasCheckpoint ? resume() : cloneRun(id); });
    } else if (state == run::RunState::Finished) {
        tell(MessageLevel::Success, tr("“%1” has finished.").arg(name) + next, tr("Compare"), [this] { showPage(QStringLiteral("compare")); });
    } else if (state == run::RunState::Stopped) {
        tell(MessageLevel::Info, tr("“%1” was stopped. It continues exactly from its last checkpoint.").arg(name) + next, tr("Resume"), resume);
    }
}

void MainWindow::updateControls() {
    const store::RunRow* run = selectedRun();
    const bool isActive = m_controller->isActive();
    const bool isForeign = run != nullptr && run::isLive(run->state) && !run->isOwnedHere && run->id != m_controller->activeRun();
    const StopRequest asked = m_controller->stopRequest();
    const bool isStopping = asked != StopRequest::None || m_controller->state() == run::RunState::Stopping;
    const bool canStop = isActive && !isForeign && asked != StopRequest::Now;
    const bool canCommand = isActive && !isStopping && !isForeign;
    const Actions& a = m_actions;
    const bool isPaused = m_controller->isPauseAsked();
    a.pause->setText(isPaused ? tr("&Continue") : tr("&Pause"));
    a.pause->setIcon(icon(isPaused ? Icon::Play : Icon::Pause));
    a.goOn->setVisible(asked == StopRequest::AfterEpoch);
    for (QAction* action : {a.pause, a.stopAfterEpoch, a.stopNow, a.stopMenu, a.sampleNow, a.checkpointNow, a.liveSettings, a.goOn}) {
        // A stop after the epoch can still become a stop now, or be taken back.
        action->setEnabled(action == a.stopNow || action == a.stopMenu || action == a.goOn ? canStop : canCommand);
        const QString key = Actions::keyText(action);
        const QString tip = action->statusTip() + (key.isEmpty() ? QString() : QStringLiteral(" (%1)").arg(key));
        action->setToolTip(isForeign ? tr("This run belongs to another process; stop it there") : tip);
    }
    const bool isSampling = m_controller->isSamplePending(), isSaving = m_controller->isCheckpointPending();
    a.sampleNow->setText(isSampling ? tr("Sample pending") : tr("&Sample now"));
    a.checkpointNow->setText(isSaving ? tr("Checkpoint pending") : tr("&Checkpoint now"));
    a.sampleNow->setEnabled(a.sampleNow->isEnabled() && !isSampling);
    a.checkpointNow->setEnabled(a.checkpointNow->isEnabled() && !isSaving);
    m_stopButton->setEnabled(canStop);
    m_alarmBar->setTraining(m_controller->activeRun(), isStopping);
    a.resume->setEnabled(m_runs->resumeAction()->isEnabled() && !isActive);
    a.exportFigure->setEnabled(run != nullptr);
    if (m_dialog) {
        m_dialog->setTraining(isActive);
    }
}

/// The entries say of what.
void MainWindow::updateUndo() {
    const auto show = [](QAction* action, bool isPossible, const QString& plain, const QString& full) {
        action->setEnabled(isPossible);
        action->setText(isPossible ? full : plain);
    };
    show(m_actions.undo, m_steps.canUndo(), tr("&Undo"), tr("&Undo %1").arg(m_steps.undoText().replace(QLatin1Char('&'), QLatin1String("&&"))));
    show(m_actions.redo, m_steps.canRedo(), tr("&Redo"), tr("&Redo %1").arg(m_steps.redoText().replace(QLatin1Char('&'), QLatin1String("&&"))));
}

void MainWindow::updateStatus() {
    if (m_controller->isActive()) {
        m_status->setProgress(m_controller->state(), m_controller->stopRequest(), m_controller->progress());
    } else {
        m_status->setIdle();
    }
}

// --- the window itself ------------------------------------------------------------------------------------------

bool MainWindow::agreesToStop() {
    Question question;
    question.level = MessageLevel::Warning;
    question.title = tr("A run is training");
    question.text = tr("Closing stops the run now: the epoch being worked on is lost. It continues exactly from its last checkpoint when you resume.");
    question.buttons = {tr("Stop and close"), tr("Cancel")};
    question.cancelButton = 1;
    return MessageBox::ask(this, question) == 0;
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (m_controller->isActive()) {
        event->ignore();
        if (m_isClosing || !agreesToStop()) {
            return;  // already stopping: the end of the run closes the window
        }
        m_isClosing = true;
        m_controller->setQueueHeld(true);
        m_controller->stopNow();
        tell(MessageLevel::Info, tr("Stopping the run, then closing…"));
        if (!m_controller->isActive()) {
            close();
        }
        return;
    }
    saveState();
    event->accept();
}

void MainWindow::changeEvent(QEvent* event) {
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::WindowStateChange && m_actions.fullScreen != nullptr) {
        m_actions.fullScreen->setChecked(isFullScreen());  // whoever changed it
    }
}

/// Where words have no room the commands that are needed least are their icons.
void MainWindow::resizeEvent(QResizeEvent* event) {
    QMainWindow::resizeEvent(event);
    for (QAction* action : {m_actions.sampleNow, m_actions.checkpointNow}) {
        if (auto* button = qobject_cast<QToolButton*>(m_toolBar->widgetForAction(action))) {
            button->setToolButtonStyle(width() < kWordsFrom ? Qt::ToolButtonIconOnly : Qt::ToolButtonTextBesideIcon);
        }
    }
}

/// The window and its frame must not reach beyond the screen.
void MainWindow::fitToScreen() {
    resize(withinScreen(*this, {1280, 800}));
}

void MainWindow::saveState() {
    m_settings.setBytes("geometry", saveGeometry());
    m_settings.setBytes("runs/header", m_runs->saveState());
    m_settings.setBytes("view", QJsonDocument(m_view.save()).toJson(QJsonDocument::Compact));
    if (m_store->isRecorded()) {
        return;  // no place to come back to at the next start
    }
    m_settings.setText("workspace", QString::fromStdString(m_options.workspace.string()));
    m_settings.addRecentWorkspace(QString::fromStdString(m_options.workspace.string()));
}

void MainWindow::restoreState() {
    const Mode mode = m_options.theme.value_or(m_settings.theme());
    (mode == Mode::Dark ? m_actions.themeDark : mode == Mode::Light ? m_actions.themeLight : m_actions.themeSystem)->setChecked(true);
    if (!restoreGeometry(m_settings.bytes("geometry"))) {
        fitToScreen();
    }
    m_runs->restoreState(m_settings.bytes("runs/header"));
    ViewState last = viewStateFromJson(QJsonDocument::fromJson(m_settings.bytes("view")).object());
    if (m_settings.text("workspace") != QString::fromStdString(m_options.workspace.string())) {
        last.select({});
        last.vote = {};
    }
    last.cursor = {};  // a window opens at the newest epoch and shows whole curves
    last.live.showWhole();
    last.compare.zoom = {};
    m_view.restore(toJson(last));
    showPage(last.page);
}

}  // namespace rlcm::ui
