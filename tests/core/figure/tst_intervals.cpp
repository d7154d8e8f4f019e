// Aggregates, intervals and comparisons at equal budget where the input is poor; their numbers are compared in tests/core/parity (golden/statistics).
#include <QtTest>

#include <cmath>
#include <limits>

#include "core/figure/budget.h"
#include "core/figure/intervals.h"

using namespace rlcm::figure;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<double> meanOf(std::span<const Scores> methods) {
    return {meanOfTasks(methods[0])};
}

}  // namespace

class TestIntervals : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void oneRunHasAFigureButNoInterval() {
        const Scores one{{0.7}, {0.9}};
        QCOMPARE(interquartileMean(one), 0.8);
        QVERIFY(!bootstrapIntervals(std::vector<Scores>{one}, meanOf, {.repetitions = 10}));
        QVERIFY(!bootstrapIntervals(std::vector<Scores>{{{1, 2}, {3}}}, meanOf, {.repetitions = 10}));
        QVERIFY(!tInterval(std::vector{0.7}));
        QCOMPARE(sampleNote(1), std::string("1 run: no interval"));
    }
    void fewRunsAreSaidToBeFew() {
        QCOMPARE(sampleNote(3), std::string("3 runs (few: the interval is too narrow)"));
        QCOMPARE(sampleNote(5), std::string("5 runs"));
        QCOMPARE(sampleNote(5, 2), std::string("5 runs, 2 without a number"));
    }
    void equalScoresGiveAnIntervalWithoutWidth() {
        const std::vector<Scores> equal{{{0.5, 0.5, 0.5}}};
        const auto interval = bootstrapIntervals(equal, meanOf, {.repetitions = 50});
        QVERIFY(interval && interval->front().low == 0.5 && interval->front().high == 0.5);
        const auto byT = tInterval(equal[0][0]);
        QVERIFY(byT && byT->low == 0.5 && byT->high == 0.5);
        QCOMPARE(probabilityOfImprovement(equal[0], equal[0]), 0.5);
    }
    void scoresThatAreNoNumbersAreLeftOutAndCounted() {
        const FiniteScores finite = finiteScores({{1, kNan, 3}, {kInfinity, 5, 6}, {7, 8, 9}});
        QCOMPARE(finite.missing, 2);
        QCOMPARE(finite.fewestRuns, 2);
        QVERIFY((finite.scores == Scores{{1, 3}, {5, 6}, {7, 8, 9}}));
        QCOMPARE(finiteScores({{1, 2}, {kNan, kNan}}).fewestRuns, 0);
        QVERIFY_THROWS_EXCEPTION(std::logic_error, meanOfTasks({{1, kNan}}));
        QVERIFY_THROWS_EXCEPTION(std::logic_error, meanOfTasks({{1}, {}}));
        const auto byT = tInterval(std::vector{1.0, kNan, 3.0});
        QVERIFY(byT && std::abs(byT->high - (2 + 12.706)) < 1e-9);
    }
    void aSeedRepeatsItsInterval() {
        const std::vector<Scores> scores{{{1, 2, 4, 8, 9}}};
        const auto ends = [&](std::uint64_t seed) { return bootstrapIntervals(scores, meanOf, {.repetitions = 300, .seed = seed})->front(); };
        QVERIFY(ends(7).low == ends(7).low && ends(7).high == ends(7).high);
        QVERIFY(ends(7).low != ends(8).low || ends(7).high != ends(8).high);
    }
    void pairsOfSeedsAreNarrowerThanTheirMethods() {
        const Scores x{{1.1, 5.1, 9.2, 13.1, 17.2}}, y{{1, 5, 9, 13, 17}};
        const Scores differences = pairedDifferences(x, y);
        const auto paired = bootstrapIntervals(std::vector<Scores>{differences}, meanOf, {.repetitions = 500});
        const auto apart = bootstrapIntervals(
            std::vector<Scores>{x, y}, [](std::span<const Scores> m) { return std::vector{meanOfTasks(m[0]) - meanOfTasks(m[1])}; }, {.repetitions = 500});
        QVERIFY(paired->front().low > 0);
        QVERIFY(apart->front().low < 0);
        QCOMPARE(pairedDifferences({{1, kNan, 3}}, {{0, 1, kNan}}).front().size(), std::size_t{1});
        QVERIFY_THROWS_EXCEPTION(std::logic_error, pairedDifferences({{1, 2}}, {{1}}));
    }
    void theSignTestCountsSigns() {
        QCOMPARE(signTest(std::vector{1.0, 2.0, 3.0}), 0.25);
        QCOMPARE(signTest(std::vector{1.0, 2.0, 3.0, 4.0, 5.0}), 0.0625);
        QCOMPARE(signTest(std::vector{1.0, 2.0, 3.0, -4.0, 5.0, 0.0}), 2 * (1 + 5) / 32.0);
        QCOMPARE(signTest(std::vector{0.0, 0.0}), 1.0);
    }
    void nothingIsReadWhereARunHasNotBeen() {
        const Curve curve{{10, 20, 30}, {1, kNan, 3}};
        QVERIFY(!valueAt(curve, 9) && !valueAt(curve, 31) && !valueAt(curve, 15));
        QVERIFY(valueAt(curve, 10) && valueAt(curve, 30));
        QVERIFY(!meanHeight(curve, {10, 30}) && !meanHeight({{0, 10}, {1, 1}}, {0, 11}));
        QCOMPARE(*meanHeight({{0, 10}, {0, 1}}, {0, 10}), 0.5);
        const std::vector<Curve> apart{{{0, 1}, {1, 1}}, {{2, 3}, {1, 1}}};
        QVERIFY(!commonRange(apart) && !commonRange({}));
    }
    void aThresholdIsReachedOnlyWhenItHolds() {
        const Curve curve{{0, 10, 20, 30, 40}, {0, 2, 0, 2, 2}};
        QCOMPARE(*timeToThreshold(curve, 1, 1), 5.0);
        QCOMPARE(*timeToThreshold(curve, 1, 2), 25.0);
        QVERIFY(!timeToThreshold(curve, 1, 3) && !timeToThreshold(curve, 5));
        QCOMPARE(*timeToThreshold({{0, 10, 20, 30}, {0, kNan, 2, 2}}, 1), 20.0);
    }
    void theMedianArrivalCountsThoseWhoNeverArrive() {
        const ArrivalSummary summary = summariseArrivals(std::vector<std::optional<double>>{3.0, std::nullopt, 1.0});
        QVERIFY(summary.median && *summary.median == 3.0 && std::abs(summary.shareArrived - 2.0 / 3) < 1e-12);
        QVERIFY(!summariseArrivals(std::vector<std::optional<double>>{3.0, std::nullopt}).median);
    }
};

QTEST_GUILESS_MAIN(TestIntervals)
#include "tst_intervals.moc"
