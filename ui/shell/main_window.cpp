#include "ui/shell/main_window.h"

#include <QAction>
#include <QApplication>
#include <QFileInfo>
#include <QKeyEvent>
#include <QMenu>
#include <QMenuBar>
#include <QScrollArea>
#include <QStackedWidget>
#include <QStatusBar>
#include <QTabWidget>
#include <QToolBar>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/alarms/alarm_bar.h"
#include "ui/alarms/alarm_chip.h"
#include "ui/alarms/alarm_list.h"
#include "ui/bridge/run_controller.h"
#include "ui/bridge/store_service.h"
#include "ui/gallery/image_viewer.h"
#include "ui/gallery/thumbnail_cache.h"
#include "ui/models/model_service.h"
#include "ui/report/report_desk.h"
#include "ui/runs/new_run_dialog.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/pages.h"
#include "ui/shell/run_status.h"
#include "ui/shell/shortcut_sheet.h"
#include "ui/shell/welcome_page.h"
#include "ui/shell/work_split.h"
#include "ui/theme/icons.h"
#include "ui/widgets/dialogs.h"
#include "ui/view/page.h"
#include "ui/widgets/time_bar.h"

namespace rlcm::ui {

namespace {
constexpr int kAckMs = 6000;     // an answer in the status bar
constexpr int kMostSteps = 100;  // to undo

/// Scrolls by wheel and bars only: the arrow keys belong to the time bar.
class PagesArea : public QScrollArea {
protected:
    void keyPressEvent(QKeyEvent* event) override { event->ignore(); }
};
}  // namespace

MainWindow::MainWindow(WindowOptions options) : m_options(std::move(options)), m_settings(m_options.settingsFile) {
    setObjectName(QStringLiteral("mainWindow"));
    const QString folder = QString::fromStdString(m_options.workspace.string());
    setWindowTitle(QFileInfo(folder).fileName());  // the name of the program is added by Qt
    m_store = new StoreService(m_options.workspace, this);
    m_cache = new ThumbnailCache(this);
    m_controller = new RunController(*m_store, m_options.factory, this);
    m_modelService = new ModelService(m_options.library, this);
    m_steps.setUndoLimit(kMostSteps);
    m_runs = new RunsPanel(*m_store, m_steps);
    m_alarms = new AlarmList(*m_store, m_steps, this);
    m_report = new ReportDesk(placeBesideRuns("report"), m_steps, this);
    m_pages =
        makePages({*m_store, *m_cache, m_runs->model(), *m_controller, *m_modelService, m_steps, *m_report, m_options.commandLine, placeBesideRuns("votes")});
    m_actions = makeActions(this, m_pages);
    buildCentre();
    ImageViewer::of(*this).setLikenessMeter(m_options.likenessMeter);
    buildMenus();
    connectActions();
    connectRuns();
    connectPages();
    connectView();
    connectController();
    connectAlarms();
    setAcceptDrops(true);
    restoreState();
    updateUndo();
    updateControls();
    updateStatus();
    if (m_store->isRecorded()) {
        showThatRecorded();
    }
}

MainWindow::~MainWindow() {
    // What is being torn down has nothing more to say to the window.
    for (QObject* part : std::initializer_list<QObject*>{m_store, m_controller, m_modelService, m_alarms, m_runs, m_tabs, m_time, &m_view, &m_steps}) {
        part->disconnect(this);
    }
    for (Page* page : m_pages) {
        page->disconnect(this);
    }
}

void MainWindow::buildCentre() {
    m_tabs = new QTabWidget;
    m_tabs->setObjectName(QStringLiteral("pages"));
    m_tabs->setDocumentMode(true);
    for (Page* page : m_pages) {
        m_tabs->addTab(page, page->title());
    }
    m_message = new MessageBar;
    m_message->setObjectName(QStringLiteral("windowMessage"));
    m_time = new TimeBar;

    auto* pages = new QWidget;
    auto* column = new QVBoxLayout(pages);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    // On a screen that is too small for a page one scrolls; the time bar stays in view.
    auto* scroll = new PagesArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(m_tabs);
    m_alarmBar = new AlarmBar(*m_alarms, m_runs->model(), pages);
    column->addWidget(m_alarmBar);
    column->addWidget(scroll, 1);
    column->addWidget(m_time);
    m_runs->setMinimumWidth(208);
    m_split = new WorkSplit(m_runs, pages, m_tabs);
    m_split->setObjectName(QStringLiteral("mainSplit"));

    m_work = m_split;
    m_welcome = new WelcomePage(QString::fromStdString(m_options.workspace.string()), !m_options.recordedStudy.isEmpty());
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_work);
    m_stack->addWidget(m_welcome);

