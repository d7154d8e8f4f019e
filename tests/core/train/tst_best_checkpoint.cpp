// The best checkpoint by a rule declared before: saved when it comes, kept while others go, and remembered by a resume.
#include <QTemporaryDir>
#include <QtTest>

#include "core/learn/checkpoint.h"
#include "core/run/checkpoint_folders.h"
#include "core/train/make_run.h"
#include "tests/core/train/small_run.h"
#include "tests/support/recording_observer.h"

using namespace rlcm;
using test::RecordingObserver;

namespace {

/// Evaluated after every epoch, saved after the last one only, one kept.
run::RunConfig config(run::BestRule rule) {
    run::RunConfig config = test::smallTraining(run::Advantage::Batch, "emoji-clip-judge", 2);
    config.training.epochs = 6;
    config.training.learningRate = 3e-3;
    config.evaluation.every = 1;
    config.checkpoint = {.every = 100, .keep = 1, .best = rule};
    return config;
}

std::vector<run::EvaluationDone> trainOn(const run::RunRequest& request, run::RunCommands* commands = nullptr) {
    RecordingObserver heard;
    run::RunCommands own;
    train::makeRun(request, heard)->execute({}, commands != nullptr ? *commands : own);
    return heard.all<run::EvaluationDone>();
}

std::int64_t bestOf(run::BestRule rule, const std::vector<run::EvaluationDone>& evaluations) {
    std::optional<run::BestEvaluation> best;
    for (const run::EvaluationDone& evaluation : evaluations) {
        run::takeIfBetter(best, rule, evaluation.epoch, evaluations.front().scalars, evaluation.scalars);
    }
    return best ? best->epoch : -1;
}

}  // namespace

class TestBestCheckpoint : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theBestStaysOnDisk_data() {
        QTest::addColumn<run::BestRule>("rule");
        QTest::newRow("judge") << run::BestRule::Judge;
        QTest::newRow("reward") << run::BestRule::Reward;
        QTest::newRow("judged reward") << run::BestRule::JudgedReward;
    }
    void theBestStaysOnDisk() {
        QFETCH(run::BestRule, rule);
        const QTemporaryDir dir;
        const auto evaluations = trainOn(test::requestFor(config(rule), dir));
        QCOMPARE(evaluations.size(), std::size_t{7});
        const std::int64_t best = bestOf(rule, evaluations);
        const std::filesystem::path folder = dir.path().toStdString() / std::filesystem::path(run::checkpointName(best));
        const learn::CheckpointState state = learn::verifyCheckpoint(folder);
        QVERIFY(state.best && state.best->rule == rule && state.best->epoch == best);
        QVERIFY(learn::verifyCheckpoint(run::checkpointFolders(dir.path().toStdString()).front().path).best == state.best);
    }
    void withoutARuleNoMoreIsSaved() {
        const QTemporaryDir dir;
        trainOn(test::requestFor(config(run::BestRule::Last), dir));
        const auto left = run::checkpointFolders(dir.path().toStdString());
        QVERIFY(left.size() == 2 && left[0].epoch == 6 && left[1].epoch == 0);  // the second stays as an evaluated one
        QVERIFY(!learn::verifyCheckpoint(left[0].path).best);
    }
    void theBestIsSparedWhenOthersGo() {
        const QTemporaryDir dir;
        const std::filesystem::path folder = dir.path().toStdString();
        for (const std::int64_t epoch : {1, 2, 3, 4}) {
            std::filesystem::create_directories(folder / run::checkpointName(epoch));
        }
        const auto never = [](std::int64_t) { return false; };
        learn::pruneCheckpoints(folder, 4, 1, never, 2);
        const auto left = run::checkpointFolders(folder);
        QVERIFY(left.size() == 2 && left[0].epoch == 4 && left[1].epoch == 2);
        learn::pruneCheckpoints(folder, 4, 1, never, 4);  // a better one came
        QCOMPARE(run::checkpointFolders(folder).size(), std::size_t{1});
    }
    void aResumeKnowsTheBestBefore() {
        const QTemporaryDir dir;
        run::RunConfig half = config(run::BestRule::Reward);
        half.training.epochs = 3;
        const auto before = trainOn(test::requestFor(half, dir));
        run::RunRequest request = test::requestFor(config(run::BestRule::Reward), dir);
        request.resumeFrom = {run::checkpointFolders(dir.path().toStdString()).front().path};
        request.baseline = before.front().scalars;
        const auto after = trainOn(request);
        std::vector<run::EvaluationDone> all = before;
        all.insert(all.end(), after.begin(), after.end());
        QCOMPARE(all.size(), std::size_t{7});
        const auto last = run::checkpointFolders(dir.path().toStdString()).front();
        QCOMPARE(last.epoch, std::int64_t{6});
        QCOMPARE(learn::verifyCheckpoint(last.path).best->epoch, bestOf(run::BestRule::Reward, all));
    }
};

QTEST_APPLESS_MAIN(TestBestCheckpoint)
#include "tst_best_checkpoint.moc"
