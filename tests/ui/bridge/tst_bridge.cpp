// The mailbox and the run controller, with fake runs and a real store.
#include <QSignalSpy>
#include <QTest>
#include <QThread>
#include <atomic>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "core/store/workspace.h"
#include "tests/support/temp_workspace.h"
#include "ui/bridge/run_bridge.h"
#include "ui/bridge/run_controller.h"
#include "ui/bridge/store_service.h"

using namespace rlcm;
using namespace std::chrono_literals;

namespace {

constexpr int kWaitMs = 20000;

run::RunId create(const std::filesystem::path& workspace, const run::RunConfig& config, bool isQueued = false) {
    store::StoreEditor editor(workspace);
    const run::RunId id = editor.createRun(config);
    if (isQueued) {
        editor.enqueue(id);
    }
    return id;
}

store::RunRow rowOf(const std::filesystem::path& workspace, const run::RunId& id) {
    return store::StoreReader(workspace).run(id).value();
}

/// States by their word, which a failing test can print.
QString word(run::RunState state) {
    return QString::fromStdString(std::string(run::toString(state)));
}

/// Tells a phase right after every pause, as a trainer does that looks at both in one step.
class ChattyRun : public run::Run, public run::RunObserver {
public:
    ChattyRun(const run::RunRequest& request, run::RunObserver& observer)
        : m_observer(observer), m_run(test::makeFakeRun(request, *this, {.epochTime = 40ms})) {}
    run::RunState execute(std::stop_token stop, run::RunCommands& commands) noexcept override { return m_run->execute(std::move(stop), commands); }
    void onEvent(const run::RunEvent& event) noexcept override {
        m_observer.onEvent(event);
        if (const auto* state = std::get_if<run::StateChanged>(&event); state != nullptr && state->state == run::RunState::Paused) {
            m_observer.onEvent(run::StateChanged{state->id, run::RunState::Updating});
        }
    }

private:
    run::RunObserver& m_observer;
    std::unique_ptr<run::Run> m_run;
};

/// A paced fake, so that commands have something to act on.
run::RunFactory slowFactory() {
    return test::fakeRunFactory({.epochTime = 40ms});
}

}  // namespace

class TestBridge : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void mailboxKeepsOrderAndLosesNothingUnderLoad();
    void mailboxDropsPixelsAndKeepsRewards();
    void runGoesFromStartToFinishedWithEveryEpochStored();
    void pauseHoldsAndContinueGoesOn();
    void anAlarmsPauseIsContinuedLikeTheUsers();
    void stopAfterEpochKeepsTheEpochAndResumeContinues();
    void stopWhilePausedEndsTheRun();
    void destructorMidRunLeavesAResumableRun();
    void queueRunsOneAfterTheOtherInItsOrder();
    void failingRunReportsItsMessage();
    void throwingFactoryEndsAsFailedRun();
    void secondStartOfALiveRunIsRefused();
    void pausedStaysPausedWhateverPhaseIsTold();
    void aStopAfterTheEpochIsTakenBackOrBecomesAStopNow();
    void aHeldQueueWaitsUntilItIsStarted();
    void aDeletedRunIsNotStarted();
};

void TestBridge::mailboxKeepsOrderAndLosesNothingUnderLoad() {
    constexpr int kEvents = 20000;
    ui::RunBridge bridge;
    std::vector<std::int64_t> seen;
    int batches = 0;
    connect(&bridge, &ui::RunBridge::eventsReady, this, [&](const std::vector<run::RunEvent>& batch) {
        ++batches;
        QVERIFY(!batch.empty());
        for (const auto& event : batch) {
            seen.push_back(std::get<run::EpochDone>(event).epoch);
        }
    });
    {
        std::jthread producer([&] {
            for (int i = 0; i < kEvents; ++i) {
                run::EpochDone event;
                event.id = "r0001";
                event.epoch = i;
                bridge.onEvent(event);
            }
        });
        QTRY_COMPARE_WITH_TIMEOUT(seen.size(), std::size_t{kEvents}, kWaitMs);
    }
    for (std::size_t i = 0; i < seen.size(); ++i) {
        QCOMPARE(seen[i], static_cast<std::int64_t>(i));
    }
    QVERIFY2(batches < kEvents, "wake-ups must be merged");
}

void TestBridge::mailboxDropsPixelsAndKeepsRewards() {
    ui::RunBridge bridge;
    run::EvaluationDone evaluation;
    evaluation.images.resize(2);
    evaluation.images[1].reward = 4.5;
    evaluation.images[1].png = std::make_shared<const std::string>("pixels");
    const std::weak_ptr<const std::string> pixels = evaluation.images[1].png;
    bridge.onEvent(evaluation);
    evaluation.images[1].png.reset();
    QVERIFY2(pixels.expired(), "the mailbox must not keep images alive");
    double reward = 0;
    connect(&bridge, &ui::RunBridge::eventsReady, this, [&](const auto& batch) { reward = std::get<run::EvaluationDone>(batch.front()).images.at(1).reward; });
    QTRY_COMPARE(reward, 4.5);
}

