// The alarms against recorded runs, some of which collapsed in ways of their own (record_curves.py made curves.json): do they come in time, and only then?
#include <QtTest>

#include <algorithm>
#include <cmath>

#include "core/base/json.h"
#include "core/health/collapse.h"
#include "core/health/watch.h"
#include "tests/support/recording_observer.h"

using namespace rlcm;
using namespace rlcm::health;

namespace {

std::vector<std::pair<std::string, double>> scalarsOf(const Json& json) {
    std::vector<std::pair<std::string, double>> scalars;
    for (const auto& [name, value] : json.items()) {
        scalars.emplace_back(name, value.get<double>());
    }
    return scalars;
}

/// As they came: of one epoch the evaluation first.
std::vector<run::RunEvent> eventsOf(const Json& run) {
    std::vector<run::RunEvent> events;
    const auto addEvaluation = [&](const Json& json) {
        run::EvaluationDone event;
        event.id = "r0001";
        event.epoch = event.counters.epoch = json.at("epoch").get<std::int64_t>();
        event.counters.optimizerSteps = json.at("updates").get<std::int64_t>();
        event.scalars = scalarsOf(json.at("scalars"));
        events.emplace_back(std::move(event));
    };
    std::size_t next = 0;
    const Json& evaluations = run.at("evaluations");
    for (const Json& json : run.at("epochs")) {
        run::EpochDone event;
        event.id = "r0001";
        event.counters.epoch = json.at("epoch").get<std::int64_t>();
        event.epoch = event.counters.epoch - 1;
        event.counters.optimizerSteps = json.at("updates").get<std::int64_t>();
        event.scalars = scalarsOf(json.at("scalars"));
        while (next < evaluations.size() && evaluations[next].at("epoch").get<std::int64_t>() <= event.counters.epoch) {
            addEvaluation(evaluations[next++]);
        }
        events.emplace_back(std::move(event));
    }
    return events;
}

/// By a judge that no alarm hears.
std::optional<std::size_t> collapseOf(const Json& run) {
    std::vector<CollapseEvidence> evidence;
    for (const Json& json : run.at("evaluations")) {
        const Json& scalars = json.at("scalars");
        evidence.push_back({.judge = json.at("judge"),
                            .judgeError = json.at("spread").get<double>() / std::sqrt(scalars.at("eval_images").get<double>()),
                            .pairwise = scalars.at("eval_pairwise"),
                            .sharpness = scalars.at("eval_sharpness")});
    }
    return findCollapse(evidence);
}

/// Evaluation at or after which the first alarm was told, and its rule; alarms that only mark do not count.
std::pair<std::optional<std::size_t>, std::string> alarmOf(const Json& run) {
    test::RecordingObserver heard;
    Watch watch(heard, {});
    for (const run::RunEvent& event : eventsOf(run)) {
        watch.onEvent(event);
    }
    for (const run::AlertRaised& alert : heard.all<run::AlertRaised>()) {
        if (alert.isTold) {
            const Json& evaluations = run.at("evaluations");
            const auto at = std::find_if(evaluations.begin(), evaluations.end(), [&](const Json& one) { return one.at("epoch") >= alert.epoch; });
            return {static_cast<std::size_t>(at - evaluations.begin()), alert.rule};
        }
    }
    return {std::nullopt, "none"};
}

}  // namespace

class TestCurves : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void alarmsComeWithCollapsesAndOnlyThen() {
        const Json runs = readJsonFile(std::string(RLCM_SOURCE_DIR) + "/tests/core/health/curves.json");
        std::vector<LabelledRun> labelled;
        int collapsed = 0, healthy = 0, falseAlarms = 0;
        for (const Json& run : runs) {
            const auto collapse = collapseOf(run);
            const auto [alarm, rule] = alarmOf(run);
            labelled.push_back({collapse, alarm});
            collapsed += collapse ? 1 : 0;
            healthy += collapse ? 0 : 1;
            falseAlarms += !collapse && alarm ? 1 : 0;
            const auto place = [](const std::optional<std::size_t>& at) { return at ? QString::number(*at) : QStringLiteral("-"); };
            qInfo("%-28s collapse %2s alarm %2s %s", run.at("name").get<std::string>().c_str(), qPrintable(place(collapse)), qPrintable(place(alarm)),
                  rule.c_str());
        }
        const AlarmScore score = scoreAlarms(labelled);
        qInfo("%d collapsed, %d healthy: %d right, %d missed, %d wrong", collapsed, healthy, score.right, score.missed, score.wrong);
        QVERIFY(collapsed >= 10 && healthy >= 10);
        QVERIFY(score.recall() && *score.recall() >= 0.9);
        QVERIFY(falseAlarms * 10 <= healthy);
        QVERIFY(score.precision() && *score.precision() >= 0.9);
    }
};

QTEST_APPLESS_MAIN(TestCurves)
#include "tst_curves.moc"
