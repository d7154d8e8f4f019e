// One round of the learner alone: its forecast, its gradients over several processes.
#include <QtTest>

#include <algorithm>
#include <array>
#include <cmath>
#include <condition_variable>
#include <future>
#include <mutex>
#include <stdexcept>

#include "core/tensor/device.h"
#include "core/tensor/torch.h"
#include "tests/core/learn/workbench.h"

using namespace rlcm;
using test::groupConfig;
using test::smallConfig;
using test::Workbench;

namespace {

/// A second process that has the same rows, so the same gradient.
class Mirror final : public sampling::Collective {
public:
    int size() const override { return 2; }
    void sum(at::Tensor& values) override {
        values.mul_(2.0);
        ++calls;
    }
    int calls = 0;
};

/// Where two processes meet: a thread each. Who waits for one that has ended learns it by an exception.
class MeetingPlace {
public:
    void sum(std::size_t rank, at::Tensor& values) {
        std::unique_lock lock(m_mutex);
        m_given[rank] = values.clone();
        const std::size_t meeting = m_meeting;
        if (++m_here == m_given.size()) {
            m_sum = m_given[0] + m_given[1];
            m_here = 0;
            ++m_meeting;
            m_all.notify_all();
        }
        m_all.wait(lock, [&] { return m_meeting != meeting || m_hasLeft; });
        if (m_meeting == meeting) {
            throw std::runtime_error("the other process has ended");
        }
        values.copy_(m_sum);
    }
    void leave() {
        const std::lock_guard lock(m_mutex);
        m_hasLeft = true;
        m_all.notify_all();
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_all;
    std::array<at::Tensor, 2> m_given;
    at::Tensor m_sum;
    std::size_t m_here = 0, m_meeting = 0;
    bool m_hasLeft = false;
};

class OneOfTwo final : public sampling::Collective {
public:
    OneOfTwo(MeetingPlace& place, std::size_t rank) : m_place(place), m_rank(rank) {}
    ~OneOfTwo() override { m_place.leave(); }
    OneOfTwo(const OneOfTwo&) = delete;
    OneOfTwo& operator=(const OneOfTwo&) = delete;
    int size() const override { return 2; }
    void sum(at::Tensor& values) override { m_place.sum(m_rank, values); }

private:
    MeetingPlace& m_place;
    std::size_t m_rank;
};

/// What one round leaves behind.
struct Trained {
    at::Tensor parameters;
    learn::RoundResult round;
};
Trained trainedOneRound(const run::RunConfig& config, std::unique_ptr<sampling::Collective> processes) {
    tensor::setDeterministic();
    Workbench bench(config, std::move(processes));
    learn::RoundResult round = bench.learner.round({0, 0}, config.training.learningRate);
    return {bench.learner.lora().parameters().clone(), std::move(round)};
}

/// The threshold that only the best image of a round reaches.
double bestReward(const run::RunConfig& config) {
    double best = -1e9;
    for (const run::TrainingImage& image : Workbench(config).learner.round({0, 0}, config.training.learningRate).images) {
        best = std::max(best, image.reward);
    }
    return best;
}

}  // namespace

class TestLearner : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { tensor::setDeterministic(); }

    /// Two processes with the same rows take the step that one takes.
    void gradientsAreAddedOverTheProcesses() {
        const run::RunConfig config = smallConfig();
        auto mirror = std::make_unique<Mirror>();
        const Mirror& other = *mirror;
        Workbench one(config), two(config, std::move(mirror));
        one.learner.round({0, 0}, config.training.learningRate);
        two.learner.round({0, 0}, config.training.learningRate);
        QCOMPARE(other.calls, 4);  // one for each update
        QVERIFY(at::equal(two.learner.lora().parameters(), one.learner.lora().parameters()));
    }

