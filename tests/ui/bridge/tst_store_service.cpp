// The window's door to the store: order, failures, receivers that are gone, and changes by others.
#include <QSignalSpy>
#include <QTest>
#include <latch>
#include <memory>
#include <stdexcept>
#include <vector>

#include "core/store/workspace.h"
#include "tests/support/temp_workspace.h"
#include "ui/bridge/store_service.h"

using namespace rlcm;

namespace {
constexpr int kWaitMs = 20000;
}

class TestStoreService : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void editsAreSeenByTheReadThatFollows();
    void failureOfAReadReachesItsOwnHandler();
    void resultForADeadReceiverIsDropped();
    void changesOfAnotherConnectionAreNoticed();
    void aReadAsideSeesTheEditBeforeItAndHoldsUpNoOther();
    void editsThatWaitAreFinishedByTheDestructor();
};

void TestStoreService::editsAreSeenByTheReadThatFollows() {
    const test::TempWorkspace workspace;
    ui::StoreService service(workspace.path());
    std::vector<store::RunRow> rows;
    service.edit(this, [](store::StoreEditor& editor) { return editor.createRun(test::smallConfig()); }, [](const run::RunId&) {});
    service.read(this, [](const store::StoreReader& reader) { return reader.runs(); }, [&](const auto& runs) { rows = runs; });
    QTRY_COMPARE_WITH_TIMEOUT(rows.size(), std::size_t{1}, kWaitMs);
}

void TestStoreService::failureOfAReadReachesItsOwnHandler() {
    const test::TempWorkspace workspace;
    ui::StoreService service(workspace.path());
    QSignalSpy failed(&service, &ui::StoreService::failed);
    QString own;
    service.read(
        this, [](const store::StoreReader&) -> int { throw std::runtime_error("mine"); }, [](int) { QFAIL("no result expected"); },
        [&](const QString& text) { own = text; });
    service.read(this, [](const store::StoreReader&) -> int { throw std::runtime_error("everyone's"); }, [](int) {});
    QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 1, kWaitMs);
    QCOMPARE(own, QStringLiteral("mine"));
    QCOMPARE(failed.front().front().toString(), QStringLiteral("everyone's"));
}

void TestStoreService::resultForADeadReceiverIsDropped() {
    const test::TempWorkspace workspace;
    ui::StoreService service(workspace.path());
    auto receiver = std::make_unique<QObject>();
    bool isCalled = false, isDone = false;
    service.read(receiver.get(), [](const store::StoreReader&) { return 1; }, [&](int) { isCalled = true; });
    receiver.reset();
    service.read(this, [](const store::StoreReader&) { return 1; }, [&](int) { isDone = true; });
    QTRY_VERIFY_WITH_TIMEOUT(isDone, kWaitMs);
    QVERIFY(!isCalled);
}

void TestStoreService::changesOfAnotherConnectionAreNoticed() {
    const test::TempWorkspace workspace;
    ui::StoreService service(workspace.path());
    bool isOpen = false;
    service.read(this, [](const store::StoreReader& reader) { return reader.runs().size(); }, [&](std::size_t) { isOpen = true; });
    QTRY_VERIFY_WITH_TIMEOUT(isOpen, kWaitMs);
    QSignalSpy changed(&service, &ui::StoreService::changed);
    QTest::qWait(600);  // whatever the opening caused
    changed.clear();
    store::StoreEditor(workspace.path()).createRun(test::smallConfig());
    QTRY_VERIFY_WITH_TIMEOUT(changed.count() >= 1, 3000);
}

void TestStoreService::aReadAsideSeesTheEditBeforeItAndHoldsUpNoOther() {
    const test::TempWorkspace workspace;
    ui::StoreService service(workspace.path());
    std::latch gate(1);
    std::size_t aside = 0;
    bool isRead = false;
    service.edit(this, [](store::StoreEditor& editor) { editor.createRun(test::smallConfig()); }, [] {});
    service.readAside(
        this, {},
        [&](const store::StoreReader& reader) {
            gate.wait();
            return reader.runs().size();
        },
        [&](std::size_t count) { aside = count; });
    service.read(this, [](const store::StoreReader& reader) { return reader.runs(); }, [&](const auto&) { isRead = true; });
    QTRY_VERIFY_WITH_TIMEOUT(isRead, kWaitMs);
    QCOMPARE(aside, std::size_t{0});
    gate.count_down();
    QTRY_COMPARE_WITH_TIMEOUT(aside, std::size_t{1}, kWaitMs);
}

void TestStoreService::editsThatWaitAreFinishedByTheDestructor() {
    const test::TempWorkspace workspace;
    {
        ui::StoreService service(workspace.path());
        for (int i = 0; i < 5; ++i) {
            service.edit(this, [i](store::StoreEditor& editor) { return editor.createRun(test::smallConfig(12, 4, i)); }, [](const run::RunId&) {});
        }
    }
    QCOMPARE(store::StoreReader(workspace.path()).runs().size(), std::size_t{5});
}

QTEST_GUILESS_MAIN(TestStoreService)
#include "tst_store_service.moc"
