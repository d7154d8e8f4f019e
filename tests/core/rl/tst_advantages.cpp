// Hand-calculated cases; the long histories of the reference codes are in tests/core/parity.
#include <QtTest>

#include <cmath>

#include "core/base/error.h"
#include "core/rl/advantage_rule.h"
#include "core/rl/advantages.h"
#include "core/tensor/torch.h"

using namespace rlcm::rl;
using rlcm::run::GroupDeviation;

namespace {

void compareLists(const std::vector<double>& ours, const std::vector<double>& expected, double tolerance) {
    QCOMPARE(ours.size(), expected.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
        QVERIFY2(std::abs(ours[i] - expected[i]) <= tolerance, qPrintable(QStringLiteral("entry %1: %2 instead of %3").arg(i).arg(ours[i]).arg(expected[i])));
    }
}

/// Consecutive rewards in groups of `size`.
std::vector<std::string> groupsOf(std::size_t rewards, std::size_t size) {
    std::vector<std::string> groups;
    for (std::size_t i = 0; i < rewards; ++i) {
        groups.push_back(std::to_string(i / size));
    }
    return groups;
}
std::vector<double> inGroups(const std::vector<double>& rewards, std::size_t size, GroupDeviation by = GroupDeviation::Group) {
    return groupAdvantages(groupsOf(rewards.size(), size), rewards, by);
}

}  // namespace

