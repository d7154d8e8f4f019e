// The whole window with fake runs: what a person does with it, by buttons and keys.
#include <QAbstractButton>
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QDir>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTreeWidget>
#include <csignal>
#include <memory>
#include <sys/wait.h>
#include <unistd.h>

#include "core/run/presets.h"
#include "core/store/workspace.h"
#include "tests/support/fake_library.h"
#include "tests/support/temp_workspace.h"
#include "tests/ui/shell/desk.h"
#include "ui/bridge/run_controller.h"
#include "ui/charts/chart_widget.h"
#include "ui/gallery/evaluation_panel.h"
#include "ui/gallery/export_dialog.h"
#include "ui/models/models_page.h"
#include "ui/runs/new_run_dialog.h"
#include "ui/runs/runs_panel.h"
#include "ui/live/live_page.h"
#include "ui/shell/main_window.h"
#include "ui/shell/watchdog.h"
#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/time_bar.h"

using namespace rlcm;
using namespace std::chrono_literals;
using ui::MainWindow;
using test::activate;
using test::Desk;
using test::find;
using test::kWaitMs;
using test::live;

namespace {

/// Another process that has claimed a run: it dies at once, or lives until told to end.
class OtherProcess {
public:
    OtherProcess(const std::filesystem::path& workspace, const run::RunId& id, bool lives) {
        int ready[2];
        if (pipe(ready) != 0) {
            return;
        }
        m_pid = fork();
        if (m_pid == 0) {
            try {
                store::StoreEditor(workspace).claim(id);
                run::RunCommands commands;
                const store::StoreWriter writer(workspace, id, commands);
                [[maybe_unused]] const auto told = write(ready[1], "x", 1);
                while (lives) {
                    pause();
                }
                _exit(0);
            } catch (...) {
                _exit(1);
            }
        }
        char byte = 0;
        [[maybe_unused]] const auto got = read(ready[0], &byte, 1);
        if (!lives) {
            end();
        }
    }
    ~OtherProcess() { end(); }

private:
    void end() {
        if (m_pid > 0) {
            kill(m_pid, SIGKILL);
            waitpid(m_pid, nullptr, 0);
            m_pid = 0;
        }
    }
    pid_t m_pid = 0;
};

/// Visible buttons, boxes and labels that are smaller than what they have to show.
QStringList clipped(const QWidget& window) {
    QStringList found;
    for (const auto* button : window.findChildren<QAbstractButton*>()) {
        if (button->isVisible() && !button->text().isEmpty() && button->width() < button->minimumSizeHint().width()) {
            found << button->objectName() + QLatin1Char(':') + button->text();
        }
    }
    for (const auto* label : window.findChildren<QLabel*>()) {
        if (label->isVisible() && !label->wordWrap() && label->width() < label->minimumSizeHint().width()) {
            found << label->objectName() + QLatin1Char(':') + label->text();
        }
    }
    return found;
}

/// Where RLCM_SCREENSHOT_DIR names a folder, a person can look at what the test saw.
void picture(QWidget& widget, const QString& name) {
    if (const QString folder = qEnvironmentVariable("RLCM_SCREENSHOT_DIR"); !folder.isEmpty()) {
        QDir().mkpath(folder);
        QTest::qWait(500);  // until everything is drawn
        widget.grab().save(QDir(folder).filePath(name + QStringLiteral(".png")));
    }
}

}  // namespace

class TestMainWindow : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void studyStartsFromTheWelcomePageAndItsCurveGrows();
    void pauseContinueAndStopByKeys();
    void sampleNowAddsAnEvaluation();
    void newRunByKeyOpensOneDialogThatStarts();
    void timeKeysMoveImagesAndCursorTogether();
    void typingInTheFilterDoesNotMoveTime();
    void closingMidRunAsksAndLeavesTheRunResumable();
    void interruptedRunIsOfferedAndResumes();
    void runOfAnotherProcessIsShownButNotCommanded();
    void failedRunSaysWhyAndWhatNext();
    void queuedRunsFollowByThemselves();
    void exportByKeyWritesTheGrid();
    void comparePageShowsTheStudy();
    void modelsAreReachedFromEverywhereAndStartARun();
    void messagesMoveNothing();
    void shortcutSheetListsEveryKey();
    void selectionAxisAndPageSurviveARestart();
    void themeSwitchesWhileOpen();
    void nothingIsClipped_data();
    void nothingIsClipped();
    void watchdogWritesItsReport();
};

