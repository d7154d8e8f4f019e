// The numbers that follow from the settings.
#include <QtTest>

#include "core/run/derive.h"
#include "core/run/field_table.h"
#include "core/run/presets.h"

using namespace rlcm;
using namespace rlcm::run;

class TestDerive : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void derivedSizesMatchHandCounts();
    void methodsCostWhatTheyAsk();
    void largestConfigDoesNotOverflow();
    void estimateGrowsWithTheWork();
};

void TestDerive::derivedSizesMatchHandCounts() {
    RunConfig config;  // 80 epochs of 32 images, evaluation every 5 on 12 + 4 prompts
    Derived d = derive(config);
    QCOMPARE(d.imagesTotal, 2560);
    QCOMPARE(d.trainedSteps, 4);
    QCOMPARE(d.evaluations, 17);
    QCOMPARE(d.rewardQueriesTotal, 2560);  // as the counter of a run
    QCOMPARE(d.evaluationQueriesTotal, 17 * 16);
    QCOMPARE(d.nominalDenoiserEvaluationsTotal, 2560 * 8);
    QCOMPARE(d.optimizerStepsTotal, 80);
    config.evaluation.steps = "1,4,8";  // 4 is the horizon
    QVERIFY(evaluationSteps(config) == (std::vector<std::int64_t>{1, 4, 8}));
    QCOMPARE(derive(config).evaluationQueriesTotal, 17 * 16 * 3);
    QCOMPARE(stepsOfEvaluation(config), 13);
    QVERIFY(estimate(config).seconds > estimate({}).seconds && estimate(config).diskBytes == estimate({}).diskBytes);
    config.evaluation.steps = "";
    QCOMPARE(stepsOfEvaluation(config), 4);
    config.training.klWeight = 0.1;  // each trained row passes the base model too
    QCOMPARE(derive(config).nominalDenoiserEvaluationsTotal, 2560 * 12);
    config.training.klWeight = 0;
    config.training.emaDecay = 0.9;  // the set is drawn again with the averaged weights
    QCOMPARE(stepsOfEvaluation(config), 8);
    QCOMPARE(derive(config).evaluationQueriesTotal, 17 * 16 * 2);
    QVERIFY(estimate(config).diskBytes > estimate({}).diskBytes);
    config.training.emaDecay = 0;
    RunConfig climbing = config;
    climbing.training.rewardGradientWeight = 1;  // the reward's own gradient goes through the decoder
    climbing.sampling.lastStep = LastStep::Deterministic;
    climbing.reward.terms = "colourfulness";
    QVERIFY(estimate(climbing).seconds > 1.2 * estimate(config).seconds);
    config.checkpoint.best = BestRule::Judge;
    QVERIFY(estimate(config).diskBytes > estimate({}).diskBytes);
    config.evaluation.every = 30;  // 0, 30, 60 and the end
    QCOMPARE(derive(config).evaluations, 4);
    int due = 0;
    for (std::int64_t epoch = 0; epoch <= config.training.epochs; ++epoch) {
        due += isEvaluationDue(config, epoch) ? 1 : 0;
    }
    QCOMPARE(due, 4);
    config.sampling.lastStep = LastStep::Deterministic;
    config.training.innerEpochs = 2;
    QCOMPARE(derive(config).nominalDenoiserEvaluationsTotal, 2560 * (4 + 3 * 2));
    // The DDPO authors' compression runs: 25.6 thousand queries, 100 + 100 doubled evaluations an image.
    d = derive(preset("paper-compress-ddpo-t50").config);
    QCOMPARE(d.imagesTotal, 25600);
    QCOMPARE(d.optimizerStepsTotal, 400);
    QCOMPARE(d.nominalDenoiserEvaluationsTotal, 25600 * 200);
    // RLCM, Table 1: 1000 updates of 16 images, 708 updates of 120.
    QCOMPARE(derive(preset("paper-compress-rlcm-h8").config).imagesTotal, 16000);
    QCOMPARE(derive(preset("paper-compress-rlcm-h8").config).optimizerStepsTotal, 1000);
    QCOMPARE(derive(preset("paper-align-rlcm-h16").config).imagesTotal, 84960);
    QCOMPARE(derive(preset("paper-aesthetic-rlcm-h8").config).imagesTotal, 32000);
    QCOMPARE(derive(preset("paper-aesthetic-ddpo-t50").config).imagesTotal, 51200);
    QCOMPARE(derive(preset("paper-aesthetic-ddpo-t50").config).optimizerStepsTotal, 400);
    QCOMPARE(derive(preset("paper-align-rlcm-h16").config).imagesPerUpdate, 120);
    config = preset("compress-ddpo-t20").config;
    config.sampling.guidance = 1.0;
    QCOMPARE(derive(config).nominalDenoiserEvaluationsTotal * 2, derive(preset("compress-ddpo-t20").config).nominalDenoiserEvaluationsTotal);
    QCOMPARE(derive(config).trainedSteps, 18);
}

