// Alarms on the screen: told above the pages, gone to, put aside for good, marked where they happened. Live and recorded runs alike.
#include <QApplication>
#include <QCursor>
#include <QLabel>
#include <QMenu>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <QToolButton>
#include <fstream>

#include "tests/ui/shell/desk.h"
#include "ui/alarms/alarm_bar.h"
#include "ui/alarms/alarm_chip.h"
#include "ui/alarms/alarm_list.h"
#include "ui/alarms/desktop_notice.h"
#include "ui/bridge/run_controller.h"
#include "ui/charts/chart_widget.h"
#include "ui/runs/runs_model.h"
#include "ui/runs/runs_panel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/state_badge.h"
#include "ui/widgets/time_bar.h"

using namespace rlcm;
using test::Desk;
using test::find;
using test::kWaitMs;
using test::live;

namespace {

struct Raised {
    std::int64_t epoch = 8, goodEpoch = 4;
    std::string rule = "hacking";
    bool isTold = true;
};

/// An alarm in a run that has ended.
void raise(const Desk& desk, const run::RunId& id, const Raised& raised = {}) {
    store::StoreEditor(desk.workspace.path()).claim(id);
    run::RunCommands commands;
    store::StoreWriter writer(desk.workspace.path(), id, commands);
    writer.onEvent(run::AlertRaised{.id = id,
                                    .epoch = raised.epoch,
                                    .rule = raised.rule,
                                    .measure = "eval_judge_accuracy",
                                    .before = 0.875,
                                    .after = 0.25,
                                    .goodEpoch = raised.goodEpoch,
                                    .text = "reward hacking suspected: look at the images",
                                    .isTold = raised.isTold});
    writer.onEvent(run::RunFinished{.id = id, .state = run::RunState::Finished, .error = {}, .counters = {}});
}

QString toldText(const ui::MainWindow& window) {
    return find<ui::AlarmBar>(window, "alarmBar")->accessibleDescription();
}
bool isTold(const ui::MainWindow& window) {
    return find<ui::AlarmBar>(window, "alarmBar")->isVisible();
}
/// The mouse outside of the pages.
void parkMouse(const ui::MainWindow& window) {
    QCursor::setPos(window.mapToGlobal(QPoint(5, window.height() - 40)));
}

}  // namespace

class TestAlarms : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { ui::apply(*qApp, ui::Mode::Light); }
    void anAlarmIsToldAboveThePages();
    void goingThereShowsTheRunAtThatEpoch();
    void severalAreToldNewestFirstAndPutAsideForGood();
    void theCheckpointBeforeItCanBeKept();
    void aRunThatTrainsHereCanBeStopped();
    void alarmsAreMarkedOnChartsWhereTheyHappened();
    void theBarWaitsWhileTheMouseIsAboutToClick();
    void theChipListsWhatWasPutAside();
    void thoseOfARecordAreListedButNotTold();
    void theDesktopIsToldWhileTheUserLooksElsewhere();
};

void TestAlarms::theDesktopIsToldWhileTheUserLooksElsewhere() {
    Desk desk;
    const run::RunId first = desk.workspace.addRun(test::smallConfig(12)), second = desk.workspace.addRun(test::smallConfig(12, 4, 1)),
                     third = desk.workspace.addRun(test::smallConfig(12, 4, 2));
    raise(desk, first);
    QTest::qWait(20);
    const auto window = desk.open();
    auto* notice = window->findChild<ui::DesktopNotice*>();
    QSignalSpy told(notice, &ui::DesktopNotice::told);
    test::activate(*window);
    QTRY_VERIFY_WITH_TIMEOUT(window->alarms().all().size() == 1, kWaitMs);
    raise(desk, second, {.rule = "kl_jump"});
    QTRY_VERIFY_WITH_TIMEOUT(window->alarms().all().size() == 2, kWaitMs);
    QVERIFY2(told.isEmpty(), "one is of before, the other is seen in the window");
    QWidget elsewhere;
    elsewhere.show();
    elsewhere.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&elsewhere));
    raise(desk, third, {.epoch = 12});
    QTRY_COMPARE_WITH_TIMEOUT(told.size(), 1, kWaitMs);
    QCOMPARE(told.front()[0].toString(), QStringLiteral("Reward hacking at epoch 12"));
    QCOMPARE(told.front()[1].toString(), QStringLiteral("Judge accuracy 0.8750 → 0.2500"));
    Q_EMIT notice->clicked(window->alarms().of(third).front()->id);
    QCOMPARE(window->runs().selected(), third);
    QCOMPARE(window->view().state().cursor.epoch, 12);
}

