#include <QtTest>

#include <cmath>
#include <numeric>

#include "core/rl/reward_transform.h"

using namespace rlcm;
using rl::transformed;
using run::RewardTransform;

namespace {

using List = std::vector<double>;

rl::TransformKey keyOf(std::uint64_t epoch, std::span<const std::uint64_t> samples = {}, std::uint64_t seed = 1) {
    return {RandomStreams(seed), epoch, samples};
}

}  // namespace

/// The long lists are in tests/core/parity; here what they leave out.
class TestRewardTransform : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void withoutATransformRewardsAreAsTheyAre() { QCOMPARE(transformed({}, List{3, 1, 2}, keyOf(5)), (List{3, 1, 2})); }
    void theFirstOfEqualImagesIsAmongTheBest() {
        const run::TransformConfig half{.kind = RewardTransform::TopShare, .share = 0.5};
        QCOMPARE(transformed(half, List{7, 9, 7, 7}, keyOf(0)), (List{1, 1, 0, 0}));
        QCOMPARE(transformed({.kind = RewardTransform::TopShare, .share = 0.01}, List{1, 5, 2}, keyOf(0)), (List{0, 1, 0}));
        QCOMPARE(transformed({.kind = RewardTransform::TopShare, .share = 0.3}, List{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}, keyOf(0)),
                 (List{1, 1, 1, 0, 0, 0, 0, 0, 0, 0}));
        QCOMPARE(transformed({.kind = RewardTransform::TopShare, .share = 1}, List{1, 5}, keyOf(0)), (List{1, 1}));
    }
    void levelsReachFromEndToEnd() {
        const run::TransformConfig two{.kind = RewardTransform::Quantised, .levels = 2, .low = 0, .high = 10};
        QCOMPARE(transformed(two, List{-3, 4.9, 5, 40}, keyOf(0)), (List{0, 0, 10, 10}));
    }
    void epochsWithoutARewardAreKnown() {
        const run::TransformConfig third{.kind = RewardTransform::EveryNth, .epochs = 3};
        QVERIFY(rl::rewardedEpoch(third, 0) == 0 && !rl::rewardedEpoch(third, 1) && !rl::rewardedEpoch(third, 2) && rl::rewardedEpoch(third, 3) == 3);
        QVERIFY(rl::rewardedEpoch({.kind = RewardTransform::Switching, .epochs = 3}, 1) == 1);
    }
    void noiseHasItsDeviationAndDependsOnTheImageAlone() {
        constexpr std::size_t kImages = 4000;
        std::vector<std::uint64_t> samples(kImages);
        std::iota(samples.begin(), samples.end(), 0);
        const run::TransformConfig noisy{.kind = RewardTransform::Noisy, .noise = 0.5};
        const List values = transformed(noisy, List(kImages, 2.0), keyOf(3, samples));
        double sum = 0, squares = 0;
        for (const double value : values) {
            sum += value - 2;
            squares += (value - 2) * (value - 2);
        }
        QVERIFY(std::abs(sum / kImages) < 0.04 && std::abs(std::sqrt(squares / kImages) - 0.5) < 0.03);
        // The same image in a round of another order; another epoch, another seed.
        const std::vector<std::uint64_t> one{17};
        QCOMPARE(transformed(noisy, List{2}, keyOf(3, one)).front(), values[17]);
        QVERIFY(transformed(noisy, List{2}, keyOf(4, one)).front() != values[17]);
        QVERIFY(transformed(noisy, List{2}, keyOf(3, one, 2)).front() != values[17]);
    }
};

QTEST_APPLESS_MAIN(TestRewardTransform)
#include "tst_reward_transform.moc"
