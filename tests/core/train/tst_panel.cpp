// What evaluations measure beside rewards, and its change since the state before training.
#include <QTemporaryDir>
#include <QtTest>

#include <cmath>

#include "core/run/checkpoint_folders.h"
#include "core/run/measures.h"
#include "core/tensor/torch.h"
#include "core/train/make_run.h"
#include "core/train/panel.h"
#include "tests/core/train/small_run.h"
#include "tests/support/recording_observer.h"

using namespace rlcm;
using test::RecordingObserver;
using test::requestFor;

namespace measure = run::measure;

namespace {

run::RunConfig watched() {
    run::RunConfig config = test::smallTraining(run::Advantage::Batch, "emoji-clip-judge", 2);
    config.evaluation.seedsPerPrompt = 2;
    return config;
}

std::vector<run::EvaluationDone> evaluationsOf(const run::RunRequest& request) {
    RecordingObserver heard;
    run::RunCommands commands;
    const auto outcome = train::makeRun(request, heard)->execute({}, commands);
    return outcome == run::RunState::Finished ? heard.all<run::EvaluationDone>() : std::vector<run::EvaluationDone>{};
}

double value(const run::EvaluationDone& event, std::string_view name) {
    return run::scalar(event.scalars, name).value_or(std::nan(""));
}

}  // namespace