class TestAdvantages : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void promptUsesTheRoundUntilItHasEnoughRewardsOfItsOwn() {
        PerPromptStatistics statistics(4, 3);
        // Round: mean 2, population deviation sqrt(2/3); "cat" has two rewards, one too few.
        compareLists(statistics.update({"cat", "cat", "dog"}, {1, 2, 3}), {-1.2247434, 0, 1.2247434}, 1e-6);
        // "cat" now has 1, 2, 6: mean 3, deviation sqrt(14/3); "dog" has 3, 10 and uses the round 6, 10.
        const double deviation = std::sqrt(14.0 / 3.0) + 1e-6;
        compareLists(statistics.update({"cat", "dog"}, {6, 10}), {3 / deviation, 2 / (2 + 1e-6)}, 1e-12);
    }
    void oldestRewardsAreForgotten() {
        PerPromptStatistics statistics(2, 1);
        statistics.update({"cat", "cat", "cat"}, {100, 1, 3});
        QCOMPARE(statistics.buffers().at("cat"), (std::deque<double>{1, 3}));
    }
    void restoredBuffersContinueExactly() {
        PerPromptStatistics first(3, 2), second(3, 2);
        first.update({"cat", "dog", "cat"}, {1, 5, 2});
        second.restore(first.buffers());
        QCOMPARE(second.update({"dog", "cat"}, {4, 4}), first.update({"dog", "cat"}, {4, 4}));
        QCOMPARE(second.buffers(), first.buffers());
    }
    /// Every rule of a config; only statistics per prompt remember, under the name that checkpoints have.
    void rulesAreMadeFromTheirSetting() {
        rlcm::run::TrainingConfig training;
        training.statBufferSize = 3;
        training.statMinCount = 2;
        training.groupSize = 2;
        const RoundRewards round{{"cat", "cat", "dog", "dog"}, {1, 2, 5, 9}};
        const auto rule = [&](rlcm::run::Advantage advantage) {
            training.advantage = advantage;
            return makeAdvantageRule(training);
        };
        rlcm::run::Measures measures;
        PerPromptStatistics statistics(3, 2);
        const auto perPrompt = rule(rlcm::run::Advantage::PerPrompt), resumed = rule(rlcm::run::Advantage::PerPrompt);
        QCOMPARE(perPrompt->advantages(round, measures).values, statistics.update(round.prompts, round.rewards));
        LearnerState saved;
        perPrompt->save(saved);
        QCOMPARE(saved.values.at("statistics").at("cat").get<std::vector<double>>(), (std::vector<double>{1, 2}));
        resumed->restore(saved);
        QCOMPARE(resumed->advantages(round, measures).values, perPrompt->advantages(round, measures).values);
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, resumed->restore({}));
        QCOMPARE(rule(rlcm::run::Advantage::Batch)->advantages(round, measures).values, batchAdvantages(round.rewards));
        const auto groups = rule(rlcm::run::Advantage::Group);
        QCOMPARE(groups->advantages(round, measures).values, inGroups(round.rewards, 2));
        LearnerState nothing;
        groups->save(nothing);
        QVERIFY(nothing.values.empty() && nothing.tensors.empty());
        groups->restore(saved);  // what another rule remembered is no harm
    }
    void groupsWithoutSpreadAreCountedAsTheRuleHasThem() {
        rlcm::run::TrainingConfig training;
        training.groupSize = 2;
        const auto watched = [&](rlcm::run::Advantage advantage, const RoundRewards& round) {
            training.advantage = advantage;
            rlcm::run::Measures measures;
            makeAdvantageRule(training)->advantages(round, measures);
            return measures.scalars();
        };
        using Scalars = std::vector<std::pair<std::string, double>>;
        // By prompt: cat has spread, dog none, bird and fish are alone. In pairs: 1 1, 2 2 and 4 4 have none, 7 8 has.
        const RoundRewards round{{"cat", "cat", "cat", "cat", "dog", "dog", "bird", "fish"}, {1, 1, 2, 2, 4, 4, 7, 8}};
        QCOMPARE(watched(rlcm::run::Advantage::PerPrompt, round), (Scalars{{"zero_std_ratio", 0.5}, {"group_std_mean", 0.25}}));
        QCOMPARE(watched(rlcm::run::Advantage::Batch, round), (Scalars{{"zero_std_ratio", 0.5}, {"group_std_mean", 0.25}}));
        QCOMPARE(watched(rlcm::run::Advantage::Group, round), (Scalars{{"zero_std_ratio", 0.75}, {"group_std_mean", 0.125}}));
        QCOMPARE(watched(rlcm::run::Advantage::Batch, {{"cat", "dog"}, {1, 1}}), Scalars{});
        // Rounds count by their groups: one of two, then one of one.
        training.advantage = rlcm::run::Advantage::Batch;
        rlcm::run::Measures both;
        const auto rule = makeAdvantageRule(training);
        rule->advantages(round, both);
        rule->advantages({{"cat", "cat"}, {3, 3}}, both);
        QCOMPARE(both.value(rlcm::run::measure::kZeroStdRatio), 2.0 / 3.0);
    }
    void batchAdvantagesHaveMeanZeroAndDeviationOne() {
        compareLists(batchAdvantages({1, 2, 3, 4}), {-1.3416407865, -0.4472135955, 0.4472135955, 1.3416407865}, 1e-7);
    }
    void groupsAreNormalisedApart() { compareLists(inGroups({1, 3, 100, 300}, 2), {-1 / 1.0001, 1 / 1.0001, -100 / 100.0001, 100 / 100.0001}, 1e-12); }
    void groupWithoutSpreadGivesExactZeros() {
        QCOMPARE(inGroups({0.1, 0.1, 0.1, 1, 2, 3}, 3)[0], 0.0);
        QVERIFY(inGroups({0.1, 0.1, 0.1, 1, 2, 3}, 3)[5] > 1.2);
    }
    void rewardsWithoutSpreadGiveExactZerosInEveryRule() {
        for (const double reward : {12345.678, 1000.1, 26.7, -0.1, 1e300}) {
            const std::vector<double> equal(12, reward), zeros(12, 0.0);
            std::vector<double> rounded = equal;
            rounded[5] = std::nextafter(reward, 0.0);
            PerPromptStatistics own(32, 4), ofRound(32, 16);
            const std::vector<std::string> keys(12, "cat");
            for (const std::vector<double>& rewards : {equal, rounded}) {
                QCOMPARE(batchAdvantages(rewards), zeros);
                QCOMPARE(inGroups(rewards, 4), zeros);
                QCOMPARE(own.update(keys, rewards), zeros);
                QCOMPARE(ofRound.update(keys, rewards), zeros);
            }
        }
    }
    void smallSpreadOfLargeRewardsStillCounts() {
        const std::vector<double> advantages = batchAdvantages({12345.678, 12345.679});
        QVERIFY(std::abs(advantages[1] - 1.0) < 1e-3 && std::abs(advantages[0] + 1.0) < 1e-3);
    }
    /// By hand: group means 2 and 200, deviations 1 and 100, of all four rewards 122.6...
    void aGroupIsDividedByItsOwnDeviationTheRoundsOrNothing() {
        const std::vector<double> rewards{1, 3, 100, 300};
        compareLists(inGroups(rewards, 2, GroupDeviation::None), {-1, 1, -100, 100}, 1e-12);
        const double mean = 101, all = std::sqrt((100.0 * 100 + 98.0 * 98 + 1 + 199.0 * 199) / 4) + 1e-4;
        QCOMPARE(mean * 4, 1.0 + 3 + 100 + 300);
        compareLists(inGroups(rewards, 2, GroupDeviation::Round), {-1 / all, 1 / all, -100 / all, 100 / all}, 1e-12);
    }
    void groupsNeedNotStandTogether() {
        const std::vector<std::string> mixed{"a", "b", "a", "b"};
        QCOMPARE(groupAdvantages(mixed, {1, 100, 3, 300}, GroupDeviation::None), (std::vector<double>{-1, -100, 1, 100}));
        QCOMPARE(haveSpread(mixed, {1, 5, 3, 5}), (std::vector<bool>{true, false, true, false}));
    }
    void flatGroupsAreLeftOutWhenAsked() {
        rlcm::run::TrainingConfig training;
        training.advantage = rlcm::run::Advantage::Group;
        training.groupSize = 2;
        const RoundRewards round{{"cat", "cat", "cat", "cat"}, {1, 1, 5, 9}};
        rlcm::run::Measures measures;
        QVERIFY(makeAdvantageRule(training)->advantages(round, measures).counts.empty());
        training.dropsFlatGroups = true;
        training.groupDeviation = GroupDeviation::None;
        const Advantages left = makeAdvantageRule(training)->advantages(round, measures);
        QCOMPARE(left.counts, (std::vector<bool>{false, false, true, true}));
        QCOMPARE(left.values, (std::vector<double>{0, 0, -2, 2}));
    }
    /// The second term is a thousand times the first, and as a sum it alone would decide.
    void termsNormalisedByThemselvesHaveNoUnits() {
        rlcm::run::TrainingConfig training;
        training.advantage = rlcm::run::Advantage::Group;
        training.termNormalisation = rlcm::run::TermNormalisation::Separate;
        training.groupSize = 2;
        RoundRewards round{{"cat", "cat", "dog", "dog"}, {}, {{1, 3, 6, 2}, {-5, 5, 2, 8}}};
        const auto advantages = [&](double factor) {
            RoundRewards scaled = round;
            for (double& value : scaled.terms[1]) {
                value *= factor;
            }
            scaled.rewards = weightedSum(scaled.terms, std::vector{1.0, 1.0});
            rlcm::run::Measures measures;
            return makeAdvantageRule(training, {1.0, 1.0})->advantages(scaled, measures).values;
        };
        // By hand: -1 1 1 -1 and -1 1 -1 1 in their groups; together -2 2 0 0, whose deviation is the root of 2.
        const double two = std::sqrt(2.0);
        compareLists(advantages(1), {-two, two, 0, 0}, 2e-4);
        compareLists(advantages(1000), advantages(1), 2e-4);
    }
    void aFlatGroupOfOneTermStillCounts() {
        rlcm::run::TrainingConfig training;
        training.advantage = rlcm::run::Advantage::Group;
        training.termNormalisation = rlcm::run::TermNormalisation::Separate;
        training.groupSize = 2;
        training.dropsFlatGroups = true;
        rlcm::run::Measures measures;
        const RoundRewards round{{"cat", "cat", "dog", "dog", "owl", "owl"}, {1, 2, 1, 1, 5, 4}, {{1, 2, 1, 1, 5, 5}, {0, 0, 0, 0, 0, -1}}};
        const Advantages ours = makeAdvantageRule(training, {1, 1})->advantages(round, measures);
        QCOMPARE(ours.counts, (std::vector<bool>{true, true, false, false, true, true}));
        QCOMPARE(measures.value(rlcm::run::measure::kZeroStdRatio), 1.0 / 3.0);
        QVERIFY_THROWS_EXCEPTION(std::logic_error, makeAdvantageRule(training, {1, 1, 1})->advantages(round, measures));
        QVERIFY_THROWS_EXCEPTION(std::logic_error, makeAdvantageRule(training));
    }
    void everyTermHasItsOwnStatistics() {
        rlcm::run::TrainingConfig training;
        training.advantage = rlcm::run::Advantage::PerPrompt;
        training.termNormalisation = rlcm::run::TermNormalisation::Separate;
        training.statBufferSize = 4;
        training.statMinCount = 2;
        const std::vector<std::string> prompts{"cat", "dog", "cat"};
        const RoundRewards first{prompts, {11, 22, 13}, {{1, 2, 3}, {10, 20, 10}}}, second{prompts, {42, 33, 57}, {{2, 3, 7}, {40, 30, 50}}};
        rlcm::run::Measures measures;
        const auto rule = makeAdvantageRule(training, {1, 0.5}), resumed = makeAdvantageRule(training, {1, 0.5});
        rule->advantages(first, measures);
        LearnerState saved;
        rule->save(saved);
        QCOMPARE(saved.values.at("term_statistics").size(), std::size_t{2});
        QCOMPARE(saved.values.at("term_statistics")[1].at("statistics").at("cat").get<std::vector<double>>(), (std::vector<double>{10, 10}));
        resumed->restore(saved);
        const std::vector<double> next = rule->advantages(second, measures).values;
        QCOMPARE(resumed->advantages(second, measures).values, next);
        PerPromptStatistics one(4, 2), other(4, 2);
        one.update(prompts, first.terms[0]);
        other.update(prompts, first.terms[1]);
        const std::vector<std::vector<double>> apart{one.update(prompts, second.terms[0]), other.update(prompts, second.terms[1])};
        QCOMPARE(next, combinedAdvantages(apart, std::vector{1.0, 0.5}));
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, makeAdvantageRule(training, {1, 1, 1})->restore(saved));
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, resumed->restore({}));
    }
    void groupsThatDoNotDivideAreABug() {
        rlcm::run::TrainingConfig training;
        training.advantage = rlcm::run::Advantage::Group;
        training.groupSize = 2;
        rlcm::run::Measures measures;
        QVERIFY_THROWS_EXCEPTION(std::logic_error, makeAdvantageRule(training)->advantages({{"a", "a", "a"}, {1, 2, 3}}, measures));
    }
};

QTEST_GUILESS_MAIN(TestAdvantages)
#include "tst_advantages.moc"