void TestAlarms::anAlarmIsToldAboveThePages() {
    Desk desk;
    const run::RunId id = desk.workspace.addRun(test::smallConfig(12)), other = desk.workspace.addRun(test::smallConfig(4, 4, 1));
    raise(desk, id);
    raise(desk, other, {.rule = "kl_jump", .isTold = false});
    const auto window = desk.open();
    parkMouse(*window);
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData() && isTold(*window), kWaitMs);
    const QString told = toldText(*window);
    for (const QString& part : {QStringLiteral("Reward hacking at epoch 8"), QString::fromStdString(desk.row(id).name), QStringLiteral("0.8750 → 0.2500")}) {
        QVERIFY2(told.contains(part), qPrintable(told));
    }
    QCOMPARE(find<ui::AlarmChip>(*window, "alarmChip")->text(), QStringLiteral("1 new alarm"));
    QVERIFY2(!find<QToolButton>(*window, "alarmStop")->isVisible(), "this run does not train here");
    QVERIFY(!find<QToolButton>(*window, "alarmNext")->isVisible());
    const ui::RunsModel& model = window->runs().model();
    QCOMPARE(model.index(model.rowOf(id), ui::RunsModel::State).data(ui::RunsModel::AlarmsRole).toInt(), 1);
    QCOMPARE(model.index(model.rowOf(other), ui::RunsModel::State).data(ui::RunsModel::AlarmsRole).toInt(), 0);
    QVERIFY(model.index(model.rowOf(id), ui::RunsModel::State).data(Qt::AccessibleTextRole).toString().endsWith(QStringLiteral(", 1 alarm")));
    window->runs().select(id);
    QTRY_COMPARE_WITH_TIMEOUT(live(*window).findChild<ui::StateBadge*>()->alarms(), 1, kWaitMs);
    test::picture(*window, QStringLiteral("alarm-light"));
    window->showPage(QStringLiteral("settings"));
    test::picture(*window, QStringLiteral("alarm-inspector"));
    window->showPage(QStringLiteral("live"));
    window->resize(860, 540);  // 1280 x 800 at one and a half
    QTest::qWait(50);
    QVERIFY2(window->width() <= 860 && window->height() <= 540, "the bar does not make the window larger");
    QCOMPARE(find<QLabel>(*window, "alarmText")->text(), QStringLiteral("Reward hacking at epoch 8"));
    QVERIFY(find<QLabel>(*window, "alarmDetail")->text().startsWith(QStringLiteral("Judge accuracy 0.8750 → 0.2500")));
    test::picture(*window, QStringLiteral("alarm-narrow"));
    ui::apply(*qApp, ui::Mode::Dark);
    test::picture(*window, QStringLiteral("alarm-narrow-dark"));
    window->showPage(QStringLiteral("settings"));
    test::picture(*window, QStringLiteral("alarm-inspector-dark"));
    ui::apply(*qApp, ui::Mode::Light);
}

