#include <QTest>

#include "core/learn/memory_budget.h"
#include "core/tensor/memory.h"
#include "core/tensor/torch.h"

using namespace rlcm;

class TestMemoryBudget : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void graphsTakeAShareOfWhatIsFreeAndOfTheMachine();
    void theMachineHasMoreThanIsFree();
    void aGraphIsGivenBackWhenOthersNeedTheMemory();
};

void TestMemoryBudget::graphsTakeAShareOfWhatIsFreeAndOfTheMachine() {
    constexpr std::int64_t kGib = std::int64_t{1} << 30;
    QCOMPARE(learn::graphBudget(24 * kGib, 24 * kGib), 0.2 * 24 * static_cast<double>(kGib));  // empty: bounded by the machine
    QCOMPARE(learn::graphBudget(5 * kGib, 24 * kGib), 0.4 * 5 * static_cast<double>(kGib));    // busy: bounded by what is free
    QCOMPARE(learn::graphBudget(0, 24 * kGib), 0.0);
}

void TestMemoryBudget::theMachineHasMoreThanIsFree() {
    QVERIFY(tensor::freeMemory(at::kCPU) > 0);
    QVERIFY(tensor::totalMemory(at::kCPU) > tensor::freeMemory(at::kCPU));
}

void TestMemoryBudget::aGraphIsGivenBackWhenOthersNeedTheMemory() {
    learn::GraphKeeping keeping(3);
    QVERIFY(keeping.decide(14, 100));
    QVERIFY(keeping.decide(10, 100));  // the graph is in the heap now, a tenth of the machine is free beside it
    QVERIFY(!keeping.decide(9, 100));
    QVERIFY(!keeping.decide(12, 100));  // that is what was given back: keeping it again would take it from the others
    QVERIFY(keeping.decide(13, 100));
}

QTEST_GUILESS_MAIN(TestMemoryBudget)
#include "tst_memory_budget.moc"