    auto* centre = new QWidget;
    auto* layout = new QVBoxLayout(centre);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_stack, 1);
    m_message->floatOver(centre, m_time->sizeHint().height());
    setCentralWidget(centre);

    m_status = new RunStatus;
    m_alarmChip = new AlarmChip(*m_alarms, m_runs->model());
    statusBar()->addPermanentWidget(m_alarmChip);
    statusBar()->addPermanentWidget(m_status);
    statusBar()->setSizeGripEnabled(false);
    buildToolBar();
}

void MainWindow::buildToolBar() {
    auto* bar = m_toolBar = new QToolBar(tr("Commands"));
    bar->setObjectName(QStringLiteral("toolBar"));
    bar->setMovable(false);
    bar->setContextMenuPolicy(Qt::PreventContextMenu);
    bar->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    bar->setIconSize({16, 16});
    bar->addAction(m_actions.newRun);
    bar->addSeparator();
    bar->addAction(m_actions.pause);
    bar->addAction(m_actions.resume);
    m_stopButton = new QToolButton;
    m_stopButton->setObjectName(QStringLiteral("stopButton"));
    m_stopButton->setDefaultAction(m_actions.stopMenu);
    m_stopButton->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_stopButton->setPopupMode(QToolButton::InstantPopup);
    auto* stops = new QMenu(m_stopButton);
    stops->setToolTipsVisible(true);  // what each way of stopping loses
    stops->addAction(m_actions.stopAfterEpoch);
    stops->addAction(m_actions.stopNow);
    stops->addAction(m_actions.goOn);
    m_stopButton->setMenu(stops);
    bar->addWidget(m_stopButton);
    bar->addSeparator();
    bar->addAction(m_actions.sampleNow);
    bar->addAction(m_actions.checkpointNow);
    auto* room = new QWidget;
    room->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    bar->addWidget(room);
    bar->addAction(m_actions.exportFigure);
    addToolBar(bar);
}

void MainWindow::buildMenus() {
    const auto fill = [this](const QString& title, const QList<QAction*>& actions) {
        QMenu* menu = menuBar()->addMenu(title);
        for (QAction* action : actions) {
            action != nullptr ? menu->addAction(action) : static_cast<void>(menu->addSeparator());
        }
        return menu;
    };
    const Actions& a = m_actions;
    QMenu* file = fill(tr("&File"), {a.newRun, a.openWorkspace, nullptr, a.exportFigure, a.findImage, nullptr, a.quit});
    m_recent = new QMenu(tr("Open &recent"), file);
    m_recent->setObjectName(QStringLiteral("recentMenu"));
    file->insertMenu(file->actions()[2], m_recent);
    fillRecent();
    fill(tr("&Edit"), {a.undo, a.redo});
    QList<QAction*> runs{a.pause, a.resume, a.stopAfterEpoch, a.stopNow, a.goOn, nullptr, a.sampleNow, a.checkpointNow, a.liveSettings, nullptr};
    for (QAction* action : m_runs->runActions()) {
        runs << action;
    }
    runs << a.deletedRuns << nullptr << a.vote;
    QMenu* run = fill(tr("&Run"), runs);
    run->setToolTipsVisible(true);
    fill(tr("&Time"), {a.previousEpoch, a.nextEpoch, a.firstEpoch, a.newestEpoch, nullptr, a.play});
    QList<QAction*> views(a.pages.begin(), a.pages.end());
    views << nullptr << a.showRuns << a.filter << a.fullScreen << nullptr;
    QMenu* view = fill(tr("&View"), views);
    m_layouts = view->addMenu(tr("La&youts"));
    m_layouts->setObjectName(QStringLiteral("layoutsMenu"));
    connect(m_layouts, &QMenu::aboutToShow, this, &MainWindow::fillLayouts);
    QMenu* theme = view->addMenu(tr("&Theme"));
    theme->addActions({a.themeSystem, a.themeLight, a.themeDark});
    fill(tr("&Help"), {a.palette, a.shortcuts});
}

