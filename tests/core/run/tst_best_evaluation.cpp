#include <QtTest>

#include <limits>

#include "core/run/best_evaluation.h"

using namespace rlcm::run;

namespace {

using Scalars = std::vector<std::pair<std::string, double>>;

Scalars evaluation(double reward, double accuracy, double cosine) {
    return {{"eval_reward_mean", reward}, {"eval_judge_accuracy", accuracy}, {"eval_judge_cosine", cosine}};
}

/// A run whose reward rises all the time and whose judge has its best moment in the second evaluation.
const std::vector<Scalars> kRun{evaluation(1, 1, 0.7), evaluation(2, 0.95, 0.75), evaluation(3, 0.8, 0.6), evaluation(4, 0.79, 0.5)};

std::optional<BestEvaluation> bestOf(BestRule rule, const std::vector<Scalars>& run) {
    std::optional<BestEvaluation> best;
    for (std::size_t i = 0; i < run.size(); ++i) {
        takeIfBetter(best, rule, static_cast<std::int64_t>(10 * i), run.front(), run[i]);
    }
    return best;
}

}  // namespace

class TestBestEvaluation : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyRuleHasItsOwnBest() {
        QVERIFY(!bestOf(BestRule::Last, kRun));
        QCOMPARE(*bestOf(BestRule::Judge, kRun), (BestEvaluation{BestRule::Judge, 10, 0.75}));
        QCOMPARE(*bestOf(BestRule::Reward, kRun), (BestEvaluation{BestRule::Reward, 30, 4}));
        QCOMPARE(*bestOf(BestRule::JudgedReward, kRun), (BestEvaluation{BestRule::JudgedReward, 20, 3}));  // 0.8 of what it was counts
    }
    void theFirstOfEqualsStays() {
        std::optional<BestEvaluation> best;
        QVERIFY(takeIfBetter(best, BestRule::Reward, 0, kRun[0], kRun[0]));
        QVERIFY(!takeIfBetter(best, BestRule::Reward, 10, kRun[0], kRun[0]));
        QCOMPARE(best->epoch, std::int64_t{0});
    }
    void whatIsMissingOrNoNumberIsNeverTheBest() {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        QVERIFY(!bestOf(BestRule::Judge, {{{"eval_reward_mean", 1}}}));
        QVERIFY(!bestOf(BestRule::JudgedReward, {{{"eval_reward_mean", 1}}}));
        QCOMPARE(bestOf(BestRule::Reward, {evaluation(nan, 1, 1), evaluation(1, 1, 1), evaluation(nan, 1, 1)})->epoch, std::int64_t{10});
    }
    /// A resume with another rule must not compare rewards with cosines.
    void aBestOfAnotherRuleIsForgotten() {
        std::optional<BestEvaluation> best = BestEvaluation{BestRule::Reward, 5, 100};
        QVERIFY(takeIfBetter(best, BestRule::Judge, 10, kRun[0], kRun[1]));
        QCOMPARE(*best, (BestEvaluation{BestRule::Judge, 10, 0.75}));
    }
};

QTEST_APPLESS_MAIN(TestBestEvaluation)
#include "tst_best_evaluation.moc"
