// What the window says of a run: while it pauses, stops, waits in the queue, fails, and is deleted.
#include <QAction>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QProgressBar>
#include <QPointer>
#include <QPushButton>
#include <QSet>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTest>
#include <filesystem>
#include <fstream>

#include "core/run/presets.h"
#include "tests/ui/shell/desk.h"
#include "ui/bridge/run_controller.h"
#include "ui/live/live_page.h"
#include "ui/runs/new_run_dialog.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/run_status.h"
#include "ui/theme/theme.h"
#include "ui/widgets/state_badge.h"
#include "ui/widgets/time_bar.h"

using namespace rlcm;
using namespace std::chrono_literals;
using test::Desk;
using test::find;
using test::kWaitMs;
using test::live;
using ui::MainWindow;

namespace {

QString word(run::RunState state) {
    return ui::stateText(state);
}
QString badge(const MainWindow& window) {
    return window.findChild<ui::LivePage*>()->findChild<ui::StateBadge*>()->accessibleName();
}
QPushButton* messageButton(MainWindow& window) {
    return window.messages().findChild<QPushButton*>(QStringLiteral("messageBarAction"));
}

run::RunId addQueued(const Desk& desk, const std::string& name) {
    run::RunConfig config = test::smallConfig(400, 4, 1);
    config.name = name;
    store::StoreEditor editor(desk.workspace.path());
    const run::RunId id = editor.createRun(config);
    editor.enqueue(id);
    return id;
}

}  // namespace

class TestStates : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { ui::apply(*qApp, ui::Mode::Light); }
    void pausedIsPausedEverywhere();
    void theLastStateIsTheTrueOne();
    void aFailureIsToldAfterItsMessageIsGone();
    void aStopCanBecomeNowOrBeTakenBack();
    void stoppingWithAQueueSaysWhatFollowsAndHoldsIt();
    void theQueueGoesOnBesideWhatIsReadAndLookedAt();
    void addingToTheQueueMovesNothing();
    void aFormThatCannotBeStoredKeepsWhatWasTyped();
    void deletingTheOnlyRunCanBeUndone();
    void theOfferToUndoADeleteEndsWithTheNextStep();
    void statusTellsTheTimeUntilTheStop();
    void everyKeyOfAMenuIsItsOwn();
    void recentWorkspacesAreRemembered();
    void fullScreenIsKnownAfterARestart();
    void theTitleNamesTheProgramOnce();
};

void TestStates::pausedIsPausedEverywhere() {
    const Desk desk;
    const auto window = desk.open();
    window->startStudy();
    auto& controller = window->controller();
    QTRY_VERIFY_WITH_TIMEOUT(controller.progress().epoch >= 1, kWaitMs);
    controller.pause();
    QTRY_COMPARE_WITH_TIMEOUT(word(controller.state()), word(run::RunState::Paused), kWaitMs);
    QTRY_COMPARE_WITH_TIMEOUT(badge(*window), word(run::RunState::Paused), kWaitMs);
    QTest::qWait(300);
    QCOMPARE(badge(*window), word(run::RunState::Paused));
    QCOMPARE(find<QLabel>(*window, "statusPhase")->text(), word(run::RunState::Paused));
    QCOMPARE(find<QLabel>(*window, "statusTime")->text(), QString());
    QCOMPARE(find<QLabel>(*window, "statusSpeed")->text(), QString());
    auto& model = window->runs().model();
    QCOMPARE(model.index(model.rowOf(controller.activeRun()), ui::RunsModel::State).data().toString(), word(run::RunState::Paused));
}

void TestStates::theLastStateIsTheTrueOne() {
    const Desk desk;
    const auto window = desk.open();
    window->startStudy();
    QTRY_VERIFY_WITH_TIMEOUT(window->controller().progress().epoch >= 1, kWaitMs);
    window->actions().stopNow->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(!window->controller().isActive(), kWaitMs);
    QCOMPARE(badge(*window), word(run::RunState::Stopped));
    QTest::qWait(300);
    QCOMPARE(badge(*window), word(run::RunState::Stopped));
}

