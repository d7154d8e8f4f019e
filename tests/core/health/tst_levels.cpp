// The rules that are one number with a level: what raises each, what does not, and what an alarm does to the run.
#include <QtTest>

#include <algorithm>
#include <cmath>

#include "core/base/json.h"
#include "core/health/collapse.h"
#include "core/health/watch.h"
#include "core/run/field_table.h"
#include "core/run/measures.h"
#include "tests/support/recording_observer.h"

using namespace rlcm;
using namespace rlcm::health;
using rlcm::test::RecordingObserver;

namespace measure = run::measure;

namespace {

using Scalars = std::vector<std::pair<std::string, double>>;

/// A healthy evaluation, with some of its measures replaced.
run::EvaluationDone evaluation(std::int64_t epoch, const Scalars& changed = {}) {
    run::EvaluationDone event;
    event.id = "r0001";
    event.epoch = event.counters.epoch = epoch;
    event.counters.optimizerSteps = epoch;
    event.scalars = {{"eval_reward_mean", 1},  {"eval_reward_std", 0.5}, {"eval_train_reward_mean", 1}, {"eval_held_out_reward_mean", 1},
                     {"eval_images", 16},      {"eval_sharpness", 700},  {"eval_high_frequency", 0.02}, {"eval_grid", 0.001},
                     {"eval_saturation", 0.4}, {"eval_contrast", 0.16},  {"eval_dead_share", 0},        {"eval_pairwise", 0.27},
                     {"eval_diversity", 0.4},  {"eval_path_kl", 1},      {"eval_saturation_std", 0.1},  {"eval_contrast_std", 0.04}};
    for (const auto& [name, value] : changed) {
        std::find_if(event.scalars.begin(), event.scalars.end(), [&](const auto& scalar) { return scalar.first == name; })->second = value;
    }
    return event;
}

run::EpochDone epoch(std::int64_t index, const Scalars& changed = {}) {
    run::EpochDone event;
    event.id = "r0001";
    event.epoch = index;
    event.counters.epoch = index + 1;
    event.scalars = {{"loss", 0.1},           {"grad_norm", 0.5},        {"approx_kl", 1e-6},           {"clip_fraction", 0.1}, {"zero_std_ratio", 0},
                     {"group_std_mean", 0.3}, {"images_per_second", 20}, {"ratio_max_deviation", 1e-7}, {"disk_free", 100}};
    for (const auto& [name, value] : changed) {
        std::find_if(event.scalars.begin(), event.scalars.end(), [&](const auto& scalar) { return scalar.first == name; })->second = value;
    }
    return event;
}

std::vector<run::AlertRaised> alertsOf(const std::vector<run::RunEvent>& events, const run::RunConfig& config = {}) {
    RecordingObserver heard;
    Watch watch(heard, config);
    for (const run::RunEvent& event : events) {
        watch.onEvent(event);
    }
    return heard.all<run::AlertRaised>();
}

/// Healthy for `before`, then changed for `after`.
std::vector<run::RunEvent> evaluations(int before, int after, const Scalars& changed) {
    std::vector<run::RunEvent> events;
    for (int i = 0; i < before + after; ++i) {
        events.push_back(evaluation(i, i < before ? Scalars{} : changed));
    }
    return events;
}

std::vector<run::RunEvent> epochs(int before, int after, const Scalars& changed) {
    std::vector<run::RunEvent> events;
    for (int i = 0; i < before + after; ++i) {
        events.push_back(epoch(i, i < before ? Scalars{} : changed));
    }
    return events;
}

}  // namespace

