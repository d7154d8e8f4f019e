// The whole window with fake runs: what a person does with it, by buttons and keys.
#include <QAction>
#include <QApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
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
#include "ui/live/live_page.h"
#include "ui/runs/new_run_dialog.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/main_window.h"
#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/time_bar.h"

using namespace rlcm;
using namespace std::chrono_literals;
using test::activate;
using test::Desk;
using test::find;
using test::kWaitMs;
using test::live;
using test::picture;
using ui::MainWindow;

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
};

void TestMainWindow::initTestCase() {
    ui::apply(*qApp, ui::Mode::Light);
}
void TestMainWindow::init() {
    ui::apply(*qApp, ui::Mode::Light);
}

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

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"
