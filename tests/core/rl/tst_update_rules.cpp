#include <QtTest>

#include <limits>

#include "core/base/error.h"
#include "core/rl/gradient_mix.h"
#include "core/rl/objective.h"
#include "core/rl/optimizer.h"
#include "core/tensor/torch.h"

using namespace rlcm::rl;
namespace measure = rlcm::run::measure;

namespace {

at::Tensor row(std::vector<double> values) {
    return at::tensor(values, at::kDouble);
}

double largest(const at::Tensor& difference) {
    return difference.abs().max().item<double>();
}

}  // namespace

class TestUpdateRules : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(1); }  // before every test: torch starts from another number in every process
    void lossGradientEqualsCentralDifferences() {
        // Both signs of the advantage, inside and outside the clip range, away from its corners.
        const at::Tensor old = at::zeros({8}, at::kDouble);
        const at::Tensor advantages = row({1.5, 1.5, 1.5, 1.5, -0.7, -0.7, -0.7, 30});
        at::Tensor logProb = row({0.3, 0.05, -0.05, -0.3, 0.3, 0.05, -0.3, 0.05}).requires_grad_();
        const auto loss = [&](const at::Tensor& l) {
            rlcm::run::Measures measures;
            return ClippedObjective({.rangePerElement = 0.2, .advantage = 10}).loss({l, old, advantages}, 1.0, measures);
        };
        const at::Tensor gradient = torch::autograd::grad({loss(logProb)}, {logProb})[0];
        for (std::int64_t i = 0; i < 8; ++i) {
            at::Tensor step = at::zeros({8}, at::kDouble);
            step[i] = 1e-6;
            const double slope = (loss(logProb + step) - loss(logProb - step)).item<double>() / 2e-6;
            QVERIFY(std::abs(slope - gradient[i].item<double>()) < 1e-8);
        }
        // A ratio beyond the clip on the side that the advantage asks for teaches nothing more.
        QCOMPARE(gradient[0].item<double>(), 0.0);
        QCOMPARE(gradient[6].item<double>(), 0.0);
        // The advantage of 30 acts as 10.
        QVERIFY(std::abs(gradient[7].item<double>() + 10 * std::exp(0.05) / 8) < 1e-12);
    }
    void onPolicyRowsHaveRatioOne() {
        const at::Tensor logProb = at::randn({16});
        rlcm::run::Measures measures;
        ClippedObjective({.rangePerElement = 1e-4, .advantage = 10}).loss({logProb, logProb.clone(), at::randn({16})}, 1.0, measures);
        QCOMPARE(measures.value(measure::kApproxKl), 0.0);
        QCOMPARE(measures.value(measure::kClipFraction), 0.0);
        QCOMPARE(measures.value(measure::kRatioMaxDeviation), 0.0);
    }
    void watchedNumbersDescribeTheRatios() {
        rlcm::run::Measures measures;
        const Scored rows{row({0.1, 0, -0.2, 0}), row({0, 0, 0, 0}), row({1, 1, 1, 1})};
        const at::Tensor loss = ClippedObjective({.rangePerElement = 0.15, .advantage = 10}).loss(rows, 0.5, measures);
        QCOMPARE(measures.value(measure::kLoss), loss.item<double>());
        QVERIFY(std::abs(measures.value(measure::kApproxKl) - 0.5 * (0.01 + 0.04) / 4) < 1e-15);
        QCOMPARE(measures.value(measure::kClipFraction), 0.25);
        QCOMPARE(measures.value(measure::kClipFractionHigher), 0.0);  // exp(0.1) is inside
        QCOMPARE(measures.value(measure::kClipFractionLower), 0.25);
        const double up = std::exp(0.1) - 1, down = std::exp(-0.2) - 1, mean = (up + down) / 4;
        QVERIFY(std::abs(measures.value(measure::kRatioMean) - (1 + mean)) < 1e-15);
        QVERIFY(std::abs(measures.value(measure::kRatioStd) - std::sqrt((up * up + down * down) / 4 - mean * mean)) < 1e-15);
        QVERIFY(std::abs(measures.value(measure::kRatioMaxDeviation) - (1 - std::exp(-0.2))) < 1e-15);
    }
    void clippedRowsAreAboveOrBelow() {
        rlcm::run::Measures measures;
        const Scored rows{row({0.3, 0.2, -0.2, 0.1, 0, 0, 0, 0}), row({0, 0, 0, 0, 0, 0, 0, 0}), row({1, 1, 1, 1, 1, 1, 1, 1})};
        ClippedObjective({.rangePerElement = 0.15, .advantage = 10}).loss(rows, 1.0, measures);
        QCOMPARE(measures.value(measure::kClipFractionHigher), 0.25);
        QCOMPARE(measures.value(measure::kClipFractionLower), 0.125);
        QCOMPARE(measures.value(measure::kClipFraction), 0.375);
    }
    void theRangeAboveMayBeAnother() {
        const Scored rows{row({0.3, 0.18, -0.18, -0.3}), row({0, 0, 0, 0}), row({1, 1, -1, -1})};
        rlcm::run::Measures measures;
        const double loss = ClippedObjective({.rangePerElement = 0.1, .higher = 0.25, .advantage = 10}).loss(rows, 1.0, measures).item<double>();
        // Above, 1.25 cuts the first and lets the second pass; below, both count 0.9.
        QVERIFY(std::abs(loss - (-1.25 - std::exp(0.18) + 0.9 + 0.9) / 4) < 1e-12);
        QCOMPARE(measures.value(measure::kClipFractionHigher), 0.25);
        QCOMPARE(measures.value(measure::kClipFractionLower), 0.5);
        QCOMPARE(measures.value(measure::kClipFraction), 0.75);
    }
    void anObjectiveIsMadeFromItsSettings() {
        rlcm::run::TrainingConfig training;
        training.clipRangePerElement = 0.1;
        const Scored rows{row({0.3, -0.3}), row({0, 0}), row({1, -1})};
        rlcm::run::Measures measures;
        QVERIFY(std::abs(makeObjective(training)->loss(rows, 1.0, measures).item<double>() - (-1.1 + 0.9) / 2) < 1e-12);
        training.clipRangeHigher = 0.2;
        QVERIFY(std::abs(makeObjective(training)->loss(rows, 1.0, measures).item<double>() - (-1.2 + 0.9) / 2) < 1e-12);
    }
    void aDivergenceMaskHasNoClip() {
        rlcm::run::TrainingConfig training;
        training.trustRegion = rlcm::run::TrustRegion::DivergenceMask;
        training.divergenceLimit = 0.01;
        Scored rows{row({0.3, 0.3, 0.3, -0.3}), row({0, 0, 0, 0}), row({1, 1, -1, 1})};
        rows.klSinceSampling = row({0.009, 0.01, 0.5, 0.5});
        const auto objective = makeObjective(training);
        QVERIFY(objective->needs().oldMeans && !objective->needs().referenceForward);
        rlcm::run::Measures measures;
        // The second goes on and is beyond; the third and fourth come back.
        QVERIFY(std::abs(objective->loss(rows, 1.0, measures).item<double>() - (-std::exp(0.3) + std::exp(0.3) - std::exp(-0.3)) / 4) < 1e-12);
        QCOMPARE(measures.value(measure::kKlMaskFraction), 0.75);
        QCOMPARE(measures.value(measure::kMaskedFraction), 0.25);
    }
    void twinsAskForTheDifferenceOfTheirAdvantages() {
        rlcm::run::TrainingConfig training;
        training.objective = rlcm::run::Objective::Rebel;
        training.rebelScale = 2;
        training.advantageClip = 1;
        const auto objective = makeObjective(training);
        QVERIFY(objective->needs().twins && !objective->needs().oldMeans);
        // 2 (0.3 - 0.1) - (1 - 0.5) and 2 (0 - 0) - (-1 - 1), the latter clamped from -4.
        const auto twins = [](const at::Tensor& change, const at::Tensor& advantage) { return TwinRows{change.view({-1, 1}), advantage.view({-1, 1}), {0}}; };
        const TwinTargets targets = objective->twinTargets(twins(row({0.3, 0.1, 0, 0}), row({1, 0.5, -4, 1})));
        QVERIFY(largest(targets.error.flatten() - row({0.01, 0.01, 4, 4})) < 1e-12);
        QVERIFY(largest(targets.slope.flatten() - 2 * row({-0.4, 0.4, 8, -8})) < 1e-12);  // a mean over twins as one over rows
        QVERIFY_THROWS_EXCEPTION(std::logic_error, objective->twinTargets(twins(row({1, 2, 3}), row({1, 2, 3}))));
        QVERIFY_THROWS_EXCEPTION(std::logic_error, makeObjective({})->twinTargets(twins(row({1, 2}), row({1, 2}))));
    }
    /// The larger of the free and the clipped square decides; a change that is cut has no slope.
    void stepsAreComparedOneByOne() {
        rlcm::run::TrainingConfig training;
        training.objective = rlcm::run::Objective::Stepwise;
        training.stepWeight = 0.5;
        training.clipRangePerElement = 0.1;
        const auto objective = makeObjective(training);
        QVERIFY(objective->needs().twins && objective->needs().stepRewards);
        const at::Tensor change = row({0.4, 0.4, 0, 0}).view({2, 2}), advantage = row({1, -1, 0, 0}).view({2, 2});
        const TwinTargets targets = objective->twinTargets({change, advantage, {0, 2}});
        // Step 0: 0.4 - 1 or 0.1 - 1. Step 2, weight 0.25: 0.1 + 1 or 0.025 + 1.
        QVERIFY(largest(targets.error - row({0.81, 1.21, 0.81, 1.21}).view({2, 2})) < 1e-12);
        QVERIFY(largest(targets.slope - row({0, 2 * 2 * 0.25 * 1.1, 2 * 2 * 0.9, -2 * 2 * 0.25 * 1.1}).view({2, 2})) < 1e-12);
    }
    void aWeightIsChosenOnlyWhereBothGradientsAreSomething() {
        GradientMix mix({.ratio = 0.5});
        const at::Tensor policy = row({3, 4}), reward = row({0, 10}), none = row({0, 0});
        rlcm::run::Measures first, second, third;
        QVERIFY(at::equal(mix.mixed(none, reward, first), none));
        QCOMPARE(first.value(measure::kRewardGradientWeight), 0.0);
        QVERIFY(at::equal(mix.mixed(policy, reward, second), row({3, 6.5})));
        QVERIFY(std::abs(second.value(measure::kGradientCosine) - 0.8) < 1e-12);
        LearnerState state;
        mix.save(state);
        GradientMix resumed({.ratio = 0.5}), given({.weight = 2});
        resumed.restore(state);
        QVERIFY(at::equal(resumed.mixed(none, reward, third), row({0, 2.5})));
        QVERIFY(at::equal(given.mixed(policy, reward, third), row({3, 24})));
        QVERIFY(at::equal(given.mixed({}, reward, third), reward));
        state.values["reward_gradient_weight"] = "much";
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, resumed.restore(state));
    }
    void oneRowHasNoDeviation() {
        rlcm::run::Measures measures;
        ClippedObjective({.rangePerElement = 0.15, .advantage = 10}).loss({row({0.1}), row({0}), row({1})}, 1.0, measures);
        QCOMPARE(measures.value(measure::kRatioStd), 0.0);
    }

    void restoredOptimizerContinuesBitForBit() {
        const AdamOptions options{.isAdamW = true, .weightDecay = 0.01};
        const at::Tensor a = at::randn({50});
        Adam first(a, options);
        const at::Tensor g1 = at::randn({50}), g2 = at::randn({50});
        first.step(g1, 1e-2);
        const at::Tensor b = a.clone();
        Adam second(b, options);
        LearnerState saved;
        first.save(saved);
        second.restore(saved);
        first.step(g2, 1e-2);
        second.step(g2, 1e-2);
        QVERIFY(a.equal(b));
        QCOMPARE(second.stepCount(), std::int64_t{2});
        // The restored optimiser owns its moments: stepping one does not move the other.
        QVERIFY(!first.firstMoment().is_alias_of(second.firstMoment()));
    }
    /// The names are those of checkpoints on disk.
    void aSavedOptimizerHasTheNamesOfCheckpointsAndLacksNothing() {
        const at::Tensor parameters = at::randn({4});
        Adam adam(parameters, {});
        adam.step(at::randn({4}), 1e-2);
        LearnerState saved;
        adam.save(saved);
        QCOMPARE(saved.values.at("optimizer_step"), rlcm::Json(1));
        QVERIFY(saved.tensor("optimizer.first_moment").equal(adam.firstMoment()));
        QVERIFY(saved.tensor("optimizer.second_moment").equal(adam.secondMoment()));
        saved.tensors.pop_back();
        try {
            adam.restore(saved);
            QFAIL("a moment is missing");
        } catch (const rlcm::Error& problem) {
            QVERIFY(std::string(problem.what()).find("optimizer.second_moment") != std::string::npos);
        }
    }
    void weightDecayShrinksParametersOnlyWithAdamW() {
        for (const bool isAdamW : {false, true}) {
            const at::Tensor parameters = row({2.0});
            Adam adam(parameters, {.isAdamW = isAdamW, .weightDecay = 0.1});
            adam.step(row({0.0}), 0.5);
            QVERIFY(std::abs(parameters.item<double>() - (isAdamW ? 1.9 : 2.0)) < 1e-15);
        }
    }
    void firstStepMovesByTheLearningRate() {
        const at::Tensor parameters = row({1.0, 1.0});
        Adam adam(parameters, {});
        adam.step(row({0.5, -3.0}), 1e-3);
        QVERIFY(largest(parameters - row({0.999, 1.001})) < 1e-10);
    }

    void longGradientsAreScaledAndShortOnesKept() {
        at::Tensor longOne = row({30, -40}), shortOne = row({0.3, -0.4});
        QCOMPARE(clipGradientNorm(longOne, 5), 50.0);
        QVERIFY(largest(longOne - row({3, -4})) < 1e-6);
        clipGradientNorm(shortOne, 5);
        QVERIFY(shortOne.equal(row({0.3, -0.4})));
    }
    void nonFiniteGradientIsReportedAndLeftAlone() {
        at::Tensor gradient = row({1, std::numeric_limits<double>::infinity()});
        QVERIFY(!std::isfinite(clipGradientNorm(gradient, 1)));
        QCOMPARE(gradient[0].item<double>(), 1.0);
    }

    void learningRateFallsToTwoThirdsOrStays() {
        QCOMPARE(learningRateAt(3e-4, false, 9, 10), 3e-4);
        QVERIFY(std::abs(learningRateAt(3e-4, true, 9, 10) - 2e-4) < 1e-16);
        QVERIFY(std::abs(learningRateAt(3e-4, true, 0, 10) - 2.9e-4) < 1e-16);
    }
};

QTEST_GUILESS_MAIN(TestUpdateRules)
#include "tst_update_rules.moc"