    /// One process has a group that counts, the other none: its rewards are all the same. It adds zeros and takes the same step.
    void aProcessWithoutRowsThatCountTakesPart_data() {
        QTest::addColumn<QString>("rule");
        for (const char* rule : {"kept graph", "recomputed", "twins", "penalty on some images"}) {
            QTest::newRow(rule) << QString::fromUtf8(rule);
        }
    }
    void aProcessWithoutRowsThatCountTakesPart() {
        QFETCH(QString, rule);
        run::RunConfig config = groupConfig();
        config.training.dropsFlatGroups = true;
        config.training.innerEpochs = 2;
        config.compute.keepGraph = rule == QStringLiteral("kept graph") ? run::Switch::On : run::Switch::Off;
        if (rule == QStringLiteral("twins")) {
            config.training.objective = run::Objective::Rebel;
        }
        if (rule == QStringLiteral("penalty on some images")) {
            config.training.klWeight = 1;
            config.training.klShare = 0.5;
            config.evaluation.judges = "colourfulness";
        }
        config.transform = {.kind = run::RewardTransform::Threshold, .threshold = bestReward(config)};
        run::RunConfig flat = config;
        flat.transform.threshold = 1e6;
        MeetingPlace place;
        const auto start = [&place](const run::RunConfig& own, std::size_t rank) {
            return std::async(std::launch::async, [&place, own, rank] { return trainedOneRound(own, std::make_unique<OneOfTwo>(place, rank)); });
        };
        std::future<Trained> first = start(config, 0), second = start(flat, 1);
        const Trained two = second.get(), one = first.get();
        QVERIFY(one.round.update.steps == 2 && two.round.update.steps == 2);
        QVERIFY(at::equal(one.parameters, two.parameters));
        QCOMPARE(two.round.update.measures.value(run::measure::kGradNorm), one.round.update.measures.value(run::measure::kGradNorm));
        // Nothing came from the other one, and it is not counted in what the loss is divided by.
        QVERIFY(at::equal(one.parameters, trainedOneRound(config, std::make_unique<sampling::Alone>()).parameters));
    }

    /// Rewards that a threshold makes equal in one group of two: alone the other group makes the gradient, and divides it.
    void flatGroupsLeaveTheLossAndWhatItIsDividedBy_data() {
        QTest::addColumn<run::Switch>("keepGraph");
        QTest::newRow("kept graph") << run::Switch::On;
        QTest::newRow("recomputed") << run::Switch::Off;
    }
    void flatGroupsLeaveTheLossAndWhatItIsDividedBy() {
        QFETCH(run::Switch, keepGraph);
        run::RunConfig config = groupConfig();
        config.compute.keepGraph = keepGraph;
        const std::vector<run::TrainingImage> images = Workbench(config).learner.round({0, 0}, config.training.learningRate).images;
        std::vector<double> rewards;
        for (const run::TrainingImage& image : images) {
            rewards.push_back(image.reward);
        }
        std::sort(rewards.begin(), rewards.end());
        config.transform = {.kind = run::RewardTransform::Threshold, .threshold = rewards.back()};  // the best image alone gets 1
        const learn::RoundResult all = Workbench(config).learner.round({0, 0}, config.training.learningRate);
        config.training.dropsFlatGroups = true;
        const learn::RoundResult dropped = Workbench(config).learner.round({0, 0}, config.training.learningRate);
        QCOMPARE(all.update.measures.value(run::measure::kZeroStdRatio), 0.5);
        const double before = all.update.measures.value(run::measure::kGradNorm), after = dropped.update.measures.value(run::measure::kGradNorm);
        QVERIFY2(before > 0 && std::abs(after / before - 2) < 1e-4, qPrintable(QStringLiteral("%1 and %2").arg(before).arg(after)));
        QCOMPARE(dropped.update.steps, std::int64_t{1});
        // What is told is the reward as it is.
        QCOMPARE(dropped.images[0].reward, images[0].reward);
        if (keepGraph == run::Switch::Off) {
            QCOMPARE(dropped.denoiserEvaluations, all.denoiserEvaluations - 2 * 2);  // two rows of two steps were not computed again
        }
    }
    void aRoundInWhichNothingCountsMakesNoUpdate() {
        run::RunConfig config = groupConfig();
        config.training.dropsFlatGroups = true;
        config.transform = {.kind = run::RewardTransform::Threshold, .threshold = 1e6};
        Workbench bench(config);
        const at::Tensor before = bench.learner.lora().parameters().clone();
        const learn::RoundResult round = bench.learner.round({0, 0}, config.training.learningRate);
        QCOMPARE(round.update.steps, std::int64_t{0});
        QVERIFY(at::equal(bench.learner.lora().parameters(), before));
        QCOMPARE(round.update.measures.value(run::measure::kZeroStdRatio), 1.0);
    }
    /// With running statistics a missing reward must not be taken for a reward of 0.
    void anEpochWithoutRewardTeachesNothing() {
        run::RunConfig config = smallConfig();
        config.transform = {.kind = run::RewardTransform::EveryNth, .epochs = 2};
        Workbench bench(config);
        const auto after = [&](std::uint64_t epoch) {
            bench.learner.round({epoch, 0}, config.training.learningRate);
            return std::pair(bench.learner.lora().parameters().clone(), bench.learner.state().values.dump());
        };
        const auto first = after(0), second = after(1), third = after(2);
        QVERIFY(at::equal(second.first, first.first) && second.second == first.second);
        QVERIFY(!at::equal(third.first, first.first));
    }