class TestLevels : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyRuleIsRaisedByItsOwnDamage_data() {
        QTest::addColumn<QString>("rule");
        QTest::addColumn<QString>("shownBy");
        QTest::addColumn<double>("bad");
        QTest::addColumn<double>("stillGood");
        const auto row = [](const char* rule, std::string_view name, double bad, double stillGood) {
            QTest::newRow((std::string(rule) + ' ' + std::string(name)).c_str())
                << QString::fromUtf8(rule) << QString::fromStdString(std::string(name)) << bad << stillGood;
        };
        row("dead_images", measure::kEvalDeadShare, 0.06, 0.05);
        row("diversity", measure::kEvalPairwise, 0.2, 0.21);
        row("sameness", measure::kEvalDiversity, 0.29, 0.31);
        row("blur", measure::kEvalSharpness, 500, 540);
        row("noise", measure::kEvalSharpness, 1410, 1390);
        row("noise", measure::kEvalHighFrequency, 0.041, 0.039);
        row("grid", measure::kEvalGrid, 0.0031, 0.0029);
        row("colour", measure::kEvalSaturation, 0.51, 0.49);
        row("colour", measure::kEvalContrast, 0.119, 0.121);
        row("held_out", measure::kEvalTrainRewardMean, 1.26, 1.24);
        row("precision", measure::kRatioMaxDeviation, 2e-5, 1e-5);
        row("kl_jump", measure::kApproxKl, 1.1e-5, 0.9e-5);
        row("clip_fraction", measure::kClipFraction, 0.51, 0.5);
        row("zero_spread", measure::kZeroStdRatio, 0.51, 0.5);
        row("gradient_spike", measure::kGradNorm, 5.1, 4.9);
        row("vanished_spread", measure::kGroupStdMean, 0.029, 0.031);
        row("throughput", measure::kImagesPerSecond, 11.9, 12.1);
        row("disk_free", measure::kDiskFree, 4.9, 5.1);
    }
    void everyRuleIsRaisedByItsOwnDamage() {
        QFETCH(QString, rule);
        QFETCH(QString, shownBy);
        QFETCH(double, bad);
        QFETCH(double, stillGood);
        const bool isOfEvaluations = shownBy.startsWith(QStringLiteral("eval_"));
        const auto told = [&](double value) {
            const Scalars changed{{shownBy.toStdString(), value}};
            return alertsOf(isOfEvaluations ? evaluations(2, 3, changed) : epochs(21, 3, changed));
        };
        const auto alerts = told(bad);
        QCOMPARE(alerts.size(), std::size_t{1});
        QCOMPARE(QString::fromStdString(alerts[0].rule), rule);
        QCOMPARE(alerts[0].goodEpoch, isOfEvaluations ? 1 : 21);
        QVERIFY(alerts[0].text.starts_with("epoch " + std::to_string(alerts[0].epoch) + ": the ") && alerts[0].text.ends_with('.'));
        QVERIFY(told(stillGood).empty());
    }
    void fastRewardsAreMarked() {
        std::vector<run::RunEvent> events{evaluation(0), evaluation(10, {{"eval_reward_mean", 1.4}}), evaluation(20, {{"eval_reward_mean", 1.95}})};
        const auto alerts = alertsOf(events);
        QCOMPARE(alerts.size(), std::size_t{1});
        QVERIFY(alerts[0].rule == "speed" && alerts[0].epoch == 20 && alerts[0].goodEpoch == 10);
    }
    void aBudgetOfDistanceIsKeptWhenAsked() {
        const auto events = evaluations(2, 2, {{"eval_path_kl", 12}});
        QVERIFY(alertsOf(events).empty());
        run::RunConfig config;
        run::setField(config, "health.kl_budget", "notify");
        const auto alerts = alertsOf(events, config);
        QCOMPARE(alerts.size(), std::size_t{1});
        QVERIFY(alerts[0].rule == "kl_budget" && alerts[0].epoch == 2 && alerts[0].goodEpoch == 1);
        run::setField(config, "health.kl_budget_level", "12");
        QVERIFY(alertsOf(events, config).empty());
    }
    /// The judge's agreement follows d (a - b ln d) with its peak at the distance 2: a = 2 (ln 2 + 1) / 2, b = 1 (in hundredths).
    void goingOnBeyondTheJudgesPeakIsSeen() {
        const auto path = [](double farthest, int count) {
            std::vector<run::RunEvent> events;
            for (int i = 0; i < count; ++i) {
                const double d = farthest * i / (count - 1), a = std::log(2.0) + 1;
                run::EvaluationDone event = evaluation(i, {{"eval_path_kl", d * d}});
                event.scalars.emplace_back("eval_judge_cosine", 0.7 + (d > 0 ? 0.01 * d * (a - std::log(d)) : 0));
                events.emplace_back(event);
            }
            return events;
        };
        const auto alerts = alertsOf(path(3, 13));  // a quarter a step: 2.25 and 2.5 are the first two beyond 2.2
        QCOMPARE(alerts.size(), std::size_t{1});
        QVERIFY(alerts[0].rule == "past_peak" && alerts[0].epoch == 10);
        QVERIFY2(alerts[0].text.find("is 1.250") != std::string::npos, alerts[0].text.c_str());
        QVERIFY(alertsOf(path(2.1, 13)).empty());
        QVERIFY(alertsOf(path(3, 5)).empty());  // too few points to fit
    }
    void aSecondRaiseNeedsARelease() {
        const Scalars blurred{{"eval_sharpness", 400}};
        std::vector<run::RunEvent> events = evaluations(2, 4, blurred);
        for (int i = 6; i < 8; ++i) {
            events.push_back(evaluation(i));
        }
        for (int i = 8; i < 11; ++i) {
            events.push_back(evaluation(i, blurred));
        }
        const auto alerts = alertsOf(events);
        QCOMPARE(alerts.size(), std::size_t{2});
        QVERIFY(alerts[0].epoch == 3 && alerts[1].epoch == 9);
    }
    void levelsAndActionsAreSettings() {
        run::RunConfig config;
        const auto events = evaluations(2, 3, {{"eval_sharpness", 600}});
        QVERIFY(alertsOf(events, config).empty());
        run::setField(config, "health.blur_level", "0.9");
        QCOMPARE(alertsOf(events, config).size(), std::size_t{1});
        run::setField(config, "health.blur", "off");
        QVERIFY(alertsOf(events, config).empty());
    }
    void updatesAfterTheFirstMoveTheRatioRightly() {
        run::RunConfig config;
        config.training.updatesPerRound = 2;
        QVERIFY(alertsOf(epochs(3, 3, {{"ratio_max_deviation", 1e-3}}), config).empty());
        config = {};
        config.transform.kind = run::RewardTransform::Delayed;  // the policy has moved before the rewards are there
        QVERIFY(alertsOf(epochs(3, 3, {{"ratio_max_deviation", 1e-3}}), config).empty());
    }
    void whatIsMissingSaysNothing() {
        std::vector<run::RunEvent> events;
        for (int i = 0; i < 5; ++i) {
            run::EvaluationDone bare = evaluation(i);
            bare.scalars = {{"eval_reward_mean", 1}};
            events.emplace_back(bare);
            run::EpochDone empty = epoch(i);
            empty.scalars = {{"loss", 0}};
            events.emplace_back(empty);
        }
        QVERIFY(alertsOf(events).empty());
    }
    void anActionActsOnTheRun_data() {
        QTest::addColumn<QString>("action");
        QTest::addColumn<bool>("isTold");
        QTest::addColumn<bool>("isPaused");
        QTest::addColumn<bool>("isStopped");
        QTest::newRow("mark") << "mark" << false << false << false;
        QTest::newRow("notify") << "notify" << true << false << false;
        QTest::newRow("pause") << "pause" << true << true << false;
        QTest::newRow("stop") << "stop" << true << false << true;
    }
    void anActionActsOnTheRun() {
        QFETCH(QString, action);
        QFETCH(bool, isTold);
        QFETCH(bool, isPaused);
        QFETCH(bool, isStopped);
        run::RunConfig config;
        run::setField(config, "health.dead_images", action.toStdString());
        run::RunCommands commands;
        RecordingObserver heard;
        Watch watch(heard, config, &commands);
        for (const run::RunEvent& event : evaluations(1, 1, {{"eval_dead_share", 1}})) {
            watch.onEvent(event);
        }
        QCOMPARE(heard.all<run::AlertRaised>().size(), std::size_t{1});
        QCOMPARE(heard.all<run::LogLine>().size(), std::size_t(isTold ? 1 : 0));
        QCOMPARE(commands.isPaused(), isPaused);
        QCOMPARE(commands.isStopAfterEpoch(), isStopped);
    }
    void aHistoryActsOnNothing() {
        run::RunConfig config;
        run::setField(config, "health.dead_images", "stop");
        run::RunCommands commands;
        RecordingObserver heard;
        Watch watch(heard, config, &commands, [&](const run::RunId&, run::RunObserver& rules) {
            for (const run::RunEvent& event : evaluations(1, 1, {{"eval_dead_share", 1}})) {
                rules.onEvent(event);
            }
        });
        watch.onEvent(run::RunStarted{.id = "r0001", .environmentJson = "{}", .firstEpoch = 2, .configJson = {}});
        watch.onEvent(evaluation(2, {{"eval_dead_share", 1}}));
        QVERIFY(heard.events().empty() && !commands.isStopAfterEpoch());
    }
    /// The labelled runs of the fixture: alarms of damage against the labels.
    void collapsesOfTheFixtureAreFound() {
        const Json golden = readJsonFile(std::string(RLCM_SOURCE_DIR) + "/tests/golden/statistics/alarms.json");
        std::vector<LabelledRun> runs;
        for (const Json& run : golden.at("runs")) {
            std::vector<run::RunEvent> events;
            for (std::size_t i = 0; i < run.at("judge").size(); ++i) {
                events.push_back(evaluation(static_cast<std::int64_t>(i), {{"eval_sharpness", run.at("sharpness").at(i).get<double>()},
                                                                           {"eval_pairwise", run.at("pairwise").at(i).get<double>()}}));
            }
            const auto alerts = alertsOf(events);
            LabelledRun& labelled = runs.emplace_back();
            labelled.collapse = run.at("collapse").is_null() ? std::nullopt : std::optional(run.at("collapse").get<std::size_t>());
            labelled.alarm = alerts.empty() ? std::nullopt : std::optional(static_cast<std::size_t>(alerts.front().epoch));
        }
        const AlarmScore score = scoreAlarms(runs);
        QCOMPARE(score.wrong, 0);
        QCOMPARE(score.missed, 0);
        QVERIFY(score.right >= 3);
    }
};

QTEST_GUILESS_MAIN(TestLevels)
#include "tst_levels.moc"
