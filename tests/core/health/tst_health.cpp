// Alarms against recorded ones, the rules on made runs, and live alerts against those of the same run told again.
#include <QtTest>

#include <cmath>

#include "core/base/json.h"
#include "core/health/alarm.h"
#include "core/health/watch.h"
#include "core/run/measures.h"
#include "core/store/workspace.h"
#include "tests/support/recording_observer.h"
#include "tests/support/temp_workspace.h"

using namespace rlcm;
using namespace rlcm::health;
using rlcm::test::RecordingObserver;

namespace {

run::EvaluationDone evaluation(std::int64_t epoch, double reward, double accuracy, double images = 16) {
    run::EvaluationDone event;
    event.id = "r0001";
    event.epoch = event.counters.epoch = epoch;
    event.scalars = {{std::string(run::measure::kEvalRewardMean), reward},
                     {std::string(run::measure::kEvalRewardStd), 0.3},
                     {std::string(run::measure::kEvalImages), images},
                     {std::string(run::measure::kEvalJudgeAccuracy), accuracy}};
    return event;
}

run::EpochDone epoch(std::int64_t index, double loss) {
    run::EpochDone event;
    event.id = "r0001";
    event.epoch = index;
    event.counters.epoch = index + 1;
    event.scalars = {{std::string(run::measure::kRewardMean), 1.0}, {std::string(run::measure::kLoss), loss}};
    return event;
}

/// Rewards and accuracies of a run that ends in blank images.
const std::vector<std::pair<double, double>> kHacked{{-2.5, 0.94}, {-2.3, 0.94}, {-2.1, 0.88}, {-1.8, 0.44}, {-1.4, 0.25}, {-1.2, 0.06}, {-1.0, 0.06}};

}  // namespace