    /// An adapter that changes nothing is at no distance, so the first update is the one without a weight.
    void theDivergenceFromTheBaseModelBeginsWithNothing() {
        run::RunConfig config = smallConfig();
        config.training.updatesPerRound = 1;
        config.training.innerEpochs = 1;
        Workbench free(config);
        free.learner.round({0, 0}, config.training.learningRate);
        config.training.klWeight = 10;
        Workbench held(config);
        const learn::RoundResult first = held.learner.round({0, 0}, config.training.learningRate);
        QCOMPARE(first.update.measures.value(run::measure::kKlLoss), 0.0);
        QVERIFY(at::equal(held.learner.lora().parameters(), free.learner.lora().parameters()));
        QVERIFY(held.learner.round({1, 0}, config.training.learningRate).update.measures.value(run::measure::kKlLoss) > 0);
    }
    void aWeightOfTheDivergenceKeepsThePolicyNear() {
        run::RunConfig config = smallConfig();
        config.training.klWeight = 1e-9;  // measured, and nothing else
        const auto distanceAfter = [&](int epochs) {
            Workbench bench(config);
            double last = 0;
            for (int epoch = 0; epoch < epochs; ++epoch) {
                last = bench.learner.round({static_cast<std::uint64_t>(epoch), 0}, config.training.learningRate).update.measures.value(run::measure::kKlLoss);
            }
            return last;
        };
        const double free = distanceAfter(6);
        config.training.klWeight = 1e4;
        const double held = distanceAfter(6);
        QVERIFY2(held < free / 2, qPrintable(QStringLiteral("%1 and %2").arg(held).arg(free)));
    }
    void theDivergenceIsTheSameFromTheKeptGraphAndComputedAgain() {
        run::RunConfig config = smallConfig();
        config.training.klWeight = 1.0;
        const auto after = [&](run::Switch keepGraph) {
            config.compute.keepGraph = keepGraph;
            Workbench bench(config);
            bench.learner.round({0, 0}, config.training.learningRate);
            const learn::RoundResult second = bench.learner.round({1, 0}, config.training.learningRate);
            return std::pair(second.update.measures.value(run::measure::kKlLoss), bench.learner.lora().parameters().clone());
        };
        const auto kept = after(run::Switch::On), again = after(run::Switch::Off);
        QVERIFY2(std::abs(kept.first / again.first - 1) < 1e-3, qPrintable(QStringLiteral("%1 and %2").arg(kept.first).arg(again.first)));
        QVERIFY(at::allclose(kept.second, again.second, 1e-2, 1e-5));
    }

    /// Nothing has moved before the first update; afterwards steps differ from those that were drawn, and a limit of next to nothing leaves out those that go on.
    void aDivergenceMaskBeginsWithNothingAndLeavesOutWhatGoesOn() {
        run::RunConfig config = smallConfig();
        config.training.trustRegion = run::TrustRegion::DivergenceMask;
        config.training.updatesPerRound = 1;
        config.training.innerEpochs = 1;
        config.compute.keepGraph = run::Switch::On;
        const run::Measures first = Workbench(config).learner.round({0, 0}, config.training.learningRate).update.measures;
        QCOMPARE(first.value(run::measure::kKlNewOldMax), 0.0);
        QCOMPARE(first.value(run::measure::kMaskedFraction), 0.0);
        config.training.innerEpochs = 3;
        config.training.divergenceLimit = 1e-12;
        const run::Measures later = Workbench(config).learner.round({0, 0}, config.training.learningRate).update.measures;
        QVERIFY(later.value(run::measure::kKlNewOldMax) > 1e-9);
        QVERIFY(later.value(run::measure::kKlMaskFraction) > 0.5);  // of three passes the first is within
        QVERIFY(later.value(run::measure::kMaskedFraction) > 0 && later.value(run::measure::kMaskedFraction) <= later.value(run::measure::kKlMaskFraction));
    }