void TestBridge::runGoesFromStartToFinishedWithEveryEpochStored() {
    const test::TempWorkspace workspace;
    const run::RunId id = create(workspace.path(), test::smallConfig(12));
    ui::StoreService service(workspace.path());
    ui::RunController controller(service, test::fakeRunFactory());
    run::RunState last = run::RunState::Queued;
    std::size_t storedWhenSeen = 0;
    connect(&controller, &ui::RunController::eventsReady, this, [&](const std::vector<run::RunEvent>& batch) {
        for (const auto& event : batch) {
            if (const auto* done = std::get_if<run::EpochDone>(&event)) {
                storedWhenSeen = store::StoreReader(workspace.path()).scalars(id, "reward_mean").size();
                QVERIFY2(storedWhenSeen > static_cast<std::size_t>(done->epoch), "what the window hears must already be stored");
            }
        }
    });
    connect(&controller, &ui::RunController::ended, this, [&](const run::RunId&, run::RunState state, const QString&) { last = state; });
    controller.start(id);
    QVERIFY(controller.isActive());
    QTRY_COMPARE_WITH_TIMEOUT(word(last), word(run::RunState::Finished), kWaitMs);
    QTRY_VERIFY(!controller.isActive());  // it looks for a queued run first
    QCOMPARE(word(rowOf(workspace.path(), id).state), word(run::RunState::Finished));
    QCOMPARE(store::StoreReader(workspace.path()).scalars(id, "reward_mean").size(), std::size_t{12});
}

void TestBridge::pauseHoldsAndContinueGoesOn() {
    const test::TempWorkspace workspace;
    const run::RunId id = create(workspace.path(), test::smallConfig(200));
    ui::StoreService service(workspace.path());
    ui::RunController controller(service, slowFactory());
    controller.start(id);
    QTRY_VERIFY_WITH_TIMEOUT(controller.progress().epoch >= 1, kWaitMs);
    controller.pause();
    QVERIFY(controller.isPauseAsked());
    QTRY_COMPARE_WITH_TIMEOUT(word(controller.state()), word(run::RunState::Paused), kWaitMs);
    const auto epoch = store::StoreReader(workspace.path()).scalars(id, "reward_mean").size();
    QTest::qWait(200);  // five epochs' time
    QCOMPARE(store::StoreReader(workspace.path()).scalars(id, "reward_mean").size(), epoch);
    controller.resume();
    QTRY_VERIFY_WITH_TIMEOUT(store::StoreReader(workspace.path()).scalars(id, "reward_mean").size() > epoch + 1, kWaitMs);
    QVERIFY(controller.state() != run::RunState::Paused);
}

void TestBridge::anAlarmsPauseIsContinuedLikeTheUsers() {
    const test::TempWorkspace workspace;
    run::RunConfig config = test::smallConfig(200);
    config.health.notFinite = run::AlarmAction::Pause;
    const run::RunId id = create(workspace.path(), config);
    ui::StoreService service(workspace.path());
    ui::RunController controller(service, test::fakeRunFactory({.epochTime = 40ms, .hasNanLoss = true}));
    controller.start(id);
    QTRY_COMPARE_WITH_TIMEOUT(word(controller.state()), word(run::RunState::Paused), kWaitMs);
    QVERIFY(controller.isPauseAsked());
    const auto epoch = store::StoreReader(workspace.path()).scalars(id, "reward_mean").size();
    controller.resume();
    QTRY_VERIFY_WITH_TIMEOUT(store::StoreReader(workspace.path()).scalars(id, "reward_mean").size() > epoch + 1, kWaitMs);
    QVERIFY(!controller.isPauseAsked() && controller.state() != run::RunState::Paused);
}

void TestBridge::stopAfterEpochKeepsTheEpochAndResumeContinues() {
    const test::TempWorkspace workspace;
    const run::RunId id = create(workspace.path(), test::smallConfig(20));
    ui::StoreService service(workspace.path());
    ui::RunController controller(service, slowFactory());
    QSignalSpy ended(&controller, &ui::RunController::ended);
    controller.start(id);
    QTRY_VERIFY_WITH_TIMEOUT(controller.progress().epoch >= 2, kWaitMs);
    controller.stopAfterEpoch();
    QCOMPARE(word(controller.state()), word(run::RunState::Stopping));
    QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kWaitMs);
    const store::RunRow stopped = rowOf(workspace.path(), id);
    QCOMPARE(word(stopped.state), word(run::RunState::Stopped));
    QVERIFY(stopped.counters.epoch >= 2 && stopped.counters.epoch < 20);

    controller.start(id);
    QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 2, kWaitMs);
    QCOMPARE(word(rowOf(workspace.path(), id).state), word(run::RunState::Finished));
    const auto curve = store::StoreReader(workspace.path()).scalars(id, "reward_mean");
    QCOMPARE(curve.size(), std::size_t{20});
    for (std::size_t i = 0; i < curve.size(); ++i) {
        QCOMPARE(curve[i].counters.epoch, static_cast<std::int64_t>(i) + 1);
    }
}

