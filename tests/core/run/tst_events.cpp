// Events, commands and the fan-out, with the fake run standing for a trainer.
#include <QtTest>

#include <chrono>
#include <thread>

#include "core/base/error.h"
#include "core/run/run.h"
#include "tests/support/fake_run.h"
#include "tests/support/recording_observer.h"
#include "tests/support/temp_workspace.h"

using namespace rlcm;
using namespace rlcm::run;

namespace {

RunRequest requestIn(const test::TempWorkspace& workspace, const RunConfig& config) {
    RunRequest request;
    request.id = "r0001";
    request.config = config;
    request.folder = workspace.path() / "r0001";
    return request;
}

}  // namespace

class TestEvents : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void stateNamesRoundTrip();
    void fanoutKeepsTheOrderOfAdding();
    void everyEventKnowsItsRun();
    void fakeRunTellsAWholeRun();
    void pauseHoldsUntilResumed();
    void aStopEndsAPause_data();
    void aStopEndsAPause();
    void oneShotCommandsAreTakenOnce();
};

void TestEvents::stateNamesRoundTrip() {
    int live = 0;
    for (int i = 0; i <= static_cast<int>(RunState::Interrupted); ++i) {
        const auto state = static_cast<RunState>(i);
        QVERIFY(runStateFromString(toString(state)) == state);
        live += isLive(state) ? 1 : 0;
    }
    QCOMPARE(live, 6);
    QVERIFY(!isLive(RunState::Queued) && !isLive(RunState::Finished) && isLive(RunState::Stopping));
    QVERIFY_EXCEPTION_THROWN(runStateFromString("Running"), Error);
}

void TestEvents::fanoutKeepsTheOrderOfAdding() {
    struct Tagger : RunObserver {
        Tagger(std::string& text, char c) : log(text), tag(c) {}
        void onEvent(const RunEvent&) noexcept override { log += tag; }
        std::string& log;
        char tag;
    };
    std::string order;
    Tagger first(order, 'a'), second(order, 'b');
    ObserverFanout fanout;
    fanout.add(first);
    fanout.add(second);
    fanout.onEvent(LogLine{});
    fanout.onEvent(Progress{});
    QCOMPARE(order, std::string("abab"));
}

void TestEvents::everyEventKnowsItsRun() {
    std::vector<RunEvent> events = {RunStarted{},      StateChanged{}, Progress{},    EpochDone{},     EvaluationDone{},
                                    CheckpointSaved{}, LogLine{},      AlertRaised{}, SettingEdited{}, RunFinished{}};
    QCOMPARE(events.size(), std::variant_size_v<RunEvent>);
    const RunId id(1, 'x');
    for (RunEvent& event : events) {
        std::visit([&id](auto& e) { e.id = id; }, event);
    }
    for (const RunEvent& event : events) {
        QCOMPARE(runOf(event), id);
    }
    const std::vector<std::pair<std::string, double>> scalars = {{"a", 1.0}, {"b", 2.0}};
    QVERIFY(scalar(scalars, "b") == 2.0);
    QVERIFY(!scalar(scalars, "c"));
}

void TestEvents::fakeRunTellsAWholeRun() {
    const test::TempWorkspace workspace;
    test::RecordingObserver observer;
    RunCommands commands;
    const RunConfig config = test::smallConfig(10);
    QVERIFY(test::makeFakeRun(requestIn(workspace, config), observer)->execute({}, commands) == RunState::Finished);
    QVERIFY(std::holds_alternative<RunStarted>(observer.events().front()));
    QVERIFY(std::holds_alternative<RunFinished>(observer.events().back()));
    QCOMPARE(observer.all<EpochDone>().size(), std::size_t{10});
    QCOMPARE(observer.all<EpochDone>().back().counters.epoch, 10);
    QCOMPARE(observer.all<EvaluationDone>().size(), std::size_t{4});  // 0, 4, 8, 10
    QCOMPARE(observer.all<EvaluationDone>().back().images.size(), std::size_t{6});
    QCOMPARE(observer.all<CheckpointSaved>().back().epoch, 10);
}

void TestEvents::pauseHoldsUntilResumed() {
    const test::TempWorkspace workspace;
    test::RecordingObserver observer;
    RunCommands commands;
    commands.pause();
    std::jthread trainer([&](std::stop_token stop) { test::makeFakeRun(requestIn(workspace, test::smallConfig(3)), observer)->execute(stop, commands); });
    const auto isPaused = [&] {
        const auto states = observer.all<StateChanged>();
        return !states.empty() && states.back().state == RunState::Paused;
    };
    QTRY_VERIFY(isPaused());
    QVERIFY(commands.isPaused());
    QVERIFY(observer.all<EpochDone>().empty());
    commands.resume();
    QTRY_COMPARE(observer.all<RunFinished>().size(), std::size_t{1});
    QVERIFY(observer.all<RunFinished>()[0].state == RunState::Finished);
}

void TestEvents::aStopEndsAPause_data() {
    QTest::addColumn<int>("way");
    QTest::addColumn<int>("epochs");
    QTest::newRow("stop now") << 0 << 0;
    QTest::newRow("stop after epoch") << 1 << 1;
    QTest::newRow("stop token") << 2 << 0;
}

void TestEvents::aStopEndsAPause() {
    QFETCH(int, way);
    QFETCH(int, epochs);
    const test::TempWorkspace workspace;
    test::RecordingObserver observer;
    RunCommands commands;
    commands.pause();
    std::jthread trainer([&](std::stop_token stop) { test::makeFakeRun(requestIn(workspace, test::smallConfig(50)), observer)->execute(stop, commands); });
    QTRY_VERIFY(!observer.all<StateChanged>().empty() && observer.all<StateChanged>().back().state == RunState::Paused);
    if (way == 2) {
        trainer.request_stop();
    } else {
        way == 0 ? commands.stopNow() : commands.stopAfterEpoch();
        QVERIFY(!commands.isPaused());
        commands.pause();  // too late: a stopping run cannot be held
        QVERIFY(!commands.isPaused());
    }
    QTRY_COMPARE(observer.all<RunFinished>().size(), std::size_t{1});
    QVERIFY(observer.all<RunFinished>()[0].state == RunState::Stopped);
    QCOMPARE(observer.all<EpochDone>().size(), static_cast<std::size_t>(epochs));
}

void TestEvents::oneShotCommandsAreTakenOnce() {
    RunCommands commands;
    QVERIFY(!commands.takeSampleNow());
    commands.sampleNow();
    commands.sampleNow();
    QVERIFY(commands.takeSampleNow());
    QVERIFY(!commands.takeSampleNow());
    commands.checkpointNow();
    QVERIFY(commands.takeCheckpointNow());
    QVERIFY(!commands.takeCheckpointNow());
}

QTEST_GUILESS_MAIN(TestEvents)
#include "tst_events.moc"