    /// Its numbers are those of the reference (tests/core/parity); here: what is averaged, when, and what a resume and an evaluation make of it.
    void weightsAreAveragedBesideTraining() {
        run::RunConfig config = smallConfig();
        config.training.emaDecay = 0.5;
        config.training.emaEvery = 2;
        config.training.emaWarmup = 0;
        Workbench bench(config);
        const at::Tensor start = bench.learner.lora().parameters().clone();
        bench.learner.round({0, 0}, config.training.learningRate);  // four updates: averaged after the first and the third
        const at::Tensor trained = bench.learner.lora().parameters().clone();
        at::Tensor average;
        bench.learner.withAverage([&] { average = bench.learner.lora().parameters().clone(); });
        QVERIFY(at::equal(bench.learner.lora().parameters(), trained));
        QVERIFY(!at::equal(average, trained) && !at::equal(average, start));
        const double gone = (trained - start).norm().item<double>(), followed = (average - start).norm().item<double>();
        QVERIFY2(followed > 0.2 * gone && followed < gone, qPrintable(QStringLiteral("%1 of %2").arg(followed).arg(gone)));
        try {
            bench.learner.withAverage([] { throw std::runtime_error("stopped"); });
        } catch (const std::runtime_error&) {
        }
        QVERIFY(at::equal(bench.learner.lora().parameters(), trained));
        Workbench resumed(config);
        resumed.learner.restore(bench.learner.state());
        at::Tensor restored;
        resumed.learner.withAverage([&] { restored = resumed.learner.lora().parameters().clone(); });
        QVERIFY(at::equal(restored, average));
        config.training.emaDecay = 0;
        QVERIFY(!Workbench(config).learner.hasAverage());
    }

    /// The learner refuses to start when the forecast counts other rows than it: these must all start.
    void theForecastCountsWhatTheLearnerDoes_data() {
        QTest::addColumn<run::Method>("method");
        QTest::addColumn<double>("guidance");
        QTest::addColumn<run::LastStep>("lastStep");
        QTest::addColumn<int>("skipped");
        QTest::addColumn<double>("klWeight");
        QTest::addColumn<int>("selected");
        QTest::addColumn<run::Objective>("objective");
        QTest::newRow("rlcm") << run::Method::Rlcm << 6.0 << run::LastStep::Faithful << 0 << 0.0 << 0 << run::Objective::PolicyGradient;
        QTest::newRow("rlcm, fixed last step") << run::Method::Rlcm << 6.0 << run::LastStep::Deterministic << 1 << 0.0 << 0 << run::Objective::PolicyGradient;
        QTest::newRow("rlcm, held to its base") << run::Method::Rlcm << 6.0 << run::LastStep::Faithful << 0 << 0.1 << 0 << run::Objective::PolicyGradient;
        QTest::newRow("rlcm, some steps") << run::Method::Rlcm << 6.0 << run::LastStep::Faithful << 1 << 0.1 << 2 << run::Objective::PolicyGradient;
        QTest::newRow("rlcm, rebel") << run::Method::Rlcm << 6.0 << run::LastStep::Faithful << 0 << 0.1 << 2 << run::Objective::Rebel;
        QTest::newRow("ddpo with guidance, rebel") << run::Method::Ddpo << 5.0 << run::LastStep::Faithful << 2 << 0.0 << 0 << run::Objective::Rebel;
        QTest::newRow("ddpo with guidance") << run::Method::Ddpo << 5.0 << run::LastStep::Faithful << 0 << 0.0 << 0 << run::Objective::PolicyGradient;
        QTest::newRow("ddpo with guidance, held to its base")
            << run::Method::Ddpo << 5.0 << run::LastStep::Faithful << 0 << 0.1 << 0 << run::Objective::PolicyGradient;
        QTest::newRow("ddpo without") << run::Method::Ddpo << 1.0 << run::LastStep::Faithful << 2 << 0.0 << 0 << run::Objective::PolicyGradient;
    }
    void theForecastCountsWhatTheLearnerDoes() {
        QFETCH(run::Method, method);
        QFETCH(double, guidance);
        QFETCH(run::LastStep, lastStep);
        QFETCH(int, skipped);
        QFETCH(double, klWeight);
        QFETCH(int, selected);
        QFETCH(run::Objective, objective);
        run::RunConfig config = smallConfig();
        config.algorithm.method = method;
        config.model.path = method == run::Method::Ddpo ? "emoji-sd" : "emoji-lcm";
        config.sampling.steps = 4;
        config.sampling.guidance = guidance;
        config.sampling.lastStep = lastStep;
        config.training.skipLastSteps = skipped;
        config.training.klWeight = klWeight;
        config.training.stepSelection = selected > 0 ? run::StepSelection::Random : run::StepSelection::All;
        config.training.selectedSteps = std::max(1, selected);
        config.training.objective = objective;
        config.compute.keepGraph = run::Switch::Off;
        const learn::RoundResult round = Workbench(config).learner.round({0, 0}, config.training.learningRate);
        // Without a kept graph every nominal row is computed.
        QCOMPARE(round.denoiserEvaluations, round.nominalDenoiserEvaluations);
    }
};

QTEST_APPLESS_MAIN(TestLearner)
#include "tst_learner.moc"