void TestAlarms::goingThereShowsTheRunAtThatEpoch() {
    Desk desk;
    const run::RunId id = desk.workspace.addRun(test::smallConfig(12)), other = desk.workspace.addRun(test::smallConfig(4, 4, 1));
    raise(desk, id);
    const auto window = desk.open();
    parkMouse(*window);
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData() && isTold(*window), kWaitMs);
    QCOMPARE(window->runs().selected(), other);
    find<QToolButton>(*window, "alarmGo")->click();
    QCOMPARE(window->runs().selected(), id);
    QTRY_COMPARE_WITH_TIMEOUT(window->timeBar().epoch(), 8, kWaitMs);
    QCOMPARE(window->view().state().cursor.epoch, 8);
    QVERIFY(!window->timeBar().isFollowing());
    QCOMPARE(live(*window).shownRun(), id);
    window->steps().undo();
    QVERIFY2(window->runs().selected() == other && window->timeBar().isFollowing(), "going there is one step");
    window->showPage(QStringLiteral("models"));
    find<QToolButton>(*window, "alarmGo")->click();
    QCOMPARE(window->page(), QStringLiteral("live"));
    QCOMPARE(window->view().state().cursor.epoch, 8);
}

void TestAlarms::severalAreToldNewestFirstAndPutAsideForGood() {
    Desk desk;
    const run::RunId first = desk.workspace.addRun(test::smallConfig(12)), second = desk.workspace.addRun(test::smallConfig(12, 4, 1));
    raise(desk, first, {.epoch = 12});
    raise(desk, second, {.epoch = 8});
    raise(desk, first, {.epoch = 4, .rule = "blur"});
    {
        const auto window = desk.open();
        parkMouse(*window);
        QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData() && isTold(*window), kWaitMs);
        QCOMPARE(find<QLabel>(*window, "alarmCount")->text(), QStringLiteral("1 of 3"));
        QVERIFY(toldText(*window).contains(QStringLiteral(": Blur at epoch 4")));
        find<QToolButton>(*window, "alarmNext")->click();
        find<QToolButton>(*window, "alarmNext")->click();
        QVERIFY(toldText(*window).contains(QStringLiteral("at epoch 12")) && !find<QToolButton>(*window, "alarmNext")->isEnabled());
        find<QToolButton>(*window, "alarmPrevious")->click();
        find<QToolButton>(*window, "alarmDismiss")->click();
        QTRY_COMPARE_WITH_TIMEOUT(find<QLabel>(*window, "alarmCount")->text(), QStringLiteral("2 of 2"), kWaitMs);
        QTRY_VERIFY_WITH_TIMEOUT(window->steps().canUndo(), kWaitMs);
        QCOMPARE(window->steps().undoText(), QStringLiteral("dismissal of an alarm"));
        QCOMPARE(desk.row(second).newAlarms, 0);
        window->steps().undo();
        QTRY_COMPARE_WITH_TIMEOUT(desk.row(second).newAlarms, 1, kWaitMs);
        window->steps().redo();
        QTRY_COMPARE_WITH_TIMEOUT(desk.row(second).newAlarms, 0, kWaitMs);
        window->close();
    }
    const auto window = desk.open();
    parkMouse(*window);
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData() && isTold(*window), kWaitMs);
    QCOMPARE(find<QLabel>(*window, "alarmCount")->text(), QStringLiteral("1 of 2"));
    // The list has room for the whole word of the state beside its alarms.
    auto* list = find<QTableView>(*window, "runsTable");
    const int word = list->fontMetrics().horizontalAdvance(QStringLiteral("Finished")), signs = 75;  // of the state and of alarms, with room around
    QVERIFY2(list->columnWidth(ui::RunsModel::State) >= word + signs, qPrintable(QString::number(list->columnWidth(ui::RunsModel::State))));
    find<QToolButton>(*window, "alarmDismiss")->click();
    QTRY_VERIFY_WITH_TIMEOUT(!find<QLabel>(*window, "alarmCount")->isVisible(), kWaitMs);
    find<QToolButton>(*window, "alarmDismiss")->click();
    QTRY_VERIFY_WITH_TIMEOUT(!isTold(*window), kWaitMs);
    QCOMPARE(find<ui::AlarmChip>(*window, "alarmChip")->text(), QStringLiteral("3 alarms"));
}

