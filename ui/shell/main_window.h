#pragma once
// The window: list of runs, pages, time bar, commands.
#include <QMainWindow>
#include <QPointer>
#include <QStringList>
#include <QUndoStack>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <tuple>
#include <vector>

#include "core/run/arithmetic.h"
#include "core/run/derive.h"
#include "core/run/image_likeness.h"
#include "core/run/model_library.h"
#include "core/run/reward_trial.h"
#include "core/run/run.h"
#include "ui/shell/actions.h"
#include "ui/runs/config_form.h"
#include "ui/shell/settings.h"
#include "ui/view/page.h"
#include "ui/widgets/message_bar.h"

class QAction;
class QDialog;
class QMenu;
class QStackedWidget;
class QTabWidget;
class QToolBar;
class QToolButton;

namespace rlcm::store {
struct RunRow;
}

namespace rlcm::ui {

struct Command;
struct ExportSubject;
class AlarmBar;
class AlarmChip;
class AlarmList;
class CommandPalette;
class ModelService;
class NewRunDialog;
class ReportDesk;
class RunController;
class RunsPanel;
class RunStatus;
class StoreService;
class ThumbnailCache;
class TimeBar;
class WelcomePage;
class WorkSplit;

/// What a window is made for.
struct WindowOptions {
    std::filesystem::path workspace;
    run::RunFactory factory;
    std::shared_ptr<run::ModelLibrary> library;
    run::RewardTester rewardTester;
    run::LikenessMeter likenessMeter;      ///< of two images in the viewer; empty: it tells no CLIP cosine
    ConfigForm::Checker checker;           ///< finds what settings name that is not there
    run::ArithmeticTimer arithmeticTimer;  ///< what each precision takes on this device
    QString settingsFile;                  ///< ini file
    QString commandLine;                   ///< the file of `rlcm`, which is started to measure times
    std::optional<Mode> theme;             ///< overrides the remembered one
    QString ownWorkspace;                  ///< where one goes from recorded runs to train one's own
    QString recordedStudy;                 ///< workspace of recorded runs that the welcome page offers; empty: none
};

/// One workspace in one window. Selection in the list of runs is the only selection, the time bar the only cursor.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    explicit MainWindow(WindowOptions options);
    ~MainWindow() override;