void TestBridge::stopWhilePausedEndsTheRun() {
    const test::TempWorkspace workspace;
    const run::RunId id = create(workspace.path(), test::smallConfig(200));
    ui::StoreService service(workspace.path());
    ui::RunController controller(service, slowFactory());
    controller.start(id);
    QTRY_VERIFY_WITH_TIMEOUT(controller.progress().epochs > 0, kWaitMs);
    controller.pause();
    QTRY_COMPARE_WITH_TIMEOUT(word(controller.state()), word(run::RunState::Paused), kWaitMs);
    controller.stopAfterEpoch();
    QTRY_VERIFY_WITH_TIMEOUT(!controller.isActive(), kWaitMs);
    QCOMPARE(word(rowOf(workspace.path(), id).state), word(run::RunState::Stopped));
}

void TestBridge::destructorMidRunLeavesAResumableRun() {
    const test::TempWorkspace workspace;
    run::RunConfig config = test::smallConfig(200);
    config.checkpoint.every = 1;
    const run::RunId id = create(workspace.path(), config);
    {
        ui::StoreService service(workspace.path());
        ui::RunController controller(service, slowFactory());
        controller.start(id);
        QTRY_VERIFY_WITH_TIMEOUT(controller.progress().epoch >= 2, kWaitMs);
        controller.pause();
    }
    QCOMPARE(word(rowOf(workspace.path(), id).state), word(run::RunState::Stopped));
    QVERIFY(!store::StoreEditor(workspace.path()).request(id).resumeFrom.empty());
}

void TestBridge::queueRunsOneAfterTheOtherInItsOrder() {
    const test::TempWorkspace workspace;
    std::vector<run::RunId> ids;
    for (int seed = 0; seed < 4; ++seed) {
        ids.push_back(create(workspace.path(), test::smallConfig(3, 4, seed), seed > 0));
    }
    ui::StoreService service(workspace.path());
    ui::RunController controller(service, test::fakeRunFactory());
    std::vector<run::RunId> order;
    connect(&controller, &ui::RunController::started, this, [&](const run::RunId& id) { order.push_back(id); });
    QSignalSpy ended(&controller, &ui::RunController::ended);
    controller.start(ids.front());
    QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 4, kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(!controller.isActive(), kWaitMs);
    QCOMPARE(order, ids);
    for (const run::RunId& id : ids) {
        QCOMPARE(word(rowOf(workspace.path(), id).state), word(run::RunState::Finished));
    }
}

void TestBridge::failingRunReportsItsMessage() {
    const test::TempWorkspace workspace;
    const run::RunId id = create(workspace.path(), test::smallConfig(10));
    ui::StoreService service(workspace.path());
    ui::RunController controller(service, test::fakeRunFactory({.failAtEpoch = 3}));
    QString error;
    run::RunState state = run::RunState::Queued;
    connect(&controller, &ui::RunController::ended, this, [&](const run::RunId&, run::RunState end, const QString& text) {
        state = end;
        error = text;
    });
    controller.start(id);
    QTRY_COMPARE_WITH_TIMEOUT(word(state), word(run::RunState::Failed), kWaitMs);
    QVERIFY(!error.isEmpty());
    QCOMPARE(QString::fromStdString(rowOf(workspace.path(), id).error), error);
}

void TestBridge::throwingFactoryEndsAsFailedRun() {
    const test::TempWorkspace workspace;
    const run::RunId id = create(workspace.path(), test::smallConfig(10));
    ui::StoreService service(workspace.path());
    ui::RunController controller(
        service, [](const run::RunRequest&, run::RunObserver&) -> std::unique_ptr<run::Run> { throw std::runtime_error("no such model: emoji-xyz"); });
    QSignalSpy ended(&controller, &ui::RunController::ended);
    controller.start(id);
    QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kWaitMs);
    QCOMPARE(ended.front().at(2).toString(), QStringLiteral("no such model: emoji-xyz"));
    QCOMPARE(word(rowOf(workspace.path(), id).state), word(run::RunState::Failed));
}