void TestAlarms::theCheckpointBeforeItCanBeKept() {
    Desk desk;
    const run::RunId id = desk.workspace.addRun(test::smallConfig(12));
    raise(desk, id, {.epoch = 12, .goodEpoch = 11});
    const auto window = desk.open();
    parkMouse(*window);
    QTRY_VERIFY_WITH_TIMEOUT(isTold(*window), kWaitMs);
    auto* keep = find<QToolButton>(*window, "alarmKeep");
    QCOMPARE(keep->text(), QStringLiteral("Keep epoch 8"));  // the newest one that is not after it
    QVERIFY(keep->isEnabled());
    keep->click();
    QTRY_COMPARE_WITH_TIMEOUT(keep->text(), QStringLiteral("Epoch 8 is kept"), kWaitMs);
    QVERIFY(!keep->isEnabled());
    const auto isKept = [&] {
        const auto rows = store::StoreReader(desk.workspace.path()).checkpoints(id);
        return std::ranges::any_of(rows, [](const store::CheckpointRow& row) { return row.epoch == 8 && row.isKept; });
    };
    QVERIFY(isKept());
    QCOMPARE(window->steps().undoText(), QStringLiteral("keeping of epoch 8"));
    window->steps().undo();
    QTRY_VERIFY_WITH_TIMEOUT(!isKept() && keep->isEnabled(), kWaitMs);
    raise(desk, id, {.epoch = 12, .goodEpoch = 2});
    QTRY_COMPARE_WITH_TIMEOUT(keep->text(), QStringLiteral("Keep epoch 2"), kWaitMs);
    QVERIFY2(!keep->isEnabled() && keep->toolTip().contains(QStringLiteral("No checkpoint up to epoch 2")), qPrintable(keep->toolTip()));
}

