// A process that has trained, as the window, does not hold on to what training took.
#include <QTemporaryDir>
#include <QTest>

#include "core/tensor/memory.h"
#include "core/train/make_run.h"
#include "tests/core/train/small_run.h"
#include "tests/support/recording_observer.h"

using namespace rlcm;

namespace {
constexpr std::int64_t kMiB = 1 << 20;
}

class TestMemory : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whatARunFreedIsGivenBack();
};

void TestMemory::whatARunFreedIsGivenBack() {
    run::RunConfig config = test::smallTraining(run::Advantage::Batch, {}, 1);
    config.training.epochs = 1;
    config.training.imagesPerRound = 64;
    const QTemporaryDir folder;
    test::RecordingObserver observer;
    run::RunCommands commands;
    QVERIFY(train::makeRun(test::requestFor(config, folder), observer)->execute({}, commands) == run::RunState::Finished);
    const std::int64_t kept = tensor::residentMemory();
    tensor::releaseFreedMemory(at::kCPU);
    const std::int64_t least = tensor::residentMemory();
    qInfo("%lld MiB after the run, of which %lld MiB are free", static_cast<long long>(kept / kMiB), static_cast<long long>((kept - least) / kMiB));
    QVERIFY(kept - least < 16 * kMiB);
}

QTEST_GUILESS_MAIN(TestMemory)
#include "tst_memory.moc"
