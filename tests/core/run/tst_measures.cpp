// The catalogue of measures, the table of counters, and how measured parts merge.
#include <QtTest>

#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/run/measures.h"
#include "core/run/run_event.h"

using namespace rlcm;
using namespace rlcm::run;

class TestMeasures : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyRowIsWholeAndUnique();
    void familiesHaveTitlesAndUnits();
    void changesAndOtherStepsHaveTheRowOfTheirMeasure();
    void unknownNamesAreKeptAndRefused();
    void partsMergeAsTheCatalogueSays();
    void meansDoNotDependOnTheSplit();
    void aMissingNumberStaysVisible();
    void everyCounterHasARow();
    void countersAreReadAndWrittenThroughTheTable();
    void everyPhaseHasARow();
};

void TestMeasures::everyRowIsWholeAndUnique() {
    std::set<std::string_view> names, titles;
    for (const Measure& row : measures()) {
        QVERIFY2(!row.title.empty() && row.help.ends_with('.'), std::string(row.name).c_str());
        QVERIFY2(names.insert(row.name).second && titles.insert(row.title).second, std::string(row.name).c_str());
        QCOMPARE(findMeasure(row.name), &row);
        QVERIFY(row.name.starts_with("eval_") == (row.at == MeasuredAt::Evaluation));
    }
    QVERIFY(isInRewardUnits(measure::kEvalRewardStd) && !isInRewardUnits(measure::kLoss) && !isInRewardUnits(measure::kZeroStdRatio));
}

void TestMeasures::familiesHaveTitlesAndUnits() {
    QCOMPARE(measureTitle("reward.alignment"), std::string("Reward term: alignment"));
    QCOMPARE(measureTitle("seconds.decode"), std::string("Seconds: decode"));
    QVERIFY(isInRewardUnits("reward.alignment") && !isInRewardUnits("seconds.reward"));
    QVERIFY(findMeasure("reward.") == nullptr && findMeasure("seconds.") == nullptr);
}

void TestMeasures::changesAndOtherStepsHaveTheRowOfTheirMeasure() {
    QCOMPARE(measureTitle("change.eval_sharpness"), std::string("Sharpness, change"));
    QCOMPARE(findMeasure("change.eval_judge_accuracy"), findMeasure("eval_judge_accuracy"));
    QVERIFY(findMeasure("change.loss") == nullptr && findMeasure("change.change.eval_sharpness") == nullptr && findMeasure("change.") == nullptr);
    QVERIFY(isInRewardUnits("change.eval_reward_mean") && isOfJudge("change.eval_judge.clipscore") && !isOfJudge("change.eval_sharpness"));
    QCOMPARE(measureTitle("eval_sharpness@8"), std::string("Sharpness at 8 steps"));
    QCOMPARE(measureTitle("change.eval_sharpness@1"), std::string("Sharpness at 1 step, change"));
    QCOMPARE(findMeasure(atSteps("eval_reward_mean", 16)), findMeasure("eval_reward_mean"));
    QVERIFY(findMeasure("loss@4") == nullptr && findMeasure("eval_sharpness@") == nullptr && findMeasure("eval_sharpness@x") == nullptr);
    const std::vector<std::pair<std::string, double>> before{{"eval_sharpness", 5}, {"eval_reward_std", 1}, {"eval_images", 4}, {"eval_vendi", 2}};
    const std::vector<std::pair<std::string, double>> now{{"eval_sharpness", 7}, {"eval_reward_std", 3}, {"eval_images", 4}, {"eval_contrast", 2}};
    QVERIFY((changesSince(before, now) == std::vector<std::pair<std::string, double>>{{"change.eval_sharpness", 2}}));
    QVERIFY(changesSince({}, now).empty());
}

void TestMeasures::unknownNamesAreKeptAndRefused() {
    QVERIFY(findMeasure("of_a_newer_version") == nullptr);
    QCOMPARE(measureTitle("of_a_newer_version"), std::string("of_a_newer_version"));
    Measures measured;
    QVERIFY_EXCEPTION_THROWN(measured.add("of_a_newer_version", 1), std::logic_error);
    QVERIFY_EXCEPTION_THROWN(measured.value(measure::kLoss), std::logic_error);
}

