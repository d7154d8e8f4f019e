// Two sets of runs at equal budget: pairs, missing runs, what cannot be compared.
#include <QtTest>

#include <cmath>
#include <limits>

#include "core/base/error.h"
#include "core/figure/comparison.h"

using namespace rlcm::figure;

namespace {

/// A run that rises from 0 to `last` over `end` queries.
ComparedRun rising(const std::string& seed, double last, double end = 100, const std::string& task = "size") {
    return {task, seed, {{0, end}, {0, last}}};
}

Comparison compare(const std::vector<ComparedRun>& x, const std::vector<ComparedRun>& y, ComparisonOptions options = {}) {
    options.repetitions = 500;
    return compareAtBudget(x, y, options);
}

std::string problemOf(const std::vector<ComparedRun>& x, const std::vector<ComparedRun>& y, const ComparisonOptions& options = {}) {
    try {
        compare(x, y, options);
    } catch (const rlcm::Error& problem) {
        return problem.what();
    }
    return {};
}

}  // namespace

class TestComparison : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void runsAreComparedWhereTheShortestEnds() {
        const Comparison comparison = compare({rising("0", 2), rising("1", 4)}, {rising("0", 1), rising("1", 5, 50)});
        QCOMPARE(comparison.budget, 50.0);
        QCOMPARE(comparison.x.mean.value, 1.5);
        QCOMPARE(comparison.y.mean.value, 2.75);
        QCOMPARE(*comparison.x.meanHeight, 0.75);
        QCOMPARE(comparison.improvement.value, 0.5);
        QVERIFY(comparison.x.mean.interval && comparison.x.fewestRuns == 2);
    }
    void aRunThatEndsEarlierHasNoValueAndIsCounted() {
        const Comparison comparison = compare({rising("0", 2), rising("1", 4, 50)}, {rising("0", 1), rising("1", 5)}, {.budget = 100});
        QVERIFY(comparison.x.runs == 1 && comparison.x.missing == 1 && !comparison.x.mean.interval);
        QVERIFY(comparison.y.runs == 2 && comparison.pairs == 1);
        QCOMPARE(comparison.difference->value, 1.0);
        QVERIFY(!comparison.difference->interval && !comparison.x.meanHeight);
    }
    void oneRunHasNoInterval() {
        const Comparison comparison = compare({rising("0", 2)}, {rising("0", 1)});
        QVERIFY(!comparison.x.mean.interval && !comparison.improvement.interval && !comparison.difference->interval);
        QCOMPARE(comparison.improvement.value, 1.0);
        QCOMPARE(comparison.signTest, 1.0);
    }
    void seedsPairRuns() {
        std::vector<ComparedRun> x, y;
        for (int seed = 0; seed < 6; ++seed) {
            x.push_back(rising(std::to_string(seed), 10 * seed + 1));
            y.push_back(rising(std::to_string(5 - seed), 10 * (5 - seed)));
        }
        const Comparison comparison = compare(x, y);
        QCOMPARE(comparison.pairs, 6);
        QVERIFY(comparison.difference->interval->low == 1 && comparison.difference->interval->high == 1);
        QCOMPARE(comparison.signTest, std::exp2(-5));
        for (ComparedRun& run : y) {
            run.pair += " of another study";
        }
        QVERIFY(!compare(x, y).difference);
    }
    void lessCanBeBetter() {
        const std::vector<ComparedRun> x{rising("0", -4), rising("1", -5)}, y{rising("0", -1), rising("1", -2)};
        const Comparison comparison = compare(x, y, {.threshold = -2, .isLowerBetter = true});
        QCOMPARE(comparison.improvement.value, 1.0);
        QCOMPARE(compare(x, y).improvement.value, 0.0);
        QVERIFY(!comparison.x.arrivals->median);  // one record at the threshold confirms nothing
    }
    void tasksCountAlike() {
        const Comparison comparison = compare({rising("0", 1), rising("1", 1), rising("0", 4, 100, "colour")}, {rising("0", 0), rising("0", 0, 100, "colour")});
        QVERIFY(comparison.tasks == 2 && comparison.x.runs == 3 && comparison.x.fewestRuns == 1);
        QCOMPARE(comparison.x.mean.value, 2.5);
        QCOMPARE(comparison.difference->value, 2.5);
    }
    void whatCannotBeComparedIsSaid() {
        QVERIFY(problemOf({}, {rising("0", 1)}).find("a run on each side") != std::string::npos);
        QVERIFY(problemOf({rising("0", 1)}, {rising("0", 1, 100, "colour")}).find("same rewards") != std::string::npos);
        QVERIFY(problemOf({rising("0", 1)}, {rising("0", 1)}, {.budget = 500}).find("smaller budget") != std::string::npos);
        const ComparedRun nothing{"size", "0", {{0, 100}, {std::nan(""), std::nan("")}}};
        QVERIFY(problemOf({nothing}, {rising("0", 1)}).find("no budget in common") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestComparison)
#include "tst_comparison.moc"