    /// Creates and starts the first preset, as the button of the welcome page does.
    void startStudy();
    /// A page by its key, or kWelcome. An unknown key shows the first page.
    void showPage(const QString& key);
    /// Key of what is shown.
    QString page() const;
    static inline const QString kWelcome = QStringLiteral("welcome");
    /// Keys of all pages, in the order of the tabs.
    QStringList pageKeys() const;
    /// Everything asked for is on the screen: the list is read and, the page has drawn what it asked for.
    bool isShowingData() const;
    RunController& controller() { return *m_controller; }
    RunsPanel& runs() { return *m_runs; }
    ViewModel& view() { return m_view; }
    QUndoStack& steps() { return m_steps; }
    TimeBar& timeBar() { return *m_time; }
    const Actions& actions() const { return m_actions; }
    MessageBar& messages() { return *m_message; }
    const AlarmList& alarms() const { return *m_alarms; }
    /// What is decoded for all its pages together.
    const ThumbnailCache& images() const { return *m_cache; }
    ReportDesk& report() { return *m_report; }

public Q_SLOTS:
    void openNewRun();
    void openExport();

Q_SIGNALS:
    /// The user chose another workspace; whoever made this window makes the next.
    void workspaceChosen(const QString& folder);
    /// The run has ended and nothing waits behind it.
    void idle();

protected:
    void closeEvent(QCloseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void buildMenus();
    void buildToolBar();
    void buildCentre();
    void connectActions();
    void connectPages();
    void connectRuns();
    void connectMarks();
    void connectView();
    void connectController();
    void connectAlarms();
    void goToAlarm(std::int64_t id);
    std::vector<Command> commands();
    void openPalette();
    void chooseMeasure(const std::string& name);
    void chooseAxis(XAxis axis);
    void showAlarm(std::int64_t id);

    void submit(const std::vector<run::RunConfig>& configs, bool startNow);
    void cloneRun(const run::RunId& id);
    NewRunDialog* openDialog();
    void openSamples(const run::RunId& id);
    void openLiveSettings();
    void openVote();
    /// Where something is kept that belongs to the runs of the workspace: with them, or beside the settings where nothing may be written to the runs.
    std::filesystem::path placeBesideRuns(const char* name) const;
    void openWorkspace();
    void chooseImage();
    void findImage(const QString& file);
    void fillRecent();
    void keepList(const QString& what, int value);
    void showList(const ViewState& state);
    void fillLayouts();
    void saveLayout();
    void applyLayout(const QString& name);
    void deleteLayout(const QString& name);
    void leaveFor(const QString& folder);
    void showThatRecorded();
    bool agreesToStop();
    void onRunsLoaded();
    void onSelected();
    void onEnded(const run::RunId& id, run::RunState state, const QString& error);
    void onEvents(const std::vector<run::RunEvent>& batch);
    void offerInterrupted();
    void stop(void (RunController::*how)());
    void askForTrust(const run::RunId& id, const QString& outside);
    void offerChangedInputs(const run::RunId& id, const QString& name, const std::vector<std::string>& settings);
    void tellEnd(const store::RunRow* run, const run::RunId& id, run::RunState state, const QString& error);
    void showFittingPage();
    void fitToScreen();
    void refreshPages();
    Page* shownPage() const;
    Page* pageOf(const QString& key) const;
    void showView();
    void showTime(const Cursor& cursor);
    void openExportOf(ExportSubject subject);
    void updateControls();
    void updateUndo();
    void updateTimeBar();
    void placeTime();
    std::function<void(ViewState&)> movedTo(int stop) const;
    void updateStatus();
    void goToEpoch(int epoch);
    void setTheme(Mode mode);
    void tell(MessageLevel level, const QString& text, const QString& actionText = {}, std::function<void()> action = {});
    void saveState();
    void restoreState();
    const store::RunRow* selectedRun() const;
    static inline const QString kListWidth = QStringLiteral("window/listWidth"), kListShown = QStringLiteral("window/listShown");  // in ViewState::layout

    WindowOptions m_options;
    Settings m_settings;
    QUndoStack m_steps;  // of the list of runs and the view; never of training
    ViewModel m_view{m_steps};
    StoreService* m_store = nullptr;
    ThumbnailCache* m_cache = nullptr;
    RunController* m_controller = nullptr;
    ModelService* m_modelService = nullptr;
    AlarmList* m_alarms = nullptr;
    ReportDesk* m_report = nullptr;
    Actions m_actions{};
    std::function<void()> m_messageAction;
    bool m_isClosing = false;
    bool m_hasOfferedInterrupted = false;
    bool m_isForcedWelcome = false;
    bool m_followsQueue = false;  // the run that ended last was looked at and is done

    WorkSplit* m_split = nullptr;
    RunsPanel* m_runs = nullptr;
    QStackedWidget* m_stack = nullptr;
    WelcomePage* m_welcome = nullptr;
    QWidget* m_work = nullptr;
    MessageBar* m_message = nullptr;
    QTabWidget* m_tabs = nullptr;
    std::vector<Page*> m_pages;
    AlarmBar* m_alarmBar = nullptr;
    AlarmChip* m_alarmChip = nullptr;
    TimeBar* m_time = nullptr;
    EpochRange m_range;                              // as the time bar has it
    std::tuple<QString, XAxis, XAxis> m_shownScale;  // page, and axes of those that have one
    RunStatus* m_status = nullptr;
    QToolBar* m_toolBar = nullptr;
    QToolButton* m_stopButton = nullptr;
    QMenu *m_recent = nullptr, *m_layouts = nullptr;
    QPointer<NewRunDialog> m_dialog;
    QPointer<CommandPalette> m_palette;
    QPointer<QDialog> m_liveSettings;
};

}  // namespace rlcm::ui