void TestStates::aFailureIsToldAfterItsMessageIsGone() {
    const Desk desk;
    const auto window = desk.open({.failAtEpoch = 2});
    window->startStudy();
    QTRY_VERIFY_WITH_TIMEOUT(window->messages().isVisible() && window->messages().level() == ui::MessageLevel::Error, kWaitMs);
    window->messages().dismiss();
    QTRY_COMPARE_WITH_TIMEOUT(badge(*window), word(run::RunState::Failed), kWaitMs);
    auto* problem = find<ui::MessageBar>(*window, "runProblem");
    QTRY_VERIFY_WITH_TIMEOUT(problem->isVisible() && problem->text().contains(QStringLiteral("scripted failure")), kWaitMs);
    problem->dismiss();
    window->runs().refresh();
    QTest::qWait(200);
    QVERIFY2(!problem->isVisible(), "dismissed stays dismissed");
    const auto* facts = find<QLabel>(*window, "liveFacts");
    QVERIFY2(!facts->text().isEmpty() && facts->toolTip().contains(QStringLiteral("scripted failure")), qPrintable(facts->text()));
}

void TestStates::aStopCanBecomeNowOrBeTakenBack() {
    const Desk desk;
    const auto window = desk.open({.epochTime = 600ms});
    window->startStudy();
    QTRY_VERIFY_WITH_TIMEOUT(window->controller().progress().epochs > 0, kWaitMs);
    const auto& a = window->actions();
    QVERIFY(!a.goOn->isVisible());
    a.stopAfterEpoch->trigger();
    QVERIFY(a.goOn->isVisible() && a.goOn->isEnabled() && a.stopNow->isEnabled() && a.stopMenu->isEnabled() && !a.stopAfterEpoch->isEnabled());
    QVERIFY(find<QLabel>(*window, "statusPhase")->text().contains(QStringLiteral("after this epoch")));
    a.goOn->trigger();
    QVERIFY(!a.goOn->isVisible() && a.stopAfterEpoch->isEnabled() && a.pause->isEnabled());
    const auto epoch = window->controller().progress().epoch;
    QTRY_VERIFY_WITH_TIMEOUT(window->controller().progress().epoch > epoch, kWaitMs);
    a.stopAfterEpoch->trigger();
    a.stopNow->trigger();
    QVERIFY(!a.stopMenu->isEnabled());
    QTRY_VERIFY_WITH_TIMEOUT(!window->controller().isActive(), kWaitMs);
}