class TestHealth : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void alarmsAreThoseOfTheReference() {
        const Json golden = readJsonFile(std::string(RLCM_SOURCE_DIR) + "/tests/golden/statistics/alarms.json");
        for (const Json& one : golden.at("rules")) {
            const Json& rule = one.at("rule");
            Alarm alarm({.side = rule.at("side") == "below" ? Side::Below : Side::Above,
                         .enter = rule.at("enter"),
                         .leave = rule.at("leave"),
                         .patience = rule.at("patience"),
                         .release = rule.at("release"),
                         .warmup = rule.at("warmup")});
            Json events = Json::array();
            for (std::size_t i = 0; i < one.at("values").size(); ++i) {
                const Json& value = one.at("values")[i];
                const AlarmChange change = alarm.feed(value.is_null() ? std::nullopt : std::optional(value.get<double>()));
                if (change != AlarmChange::None) {
                    events.push_back({i, change == AlarmChange::Raised ? "raised" : "released"});
                }
            }
            QVERIFY2(events == one.at("events"), (one.at("name").get<std::string>() + ": " + events.dump()).c_str());
        }
    }
    void anAlarmMayNeverBeReleased() {
        Alarm alarm({.enter = 1, .leave = 0.5, .patience = 1, .release = 0});
        QVERIFY(alarm.feed(2) == AlarmChange::Raised);
        for (int i = 0; i < 5; ++i) {
            QVERIFY(alarm.feed(0) == AlarmChange::None && alarm.isRaised());
        }
    }
    void aValueAtTheLevelOfLeavingReleases() {
        Alarm alarm({.side = Side::Below, .enter = 0.75, .leave = 0.85});
        QVERIFY(alarm.feed(0.75) == AlarmChange::None);
        QVERIFY(alarm.feed(0.7) == AlarmChange::Raised);
        QVERIFY(alarm.feed(0.84) == AlarmChange::None);
        QVERIFY(alarm.feed(0.85) == AlarmChange::Released);
    }
    void hackingNamesTheLastHonestEvaluation() {
        RecordingObserver heard;
        Watch watch(heard, {});
        for (std::size_t i = 0; i < kHacked.size(); ++i) {
            watch.onEvent(evaluation(static_cast<std::int64_t>(5 * i), kHacked[i].first, kHacked[i].second));
        }
        const auto alerts = heard.all<run::AlertRaised>();
        QCOMPARE(alerts.size(), std::size_t{1});
        QVERIFY(alerts[0].rule == "hacking" && alerts[0].epoch == 20 && alerts[0].goodEpoch == 10);
        QVERIFY(alerts[0].before == 0.94 && alerts[0].after == 0.25);
        QVERIFY(heard.all<run::LogLine>().at(0).level == log::Level::Warning);
    }
    void honestRunsRaiseNothing_data() {
        QTest::addColumn<double>("reward");
        QTest::addColumn<double>("accuracy");
        QTest::newRow("reward rises, judge keeps") << 2.0 << 0.94;
        QTest::newRow("judge within its noise") << 2.0 << 0.75;
        QTest::newRow("judge falls with the reward") << -2.0 << 0.3;
    }
    void honestRunsRaiseNothing() {
        QFETCH(double, reward);
        QFETCH(double, accuracy);
        RecordingObserver heard;
        Watch watch(heard, {});
        for (int i = 0; i <= 10; ++i) {
            watch.onEvent(evaluation(5 * i, -2.5 + reward * i / 10, 0.94 + (accuracy - 0.94) * i / 10));
        }
        QVERIFY(heard.events().empty());
    }
    void evaluationsWithoutAJudgeAndExtraOnesAreLeftOut() {
        RecordingObserver heard;
        Watch watch(heard, {});
        for (std::size_t i = 0; i < kHacked.size(); ++i) {
            run::EvaluationDone event = evaluation(static_cast<std::int64_t>(5 * i), kHacked[i].first, kHacked[i].second);
            event.isExtra = i > 0;
            watch.onEvent(event);
            event.isExtra = false;
            event.scalars.pop_back();
            watch.onEvent(event);
        }
        QVERIFY(heard.events().empty());
    }
    void aJudgeOfTheListIsWatchedAndItsGapsSayNothing() {
        const std::string mean = "eval_judge.clipscore.look", spread = "eval_judge_std.clipscore.look";
        RecordingObserver heard;
        Watch watch(heard, {});
        for (std::size_t i = 0; i < kHacked.size(); ++i) {
            run::EvaluationDone event = evaluation(static_cast<std::int64_t>(5 * i), kHacked[i].first, 0.94);
            const bool isGap = i == 0 || i == 4;  // the judge's own first evaluation is the second one
            event.scalars.emplace_back(mean, isGap ? std::nan("") : 0.8 * kHacked[i].second);
            event.scalars.emplace_back(spread, isGap ? std::nan("") : 0.1);
            watch.onEvent(event);
        }
        const auto alerts = heard.all<run::AlertRaised>();
        QCOMPARE(alerts.size(), std::size_t{1});
        QVERIFY(alerts[0].rule == "hacking" && alerts[0].measure == mean && alerts[0].before == 0.8 * 0.94);
        QVERIFY2(alerts[0].text.find("since epoch 5 ") != std::string::npos && alerts[0].text.find("Judge look: CLIPScore went from") != std::string::npos,
                 alerts[0].text.c_str());
        QVERIFY(alerts[0].epoch == 25 && alerts[0].goodEpoch == 10);
    }
    void aNumberThatIsNoneIsToldOnce() {
        RecordingObserver heard;
        Watch watch(heard, {});
        watch.onEvent(epoch(0, 0.5));
        watch.onEvent(epoch(1, std::nan("")));
        watch.onEvent(epoch(2, INFINITY));
        const auto alerts = heard.all<run::AlertRaised>();
        QCOMPARE(alerts.size(), std::size_t{1});
        QVERIFY(alerts[0].rule == "not_finite" && alerts[0].measure == run::measure::kLoss && alerts[0].epoch == 2 && alerts[0].goodEpoch == 1);
    }
    void aResumedRunsRulesHearItsHistory() {
        const auto tell = [](run::RunObserver& to, std::size_t from, std::size_t until) {
            for (std::size_t i = from; i < until; ++i) {
                to.onEvent(evaluation(static_cast<std::int64_t>(5 * i), kHacked[i].first, kHacked[i].second));
            }
        };
        RecordingObserver heard;
        Watch watch(heard, {}, nullptr, [&](const run::RunId&, run::RunObserver& rules) { tell(rules, 0, 4); });
        watch.onEvent(run::RunStarted{.id = "r0001", .environmentJson = "{}", .firstEpoch = 15, .configJson = {}});
        tell(watch, 4, kHacked.size());
        QCOMPARE(heard.all<run::AlertRaised>().at(0).before, 0.94);  // of before training, not of the resume
        QCOMPARE(heard.all<run::AlertRaised>().size(), std::size_t{1});
        QCOMPARE(heard.all<run::AlertRaised>().at(0).epoch, 20);
    }
    void alertsAreTheSameLiveAndToldAgain() {
        test::TempWorkspace workspace;
        run::RunId id;
        {
            store::StoreEditor editor(workspace.path());
            id = editor.createRun(test::smallConfig(12));
            editor.claim(id);
        }
        run::RunCommands commands;
        RecordingObserver live;
        {
            store::StoreWriter writer(workspace.path(), id, commands);
            run::ObserverFanout observers;
            observers.add(writer);
            observers.add(live);
            Watch watch(observers, {});
            observers.add(watch);
            test::makeFakeRun(store::StoreEditor(workspace.path()).request(id), observers, {.hasNanLoss = true})->execute({}, commands);
        }
        RecordingObserver stored, again;
        Watch rules(again, {});
        run::ObserverFanout told;
        told.add(stored);
        told.add(rules);
        store::StoreReader(workspace.path()).replay(id, told);
        const auto once = live.all<run::AlertRaised>();
        QCOMPARE(once.size(), std::size_t{2});
        QVERIFY(once[0].rule == "not_finite" && once[1].rule == "speed");
        for (const RecordingObserver* other : {&stored, &again}) {
            const auto alerts = other->all<run::AlertRaised>();
            QCOMPARE(alerts.size(), once.size());
            for (std::size_t i = 0; i < once.size(); ++i) {
                QVERIFY(alerts[i].rule == once[i].rule && alerts[i].text == once[i].text && alerts[i].epoch == once[i].epoch);
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestHealth)
#include "tst_health.moc"