void TestDerive::methodsCostWhatTheyAsk() {
    RunConfig config;
    config.training.stepSelection = StepSelection::Random;  // one of the four is trained
    QCOMPARE(derive(config).trainedSteps, 1);
    QCOMPARE(derive(config).nominalDenoiserEvaluationsTotal, 2560 * 5);
    config.training.stepSelection = StepSelection::All;
    config.sampling.lastStep = LastStep::Deterministic;
    config.training.innerEpochs = 2;
    config.training.updatesPerRound = 4;
    config.training.objective = Objective::Rebel;  // all but the first quarter of the first pass is asked for its probabilities before
    QCOMPARE(derive(config).nominalDenoiserEvaluationsTotal, 2560 * (4 + 3 * 2) + 80 * 3 * (64 - 8));
    config.transform = {.kind = RewardTransform::Delayed, .epochs = 2};
    QCOMPARE(derive(config).nominalDenoiserEvaluationsTotal, 2560 * (4 + 3 * 2) + 80 * 3 * 64);
}

void TestDerive::largestConfigDoesNotOverflow() {
    RunConfig config;
    config.algorithm.method = Method::Ddpo;
    for (const char* path : {"sampling.steps", "training.epochs", "training.rounds_per_epoch", "training.images_per_round", "training.inner_epochs",
                             "evaluation.train_prompts", "evaluation.held_out_prompts", "evaluation.seeds_per_prompt"}) {
        const Field& field = fieldAt(path);
        field.set(config, static_cast<std::int64_t>(field.maximum));
    }
    const Derived d = derive(config);
    const double expected = static_cast<double>(d.imagesTotal) * (1000.0 + 1000.0 * 100.0) * 2.0;
    QCOMPARE(static_cast<double>(d.nominalDenoiserEvaluationsTotal) / expected, 1.0);
}

void TestDerive::estimateGrowsWithTheWork() {
    RunConfig held;
    held.training.klWeight = 1;
    const std::int64_t withoutCopy = estimate(held).memory.parts.adapter;
    held.training.klResetEpochs = 5;
    QVERIFY(estimate(held).memory.parts.adapter > withoutCopy && estimate(held).diskBytes > estimate({}).diskBytes);
    RunConfig late;
    late.transform = {.kind = RewardTransform::Delayed, .epochs = 3};
    const std::int64_t waiting = 3 * 32 * 5 * 1024 * 4;  // images, states, elements of a latent, bytes
    QCOMPARE(estimate(late).memory.parts.adapter, estimate({}).memory.parts.adapter + waiting);
    QVERIFY(estimate(late).diskBytes > estimate({}).diskBytes + waiting);
    const Estimate few = estimate(preset("compress-rlcm-h4").config);
    const Estimate many = estimate(preset("compress-rlcm-h8").config);
    QVERIFY(few.seconds > 10 && few.seconds < 600);
    QVERIFY(many.seconds > 1.5 * few.seconds && many.seconds < 2.0 * few.seconds);
    QVERIFY(few.diskBytes > 1'000'000 && few.diskBytes < 100'000'000);
    QCOMPARE(defaultName(preset("compress-rlcm-h4").config), std::string("rlcm H4 compressibility s0"));
}

QTEST_GUILESS_MAIN(TestDerive)
#include "tst_derive.moc"
