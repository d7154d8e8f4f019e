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

QTEST_GUILESS_MAIN(TestMemoryBudget)
#include "tst_memory_budget.moc"
