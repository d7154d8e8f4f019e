// The reward's own gradient through the last step, in rounds of a learner; its numbers are compared in tests/core/parity.
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "core/run/derive.h"
#include "core/run/field_table.h"
#include "core/tensor/device.h"
#include "core/tensor/torch.h"
#include "tests/core/learn/workbench.h"
#include "tests/support/score_head.h"

using namespace rlcm;
using test::smallConfig;
using test::Workbench;

namespace {

/// One update of all images, whose gradient is the first moment, times 10.
run::RunConfig gradientConfig(const std::string& terms) {
    run::RunConfig config = smallConfig();
    config.sampling.lastStep = run::LastStep::Deterministic;
    config.reward.terms = terms;
    config.training.updatesPerRound = 1;
    config.training.innerEpochs = 1;
    config.training.maxGradNorm = 1e9;
    return config;
}

run::RunConfig aloneConfig(const std::string& terms, std::int64_t steps) {
    run::RunConfig config = gradientConfig(terms);
    config.training.objective = run::Objective::RewardGradient;
    config.sampling.steps = steps;
    return config;
}

struct Updated {
    at::Tensor gradient;
    run::Measures measures;
};
/// After the first round of a run whose adapter is this far along `direction` (undefined: at its start).
Updated firstUpdate(const run::RunConfig& config, const at::Tensor& direction = {}, double along = 0) {
    Workbench bench(config);
    if (direction.defined()) {
        bench.learner.lora().parameters().add_(direction, along);
    }
    const learn::RoundResult round = bench.learner.round({0, 0}, config.training.learningRate);
    return {bench.learner.state().tensor("optimizer.first_moment") * 10, round.update.measures};
}

double distance(const at::Tensor& a, const at::Tensor& b) {
    return (a - b).norm().item<double>() / b.norm().item<double>();
}

double cosine(const at::Tensor& a, const at::Tensor& b) {
    return (a.dot(b) / (a.norm() * b.norm())).item<double>();
}

std::string problemAt(const run::RunConfig& config, std::string_view path) {
    for (const run::Problem& problem : run::validate(config)) {
        if (problem.path == path) {
            return problem.message;
        }
    }
    return {};
}

}  // namespace

