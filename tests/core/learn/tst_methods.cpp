// Update rules beyond the published ones, in rounds of a learner; their numbers are compared in tests/core/parity.
#include <QtTest>

#include <cmath>
#include <numeric>
#include <set>

#include "core/base/error.h"
#include "core/rl/advantages.h"
#include "core/tensor/device.h"
#include "core/tensor/torch.h"
#include "tests/core/learn/workbench.h"

using namespace rlcm;
using test::groupConfig;
using test::smallConfig;
using test::Workbench;

namespace {

/// Ranks what it is given at once.
class Ranks : public rewards::Reward {
public:
    explicit Ranks(std::vector<std::size_t>& sizes) : m_sizes(sizes) {}
    std::string_view name() const override { return "ranks"; }
    bool isGroupWise() const override { return true; }
    std::vector<double> score(const std::vector<image::Rgb8Image>& images, const std::vector<std::string>&) const override {
        m_sizes.push_back(images.size());
        std::vector<double> scores(images.size());
        std::iota(scores.begin(), scores.end(), 0.0);
        return scores;
    }

private:
    std::vector<std::size_t>& m_sizes;
};

}  // namespace

class TestMethods : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { tensor::setDeterministic(); }

    /// Images are the same whatever they are rewarded for: each term's rewards can be had alone.
    void termsAreLearnedFromApart() {
        const auto imagesWith = [](const std::string& terms, run::TermNormalisation normalisation) {
            run::RunConfig config = groupConfig();
            config.reward.terms = terms;
            config.training.termNormalisation = normalisation;
            return Workbench(config).learner.round({0, 0}, config.training.learningRate).images;
        };
        std::vector<std::vector<double>> apart;
        for (const char* term : {"colourfulness", "compressibility"}) {
            std::vector<double> rewards;
            for (const run::TrainingImage& image : imagesWith(term, run::TermNormalisation::Sum)) {
                rewards.push_back(image.reward);
            }
            apart.push_back(rl::groupAdvantages({"0", "0", "1", "1"}, rewards, run::GroupDeviation::Group));
        }
        const std::vector<double> expected = rl::combinedAdvantages(apart, std::vector{1.0, 0.5});
        const std::vector<run::TrainingImage> both = imagesWith("colourfulness + 0.5*compressibility", run::TermNormalisation::Separate);
        for (std::size_t i = 0; i < both.size(); ++i) {
            QVERIFY(std::abs(both[i].advantage - expected[i]) < 1e-9);
        }
    }

    /// The policy has not moved when the first rewards arrive: the update is then the one that it would have been at once. Later it is another.
    void delayedRewardsAreLearnedFromWhenTheyArrive() {
        run::RunConfig config = smallConfig();
        config.compute.keepGraph = run::Switch::Off;
        const auto parametersAfter = [](Workbench& bench, std::uint64_t epoch) {
            bench.learner.round({epoch, 0}, 1e-3);
            return bench.learner.lora().parameters().clone();
        };
        Workbench prompt(config);
        const at::Tensor start = prompt.learner.lora().parameters().clone(), once = parametersAfter(prompt, 0);
        config.transform = {.kind = run::RewardTransform::Delayed, .epochs = 1};
        Workbench late(config);
        const learn::RoundResult first = late.learner.round({0, 0}, 1e-3);
        QCOMPARE(first.update.steps, std::int64_t{0});
        QCOMPARE(first.images.size(), std::size_t{4});
        QVERIFY(at::equal(late.learner.lora().parameters(), start));
        // A process that goes on from here has the round that waits.
        Workbench resumed(config);
        resumed.learner.restore(late.learner.state());
        QVERIFY(at::equal(parametersAfter(late, 1), once));
        QVERIFY(at::equal(parametersAfter(resumed, 1), once));
        QVERIFY(at::equal(parametersAfter(resumed, 2), parametersAfter(late, 2)));
        QVERIFY(late.learner.state().values.at("waiting").size() == 1);
        rl::LearnerState damaged = late.learner.state();
        damaged.values["waiting"][0].erase("prompt");
        QVERIFY_THROWS_EXCEPTION(Error, resumed.learner.restore(damaged));
    }
    void aRewardThatComparesImagesGetsARoundAtOnce() {
        Workbench bench(smallConfig());
        std::vector<std::size_t> sizes;
        std::vector<std::pair<double, std::unique_ptr<rewards::Reward>>> terms;
        terms.emplace_back(1.0, std::make_unique<Ranks>(sizes));
        rewards::RewardPool pool(std::move(terms), 1);
        const sampling::PromptTable prompts = sampling::makePromptTable(bench.pipeline, {"cat", "dog"}, at::kCPU);
        const learn::RoundParts parts{bench.learner.sampler(), prompts, pool, bench.session, RandomStreams(3)};
        const learn::RoundPlan plan{.images = 5, .chunkImages = 2, .trainableSteps = 2, .trainedSteps = 2};
        const learn::Rollouts round = learn::collect(parts, plan, {0, 0}, bench.learner.lora());
        QCOMPARE(sizes, (std::vector<std::size_t>{5}));
        QCOMPARE(round.rewards, (std::vector<double>{0, 1, 2, 3, 4}));
        QCOMPARE(round.terms.front().second, round.rewards);
    }
    void stepsOfARoundAreDrawnOnceForAllItsImages() {
        learn::RoundPlan plan{.trainableSteps = 6, .trainedSteps = 2};
        const auto steps = [&](run::StepSelection selection, learn::RoundKey key) {
            plan.selection = selection;
            return learn::stepsOfRound(RandomStreams(3), key, plan);
        };
        using Steps = std::vector<std::int64_t>;
        QCOMPARE(steps(run::StepSelection::First, {0, 0}), (Steps{0, 1}));
        QCOMPARE(steps(run::StepSelection::Last, {0, 0}), (Steps{4, 5}));
        std::set<Steps> drawn;
        for (std::uint64_t epoch = 0; epoch < 100; ++epoch) {
            const Steps some = steps(run::StepSelection::Random, {epoch, 1});
            QCOMPARE(some, steps(run::StepSelection::Random, {epoch, 1}));
            QVERIFY(some.size() == 2 && some[0] >= 0 && some[0] < some[1] && some[1] < 6);
            drawn.insert(some);
        }
        QCOMPARE(drawn.size(), std::size_t{15});  // all there are
        plan.trainedSteps = 6;
        QCOMPARE(steps(run::StepSelection::Random, {0, 0}), (Steps{0, 1, 2, 3, 4, 5}));
    }
    void theGradientOfAllStepsIsTheMeanOfTheirs_data() {
        QTest::addColumn<run::Switch>("keepGraph");
        QTest::newRow("kept graph") << run::Switch::On;
        QTest::newRow("recomputed") << run::Switch::Off;
    }
    /// The first moment of the optimiser after its first step is a tenth of the gradient.
    void theGradientOfAllStepsIsTheMeanOfTheirs() {
        QFETCH(run::Switch, keepGraph);
        const auto gradient = [&](run::StepSelection selection) {
            run::RunConfig config = smallConfig();
            config.training.updatesPerRound = 1;
            config.training.innerEpochs = 1;
            config.training.maxGradNorm = 1e9;
            config.training.stepSelection = selection;
            config.compute.keepGraph = keepGraph;
            Workbench bench(config);
            bench.learner.round({0, 0}, config.training.learningRate);
            return bench.learner.state().tensor("optimizer.first_moment").clone();
        };
        const at::Tensor all = gradient(run::StepSelection::All), first = gradient(run::StepSelection::First), last = gradient(run::StepSelection::Last);
        const double whole = all.norm().item<double>();
        QVERIFY(first.norm().item<double>() > 0 && last.norm().item<double>() > 0 && !at::equal(first, last));
        QVERIFY(((first + last) / 2 - all).norm().item<double>() < 1e-4 * whole);
    }
    /// The noise of the last of two steps reaches no image (the faithful rule): where the first step's is shared, the images of a group are one.
    void imagesOfAGroupDifferByTheStepsThatAreTrained() {
        const auto flatGroups = [](run::GroupNoise noise, run::StepSelection selection) {
            run::RunConfig config = groupConfig();
            config.training.groupNoise = noise;
            config.training.stepSelection = selection;
            return Workbench(config).learner.round({0, 0}, config.training.learningRate).update.measures.value(run::measure::kZeroStdRatio);
        };
        QCOMPARE(flatGroups(run::GroupNoise::Own, run::StepSelection::Last), 0.0);
        QCOMPARE(flatGroups(run::GroupNoise::Start, run::StepSelection::Last), 0.0);
        QCOMPARE(flatGroups(run::GroupNoise::Untrained, run::StepSelection::First), 0.0);
        QCOMPARE(flatGroups(run::GroupNoise::Untrained, run::StepSelection::Last), 1.0);
    }

    void theReferenceIsReplacedByThePolicy_data() {
        QTest::addColumn<run::Switch>("keepGraph");
        QTest::newRow("kept graph") << run::Switch::On;
        QTest::newRow("recomputed") << run::Switch::Off;
    }
    /// The policy is at no distance from what it was a moment ago; before that, and without, it is.
    void theReferenceIsReplacedByThePolicy() {
        QFETCH(run::Switch, keepGraph);
        run::RunConfig config = smallConfig();
        config.training.updatesPerRound = 1;
        config.training.innerEpochs = 1;
        config.training.klWeight = 1.0;
        config.training.klResetEpochs = 2;
        config.compute.keepGraph = keepGraph;
        const auto distance = [&](Workbench& bench, std::uint64_t epoch) {
            return bench.learner.round({epoch, 0}, config.training.learningRate).update.measures.value(run::measure::kKlLoss);
        };
        Workbench bench(config);
        QCOMPARE(distance(bench, 0), 0.0);
        QVERIFY(distance(bench, 1) > 0);
        QVERIFY(!bench.learner.state().has("reference.factors"));
        QCOMPARE(distance(bench, 2), 0.0);
        // A process that goes on has the same reference.
        Workbench resumed(config);
        resumed.learner.lora().parameters().copy_(bench.learner.lora().parameters());
        resumed.learner.restore(bench.learner.state());
        const double next = distance(bench, 3);
        QVERIFY(next > 0);
        QCOMPARE(distance(resumed, 3), next);
        config.training.klResetEpochs = 0;
        Workbench fixed(config);
        for (std::uint64_t epoch = 0; epoch < 2; ++epoch) {
            distance(fixed, epoch);
        }
        QVERIFY(distance(fixed, 2) > 0);
        QVERIFY(!fixed.learner.state().has("reference.factors"));
    }

    /// With all images as suspicious as the next, or a share of them, the loss measures those alone; the share is remembered.
    void onlySuspiciousImagesAreHeld() {
        run::RunConfig config = smallConfig();
        config.training.updatesPerRound = 1;
        config.training.innerEpochs = 1;
        config.training.imagesPerRound = 8;
        config.training.klWeight = 1.0;
        config.reward.terms = "compressibility";
        config.evaluation.judges = "incompressibility";  // thinks the opposite, so half of the images are suspicious
        const auto rounds = [&](double share, bool adapts, run::Switch keepGraph) {
            config.training.klShare = share;
            config.training.klShareAdapts = adapts;
            config.compute.keepGraph = keepGraph;
            Workbench bench(config);
            bench.learner.round({0, 0}, config.training.learningRate);
            const run::Measures measures = bench.learner.round({1, 0}, config.training.learningRate).update.measures;
            return std::pair(measures, bench.learner.state());
        };
        const auto [all, nothing] = rounds(1, false, run::Switch::Off);
        QVERIFY_THROWS_EXCEPTION(std::logic_error, all.value(run::measure::kKlShare));
        for (const run::Switch keepGraph : {run::Switch::Off, run::Switch::On}) {
            const auto [some, state] = rounds(0.25, false, keepGraph);
            QCOMPARE(some.value(run::measure::kKlShare), 0.25);
            QVERIFY(some.value(run::measure::kTrainSuspicion) > 0.5);
            const double ratio = some.value(run::measure::kKlLoss) / all.value(run::measure::kKlLoss);
            QVERIFY2(ratio > 0.25 && ratio < 4 && std::abs(ratio - 1) > 1e-6, qPrintable(QString::number(ratio)));  // a mean over two of eight
            QVERIFY(!state.values.contains("held_share"));
        }
        const auto [adaptive, state] = rounds(0.15, true, run::Switch::Off);
        QVERIFY(state.values.at("held_share").at("seen").size() == 2);
        Workbench resumed(config);
        resumed.learner.restore(state);
        QCOMPARE(resumed.learner.state().values.at("held_share"), state.values.at("held_share"));
    }

    void theFirstRegressionIsAPairedPolicyGradient_data() {
        QTest::addColumn<run::Switch>("keepGraph");
        QTest::newRow("kept graph") << run::Switch::On;
        QTest::newRow("recomputed") << run::Switch::Off;
    }
    /// Two images of a group have opposite advantages A: the regression's gradient is 4 lambda A for each of two, over twins and not rows, summed over the steps.
    void theFirstRegressionIsAPairedPolicyGradient() {
        QFETCH(run::Switch, keepGraph);
        run::RunConfig config = groupConfig();
        config.training.maxGradNorm = 1e9;
        config.compute.keepGraph = keepGraph;
        const auto gradient = [&](run::Objective objective) {
            config.training.objective = objective;
            config.training.rebelScale = 3;
            Workbench bench(config);
            const learn::RoundResult round = bench.learner.round({0, 0}, config.training.learningRate);
            return std::pair(bench.learner.state().tensor("optimizer.first_moment").clone(), round.update.measures.value(run::measure::kLoss));
        };
        const auto paired = gradient(run::Objective::Rebel), plain = gradient(run::Objective::PolicyGradient);
        const at::Tensor expected = 8.0 * 2 * 3 * plain.first;  // 8 lambda times the steps
        QVERIFY((paired.first - expected).norm().item<double>() < 1e-4 * expected.norm().item<double>());
        QVERIFY2(std::abs(paired.second - 4) < 0.1, qPrintable(QString::number(paired.second)));
    }
    /// Twins and steps in one call, or one row in each.
    void laterRegressionsDoNotDependOnTheCalls() {
        const auto after = [](std::int64_t rows) {
            run::RunConfig config = smallConfig();
            config.training.objective = run::Objective::Rebel;
            config.training.rebelScale = 1024;
            config.compute.keepGraph = run::Switch::Off;
            config.compute.chunkImages = rows;
            Workbench bench(config);
            const learn::RoundResult round = bench.learner.round({0, 0}, 1e-3);
            return std::pair(bench.learner.lora().parameters().clone(), round.update.measures.value(run::measure::kLoss));
        };
        const auto together = after(32), apart = after(1);
        QVERIFY(at::allclose(together.first, apart.first, 1e-2, 1e-5));
        QVERIFY(std::abs(together.second - apart.second) < 1e-3 * together.second);
    }
    void aRegressionFitsTheDifferencesOfAdvantages() {
        const auto meanError = [](std::int64_t passes) {
            run::RunConfig config = smallConfig();
            config.training.objective = run::Objective::Rebel;
            config.training.rebelScale = 1024;
            config.training.updatesPerRound = 1;
            config.training.innerEpochs = passes;
            return Workbench(config).learner.round({0, 0}, 1e-5).update.measures.value(run::measure::kLoss);
        };
        const double first = meanError(1), ofTwo = meanError(2), ofFour = meanError(4);
        QVERIFY2(ofTwo < first && ofFour < ofTwo, qPrintable(QStringLiteral("%1, %2, %3").arg(first).arg(ofTwo).arg(ofFour)));
    }
    void twinsShareAPromptAndStaySideBySide() {
        const learn::RoundPlan plan{.images = 8, .hasTwins = true};
        const std::vector<std::int64_t> order = learn::orderOfPass(RandomStreams(1), {2, 0}, plan, 0);
        for (std::size_t i = 0; i < order.size(); i += 2) {
            QVERIFY(order[i] % 2 == 0 && order[i + 1] == order[i] + 1);
        }
        QVERIFY(order != (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7}));
        run::RunConfig config = smallConfig();
        config.training.objective = run::Objective::Rebel;
        config.training.imagesPerRound = 8;
        const std::vector<run::TrainingImage> images = Workbench(config).learner.round({0, 0}, 1e-3).images;
        for (std::size_t i = 0; i < images.size(); i += 2) {
            QCOMPARE(images[i].prompt, images[i + 1].prompt);
        }
    }
};

QTEST_APPLESS_MAIN(TestMethods)
#include "tst_methods.moc"