class TestPanel : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyEvaluationHasThePanelAndItsChange() {
        const QTemporaryDir dir;
        const auto evaluations = evaluationsOf(requestFor(watched(), dir));
        QCOMPARE(evaluations.size(), std::size_t{3});
        for (const std::string_view row :
             {measure::kEvalSharpness, measure::kEvalHighFrequency, measure::kEvalGrid, measure::kEvalSaturation, measure::kEvalContrast,
              measure::kEvalFlatShare, measure::kEvalDeadShare, measure::kEvalDuplicateShare, measure::kEvalPairwise, measure::kEvalNearest,
              measure::kEvalNearDuplicateShare, measure::kEvalVendi, measure::kEvalSuspicion, measure::kEvalJudgeAccuracy, measure::kEvalRewardMean}) {
            const std::string name(row), change = std::string(measure::kChangePrefix) + name;
            QVERIFY2(value(evaluations[0], change) == 0, change.c_str());
            QVERIFY2(value(evaluations[2], change) == value(evaluations[2], name) - value(evaluations[0], name), change.c_str());
        }
        QVERIFY(value(evaluations[2], "change.eval_sharpness") != 0);
        QVERIFY(!run::scalar(evaluations[2].scalars, "change.eval_images") && !run::scalar(evaluations[2].scalars, "change.eval_saturation_std"));
        const double different = value(evaluations[0], "eval_vendi");
        QVERIFY(different >= 1 && different <= 6);
    }
    void aResumedRunMeasuresItsChangeFromTheSameStart() {
        const QTemporaryDir dir;
        const run::RunRequest request = requestFor(watched(), dir);
        const auto whole = evaluationsOf(request);
        QCOMPARE(whole.size(), std::size_t{3});
        run::RunRequest rest = request;
        rest.config.training.epochs = 6;
        rest.resumeFrom = {request.folder / run::checkpointName(4)};
        rest.baseline = whole[0].scalars;
        const auto more = evaluationsOf(rest);
        QCOMPARE(more.size(), std::size_t{1});
        QCOMPARE(value(more[0], "change.eval_sharpness"), value(more[0], "eval_sharpness") - value(whole[0], "eval_sharpness"));
    }
    void theSetIsDrawnAtOtherStepsFromTheSameNoise() {
        const QTemporaryDir alone, dir, atThree;
        run::RunConfig config = watched();
        const auto plain = evaluationsOf(requestFor(config, alone));
        config.evaluation.steps = "1,2,3";
        const auto both = evaluationsOf(requestFor(config, dir));
        QCOMPARE(both.size(), std::size_t{3});
        QVERIFY(*both[2].images[0].png == *plain[2].images[0].png);  // the run itself is the same
        QCOMPARE(value(both[2], "eval_sharpness@2"), value(plain[2], "eval_sharpness"));
        QCOMPARE(value(both[2], "eval_reward_mean@2"), value(plain[2], "eval_reward_mean"));
        config.sampling.steps = 3;
        config.evaluation.steps = "";
        const auto three = evaluationsOf(requestFor(config, atThree));
        for (const char* name : {"eval_reward_mean", "eval_judge_accuracy", "eval_judge_cosine", "eval_diversity", "eval_pairwise", "eval_sharpness"}) {
            const std::string at = run::atSteps(name, 3);
            QVERIFY2(std::abs(value(both[0], at) - value(three[0], name)) < 1e-9, name);  // before training both models are the same
            QVERIFY2(std::isfinite(value(both[2], std::string(measure::kChangePrefix) + run::atSteps(name, 1))), name);
        }
        QVERIFY(!run::scalar(both[0].scalars, "eval_contrast@3") && !run::scalar(plain[0].scalars, "eval_sharpness@2"));
    }
    /// An average that follows at once is the weights themselves, and evaluating it changes nothing of the run.
    void averagedWeightsAreEvaluatedToo() {
        const QTemporaryDir without, atOnce, slow;
        run::RunConfig config = watched();
        const auto plain = evaluationsOf(requestFor(config, without));
        config.training.emaDecay = 1e-9;
        config.training.emaEvery = 1;
        config.training.emaWarmup = 0;
        const auto same = evaluationsOf(requestFor(config, atOnce));
        QVERIFY(*same[2].images[0].png == *plain[2].images[0].png);
        for (const char* name : {"eval_reward_mean", "eval_judge_cosine", "eval_sharpness"}) {
            QVERIFY2(std::abs(value(same[2], run::ofAverage(name)) / value(same[2], name) - 1) < 1e-3, name);
            QVERIFY2(run::scalar(same[2].scalars, std::string(measure::kChangePrefix) + run::ofAverage(name)), name);
        }
        config.training.emaDecay = 0.999;
        const auto behind = evaluationsOf(requestFor(config, slow));
        QVERIFY(std::abs(value(behind[2], run::ofAverage("eval_sharpness")) - value(behind[0], "eval_sharpness")) <
                std::abs(value(behind[2], "eval_sharpness") - value(behind[0], "eval_sharpness")));
        QVERIFY(!run::scalar(plain[2].scalars, run::ofAverage("eval_sharpness")));
    }
    void theDistanceFromTheBaseModelGrowsFromNothing() {
        const QTemporaryDir with, without, deterministic;
        run::RunConfig config = watched();
        const auto told = evaluationsOf(requestFor(config, with));
        QCOMPARE(value(told[0], measure::kEvalPathKl), 0.0);
        QVERIFY(value(told[1], measure::kEvalPathKl) > 0);
        QVERIFY(value(told[2], measure::kEvalPathKl) > value(told[1], measure::kEvalPathKl));
        QVERIFY(!run::scalar(told[2].scalars, measure::kEvalLastStepDrift));  // every step is random
        config.evaluation.hasPathKl = false;
        const auto untold = evaluationsOf(requestFor(config, without));
        QVERIFY(!run::scalar(untold[2].scalars, measure::kEvalPathKl));
        QVERIFY(*untold[2].images[1].png == *told[2].images[1].png);  // measuring changes nothing
        config.evaluation.hasPathKl = true;
        config.sampling.lastStep = run::LastStep::Deterministic;
        const auto last = evaluationsOf(requestFor(config, deterministic));
        QCOMPARE(value(last[0], measure::kEvalLastStepDrift), 0.0);
        QVERIFY(value(last[2], measure::kEvalLastStepDrift) > 0 && value(last[2], measure::kEvalPathKl) > 0);
    }
    /// Each step of a path is asked for at some image, however few there are.
    void aPartOfTheStepsTellsTheDistance() {
        const auto distance = [](std::int64_t every, std::int64_t prompts) {
            const QTemporaryDir dir;
            run::RunConfig config = watched();
            config.evaluation.trainPrompts = prompts;
            config.evaluation.seedsPerPrompt = 1;
            config.evaluation.pathKlEvery = every;
            return value(evaluationsOf(requestFor(config, dir))[2], measure::kEvalPathKl);
        };
        const double all = distance(1, 12), some = distance(2, 12);
        QVERIFY2(some != all && some > all / 2 && some < all * 2, qPrintable(QStringLiteral("%1 of %2").arg(some).arg(all)));
        QCOMPARE(distance(1000, 1), distance(2, 1));  // two images, with the held-out one
    }
    void oneImageHasNoNeighbours() {
        run::Measures measures;
        train::addDiversity(at::ones({1, 4}), std::vector<std::int64_t>{0}, measures);
        train::addSuspicion(std::vector{1.0}, std::vector<std::vector<double>>{{1.0}}, measures);
        train::addSuspicion(std::vector{1.0, 2.0}, std::vector<std::vector<double>>{}, measures);
        QVERIFY(measures.scalars().empty());
    }
    void suspicionIsOfTheMostSuspiciousTenth() {
        run::Measures measures;
        // The reward ranks 0 .. 19 upwards, the judge the other way: of the two most suspicious one beats all, the other all but one.
        std::vector<double> rewards, judge;
        for (int i = 0; i < 20; ++i) {
            rewards.push_back(i);
            judge.push_back(-i);
        }
        train::addSuspicion(rewards, std::vector<std::vector<double>>{judge}, measures);
        QVERIFY(std::abs(measures.value(measure::kEvalSuspicion) - (1 + 17.0 / 19) / 2) < 1e-12);
    }
};

QTEST_GUILESS_MAIN(TestPanel)
#include "tst_panel.moc"