class TestRewardGradient : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { tensor::setDeterministic(); }

    void itIsTheSlopeOfTheReward_data() {
        QTest::addColumn<QString>("terms");
        QTest::newRow("colourfulness") << QStringLiteral("colourfulness");
        QTest::newRow("alignment") << QStringLiteral("alignment");
        QTest::newRow("clipscore") << QStringLiteral("clipscore");
        QTest::newRow("pickscore") << QStringLiteral("0.1*pickscore");
        QTest::newRow("hpsv2") << QStringLiteral("hpsv2");
        QTest::newRow("aesthetic") << QStringLiteral("aesthetic");
        QTest::newRow("sum") << QStringLiteral("0.5*colourfulness + 2*alignment");
    }
    /// With a single step the images depend on the adapter through that step alone.
    void itIsTheSlopeOfTheReward() {
        QFETCH(QString, terms);
        run::RunConfig config = aloneConfig(terms.toStdString(), 1);
        config.reward.pickscoreModel = config.reward.hpsModel = config.reward.aestheticModel = config.reward.clipModel;
        config.reward.aestheticHead = test::writeHead(std::filesystem::path(m_place.path().toStdString()) / "head.safetensors", 128).string();
        const Updated here = firstUpdate(config);
        const double slope = here.gradient.norm().item<double>();
        const at::Tensor up = -here.gradient / slope;
        const auto rewardAt = [&](double along) { return firstUpdate(config, up, along).measures.value(run::measure::kGradientReward); };
        constexpr double kStep = 0.02;
        const double measured = (rewardAt(kStep) - rewardAt(-kStep)) / (2 * kStep);
        QVERIFY2(slope > 0 && std::abs(measured - slope) < 0.05 * slope, qPrintable(QStringLiteral("%1, measured %2").arg(slope).arg(measured)));
        QCOMPARE(here.measures.value(run::measure::kLoss), -here.measures.value(run::measure::kGradientReward));
        QVERIFY(here.measures.value(run::measure::kGradientRewardGap) < 0.02 * std::abs(here.measures.value(run::measure::kGradientReward)));
        const double clamped = here.measures.value(run::measure::kClampedShare);
        QVERIFY2(clamped > 0 && clamped < 1, qPrintable(QString::number(clamped)));
    }

    void itIsAddedToThePolicys_data() {
        QTest::addColumn<run::Switch>("keepGraph");
        QTest::newRow("kept graph") << run::Switch::On;
        QTest::newRow("recomputed") << run::Switch::Off;
    }
    /// The part without a gradient is learned from by its values only; the policy's part knows all terms.
    void itIsAddedToThePolicys() {
        QFETCH(run::Switch, keepGraph);
        run::RunConfig config = gradientConfig("colourfulness + compressibility");
        config.compute.keepGraph = keepGraph;
        const Updated policy = firstUpdate(config);
        QVERIFY_THROWS_EXCEPTION(std::logic_error, policy.measures.value(run::measure::kRewardGradientNorm));
        config.training.rewardGradientWeight = 0;
        QVERIFY(at::equal(firstUpdate(config).gradient, policy.gradient));
        const Updated reward = firstUpdate(aloneConfig("colourfulness + compressibility", 2));
        QVERIFY(distance(firstUpdate(aloneConfig("colourfulness", 2)).gradient, reward.gradient) < 1e-6);
        config.training.rewardGradientWeight = 0.5;
        const Updated both = firstUpdate(config);
        QVERIFY2(distance(both.gradient, policy.gradient + 0.5 * reward.gradient) < 1e-5,
                 qPrintable(QString::number(distance(both.gradient, policy.gradient))));
        const double ofPolicy = policy.gradient.norm().item<double>(), ofReward = reward.gradient.norm().item<double>();
        QVERIFY(std::abs(both.measures.value(run::measure::kPolicyGradientNorm) / ofPolicy - 1) < 1e-5);
        QVERIFY(std::abs(both.measures.value(run::measure::kRewardGradientNorm) / ofReward - 1) < 1e-5);
        QVERIFY(std::abs(both.measures.value(run::measure::kGradientCosine) - cosine(policy.gradient, reward.gradient)) < 1e-5);
        QCOMPARE(both.measures.value(run::measure::kRewardGradientWeight), 0.5);
        QVERIFY(both.measures.value(run::measure::kLoss) == policy.measures.value(run::measure::kLoss));
    }

    void theWeightIsChosenOnceAndRemembered() {
        run::RunConfig config = gradientConfig("colourfulness");
        config.training.rewardGradientRatio = 2;
        Workbench bench(config), resumed(config);
        const auto measuresOf = [&](Workbench& of, std::uint64_t epoch) { return of.learner.round({epoch, 0}, 1e-3).update.measures; };
        const run::Measures first = measuresOf(bench, 0);
        const double weight = first.value(run::measure::kRewardGradientWeight);
        QVERIFY(std::abs(weight * first.value(run::measure::kRewardGradientNorm) / first.value(run::measure::kPolicyGradientNorm) - 2) < 1e-9);
        resumed.learner.lora().parameters().copy_(bench.learner.lora().parameters());
        resumed.learner.restore(bench.learner.state());
        for (Workbench* of : {&bench, &resumed}) {
            QCOMPARE(measuresOf(*of, 1).value(run::measure::kRewardGradientWeight), weight);
        }
        QVERIFY(at::equal(resumed.learner.lora().parameters(), bench.learner.lora().parameters()));
    }

    /// One image in a call or all, and again in half the digits.
    void itDoesNotDependOnTheCalls() {
        run::RunConfig config = aloneConfig("alignment", 2);
        const at::Tensor together = firstUpdate(config).gradient;
        config.compute.chunkImages = 1;
        QVERIFY(distance(firstUpdate(config).gradient, together) < 1e-3);
        config.compute.dtype = run::Dtype::Bf16;
        const double similar = cosine(firstUpdate(config).gradient, together);
        QVERIFY2(similar > 0.9, qPrintable(QString::number(similar)));
    }

    void itRaisesTheReward() {
        const run::RunConfig config = aloneConfig("colourfulness", 1);
        Workbench bench(config);
        const auto reward = [&](std::uint64_t epoch) { return bench.learner.round({epoch % 2, 0}, 3e-3).update.measures.value(run::measure::kGradientReward); };
        const double before = reward(0);
        for (std::uint64_t epoch = 1; epoch < 8; ++epoch) {
            reward(epoch);
        }
        QVERIFY(reward(8) > before + 0.02);
    }

    void whatCannotBeFollowedIsRefused() {
        run::RunConfig config = gradientConfig("compressibility - 2*incompressibility");
        config.training.rewardGradientWeight = 1;
        const std::string why = problemAt(config, "training.reward_gradient_weight");
        QVERIFY2(why.find("compressibility, incompressibility has none") != std::string::npos, why.c_str());
        config.reward.terms = "compressibility + alignment";
        QVERIFY(run::validate(config).empty());
        config.sampling.lastStep = run::LastStep::Faithful;
        QVERIFY(!problemAt(config, "sampling.last_step").empty());
        config.sampling.lastStep = run::LastStep::Deterministic;
        config.transform.kind = run::RewardTransform::Noisy;
        QVERIFY(!problemAt(config, "transform.kind").empty());
        config.transform.kind = run::RewardTransform::None;
        config.algorithm.method = run::Method::Ddpo;
        QVERIFY(!problemAt(config, "training.reward_gradient_weight").empty());
        config = aloneConfig("colourfulness", 1);
        QVERIFY(run::validate(config).empty());
        config.training.objective = run::Objective::PolicyGradient;
        QVERIFY(!problemAt(config, "sampling.steps").empty());
    }

    void whatItCostsIsForecast() {
        run::RunConfig config = gradientConfig("colourfulness");
        const run::Derived before = run::derive(config);
        const std::int64_t memory = run::estimateMemory(config).total;
        config.training.rewardGradientWeight = 1;
        QCOMPARE(run::derive(config).nominalDenoiserEvaluationsTotal, before.nominalDenoiserEvaluationsTotal + before.imagesTotal);
        QVERIFY(run::estimateMemory(config).total > memory);
        const learn::RoundResult round = Workbench(config).learner.round({0, 0}, 1e-3);
        QVERIFY(round.denoiserEvaluations <= round.nominalDenoiserEvaluations);
        QCOMPARE(run::derive(aloneConfig("colourfulness", 1)).nominalDenoiserEvaluationsTotal, 2 * before.imagesTotal);
    }

private:
    QTemporaryDir m_place;
};

QTEST_APPLESS_MAIN(TestRewardGradient)
#include "tst_reward_gradient.moc"