void MainWindow::connectActions() {
    const Actions& a = m_actions;
    const auto on = [this](QAction* action, auto slot) { connect(action, &QAction::triggered, this, slot); };
    on(a.newRun, [this] { openNewRun(); });
    on(a.openWorkspace, [this] { openWorkspace(); });
    on(a.quit, [this] { close(); });
    on(a.pause, [this] { m_controller->isPauseAsked() ? m_controller->resume() : m_controller->pause(); });
    on(a.resume, [this] { m_controller->start(m_runs->selected()); });
    on(a.stopAfterEpoch, [this] { stop(&RunController::stopAfterEpoch); });
    on(a.stopNow, [this] { stop(&RunController::stopNow); });
    on(a.goOn, [this] { m_controller->goOnAfterEpoch(); });
    on(a.stopMenu, [this] { m_stopButton->menu()->popup(m_stopButton->mapToGlobal(QPoint(0, m_stopButton->height()))); });
    on(a.sampleNow, [this] {
        m_controller->sampleNow();
        statusBar()->showMessage(tr("The weights are evaluated before the next epoch."), kAckMs);
    });
    on(a.checkpointNow, [this] {
        m_controller->checkpointNow();
        statusBar()->showMessage(tr("A checkpoint is saved after this epoch."), kAckMs);
    });
    on(a.liveSettings, [this] { openLiveSettings(); });
    on(a.exportFigure, [this] { openExport(); });
    on(a.findImage, [this] { chooseImage(); });
    on(a.filter, [this] {
        m_actions.showRuns->setChecked(true);
        m_runs->focusFilter();
    });
    on(a.undo, [this] { m_steps.undo(); });
    on(a.redo, [this] { m_steps.redo(); });
    connect(&m_steps, &QUndoStack::indexChanged, this, &MainWindow::updateUndo);
    on(a.deletedRuns, [this] { m_runs->openDeleted(); });
    on(a.vote, [this] { openVote(); });
    for (std::size_t i = 0; i < m_pages.size(); ++i) {
        on(a.pages[i], [this, key = m_pages[i]->key()] { showPage(key); });
    }
    connect(a.showRuns, &QAction::toggled, this, [this](bool isShown) {
        if (isShown == m_runs->isHidden()) {  // otherwise it only follows the view
            keepList(kListShown, isShown ? 1 : 0);
        }
    });
    connect(m_split, &WorkSplit::listResized, this, [this](int width) { keepList(kListWidth, width); });
    on(a.saveLayout, [this] { saveLayout(); });
    connect(a.fullScreen, &QAction::toggled, this, [this](bool isFull) {
        if (isFull != isFullScreen()) {
            setWindowState(windowState() ^ Qt::WindowFullScreen);  // back to maximised, should it have been
        }
    });
    on(a.themeSystem, [this] { setTheme(Mode::System); });
    on(a.themeLight, [this] { setTheme(Mode::Light); });
    on(a.themeDark, [this] { setTheme(Mode::Dark); });
    on(a.previousEpoch, [this] { goToEpoch(m_time->epoch() - 1); });
    on(a.nextEpoch, [this] { goToEpoch(m_time->epoch() + 1); });
    on(a.firstEpoch, [this] { goToEpoch(0); });
    on(a.newestEpoch, [this] { m_time->setFollowing(true); });
    on(a.play, [this] { m_time->setPlaying(!m_time->isPlaying()); });
    on(a.palette, [this] { openPalette(); });
    on(a.shortcuts, [this] { (new ShortcutSheet(m_actions, m_runs->runActions(), this))->show(); });
}

void MainWindow::connectRuns() {
    connect(m_runs, &RunsPanel::loaded, this, &MainWindow::onRunsLoaded);
    connect(m_runs, &RunsPanel::selectionChanged, this, &MainWindow::onSelected);
    connect(m_runs, &RunsPanel::newRunRequested, this, &MainWindow::openNewRun);
    connect(m_runs, &RunsPanel::resumeRequested, this, [this](const run::RunId& id) { m_controller->start(id); });
    connect(m_runs, &RunsPanel::cloneRequested, this, &MainWindow::cloneRun);
    connect(m_runs, &RunsPanel::sampleRequested, this, &MainWindow::openSamples);
    connect(m_runs, &RunsPanel::queueHoldRequested, m_controller, &RunController::setQueueHeld);
    connect(m_runs, &RunsPanel::offerChanged, this, &MainWindow::showFittingPage);
    connect(m_runs, &RunsPanel::queueStartRequested, m_controller, &RunController::startNextQueued);
    connectMarks();
    connect(m_runs, &RunsPanel::failed, this, [this](const QString& text) { tell(MessageLevel::Error, text); });
    connect(m_store, &StoreService::changed, this, &MainWindow::refreshPages);
    connect(m_store, &StoreService::failed, this, [this](const QString& text) { tell(MessageLevel::Error, text); });
    connect(m_store, &StoreService::openFailed, this,
            [this](const QString& text) { tell(MessageLevel::Error, text, tr("Open another…"), [this] { openWorkspace(); }); });
}