void TestBridge::secondStartOfALiveRunIsRefused() {
    const test::TempWorkspace workspace;
    const run::RunId id = create(workspace.path(), test::smallConfig(200));
    ui::StoreService service(workspace.path());
    ui::RunController first(service, slowFactory());
    ui::RunController second(service, slowFactory());
    first.start(id);
    QTRY_VERIFY_WITH_TIMEOUT(first.progress().epochs > 0, kWaitMs);
    QSignalSpy refused(&second, &ui::RunController::startFailed);
    second.start(id);
    QTRY_COMPARE_WITH_TIMEOUT(refused.count(), 1, kWaitMs);
    QVERIFY(!second.isActive());
    QVERIFY(first.isActive());
}

void TestBridge::pausedStaysPausedWhateverPhaseIsTold() {
    const test::TempWorkspace workspace;
    const run::RunId id = create(workspace.path(), test::smallConfig(200));
    ui::StoreService service(workspace.path());
    ui::RunController controller(service,
                                 [](const run::RunRequest& request, run::RunObserver& observer) { return std::make_unique<ChattyRun>(request, observer); });
    controller.start(id);
    QTRY_VERIFY_WITH_TIMEOUT(controller.progress().epoch >= 1, kWaitMs);
    for (int i = 0; i < 3; ++i) {
        controller.pause();
        QTRY_COMPARE_WITH_TIMEOUT(word(controller.state()), word(run::RunState::Paused), kWaitMs);
        QTest::qWait(100);  // whatever else is told in the pause
        QCOMPARE(word(controller.state()), word(run::RunState::Paused));
        controller.resume();
        QTRY_VERIFY_WITH_TIMEOUT(controller.state() != run::RunState::Paused, kWaitMs);
    }
}

void TestBridge::aStopAfterTheEpochIsTakenBackOrBecomesAStopNow() {
    const test::TempWorkspace workspace;
    const run::RunId id = create(workspace.path(), test::smallConfig(2000));
    ui::StoreService service(workspace.path());
    ui::RunController controller(service, test::fakeRunFactory({.epochTime = 300ms}));
    QSignalSpy ended(&controller, &ui::RunController::ended);
    controller.start(id);
    QTRY_VERIFY_WITH_TIMEOUT(controller.progress().epochs > 0, kWaitMs);
    controller.stopAfterEpoch();
    QCOMPARE(controller.stopRequest(), ui::StopRequest::AfterEpoch);
    controller.goOnAfterEpoch();
    QCOMPARE(controller.stopRequest(), ui::StopRequest::None);
    const auto epoch = controller.progress().epoch;
    QTRY_VERIFY_WITH_TIMEOUT(controller.progress().epoch >= epoch + 2, kWaitMs);
    QVERIFY(ended.isEmpty());
    controller.stopAfterEpoch();
    controller.stopNow();
    QCOMPARE(controller.stopRequest(), ui::StopRequest::Now);
    controller.goOnAfterEpoch();  // too late
    QCOMPARE(controller.stopRequest(), ui::StopRequest::Now);
    QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kWaitMs);
    QCOMPARE(word(rowOf(workspace.path(), id).state), word(run::RunState::Stopped));
}

void TestBridge::aHeldQueueWaitsUntilItIsStarted() {
    const test::TempWorkspace workspace;
    const run::RunId first = create(workspace.path(), test::smallConfig(200));
    const run::RunId second = create(workspace.path(), test::smallConfig(3, 4, 1), true);
    ui::StoreService service(workspace.path());
    ui::RunController controller(service, slowFactory());
    QSignalSpy ended(&controller, &ui::RunController::ended);
    controller.start(first);
    QTRY_VERIFY_WITH_TIMEOUT(controller.progress().epochs > 0, kWaitMs);
    controller.setQueueHeld(true);
    controller.stopNow();
    QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kWaitMs);
    QTest::qWait(200);
    QVERIFY(!controller.isActive());
    QVERIFY(rowOf(workspace.path(), second).queuePosition > 0);
    controller.startNextQueued();
    QVERIFY(!controller.isQueueHeld());
    QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 2, kWaitMs);
    QCOMPARE(word(rowOf(workspace.path(), second).state), word(run::RunState::Finished));
}

void TestBridge::aDeletedRunIsNotStarted() {
    const test::TempWorkspace workspace;
    const run::RunId id = create(workspace.path(), test::smallConfig(3));
    store::StoreEditor(workspace.path()).remove(id);
    ui::StoreService service(workspace.path());
    ui::RunController controller(service, slowFactory());
    QSignalSpy refused(&controller, &ui::RunController::startFailed);
    controller.start(id);
    QTRY_COMPARE_WITH_TIMEOUT(refused.count(), 1, kWaitMs);
    QVERIFY2(refused.front().at(1).toString().contains(QStringLiteral("restore")), qPrintable(refused.front().at(1).toString()));
    QVERIFY(!controller.isActive());
}

QTEST_GUILESS_MAIN(TestBridge)
#include "tst_bridge.moc"