void TestMeasures::partsMergeAsTheCatalogueSays() {
    Measures first, second;
    first.add(measure::kLoss, 1, 3);
    first.add(measure::kRatioMaxDeviation, 5);
    first.add(measure::kLearningRate, 0.1);
    first.add("seconds.decode", 2);
    second.add(measure::kLoss, 5, 1);
    second.add(measure::kRatioMaxDeviation, 4);
    second.add(measure::kLearningRate, 0.2);
    second.add("seconds.decode", 3);
    second.add(measure::kGradNorm, 7);
    first.merge(second);
    QCOMPARE(first.value(measure::kLoss), 2.0);
    QCOMPARE(first.value(measure::kRatioMaxDeviation), 5.0);
    QCOMPARE(first.value(measure::kLearningRate), 0.2);
    QCOMPARE(first.value("seconds.decode"), 5.0);
    QCOMPARE(first.value(measure::kGradNorm), 7.0);
    const auto scalars = first.scalars();
    QCOMPARE(scalars.size(), std::size_t{5});
    QCOMPARE(scalars.front().first, std::string(measure::kLoss));
    QCOMPARE(scalars.back().first, std::string("seconds.decode"));  // families follow the catalogue
}

void TestMeasures::meansDoNotDependOnTheSplit() {
    Random random(7);
    Measures whole;
    std::vector<Measures> parts(3);
    for (int i = 0; i < 300; ++i) {
        const double value = static_cast<double>(random.next() >> 40), weight = static_cast<double>(1 + (random.next() & 15));
        whole.add(measure::kApproxKl, value, weight);  // whole numbers: sums are exact in any order
        parts[static_cast<std::size_t>(random.next() % 3)].add(measure::kApproxKl, value, weight);
    }
    Measures merged;
    for (const Measures& part : parts) {
        merged.merge(part);
    }
    QCOMPARE(merged.value(measure::kApproxKl), whole.value(measure::kApproxKl));
}

void TestMeasures::aMissingNumberStaysVisible() {
    Measures measured;
    measured.add(measure::kRatioMaxDeviation, 1);
    measured.add(measure::kRatioMaxDeviation, std::numeric_limits<double>::quiet_NaN());
    QVERIFY(std::isnan(measured.value(measure::kRatioMaxDeviation)));
}

void TestMeasures::everyCounterHasARow() {
    // A counter without a row would neither be stored nor come back: all bytes of the struct belong to rows.
    QCOMPARE(counterFields().size() * sizeof(std::int64_t), sizeof(Counters));
    QCOMPARE(counterFields().front().name, std::string_view("epoch"));
    QVERIFY_EXCEPTION_THROWN(counterField("reward_querys"), Error);
    QCOMPARE(&counterField("images"), &counterFields()[2]);
}

void TestMeasures::countersAreReadAndWrittenThroughTheTable() {
    Counters counters;
    double value = 1;
    for (const CounterField& field : counterFields()) {
        field.set(counters, value++);
    }
    QVERIFY((counters == Counters{.epoch = 1,
                                  .images = 3,
                                  .rewardQueries = 4,
                                  .denoiserEvaluations = 5,
                                  .nominalDenoiserEvaluations = 6,
                                  .optimizerSteps = 2,
                                  .activeSeconds = 7,
                                  .wallSeconds = 8}));
    QCOMPARE(counterField("wall_seconds").value(counters), 8.0);
    QVERIFY(counterField("wall_seconds").isSeconds() && !counterField("images").isSeconds());
}

void TestMeasures::everyPhaseHasARow() {
    QCOMPARE(phaseFields().size() * sizeof(double), sizeof(PhaseSeconds));
}

QTEST_GUILESS_MAIN(TestMeasures)
#include "tst_measures.moc"