void MainWindow::connectPages() {
    connect(m_welcome, &WelcomePage::studyRequested, this, &MainWindow::startStudy);
    connect(m_welcome, &WelcomePage::newRunRequested, this, &MainWindow::openNewRun);
    connect(m_welcome, &WelcomePage::openRequested, this, &MainWindow::openWorkspace);
    connect(m_welcome, &WelcomePage::recordRequested, this, [this] { leaveFor(m_options.recordedStudy); });
    connect(m_welcome, &WelcomePage::modelsRequested, this, [this] { showPage(QStringLiteral("models")); });
    for (Page* page : m_pages) {
        connect(page, &Page::proposed, &m_view, &ViewModel::apply);
        connect(page, &Page::epochsChanged, this, &MainWindow::updateTimeBar);
        connect(page, &Page::exportRequested, this, &MainWindow::openExport);
        connect(page, &Page::runsChosen, m_runs, &RunsPanel::selectAll);
        connect(page, &Page::workspaceRequested, this, &MainWindow::leaveFor);
        connect(page, &Page::runsQueued, this, [this] {
            m_runs->refresh();
            m_controller->startNextQueued();
        });
        connect(page, &Page::failed, this, [this](const QString& text) { tell(MessageLevel::Error, text); });
        connect(page, &Page::voteRequested, this, &MainWindow::openVote);
        connect(page, &Page::newRunRequested, this, [this](const run::ModelFacts* model) {
            openNewRun();
            if (m_dialog && model != nullptr) {
                m_dialog->setModel(*model);
            }
        });
    }
    connect(m_modelService, &ModelService::inspected, this, [this] {
        if (m_dialog) {
            m_dialog->setKnownModels(m_modelService->allFacts());
        }
    });
    connect(m_message, &MessageBar::actionTriggered, this, [this] {
        m_message->dismiss();
        if (const auto action = std::exchange(m_messageAction, {})) {
            action();
        }
    });
}

void MainWindow::connectController() {
    connect(m_controller, &RunController::eventsReady, this, &MainWindow::onEvents);
    connect(m_controller, &RunController::changed, this, [this] {
        const run::Progress& progress = m_controller->progress();
        m_runs->setLive(m_controller->activeRun(), m_controller->state(), static_cast<double>(progress.epoch) + progress.fractionOfEpoch);
        m_runs->setQueueHeld(m_controller->isQueueHeld());
        updateControls();
        updateStatus();
    });
    connect(m_controller, &RunController::started, this, [this](const run::RunId& id, bool isFromQueue) {
        m_runs->refresh();
        // What the user looks at and reads stays while the queue goes on by itself.
        if (!isFromQueue || m_followsQueue) {
            m_message->dismiss();
            m_runs->select(id);
            m_time->setFollowing(true);
        }
    });
    connect(m_controller, &RunController::ended, this, &MainWindow::onEnded);
    connect(m_controller, &RunController::trustNeeded, this, &MainWindow::askForTrust);
    connect(m_controller, &RunController::startFailed, this, [this](const run::RunId&, const QString& text) {
        m_runs->refresh();
        tell(MessageLevel::Error, tr("The run could not be started: %1").arg(text));
    });
}

void MainWindow::keyPressEvent(QKeyEvent* event) {
    // Keys that no focused widget wanted; text fields, lists and buttons keep theirs.
    if (m_stack->currentWidget() == m_work && shownPage()->timeKey(event->key())) {
        return;
    }
    const int step = event->modifiers().testFlag(Qt::ShiftModifier) ? 10 : 1;
    switch (event->key()) {
        case Qt::Key_Left:
            goToEpoch(m_time->epoch() - step);
            break;
        case Qt::Key_Right:
            goToEpoch(m_time->epoch() + step);
            break;
        case Qt::Key_Home:
            goToEpoch(0);
            break;
        case Qt::Key_End:
            m_time->setFollowing(true);
            break;
        case Qt::Key_Space:
            m_time->setPlaying(!m_time->isPlaying());
            break;
        default:
            QMainWindow::keyPressEvent(event);
    }
}

void MainWindow::setTheme(Mode mode) {
    m_settings.setTheme(mode);
    apply(*qobject_cast<QApplication*>(QCoreApplication::instance()), mode);
}

void MainWindow::tell(MessageLevel level, const QString& text, const QString& actionText, std::function<void()> action) {
    m_messageAction = std::move(action);
    m_message->showMessage(level, text, actionText);
}

}  // namespace rlcm::ui
