#include <QTest>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "core/figure/smoothing.h"
#include "core/figure/statistics.h"

using namespace rlcm::figure;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

bool isClose(double a, double b) {
    return std::isnan(a) ? std::isnan(b) : std::abs(a - b) <= 1e-9 * std::max(1.0, std::abs(b));
}

}  // namespace

class TestStatistics : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void smoothingMatchesTheWeightedMeanOverAllEarlierPoints() {
        std::mt19937 random(7);
        std::uniform_real_distribution<double> uniform(0.01, 3);
        std::vector<double> x, y;
        for (double at = 0; x.size() < 200; at += uniform(random)) {
            x.push_back(at);
            y.push_back(uniform(random));
        }
        y[0] = kNan;
        y[50] = kNan;
        y[51] = kInf;
        const double halfLife = 2.5;
        const auto got = smoothByHalfLife(x, y, halfLife);
        for (std::size_t i = 0; i < x.size(); ++i) {
            double sum = 0, weights = 0;
            for (std::size_t j = 0; j <= i; ++j) {
                if (!std::isfinite(y[j])) {
                    continue;
                }
                const double w = std::pow(2.0, -(x[i] - x[j]) / halfLife);
                sum += w * y[j];
                weights += w;
            }
            QVERIFY(isClose(got[i], std::isfinite(y[i]) ? sum / weights : kNan));
        }
    }
    void evenlySpacedSmoothingIsTheBiasCorrectedEma() {
        const std::vector<double> x{0, 1, 2, 3, 4}, y{4, 8, -1, 0, 3};
        const double keep = std::exp2(-1 / 3.0);
        double last = 0;
        const auto got = smoothByHalfLife(x, y, 3);
        for (std::size_t i = 0; i < y.size(); ++i) {
            last = keep * last + (1 - keep) * y[i];
            QVERIFY(isClose(got[i], last / (1 - std::pow(keep, static_cast<double>(i + 1)))));
        }
    }
    void constantStaysConstantAndZeroHalfLifeChangesNothing() {
        const std::vector<double> x{0, 2, 3, 9}, constant{7, 7, 7, 7}, y{1, kInf, kNan, 2};
        for (double v : smoothByHalfLife(x, constant, 0.5)) {
            QVERIFY(isClose(v, 7));
        }
        const auto same = smoothByHalfLife(x, y, 0);
        QVERIFY(same[0] == 1 && std::isnan(same[1]) && std::isnan(same[2]) && same[3] == 2);
    }
    void windowsTakeTheMeanOrMedianOfThePointsNearBy() {
        std::mt19937 random(7);
        std::uniform_real_distribution<double> step(0, 2), height(-1, 1);
        std::vector<double> x, y;
        for (int i = 0; i < 300; ++i) {
            x.push_back((x.empty() ? 0 : x.back()) + (i % 7 == 0 ? 0 : step(random)));
            y.push_back(i % 11 == 3 ? kNan : i % 13 == 5 ? std::round(height(random)) : height(random));
        }
        for (const double width : {0.1, 3.0, 40.0, 1e6}) {
            const auto means = smoothed(x, y, {width, Smoother::Mean}), medians = smoothed(x, y, {width, Smoother::Median});
            for (std::size_t i = 0; i < x.size(); ++i) {
                std::vector<double> near;
                for (std::size_t j = 0; j < x.size(); ++j) {
                    if (std::isfinite(y[j]) && std::abs(x[j] - x[i]) <= width) {
                        near.push_back(y[j]);
                    }
                }
                std::ranges::sort(near);
                const std::size_t n = near.size();
                QVERIFY(isClose(means[i], std::isfinite(y[i]) ? std::accumulate(near.begin(), near.end(), 0.0) / static_cast<double>(n) : kNan));
                QVERIFY(isClose(medians[i], std::isfinite(y[i]) ? (near[(n - 1) / 2] + near[n / 2]) / 2 : kNan));
            }
        }
        const auto same = smoothed(x, y, {0, Smoother::Median});
        QVERIFY(same[0] == y[0] && std::isnan(same[3]));
        QVERIFY(smoothed({}, {}, {3, Smoother::Mean}).empty());
    }
    void denserLoggingLooksTheSame() {
        std::vector<double> x1, y1, x10, y10;
        for (int i = 0; i <= 1000; ++i) {
            x10.push_back(i / 10.0);
            y10.push_back(std::sin(i / 100.0));
            if (i % 10 == 0) {
                x1.push_back(x10.back());
                y1.push_back(y10.back());
            }
        }
        const double a = smoothByHalfLife(x1, y1, 5).back(), b = smoothByHalfLife(x10, y10, 5).back();
        QVERIFY(std::abs(a - b) < 0.05);
    }

    void groupMeanUsesTheUnionGridAndTheRunsThatAreThere() {
        const std::vector<Curve> curves{{{0, 10, 20, 30}, {0, 10, 20, 30}}, {{5, 15, 25}, {1, 3, 5}}};
        const GroupCurve group = groupCurves(curves, Band::MinMax);
        QCOMPARE(group.runs, 2);
        QCOMPARE(group.x, (std::vector<double>{0, 5, 10, 15, 20, 25, 30}));
        QCOMPARE(group.counts, (std::vector<int>{1, 2, 2, 2, 2, 2, 1}));
        const std::vector<double> first{0, 5, 10, 15, 20, 25, 30}, second{0, 1, 2, 3, 4, 5, 30};
        for (std::size_t i = 0; i < group.x.size(); ++i) {
            QVERIFY(isClose(group.mean[i], (first[i] + second[i]) / 2));
            QVERIFY(isClose(group.low[i], second[i]));
            QVERIFY(isClose(group.high[i], first[i]));
        }
    }
    void aRunThatHasJustBegunTakesNothingFromTheOthers() {
        const Curve finished{{0, 20, 40, 60, 80}, {-2, -1.8, -1.6, -1.4, -1.2}};
        const GroupCurve alone = groupCurves(std::vector{finished}, Band::MinMax);
        const GroupCurve joined = groupCurves(std::vector{finished, Curve{{0}, {-2.2}}}, Band::MinMax);
        QCOMPARE(joined.x, alone.x);
        QVERIFY(isClose(joined.mean[0], -2.1));
        QVERIFY(isClose(joined.mean[4], -1.2));
        QCOMPARE(joined.counts, (std::vector<int>{2, 1, 1, 1, 1}));
    }
    void bandsMatchTheirDefinitions() {
        const std::vector<Curve> curves{{{0, 1}, {1, 2}}, {{0, 1}, {3, 2}}, {{0, 1}, {8, 2}}};
        const double mean = 4, deviation = std::sqrt((9.0 + 1 + 16) / 2);
        const GroupCurve sd = groupCurves(curves, Band::StandardDeviation);
        QVERIFY(isClose(sd.mean[0], mean));
        QVERIFY(isClose(sd.high[0], mean + deviation));
        QVERIFY(isClose(sd.low[0], mean - deviation));
        QVERIFY(isClose(sd.high[1], 2));
        const GroupCurve ci = groupCurves(curves, Band::Confidence95);
        // Student t with two degrees of freedom: 4.302653 (tables).
        QVERIFY(std::abs(ci.high[0] - (mean + 4.302653 * deviation / std::sqrt(3))) < 2e-3);
        QVERIFY(std::abs(studentT95(60) - 2.000298) < 2e-3);
    }
    void aGapInOneRunIsAGapInTheMean() {
        const std::vector<Curve> curves{{{0, 1, 2, 3}, {1, kNan, 1, 1}}, {{0, 1, 2, 3, 4}, {3, 3, 3, kInf, kNan}}};
        const GroupCurve group = groupCurves(curves, Band::MinMax);
        QCOMPARE(group.x, (std::vector<double>{0, 1, 2, 3}));
        QVERIFY(isClose(group.mean[0], 2));
        QVERIFY(std::isnan(group.mean[1]));
        QVERIFY(isClose(group.mean[2], 2));
        QVERIFY(isClose(group.mean[3], 1));  // the second run has come to its end
    }
    void runsThatNeverMeetFollowEachOther() {
        const std::vector<Curve> curves{{{0, 1}, {1, 1}}, {{5, 6}, {2, 2}}};
        const GroupCurve group = groupCurves(curves, Band::MinMax);
        QCOMPARE(group.x, (std::vector<double>{0, 1, 5, 6}));
        QCOMPARE(group.counts, (std::vector<int>{1, 1, 1, 1}));
        QVERIFY(groupCurves({}, Band::MinMax).x.empty());
    }
    void interpolationNeverExtrapolates() {
        const Curve curve{{1, 3}, {10, 20}};
        QVERIFY(std::isnan(interpolate(curve, 0.9)) && std::isnan(interpolate(curve, 3.1)));
        QCOMPARE(interpolate(curve, 2), 15.0);
    }
};

QTEST_GUILESS_MAIN(TestStatistics)
#include "tst_statistics.moc"
