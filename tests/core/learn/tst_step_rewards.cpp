// Rewards of single steps, in rounds of a learner; their numbers are compared in tests/core/parity.
#include <QtTest>

#include <cmath>

#include "core/base/error.h"
#include "core/rl/dense_rewards.h"
#include "core/run/derive.h"
#include "core/run/field_table.h"
#include "core/tensor/device.h"
#include "core/tensor/torch.h"
#include "tests/core/learn/workbench.h"

using namespace rlcm;
using test::smallConfig;
using test::Workbench;

namespace {

run::RunConfig stepwiseConfig(std::int64_t steps) {
    run::RunConfig config = smallConfig();
    config.sampling.steps = steps;
    config.training.objective = run::Objective::Stepwise;
    config.training.statMinCount = 2;
    return config;
}

}  // namespace

class TestStepRewards : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { tensor::setDeterministic(); }

    void picturesAreCountedAsTheyAreScored() {
        for (const auto& [steps, queries] : {std::pair(2, 2), std::pair(4, 3)}) {
            const run::RunConfig config = stepwiseConfig(steps);
            const learn::RoundResult round = Workbench(config).learner.round({0, 0}, 1e-3);
            QCOMPARE(round.rewardQueries, std::int64_t{4 * queries});
            QCOMPARE(run::derive(config).rewardQueriesTotal, std::int64_t{4 * queries} * config.training.epochs);
            const double first = round.update.measures.value(run::measure::kReward1s);
            QVERIFY(std::isfinite(first) && first != round.images[0].reward);
        }
        QCOMPARE(Workbench(smallConfig()).learner.round({0, 0}, 1e-3).rewardQueries, std::int64_t{4});
    }

    /// The first steps of twins predict one picture; what they make of it differs.
    void twinsStartFromOneNoise() {
        const run::RunConfig config = stepwiseConfig(4);
        Workbench bench(config);
        rewards::RewardPool pool(config.reward);
        const sampling::PromptTable prompts = sampling::makePromptTable(bench.pipeline, {"cat", "dog", "owl"}, at::kCPU);
        const learn::RoundParts parts{bench.learner.sampler(), prompts, pool, bench.session, RandomStreams(3)};
        const learn::RoundPlan plan{.images = 4, .chunkImages = 4, .trainableSteps = 4, .trainedSteps = 4, .hasTwins = true, .stepDiscount = 0.5};
        const learn::Rollouts round = learn::collect(parts, plan, {0, 0}, bench.learner.lora());
        QCOMPARE(round.returns.size(), std::size_t{4});
        for (std::int64_t x = 0; x < 4; x += 2) {
            const auto row = static_cast<std::size_t>(x);
            QVERIFY(at::equal(round.states[0][x], round.states[0][x + 1]) && !at::equal(round.states[1][x], round.states[1][x + 1]));
            QVERIFY(std::abs(round.firstRewards[row] - round.firstRewards[row + 1]) < 0.02);
            QVERIFY(round.rewards[row] != round.rewards[row + 1]);
            QCOMPARE(round.returns[row].size(), std::size_t{4});
            QCOMPARE(round.returns[row][3], round.rewards[row]);
        }
        QVERIFY(!at::equal(round.states[0][0], round.states[0][2]));
    }

    void theGradientIsTheSameWhereTheGraphWasKept() {
        const auto after = [](run::Switch keepGraph, std::int64_t rows) {
            run::RunConfig config = stepwiseConfig(4);
            config.sampling.lastStep = run::LastStep::Deterministic;
            config.training.updatesPerRound = 1;
            config.training.innerEpochs = 1;
            config.compute.keepGraph = keepGraph;
            config.compute.chunkImages = rows;
            Workbench bench(config);
            const learn::RoundResult round = bench.learner.round({0, 0}, 1e-3);
            return std::pair(bench.learner.state().tensor("optimizer.first_moment").clone(), round.update.measures.value(run::measure::kLoss));
        };
        const auto kept = after(run::Switch::On, 32), together = after(run::Switch::Off, 32), apart = after(run::Switch::Off, 1);
        const double size = kept.first.norm().item<double>();
        QVERIFY(size > 0 && kept.second > 0);
        QVERIFY((kept.first - together.first).norm().item<double>() < 1e-3 * size);
        QVERIFY((kept.first - apart.first).norm().item<double>() < 1e-2 * size);
        QVERIFY(std::abs(kept.second - apart.second) < 1e-2 * kept.second);
    }

    /// Two updates of two passes: later ones go by what the policy has become.
    void aResumedRunGoesOnToTheBit() {
        const run::RunConfig config = stepwiseConfig(4);
        Workbench bench(config), resumed(config);
        bench.learner.round({0, 0}, 1e-3);
        resumed.learner.lora().parameters().copy_(bench.learner.lora().parameters());
        resumed.learner.restore(bench.learner.state());
        for (Workbench* of : {&bench, &resumed}) {
            of->learner.round({1, 0}, 1e-3);
        }
        QVERIFY(at::equal(resumed.learner.lora().parameters(), bench.learner.lora().parameters()));
        QCOMPARE(resumed.learner.state().values, bench.learner.state().values);
        QCOMPARE(bench.learner.state().values.at("step_statistics").size(), std::size_t{4});
        rl::LearnerState damaged = bench.learner.state();
        damaged.values["step_statistics"] = {1, 2};
        QVERIFY_THROWS_EXCEPTION(Error, resumed.learner.restore(damaged));
    }

    void predictionsThatHaveNothingInCommonAreRefused() {
        const at::Tensor opposite = at::tensor({1.0, 0.0, -1.0, 0.1, 1.0, 0.0}, at::kDouble).view({1, 3, 2});
        const rl::Similarities similar = rl::similaritiesOf(opposite);
        QCOMPARE(similar.anchor.item<std::int64_t>(), std::int64_t{1});
        const at::Tensor one = at::ones({1}, at::kDouble);
        QVERIFY_THROWS_EXCEPTION(Error, rl::denseRewards(similar, {one, one, one}));
    }

    void whatHasNoPromptStatisticsIsRefused() {
        const auto isRefused = [](const char* path, auto change) {
            run::RunConfig config = stepwiseConfig(4);
            change(config);
            const std::vector<run::Problem> problems = run::validate(config);
            return std::ranges::any_of(problems, [&](const run::Problem& problem) { return problem.path == path; });
        };
        QVERIFY(run::validate(stepwiseConfig(4)).empty());
        QVERIFY(isRefused("training.advantage", [](run::RunConfig& c) { c.training.advantage = run::Advantage::Batch; }));
        QVERIFY(isRefused("training.term_normalisation", [](run::RunConfig& c) { c.training.termNormalisation = run::TermNormalisation::Separate; }));
        QVERIFY(isRefused("transform.kind", [](run::RunConfig& c) { c.transform.kind = run::RewardTransform::Delayed; }));
        QVERIFY(isRefused("training.updates_per_round", [](run::RunConfig& c) { c.training.updatesPerRound = 4; }));
    }
};

QTEST_APPLESS_MAIN(TestStepRewards)
#include "tst_step_rewards.moc"
