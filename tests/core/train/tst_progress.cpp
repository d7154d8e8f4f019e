// What a run tells of its progress: never backwards, whatever rounds an epoch has.
#include <QTemporaryDir>
#include <QTest>

#include "core/train/make_run.h"
#include "tests/support/recording_observer.h"

using namespace rlcm;

class TestProgress : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void allRoundsOfAnEpochCount();
};

void TestProgress::allRoundsOfAnEpochCount() {
    run::RunConfig config;
    config.compute.dtype = run::Dtype::Fp32;
    config.training.epochs = 3;
    config.training.roundsPerEpoch = 4;
    config.training.imagesPerRound = 16;
    config.training.advantage = run::Advantage::Batch;
    config.evaluation = {.every = 5, .trainPrompts = 1, .heldOutPrompts = 0, .seedsPerPrompt = 1, .judgeModel = {}};
    config.compute.device = "cpu";
    config.compute.threads = 1;
    const QTemporaryDir folder;
    test::RecordingObserver observer;
    run::RunCommands commands;
    const run::RunRequest request{
        .id = "r0001", .config = config, .folder = folder.path().toStdString(), .resumeFrom = {}, .resumedCounters = {}, .allowsChangedInputs = false};
    QCOMPARE(static_cast<int>(train::makeRun(request, observer)->execute({}, commands)), static_cast<int>(run::RunState::Finished));
    const auto progress = observer.all<run::Progress>();
    QVERIFY(progress.size() > 3);
    double before = -1;
    bool isSampling = false;
    for (const run::RunEvent& event : observer.events()) {
        if (const auto* state = std::get_if<run::StateChanged>(&event)) {
            isSampling = isSampling || state->state == run::RunState::Sampling;  // the evaluation before training is behind us
        }
        if (const auto* one = std::get_if<run::Progress>(&event); one != nullptr && isSampling) {
            const double now = static_cast<double>(one->epoch) + one->fractionOfEpoch;
            QVERIFY2(now >= before && one->fractionOfEpoch <= 1, qPrintable(QStringLiteral("%1 after %2").arg(now).arg(before)));
            before = now;
        }
    }
}

QTEST_GUILESS_MAIN(TestProgress)
#include "tst_progress.moc"