void TestMainWindow::initTestCase() { ui::apply(*qApp, ui::Mode::Light); }
void TestMainWindow::init() { ui::apply(*qApp, ui::Mode::Light); }

void TestMainWindow::studyStartsFromTheWelcomePageAndItsCurveGrows() {
    const Desk desk;
    const auto window = desk.open();
    QTRY_COMPARE_WITH_TIMEOUT(window->page(), QStringLiteral("welcome"), kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    picture(*window, QStringLiteral("welcome"));
    QTest::mouseClick(find<QPushButton>(*window, "startStudy"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(window->page(), QStringLiteral("live"), kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(live(*window).curvePoints("reward_mean") >= 5, kWaitMs);
    const std::size_t before = live(*window).curvePoints("reward_mean");
    QTRY_VERIFY_WITH_TIMEOUT(live(*window).curvePoints("reward_mean") >= before + 3, kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(!live(*window).images().grid().content().samples.empty(), kWaitMs);
    QVERIFY(window->timeBar().epoch() > 0);  // follows live
    const auto& series = live(*window).rewardChart().series();
    QCOMPARE(series.front().label, QStringLiteral("training"));
    QVERIFY(series.front().x.size() >= before);
    QVERIFY(find<QLabel>(*window, "statusEpoch")->text().contains(QStringLiteral("/ %1").arg(run::firstStudy().config.training.epochs)));
    picture(*window, QStringLiteral("training"));
}

void TestMainWindow::pauseContinueAndStopByKeys() {
    const Desk desk;
    const auto window = desk.open();
    window->startStudy();
    auto& controller = window->controller();
    QTRY_VERIFY_WITH_TIMEOUT(controller.progress().epoch >= 1, kWaitMs);
    activate(*window);
    QTest::keyClick(window.get(), Qt::Key_P, Qt::ControlModifier);
    QTRY_COMPARE_WITH_TIMEOUT(static_cast<int>(controller.state()), static_cast<int>(run::RunState::Paused), kWaitMs);
    QVERIFY(window->actions().pause->text().contains(QStringLiteral("Continue")));
    QTest::keyClick(window.get(), Qt::Key_P, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(controller.state() != run::RunState::Paused, kWaitMs);
    const run::RunId id = controller.activeRun();
    QTest::keyClick(window.get(), Qt::Key_Period, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_VERIFY_WITH_TIMEOUT(!controller.isActive(), kWaitMs);
    QCOMPARE(static_cast<int>(desk.row(id).state), static_cast<int>(run::RunState::Stopped));
    QVERIFY(!window->actions().pause->isEnabled());
    QTRY_VERIFY_WITH_TIMEOUT(window->actions().resume->isEnabled(), kWaitMs);
    QTest::keyClick(window.get(), Qt::Key_R, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(controller.isActive() && controller.activeRun() == id, kWaitMs);
}

void TestMainWindow::sampleNowAddsAnEvaluation() {
    const Desk desk;
    const auto window = desk.open();
    window->startStudy();
    QTRY_VERIFY_WITH_TIMEOUT(window->controller().progress().epoch >= 1, kWaitMs);
    const run::RunId id = window->controller().activeRun();
    const store::StoreReader reader(desk.workspace.path());
    const auto every = run::firstStudy().config.evaluation.every;
    activate(*window);
    QTest::keyClick(window.get(), Qt::Key_I, Qt::ControlModifier);
    const auto hasExtra = [&] {
        for (const std::int64_t epoch : reader.sampleEpochs(id)) {
            if (epoch % every != 0) {
                return true;
            }
        }
        return false;
    };
    // Asked for again should it have fallen on an epoch that is evaluated anyway.
    QTRY_VERIFY_WITH_TIMEOUT(hasExtra() || (QTest::keyClick(window.get(), Qt::Key_I, Qt::ControlModifier), false), kWaitMs);
}

void TestMainWindow::newRunByKeyOpensOneDialogThatStarts() {
    const Desk desk;
    const auto window = desk.open();
    activate(*window);
    QTest::keyClick(window.get(), Qt::Key_N, Qt::ControlModifier);
    auto* dialog = find<ui::NewRunDialog>(*window, "newRunDialog");
    QVERIFY(dialog != nullptr && dialog->isVisible());
    QVERIFY(!dialog->isModal());
    window->openNewRun();
    QCOMPARE(window->findChildren<ui::NewRunDialog*>().size(), 1);
    QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("startNow")), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(live(*window).curvePoints("reward_mean") >= 1, kWaitMs);
    QCOMPARE(live(*window).shownRun(), window->controller().activeRun());
}

void TestMainWindow::timeKeysMoveImagesAndCursorTogether() {
    Desk desk;
    desk.workspace.addRun(test::smallConfig(12));
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    QCOMPARE(window->timeBar().epoch(), 12);
    activate(*window);
    live(*window).images().grid().setFocus();
    QWidget* grid = &live(*window).images().grid();
    QTest::keyClick(grid, Qt::Key_Left);
    QCOMPARE(window->timeBar().epoch(), 11);
    QVERIFY(!window->timeBar().isFollowing());
    QTRY_COMPARE_WITH_TIMEOUT(live(*window).images().grid().content().epoch, 8, kWaitMs);
    QCOMPARE(live(*window).images().grid().content().askedEpoch, 11);
    QCOMPARE(live(*window).rewardChart().cursor().value(), 11.0);
    QTest::keyClick(grid, Qt::Key_Home);
    QTRY_COMPARE_WITH_TIMEOUT(live(*window).images().grid().content().epoch, 0, kWaitMs);
    QTest::keyClick(grid, Qt::Key_Right, Qt::ShiftModifier);
    QCOMPARE(window->timeBar().epoch(), 10);
    QTest::keyClick(grid, Qt::Key_End);
    QCOMPARE(window->timeBar().epoch(), 12);
    QVERIFY(window->timeBar().isFollowing());
    Q_EMIT live(*window).rewardChart().cursorMoved(4.2);
    QCOMPARE(window->timeBar().epoch(), 4);
}

void TestMainWindow::typingInTheFilterDoesNotMoveTime() {
    Desk desk;
    desk.workspace.addRun(test::smallConfig(12));
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    activate(*window);
    QTest::keyClick(window.get(), Qt::Key_F, Qt::ControlModifier);
    QWidget* filter = find<QWidget>(*window, "runsFilter");
    QVERIFY(filter->hasFocus());
    QTest::keyClicks(filter, QStringLiteral("no run ? like this"));
    QTest::keyClick(filter, Qt::Key_Left);
    QTest::keyClick(filter, Qt::Key_Home);
    QCOMPARE(window->timeBar().epoch(), 12);
    QVERIFY(!window->timeBar().isPlaying());
    QVERIFY(find<QWidget>(*window, "shortcutSheet") == nullptr);
}

void TestMainWindow::closingMidRunAsksAndLeavesTheRunResumable() {
    const Desk desk;
    const auto window = desk.open();
    window->startStudy();
    QTRY_VERIFY_WITH_TIMEOUT(window->controller().progress().epoch >= 3, kWaitMs);
    const run::RunId id = window->controller().activeRun();
    ui::MessageBox::answerNext(1);
    window->close();
    QVERIFY(window->isVisible());
    QVERIFY(window->controller().isActive());
    QVERIFY(ui::MessageBox::lastQuestion().text.contains(QStringLiteral("continues exactly")));
    ui::MessageBox::answerNext(0);
    window->close();
    QTRY_VERIFY_WITH_TIMEOUT(!window->isVisible(), kWaitMs);
    QCOMPARE(static_cast<int>(desk.row(id).state), static_cast<int>(run::RunState::Stopped));
    QVERIFY(!store::StoreEditor(desk.workspace.path()).request(id).resumeFrom.empty());
}

void TestMainWindow::interruptedRunIsOfferedAndResumes() {
    const Desk desk;
    const run::RunId id = store::StoreEditor(desk.workspace.path()).createRun(test::smallConfig(6));
    const OtherProcess killed(desk.workspace.path(), id, false);
    QCOMPARE(static_cast<int>(desk.row(id).state), static_cast<int>(run::RunState::Interrupted));
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->messages().isVisible(), kWaitMs);
    QVERIFY(window->messages().text().contains(QStringLiteral("interrupted")));
    QTest::mouseClick(window->messages().findChild<QPushButton*>(QStringLiteral("messageBarAction")), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(static_cast<int>(desk.row(id).state), static_cast<int>(run::RunState::Finished), kWaitMs);
}

void TestMainWindow::runOfAnotherProcessIsShownButNotCommanded() {
    const Desk desk;
    const run::RunId id = store::StoreEditor(desk.workspace.path()).createRun(test::smallConfig(6));
    const OtherProcess other(desk.workspace.path(), id, true);
    const auto window = desk.open();
    QTRY_COMPARE_WITH_TIMEOUT(live(*window).shownRun(), id, kWaitMs);
    QVERIFY(!window->actions().pause->isEnabled());
    QVERIFY(window->actions().pause->toolTip().contains(QStringLiteral("another process")));
    QVERIFY(!window->actions().resume->isEnabled());
    QVERIFY(!window->runs().deleteAction()->isEnabled());
}

void TestMainWindow::failedRunSaysWhyAndWhatNext() {
    const Desk desk;
    const auto window = desk.open({.failAtEpoch = 2});
    window->startStudy();
    QTRY_VERIFY_WITH_TIMEOUT(window->messages().isVisible() && window->messages().level() == ui::MessageLevel::Error, kWaitMs);
    const std::string error = store::StoreReader(desk.workspace.path()).runs().front().error;
    QVERIFY(!error.empty());
    QVERIFY(window->messages().text().contains(QString::fromStdString(error)));
    QVERIFY(window->messages().findChild<QPushButton*>(QStringLiteral("messageBarAction"))->isVisible());
}

void TestMainWindow::queuedRunsFollowByThemselves() {
    const Desk desk;
    const auto window = desk.open({});
    QSignalSpy idle(window.get(), &MainWindow::idle);
    activate(*window);
    window->openNewRun();
    auto* dialog = find<ui::NewRunDialog>(*window, "newRunDialog");
    dialog->findChild<QLineEdit*>(QStringLiteral("alsoSeeds"))->setText(QStringLiteral("0-2"));
    QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("startNow")), Qt::LeftButton);
    const auto finished = [&] {
        const auto runs = store::StoreReader(desk.workspace.path()).runs();
        return std::count_if(runs.begin(), runs.end(), [](const store::RunRow& run) { return run.state == run::RunState::Finished; });
    };
    QTRY_COMPARE_WITH_TIMEOUT(finished(), 3, 3 * kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(idle.count() >= 1, kWaitMs);
}

void TestMainWindow::exportByKeyWritesTheGrid() {
    Desk desk;
    desk.workspace.addRun(test::smallConfig(12));
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    activate(*window);
    QTest::keyClick(window.get(), Qt::Key_E, Qt::ControlModifier);
    auto* dialog = find<ui::ExportDialog>(*window, "exportDialog");
    QVERIFY(dialog != nullptr);
    picture(*dialog, QStringLiteral("export"));
    const QString file = desk.config.filePath(QStringLiteral("grid.png"));
    ui::FileDialog::answerNext(file);
    QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("exportSave")), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(window->messages().isVisible() && window->messages().text().contains(QStringLiteral("grid.png")), kWaitMs);
    QVERIFY(!QImage(file).isNull());
}

void TestMainWindow::comparePageShowsTheStudy() {
    Desk desk;
    desk.workspace.addStudy();
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    activate(*window);
    QTest::keyClick(window.get(), Qt::Key_2, Qt::AltModifier);
    QCOMPARE(window->page(), QStringLiteral("compare"));
    const auto hasCurves = [&] {
        for (const auto* chart : window->findChildren<ui::ChartWidget*>()) {
            if (chart->isVisible() && !chart->series().empty()) {
                return true;
            }
        }
        return false;
    };
    QTRY_VERIFY_WITH_TIMEOUT(hasCurves(), kWaitMs);
    picture(*window, QStringLiteral("compare"));
    QTest::keyClick(window.get(), Qt::Key_1, Qt::AltModifier);
    QCOMPARE(window->page(), QStringLiteral("live"));
}

void TestMainWindow::modelsAreReachedFromEverywhereAndStartARun() {
    Desk desk;
    {
        const auto empty = desk.open();
        QTRY_COMPARE_WITH_TIMEOUT(empty->page(), QStringLiteral("welcome"), kWaitMs);
        QTest::mouseClick(find<QPushButton>(*empty, "welcomeModels"), Qt::LeftButton);
        QCOMPARE(empty->page(), QStringLiteral("models"));
        QTRY_VERIFY_WITH_TIMEOUT(empty->isShowingData(), kWaitMs);
        empty->runs().refresh();
        QTest::qWait(200);
        QCOMPARE(empty->page(), QStringLiteral("models"));  // there are still no runs, and that is no reason to leave
        empty->close();
    }
    desk.workspace.addRun(test::smallConfig(4));
    const auto window = desk.open();
    activate(*window);
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    QTest::keyClick(window.get(), Qt::Key_1, Qt::AltModifier);
    QVERIFY(window->timeBar().isVisible());
    QTest::keyClick(window.get(), Qt::Key_3, Qt::AltModifier);
    QCOMPARE(window->page(), QStringLiteral("models"));
    QVERIFY(!window->timeBar().isVisible());  // models have no time
    window->view().apply({[](ui::ViewState& state) { state.model = QStringLiteral("tiny-sd"); }});
    QTRY_VERIFY_WITH_TIMEOUT(find<QPushButton>(*window, "trainModel")->isEnabled(), kWaitMs);
    picture(*window, QStringLiteral("models"));
    QCOMPARE(clipped(*window).join(QLatin1Char('\n')), QString());
    QTest::mouseClick(find<QPushButton>(*window, "trainModel"), Qt::LeftButton);
    auto* dialog = find<ui::NewRunDialog>(*window, "newRunDialog");
    QVERIFY(dialog != nullptr && dialog->isVisible());
    auto* model = dialog->findChild<QComboBox*>(QStringLiteral("field:model.path"));
    QCOMPARE(model->currentText(), QStringLiteral("tiny-sd"));
    QVERIFY(model->findText(QStringLiteral("tiny-lcm")) >= 0);
    QCOMPARE(dialog->findChild<QComboBox*>(QStringLiteral("field:algorithm.method"))->currentText(), QStringLiteral("ddpo"));
    auto* reward = dialog->findChild<QComboBox*>(QStringLiteral("field:reward.terms"));
    reward->setCurrentText(QStringLiteral("aesthetic + 0.1*server"));
    dialog->findChild<QWidget*>(QStringLiteral("field:reward.aesthetic_head"))->setFocus();
    QTest::qWait(50);
    picture(*dialog, QStringLiteral("new-run-aesthetic"));
    QCOMPARE(clipped(*dialog).join(QLatin1Char('\n')), QString());
    reward->setCurrentText(QStringLiteral("compressibility"));
    QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("testReward")), Qt::LeftButton);
    auto* trial = dialog->findChild<QWidget*>(QStringLiteral("rewardTrial"));
    QVERIFY(trial != nullptr);
    QTRY_VERIFY_WITH_TIMEOUT(trial->findChild<QLabel*>(QStringLiteral("trialStatus"))->text().contains(QLatin1String("for one image")), kWaitMs);
    QCOMPARE(trial->findChild<QComboBox*>(QStringLiteral("trialSource"))->currentIndex(), 0);  // the evaluation of the run
    picture(*trial, QStringLiteral("reward-trial"));
    QCOMPARE(clipped(*trial).join(QLatin1Char('\n')), QString());
}

void TestMainWindow::messagesMoveNothing() {
    Desk desk;
    desk.workspace.addRun(test::smallConfig(4), {.failAtEpoch = 2});
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    const auto places = [&] {
        QList<QRect> all;
        for (const QWidget* one : {static_cast<QWidget*>(&live(*window)), static_cast<QWidget*>(&window->runs()), static_cast<QWidget*>(&window->timeBar())}) {
            all << QRect(one->mapTo(window.get(), QPoint()), one->size());
        }
        return all;
    };
    const QList<QRect> before = places();
    window->messages().showMessage(ui::MessageLevel::Error, QStringLiteral("Something long went wrong. ").repeated(20), QStringLiteral("Do it"));
    QTest::qWait(50);
    QVERIFY(window->messages().isVisible());
    picture(*window, QStringLiteral("message"));
    QCOMPARE(places(), before);
    const QRect bar(window->messages().mapTo(window.get(), QPoint()), window->messages().size());
    QVERIFY(window->rect().contains(bar));
    QVERIFY(bar.bottom() < before[2].top());  // the time bar stays free
    window->messages().dismiss();
    QCOMPARE(places(), before);
}

void TestMainWindow::shortcutSheetListsEveryKey() {
    const Desk desk;
    const auto window = desk.open();
    activate(*window);
    QTest::keyClick(window.get(), Qt::Key_F1);
    auto* list = find<QTreeWidget>(*window, "shortcutList");
    QVERIFY(list != nullptr);
    QStringList keys;
    for (int row = 0; row < list->topLevelItemCount(); ++row) {
        keys << list->topLevelItem(row)->text(0);
        QVERIFY2(!list->topLevelItem(row)->text(2).isEmpty(), qPrintable(list->topLevelItem(row)->text(1)));
    }
    for (const auto* key : {"Ctrl+N", "Ctrl+R", "Ctrl+P", "Ctrl+.", "Ctrl+I", "Ctrl+S", "Ctrl+E", "Ctrl+F", "Alt+1", "Alt+2", "Alt+3", "Left", "Space", "Ctrl+Q"}) {
        QVERIFY2(keys.contains(QLatin1String(key)), key);
    }
    picture(*list->window(), QStringLiteral("shortcuts"));
}

void TestMainWindow::selectionAxisAndPageSurviveARestart() {
    Desk desk;
    const run::RunId first = desk.workspace.addRun(test::smallConfig(4));
    desk.workspace.addRun(test::smallConfig(4, 4, 1));
    {
        const auto window = desk.open();
        QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
        window->runs().select(first);
        find<QComboBox>(*window, "liveAxis")->setCurrentIndex(3);
        window->resize(1100, 700);
        window->close();
    }
    const auto window = desk.open();
    QTRY_COMPARE_WITH_TIMEOUT(live(*window).shownRun(), first, kWaitMs);
    QCOMPARE(find<QComboBox>(*window, "liveAxis")->currentIndex(), 3);
}

void TestMainWindow::themeSwitchesWhileOpen() {
    Desk desk;
    desk.workspace.addRun(test::smallConfig(12), {.imageSize = 64});
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    window->actions().themeDark->trigger();
    QVERIFY(ui::isDark());
    picture(*window, QStringLiteral("dark"));
    const QImage dark = window->grab().toImage();
    QVERIFY(qGray(dark.pixel(dark.width() / 2, 20)) < 80);
    window->actions().themeLight->trigger();
    QVERIFY(qGray(window->grab().toImage().pixel(dark.width() / 2, 20)) > 180);
}

void TestMainWindow::nothingIsClipped_data() {
    QTest::addColumn<QSize>("size");
    QTest::newRow("1280x800") << QSize(1280, 800);
    QTest::newRow("1024x640") << QSize(1024, 640);
    QTest::newRow("1920x1080") << QSize(1920, 1080);
}

void TestMainWindow::nothingIsClipped() {
    QFETCH(QSize, size);
    Desk desk;
    run::RunConfig config = run::firstStudy().config;
    config.training.epochs = 40;
    desk.workspace.addRun(config, {.imageSize = 64});
    desk.workspace.addStudy();
    const auto window = desk.open();
    window->resize(size);
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    window->runs().select("r0001");
    QTRY_VERIFY_WITH_TIMEOUT(live(*window).shownRun() == "r0001" && window->isShowingData(), kWaitMs);
    picture(*window, QStringLiteral("live-%1").arg(size.width()));
    QCOMPARE(window->size(), size);
    QCOMPARE(clipped(*window).join(QLatin1Char('\n')), QString());
    window->openNewRun();
    auto* dialog = find<ui::NewRunDialog>(*window, "newRunDialog");
    QVERIFY(QTest::qWaitForWindowExposed(dialog));
    picture(*dialog, QStringLiteral("new-run-%1").arg(size.width()));
    QCOMPARE(clipped(*dialog).join(QLatin1Char('\n')), QString());
}

void TestMainWindow::watchdogWritesItsReport() {
    const QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("watch.json"));
    {
        const ui::Watchdog watchdog(file);
        QTest::qWait(100);
        QTest::qSleep(90);
        QTest::qWait(50);
    }
    QFile report(file);
    QVERIFY(report.open(QIODevice::ReadOnly));
    const QByteArray text = report.readAll();
    QVERIFY2(text.contains("over_50_ms") && !text.contains("\"over_50_ms\": [\n    ]"), text.constData());
}

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"