void TestAlarms::aRunThatTrainsHereCanBeStopped() {
    Desk desk;
    const run::RunId id = store::StoreEditor(desk.workspace.path()).createRun(test::smallConfig(200));
    const auto window = desk.open({.epochTime = std::chrono::milliseconds(30), .hasNanLoss = true, .imageSize = 16});
    parkMouse(*window);
    window->controller().start(id);
    QTRY_VERIFY_WITH_TIMEOUT(isTold(*window), kWaitMs);
    QVERIFY2(toldText(*window).contains(QStringLiteral("Not finite at epoch 2")), qPrintable(toldText(*window)));
    auto* stop = find<QToolButton>(*window, "alarmStop");
    QTRY_VERIFY_WITH_TIMEOUT(stop->isVisible() && stop->isEnabled(), kWaitMs);
    stop->click();
    QVERIFY(window->controller().stopRequest() == ui::StopRequest::AfterEpoch);
    QVERIFY2(!stop->isEnabled(), "it has been asked for");
    QTRY_VERIFY_WITH_TIMEOUT(!window->controller().isActive(), kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(desk.row(id).state == run::RunState::Stopped, kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(!stop->isVisible(), kWaitMs);
}

void TestAlarms::alarmsAreMarkedOnChartsWhereTheyHappened() {
    Desk desk;
    const run::RunId id = desk.workspace.addRun(test::smallConfig(12)), other = desk.workspace.addRun(test::smallConfig(12, 4, 1));
    raise(desk, other);
    raise(desk, id, {.epoch = 4, .rule = "kl_jump", .isTold = false});
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    ui::ChartWidget& chart = live(*window).rewardChart();
    QTRY_COMPARE_WITH_TIMEOUT(chart.marks().size(), std::size_t{1}, kWaitMs);
    QCOMPARE(chart.marks().front().x, 8.0);
    QVERIFY2(chart.readoutAt(8).at(1).startsWith(QStringLiteral("Reward hacking at epoch 8")), qPrintable(chart.readoutAt(8).join(QLatin1Char('|'))));
    QVERIFY(!chart.readoutAt(7).join(QLatin1Char(' ')).contains(QStringLiteral("Reward hacking")));
    window->showPage(QStringLiteral("compare"));
    auto* compare = find<ui::ChartWidget>(*window, "compareChart");
    QTRY_COMPARE_WITH_TIMEOUT(compare->marks().size(), std::size_t{2}, kWaitMs);
    QVERIFY2(compare->marks().front().text.contains(QString::fromStdString(desk.row(id).name)), qPrintable(compare->marks().front().text));
    QCOMPARE(compare->marks().front().x, 4.0);
    test::picture(*window, QStringLiteral("alarm-compare"));
}

void TestAlarms::theBarWaitsWhileTheMouseIsAboutToClick() {
    Desk desk;
    const run::RunId id = desk.workspace.addRun(test::smallConfig(12));
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    const QPoint over = live(*window).mapToGlobal(live(*window).rect().center());
    QCursor::setPos(over);
    raise(desk, id);
    auto* chip = find<ui::AlarmChip>(*window, "alarmChip");
    for (int move = 0; move < 200 && !chip->isVisible(); ++move) {
        QCursor::setPos(over + QPoint(move % 2, 0));
        QTest::qWait(50);
    }
    QVERIFY(chip->isVisible());
    for (int move = 0; move < 8; ++move) {  // it is known, and waits
        QCursor::setPos(over + QPoint(move % 2, 0));
        QTest::qWait(50);
        QVERIFY(!isTold(*window));
    }
    parkMouse(*window);
    QTRY_VERIFY_WITH_TIMEOUT(isTold(*window), kWaitMs);
    auto* dismiss = find<QToolButton>(*window, "alarmDismiss");
    const QPoint at = dismiss->mapToGlobal(dismiss->rect().center());
    QCursor::setPos(at);
    dismiss->click();
    for (int move = 0; move < 200 && dismiss->isEnabled(); ++move) {
        QCursor::setPos(at + QPoint(move % 2, 0));
        QTest::qWait(50);
    }
    QVERIFY2(isTold(*window) && !dismiss->isEnabled(), "the page does not move under a second click");
    parkMouse(*window);
    QTRY_VERIFY_WITH_TIMEOUT(!isTold(*window), kWaitMs);
}

void TestAlarms::theChipListsWhatWasPutAside() {
    Desk desk;
    const run::RunId id = desk.workspace.addRun(test::smallConfig(12)), other = desk.workspace.addRun(test::smallConfig(12, 4, 1));
    raise(desk, id);
    raise(desk, other, {.epoch = 12});
    const auto window = desk.open();
    parkMouse(*window);
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData() && isTold(*window), kWaitMs);
    auto* chip = find<ui::AlarmChip>(*window, "alarmChip");
    Q_EMIT chip->menu()->aboutToShow();
    QCOMPARE(chip->menu()->actions().size(), 4);  // two, a line, dismiss all
    chip->menu()->actions().back()->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(!isTold(*window) && chip->text() == QStringLiteral("2 alarms"), kWaitMs);
    Q_EMIT chip->menu()->aboutToShow();
    QVERIFY(!chip->menu()->actions().back()->isEnabled());
    chip->menu()->actions().at(1)->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(window->runs().selected(), id, kWaitMs);
    QCOMPARE(window->view().state().cursor.epoch, 8);
}

void TestAlarms::thoseOfARecordAreListedButNotTold() {
    Desk desk;
    raise(desk, desk.workspace.addRun(test::smallConfig(12)));
    std::ofstream(desk.workspace.path() / "recorded") << "a record\n";
    const auto window = desk.open();
    parkMouse(*window);
    QTRY_COMPARE_WITH_TIMEOUT(find<ui::AlarmChip>(*window, "alarmChip")->text(), QStringLiteral("1 alarm"), kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    QVERIFY(!isTold(*window));
}

QTEST_MAIN(TestAlarms)
#include "tst_alarms.moc"
