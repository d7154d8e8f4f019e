// What the golden fixtures (tests/core/parity) do not cover: rules between calls, dtypes, batching and
// refusals.
#include <QtTest>

#include "core/base/error.h"
#include "core/diffusion/policy.h"
#include "core/tensor/torch.h"

using namespace rlcm;
using namespace rlcm::diffusion;

namespace {

std::vector<std::int64_t> list(std::span<const std::int64_t> values) {
    return {values.begin(), values.end()};
}

at::Tensor index(std::int64_t i) {
    return at::full({1}, i, at::kLong);
}

double largest(const at::Tensor& difference) {
    return difference.abs().max().item<double>();
}

template <typename Call>
std::string configMessage(Call call) {
    try {
        call();
    } catch (const Error& error) {
        return error.kind() == ErrorKind::Config ? error.what() : "wrong kind";
    }
    return "no error";
}

}  // namespace

class TestPolicy : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(7); }

    void alphaBarMatchesPublishedValuesAtNamedSteps_data() {
        QTest::addColumn<int>("t");
        QTest::addColumn<double>("alphaBar");
        QTest::newRow("0") << 0 << 0.9991500000;
        QTest::newRow("499") << 499 << 0.2776696505;
        QTest::newRow("981") << 981 << 0.0057755001;
        QTest::newRow("999") << 999 << 0.0046600985;
    }
    void alphaBarMatchesPublishedValuesAtNamedSteps() {
        QFETCH(int, t);
        QFETCH(double, alphaBar);
        QVERIFY(std::abs(NoiseSchedule().alphaBar(t) - alphaBar) < 5e-11);
    }
    void alphaBarRefusesTimestepsOutside() {
        QVERIFY_THROWS_EXCEPTION(std::logic_error, NoiseSchedule().alphaBar(1000));
        QVERIFY_THROWS_EXCEPTION(std::logic_error, NoiseSchedule().alphaBar(-1));
    }

    void timestepsFollowTheNamedRule() {
        using List = std::vector<std::int64_t>;
        QCOMPARE(lcmTimesteps(4, TimestepRule::Rlcm), (List{999, 759, 519, 279}));
        QCOMPARE(lcmTimesteps(4, TimestepRule::Diffusers), (List{999, 759, 499, 259}));
        QCOMPARE(ddimTimesteps(5), (List{801, 601, 401, 201, 1}));
        // numpy, by the expressions of diffusers' DDIMScheduler; 499.5 goes to the even number.
        QCOMPARE(ddimTimesteps(4, 1, 1000, TimestepSpacing::Linspace), (List{999, 666, 333, 0}));
        QCOMPARE(ddimTimesteps(3, 1, 1000, TimestepSpacing::Linspace), (List{999, 500, 0}));
        QCOMPARE(ddimTimesteps(1, 1, 1000, TimestepSpacing::Linspace), (List{0}));
        QCOMPARE(ddimTimesteps(4, 1, 1000, TimestepSpacing::Trailing), (List{999, 749, 499, 249}));
        QCOMPARE(ddimTimesteps(3, 1, 1000, TimestepSpacing::Trailing), (List{999, 666, 332}));
    }

    void endingCleanMeansTheLastStepGivesTheCleanLatent() {
        const at::Tensor x = at::randn({2, 4, 3, 3}), eps = at::randn_like(x);
        const auto clean = makeDdimPolicy(NoiseSchedule(), {.steps = 4, .eta = 0, .endsClean = true}, at::kCPU);
        const Transition last = clean->transition(index(3), x, eps);
        QVERIFY(at::allclose(last.mean, last.denoised));
        const auto clamped = makeDdimPolicy(NoiseSchedule(), {.steps = 4, .eta = 0}, at::kCPU);
        QVERIFY(!at::allclose(clamped->transition(index(3), x, eps).mean, last.denoised));
        QVERIFY(clamped->transition(index(2), x, eps).mean.equal(clean->transition(index(2), x, eps).mean));
    }
    void impossibleStepCountsAreRefusedWithTheLimit() {
        QVERIFY(configMessage([] { lcmTimesteps(0, TimestepRule::Rlcm); }).find("1 to 50") != std::string::npos);
        QVERIFY(configMessage([] { lcmTimesteps(51, TimestepRule::Diffusers); }).find("51") != std::string::npos);
        QVERIFY(configMessage([] { ddimTimesteps(1000); }).find("1000 timesteps") != std::string::npos);
    }

    void lastStepRuleDecidesWhichStepsAreRandom() {
        const NoiseSchedule schedule;
        const auto stochastic = [&](std::int64_t steps, LastStep rule) {
            return makeLcmPolicy(schedule, {.steps = steps, .lastStep = rule}, at::kCPU)->stochasticSteps();
        };
        QCOMPARE(stochastic(4, LastStep::Faithful), 4);
        QCOMPARE(stochastic(4, LastStep::Deterministic), 3);
        QCOMPARE(stochastic(1, LastStep::Faithful), 0);
        QCOMPARE(makeDdimPolicy(schedule, {.steps = 5, .eta = 1}, at::kCPU)->stochasticSteps(), 5);
        QCOMPARE(makeDdimPolicy(schedule, {.steps = 5, .eta = 0}, at::kCPU)->stochasticSteps(), 0);
    }

    void finalLatentIsTheConsistencyOutputOrTheLastState() {
        const NoiseSchedule schedule;
        const at::Tensor x = at::randn({2, 4, 3, 3}), eps = at::randn_like(x), last = at::randn_like(x);
        const auto lcm = makeLcmPolicy(schedule, {}, at::kCPU);
        const Transition step = lcm->transition(index(3), x, eps);
        QVERIFY(lcm->finalLatent(step, last).equal(step.denoised));
        const auto ddim = makeDdimPolicy(schedule, {}, at::kCPU);
        QVERIFY(ddim->finalLatent(ddim->transition(index(3), x, eps), last).equal(last));
    }

    void logProbOfOwnSampleMatchesTheNoiseThatMadeIt_data() {
        QTest::addColumn<bool>("isLcm");
        QTest::newRow("lcm") << true;
        QTest::newRow("ddim") << false;
    }
    void logProbOfOwnSampleMatchesTheNoiseThatMadeIt() {
        QFETCH(bool, isLcm);
        const NoiseSchedule schedule;
        const auto policy = isLcm ? makeLcmPolicy(schedule, {}, at::kCPU) : makeDdimPolicy(schedule, {.steps = 4}, at::kCPU);
        const at::Tensor x = at::randn({3, 4, 8, 8}, at::kDouble), eps = at::randn_like(x), z = at::randn_like(x);
        for (std::int64_t i = 0; i < policy->stochasticSteps(); ++i) {
            const Transition step = policy->transition(index(i), x, eps);
            const at::Tensor logProb = logProbPerElement(step.mean + step.std * z, step.mean, step.std);
            const at::Tensor expected = -0.5 * z.square().flatten(1).mean(1) - step.std.flatten().log() - 0.9189385332046727;
            QVERIFY(largest(logProb - expected) < 1e-12);
        }
    }

    void rowsWithDifferentStepsEqualOneStepAtATime() {
        // Scoring mixes time steps in a batch, sampling does not: both must give the same bits, or no ratio
        // would be one.
        const auto policy = makeLcmPolicy(NoiseSchedule(), {}, at::kCPU);
        const at::Tensor x = at::randn({4, 4, 5, 5}), eps = at::randn_like(x);
        const Transition mixed = policy->transition(at::tensor({3, 0, 2, 1}, at::kLong), x, eps);
        const std::vector<std::int64_t> order{3, 0, 2, 1};
        for (std::int64_t row = 0; row < 4; ++row) {
            const Transition one = policy->transition(index(order[static_cast<std::size_t>(row)]), x, eps);
            QVERIFY(one.mean[row].equal(mixed.mean[row]));
            QVERIFY(one.std[row].equal(mixed.std[row]));
            QVERIFY(one.denoised[row].equal(mixed.denoised[row]));
        }
        QCOMPARE(list(policy->transition(index(0), x, eps).std.sizes()), (std::vector<std::int64_t>{4, 1, 1, 1}));
    }

    void halfPrecisionPredictionsAreComputedWithInSingle() {
        const auto policy = makeDdimPolicy(NoiseSchedule(), {}, at::kCPU);
        const at::Tensor x = at::randn({2, 4, 3, 3}), eps = at::randn_like(x).to(at::kBFloat16);
        const Transition half = policy->transition(index(5), x, eps);
        QCOMPARE(half.mean.scalar_type(), at::kFloat);
        QVERIFY(half.mean.equal(policy->transition(index(5), x, eps.to(at::kFloat)).mean));
    }

    void gradientReachesThePrediction() {
        const auto policy = makeLcmPolicy(NoiseSchedule(), {}, at::kCPU);
        at::Tensor eps = at::randn({2, 4, 3, 3}, at::kDouble).requires_grad_();
        const at::Tensor x = at::randn({2, 4, 3, 3}, at::kDouble), y = at::randn_like(x);
        const auto score = [&](const at::Tensor& e) {
            const Transition step = policy->transition(index(1), x, e);
            return logProbPerElement(y, step.mean, step.std).sum();
        };
        const at::Tensor gradient = torch::autograd::grad({score(eps)}, {eps})[0];
        const at::Tensor direction = at::randn_like(x);
        const double h = 1e-5;
        const double slope = (score(eps + h * direction) - score(eps - h * direction)).item<double>() / (2 * h);
        QVERIFY(std::abs(slope - (gradient * direction).sum().item<double>()) < 1e-7 * std::abs(slope) + 1e-9);
    }

    void guidanceEmbeddingHasSinesFirst() {
        // w = 7, dimension 256, float64 values: 5e-3 covers the float32 phase of 7000 radians.
        const at::Tensor embedding = guidanceEmbedding(8.0, 256);
        QCOMPARE(list(embedding.sizes()), (std::vector<std::int64_t>{1, 256}));
        const auto isNear = [&](std::int64_t i, double value) { return std::abs(embedding[0][i].item<double>() - value) < 5e-3; };
        QVERIFY(isNear(0, 0.506885) && isNear(1, 0.804387) && isNear(127, 0.644218));
        QVERIFY(isNear(128, 0.862013) && isNear(129, 0.594106) && isNear(255, 0.764842));
    }
    void guidanceMovesFromUnconditionalTowardsConditional() {
        const at::Tensor uncond = at::randn({2, 4, 3, 3}), cond = at::randn_like(uncond);
        const at::Tensor doubled = at::cat({uncond, cond});
        QVERIFY(largest(combineGuidance(doubled, 1.0) - cond) < 1e-6);
        QVERIFY(combineGuidance(doubled, 0.0).equal(uncond));
        QVERIFY(largest(combineGuidance(doubled, 5.0) - (5.0 * cond - 4.0 * uncond)) < 1e-5);
        QCOMPARE(combineGuidance(doubled.to(at::kBFloat16), 2.0).scalar_type(), at::kFloat);
    }
};

QTEST_GUILESS_MAIN(TestPolicy)
#include "tst_policy.moc"