void TestStates::stoppingWithAQueueSaysWhatFollowsAndHoldsIt() {
    const Desk desk;
    const run::RunId waiting = addQueued(desk, "the next one");
    const auto window = desk.open();
    window->startStudy();
    QTRY_VERIFY_WITH_TIMEOUT(window->controller().progress().epochs > 0 && !window->runs().waiting().empty(), kWaitMs);
    window->actions().stopAfterEpoch->trigger();
    QVERIFY2(window->messages().text().contains(QStringLiteral("the next one")), qPrintable(window->messages().text()));
    QTest::mouseClick(messageButton(*window), Qt::LeftButton);
    QVERIFY(window->controller().isQueueHeld());
    QVERIFY(find<QPushButton>(*window, "queueHold")->isChecked());
    QTRY_VERIFY_WITH_TIMEOUT(!window->controller().isActive(), kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(window->messages().text().contains(QStringLiteral("queue is held")), kWaitMs);
    QTest::qWait(300);
    QVERIFY(!window->controller().isActive());
    QTest::mouseClick(find<QPushButton>(*window, "queueStart"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(window->controller().activeRun(), waiting, kWaitMs);
}

void TestStates::theQueueGoesOnBesideWhatIsReadAndLookedAt() {
    const Desk desk;
    const run::RunId waiting = addQueued(desk, "the next one");
    const auto window = desk.open();
    window->startStudy();
    QTRY_VERIFY_WITH_TIMEOUT(window->controller().progress().epochs > 0 && !window->runs().waiting().empty(), kWaitMs);
    const run::RunId stopped = window->controller().activeRun();
    window->actions().stopNow->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(window->controller().activeRun(), waiting, kWaitMs);
    QTest::qWait(200);
    QCOMPARE(live(*window).shownRun(), stopped);
    QVERIFY(window->messages().isVisible());
    QVERIFY2(window->messages().text().contains(QStringLiteral("was stopped")) && window->messages().text().contains(QStringLiteral("the next one")),
             qPrintable(window->messages().text()));
}

void TestStates::addingToTheQueueMovesNothing() {
    const Desk desk;
    const auto window = desk.open();
    window->startStudy();
    QTRY_VERIFY_WITH_TIMEOUT(window->controller().progress().epoch >= 1, kWaitMs);
    const run::RunId watched = live(*window).shownRun();
    window->openNewRun();
    auto* dialog = find<ui::NewRunDialog>(*window, "newRunDialog");
    QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("addToQueue")), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(window->runs().waiting().size(), std::size_t{1}, kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(window->messages().isVisible(), kWaitMs);
    QTest::qWait(100);
    QCOMPARE(live(*window).shownRun(), watched);
    QVERIFY(window->timeBar().isFollowing());
    QTest::mouseClick(messageButton(*window), Qt::LeftButton);  // Show
    QTRY_VERIFY_WITH_TIMEOUT(live(*window).shownRun() != watched, kWaitMs);
    QCOMPARE(window->timeBar().epoch(), 0);
    window->runs().select(watched);
    QTRY_VERIFY_WITH_TIMEOUT(live(*window).shownRun() == watched && window->timeBar().epoch() > 0, kWaitMs);
    QVERIFY(window->timeBar().isFollowing());
}

void TestStates::aFormThatCannotBeStoredKeepsWhatWasTyped() {
    const Desk desk;
    const auto window = desk.open();
    QTRY_COMPARE_WITH_TIMEOUT(window->page(), QStringLiteral("welcome"), kWaitMs);
    window->openNewRun();
    auto* dialog = find<ui::NewRunDialog>(*window, "newRunDialog");
    auto* name = dialog->findChild<QLineEdit*>(QStringLiteral("field:name"));
    name->setText(QStringLiteral("typed with care"));
    std::filesystem::remove_all(desk.workspace.path() / "runs");
    std::ofstream(desk.workspace.path() / "runs") << "in the way";
    QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("startNow")), Qt::LeftButton);
    auto* summary = dialog->findChild<QLabel*>(QStringLiteral("newRunSummary"));
    QTRY_VERIFY_WITH_TIMEOUT(!summary->text().isEmpty(), kWaitMs);
    QVERIFY(dialog->isVisible());
    QCOMPARE(name->text(), QStringLiteral("typed with care"));
    std::filesystem::remove(desk.workspace.path() / "runs");
    const QPointer<ui::NewRunDialog> guard(dialog);
    QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("startNow")), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(window->controller().isActive(), kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(!guard, kWaitMs);
}

void TestStates::deletingTheOnlyRunCanBeUndone() {
    Desk desk;
    const run::RunId id = desk.workspace.addRun(test::smallConfig(4));
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    window->runs().deleteAction()->trigger();
    auto* bar = find<ui::MessageBar>(*window, "undoBar");
    QTRY_VERIFY_WITH_TIMEOUT(window->runs().model().rowCount() == 0, kWaitMs);
    QTest::qWait(200);
    QVERIFY2(bar->isVisible(), "what can be undone is on the screen");
    QTest::mouseClick(bar->findChild<QPushButton*>(QStringLiteral("messageBarAction")), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(live(*window).shownRun(), id, kWaitMs);
    window->runs().deleteAction()->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(bar->isVisible(), kWaitMs);
    bar->dismiss();
    QTRY_COMPARE_WITH_TIMEOUT(window->page(), QStringLiteral("welcome"), kWaitMs);
    // From the models there is a way back.
    window->showPage(QStringLiteral("models"));
    QCOMPARE(window->page(), QStringLiteral("models"));
    find<QTabWidget>(*window, "pages")->setCurrentIndex(0);
    QCOMPARE(window->page(), QStringLiteral("welcome"));
}

void TestStates::theOfferToUndoADeleteEndsWithTheNextStep() {
    Desk desk;
    desk.workspace.addRun(test::smallConfig(4));
    const run::RunId id = desk.workspace.addRun(test::smallConfig(4, 4, 1));
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    window->runs().select(id);
    window->runs().deleteAction()->trigger();
    auto* bar = find<ui::MessageBar>(*window, "undoBar");
    QTRY_VERIFY_WITH_TIMEOUT(bar->isVisible(), kWaitMs);
    QTRY_COMPARE_WITH_TIMEOUT(window->runs().model().rowCount(), 1, kWaitMs);
    QTest::qWait(100);
    QVERIFY2(bar->isVisible(), "that the list was read again is no step");
    window->showPage(QStringLiteral("compare"));
    QVERIFY2(!bar->isVisible(), "its button would undo the page");
    window->actions().undo->trigger();
    window->actions().undo->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(window->runs().model().rowCount(), 2, kWaitMs);
}

void TestStates::statusTellsTheTimeUntilTheStop() {
    ui::RunStatus status;
    status.show();
    run::Progress progress;
    progress.epochs = 10;
    progress.epoch = 4;
    progress.fractionOfEpoch = 0.5;
    progress.secondsLeft = 550;  // 100 an epoch
    const auto text = [&](const char* name) { return status.findChild<QLabel*>(QLatin1String(name))->text(); };
    status.setProgress(run::RunState::Updating, ui::StopRequest::None, progress);
    QCOMPARE(text("statusTime"), QStringLiteral("9 min 10 s left"));
    status.setProgress(run::RunState::Updating, ui::StopRequest::AfterEpoch, progress);
    QCOMPARE(text("statusTime"), QStringLiteral("50 s left"));
    status.setProgress(run::RunState::Updating, ui::StopRequest::Now, progress);
    QCOMPARE(text("statusTime"), QString());
    progress.epoch = 9;
    progress.fractionOfEpoch = 1.0;
    progress.secondsLeft = 0;
    status.setProgress(run::RunState::Updating, ui::StopRequest::None, progress);
    QCOMPARE(text("statusTime"), QStringLiteral("nearly done"));
    const auto* bar = status.findChild<QProgressBar*>();
    QVERIFY2(bar->value() < bar->maximum(), "a full bar means finished");
}

void TestStates::everyKeyOfAMenuIsItsOwn() {
    const Desk desk;
    const auto window = desk.open();
    window->actions().goOn->setVisible(true);
    for (const QMenu* menu : window->menuBar()->findChildren<QMenu*>()) {
        QSet<QChar> keys;
        for (const QAction* action : menu->actions()) {
            const qsizetype at = action->text().indexOf(QLatin1Char('&'));
            if (at >= 0 && !action->isSeparator()) {
                const QChar key = action->text().at(at + 1).toLower();
                QVERIFY2(!keys.contains(key), qPrintable(menu->title() + QLatin1String(": ") + action->text()));
                keys.insert(key);
            }
            QVERIFY2(!action->isCheckable() || action->icon().isNull(), qPrintable(action->text()));  // the icon would hide the mark
        }
    }
}

void TestStates::recentWorkspacesAreRemembered() {
    Desk first, second;
    first.workspace.addRun(test::smallConfig(4));
    first.open()->close();
    ui::Settings settings(first.config.filePath(QStringLiteral("window.ini")));
    QCOMPARE(settings.recentWorkspaces(), QStringList{QString::fromStdString(first.workspace.path().string())});
    settings.addRecentWorkspace(QStringLiteral("/somewhere/else"));
    settings.addRecentWorkspace(QString::fromStdString(first.workspace.path().string()));
    QCOMPARE(settings.recentWorkspaces().size(), 2);
    const auto window = first.open();
    auto* menu = find<QMenu>(*window, "recentMenu");
    QCOMPARE(menu->actions().size(), 1);  // not the one that is open
    QSignalSpy chosen(window.get(), &MainWindow::workspaceChosen);
    menu->actions().front()->trigger();
    QCOMPARE(chosen.front().front().toString(), QStringLiteral("/somewhere/else"));
}

void TestStates::fullScreenIsKnownAfterARestart() {
    const Desk desk;
    {
        const auto window = desk.open();
        window->actions().fullScreen->trigger();
        QTRY_VERIFY(window->isFullScreen());
        window->close();
    }
    const auto window = desk.open();
    QTRY_VERIFY(window->isFullScreen());
    QTRY_VERIFY(window->actions().fullScreen->isChecked());
    window->actions().fullScreen->trigger();
    QTRY_VERIFY(!window->isFullScreen());
}

void TestStates::theTitleNamesTheProgramOnce() {
    const Desk desk;
    QVERIFY(!desk.open()->windowTitle().contains(QStringLiteral("RLCM Workbench")));
}

QTEST_MAIN(TestStates)
#include "tst_states.moc"
