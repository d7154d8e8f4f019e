// A run told again from its rows, alerts and edits included, and a workspace that an older version wrote.
#include <QtTest>

#include <algorithm>
#include <cmath>
#include <limits>

#include <SQLiteCpp/SQLiteCpp.h>

#include "core/store/workspace.h"
#include "tests/support/message_of.h"
#include "tests/support/recording_observer.h"
#include "tests/support/temp_workspace.h"

using namespace rlcm;
using namespace rlcm::run;
using namespace rlcm::store;
using rlcm::test::messageOf;
using rlcm::test::RecordingObserver;
using rlcm::test::smallConfig;
using rlcm::test::TempWorkspace;

namespace {

namespace fs = std::filesystem;

AlertRaised alertAt(const RunId& id, std::int64_t epoch) {
    return {.id = id,
            .epoch = epoch,
            .rule = "hacking",
            .measure = "eval_judge_accuracy",
            .before = 0.1 + 0.2,
            .after = std::numeric_limits<double>::quiet_NaN(),
            .goodEpoch = 4,
            .text = "„why“"};
}

/// A fake run that is stored and recorded, with an alert after epoch 8 and an edit after epoch 4.
struct ToldRun {
    TempWorkspace workspace;
    RecordingObserver live;
    RunId id;

    explicit ToldRun(std::int64_t epochs = 12) {
        {
            StoreEditor editor(workspace.path());
            id = editor.createRun(smallConfig(epochs));
            editor.claim(id);
        }
        RunCommands commands;
        StoreWriter writer(workspace.path(), id, commands);
        ObserverFanout observers;
        observers.add(writer);
        observers.add(live);
        Teller teller{observers, id};
        const auto run = test::makeFakeRun(StoreEditor(workspace.path()).request(id), teller);
        run->execute({}, commands);
    }

private:
    /// Adds what a fake run does not tell.
    struct Teller : RunObserver {
        Teller(RunObserver& next, const RunId& run) : to(next), id(run) {}
        void onEvent(const RunEvent& event) noexcept override {
            to.onEvent(event);
            const auto* done = std::get_if<EpochDone>(&event);
            if (done != nullptr && done->counters.epoch == 4) {
                to.onEvent(SettingEdited{id, 4, "training.learning_rate", "0.001", "0.0005"});
            } else if (done != nullptr && done->counters.epoch == 8) {
                to.onEvent(alertAt(id, 8));
            }
        }
        RunObserver& to;
        RunId id;
    };
};

bool isSame(double a, double b) {
    return a == b || (std::isnan(a) && std::isnan(b));
}

void compareScalars(std::vector<std::pair<std::string, double>> told, std::vector<std::pair<std::string, double>> live) {
    std::sort(told.begin(), told.end());
    std::sort(live.begin(), live.end());
    QCOMPARE(told.size(), live.size());
    for (std::size_t i = 0; i < live.size(); ++i) {
        QVERIFY2(told[i].first == live[i].first && isSame(told[i].second, live[i].second), live[i].first.c_str());
    }
}

/// Kinds of the events that rows keep, in order.
std::vector<std::size_t> kept(const RecordingObserver& observer) {
    std::vector<std::size_t> kinds;
    for (const RunEvent& event : observer.events()) {
        if (!std::holds_alternative<StateChanged>(event) && !std::holds_alternative<Progress>(event) && !std::holds_alternative<LogLine>(event) &&
            !std::holds_alternative<CheckpointSaved>(event)) {
            kinds.push_back(event.index());
        }
    }
    return kinds;
}

}  // namespace

class TestReplay : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRunIsToldAsItWasLive() {
        const ToldRun run;
        RecordingObserver told;
        StoreReader(run.workspace.path()).replay(run.id, told);
        QCOMPARE(kept(told), kept(run.live));
        const auto epochs = told.all<EpochDone>(), liveEpochs = run.live.all<EpochDone>();
        QCOMPARE(epochs.size(), std::size_t{12});
        for (std::size_t i = 0; i < epochs.size(); ++i) {
            QVERIFY(epochs[i].epoch == liveEpochs[i].epoch && epochs[i].counters == liveEpochs[i].counters && epochs[i].images == liveEpochs[i].images);
            QCOMPARE(epochs[i].seconds.update, liveEpochs[i].seconds.update);
            compareScalars(epochs[i].scalars, liveEpochs[i].scalars);
        }
        const auto evaluations = told.all<EvaluationDone>(), liveEvaluations = run.live.all<EvaluationDone>();
        for (std::size_t i = 0; i < evaluations.size(); ++i) {
            QVERIFY(evaluations[i].epoch == liveEvaluations[i].epoch && evaluations[i].images.size() == liveEvaluations[i].images.size());
            QCOMPARE(evaluations[i].images[1].prompt, liveEvaluations[i].images[1].prompt);
            QCOMPARE(evaluations[i].images[1].noiseSeed, liveEvaluations[i].images[1].noiseSeed);
            compareScalars(evaluations[i].scalars, liveEvaluations[i].scalars);
        }
        QVERIFY(told.all<RunFinished>().at(0).state == RunState::Finished);
    }
    void alertsAndEditsComeBackWhole() {
        const ToldRun run;
        RecordingObserver told;
        StoreReader(run.workspace.path()).replay(run.id, told);
        const AlertRaised alert = told.all<AlertRaised>().at(0), expected = alertAt(run.id, 8);
        QVERIFY(alert.id == run.id && alert.epoch == 8 && alert.rule == expected.rule && alert.measure == expected.measure && alert.goodEpoch == 4 &&
                alert.text == expected.text);
        QCOMPARE(alert.before, expected.before);
        QVERIFY(std::isnan(alert.after));
        const SettingEdited edit = told.all<SettingEdited>().at(0);
        QVERIFY(edit.epoch == 4 && edit.path == "training.learning_rate" && edit.before == "0.001" && edit.after == "0.0005");
    }
    void aResumeForgetsWhatCameAfterIt() {
        ToldRun run;
        RunCommands commands;
        {
            SQLite::Database(run.workspace.path() / "workspace.sqlite", SQLite::OPEN_READWRITE).exec("UPDATE run SET state = 'stopped'");
            StoreEditor(run.workspace.path()).claim(run.id);
            StoreWriter(run.workspace.path(), run.id, commands).onEvent(RunStarted{.id = run.id, .environmentJson = "{}", .firstEpoch = 6, .configJson = {}});
        }
        RecordingObserver told;
        StoreReader(run.workspace.path()).replay(run.id, told);
        QVERIFY(told.all<AlertRaised>().empty() && told.all<SettingEdited>().size() == 1 && told.all<EpochDone>().size() == 6);
        QVERIFY(told.all<RunFinished>().empty());
    }
    void measuresAreStoredWithUnitAndDirection() {
        const ToldRun run(1);
        SQLite::Database database(run.workspace.path() / "workspace.sqlite", SQLite::OPEN_READONLY);
        SQLite::Statement row(database, "SELECT unit, better FROM metric WHERE name = 'eval_reward_mean'");
        QVERIFY(row.executeStep());
        QCOMPARE(row.getColumn(0).getString(), std::string("reward"));
        QCOMPARE(row.getColumn(1).getString(), std::string("higher"));
    }
    void aDamagedEventIsTold() {
        const ToldRun run;
        SQLite::Database(run.workspace.path() / "workspace.sqlite", SQLite::OPEN_READWRITE)
            .exec("UPDATE event SET json = '{\"rule\": 3}' WHERE kind = 'alert'");
        RecordingObserver told;
        const QString message = messageOf([&] { StoreReader(run.workspace.path()).replay(run.id, told); });
        QVERIFY2(message.contains(QStringLiteral("an event of run r0001 is damaged")), qPrintable(message));
        QVERIFY(messageOf([&] { StoreReader(run.workspace.path()).replay("r0009", told); }).contains(QStringLiteral("there is no run r0009")));
    }
    void aWorkspaceOfVersionTwoIsReadAndToldAgain() {
        TempWorkspace workspace;
        fs::create_directories(workspace.path() / "runs/r0001");
        fs::copy_file(fs::path(RLCM_SOURCE_DIR) / "tests/core/store/version2.sqlite", workspace.path() / "workspace.sqlite");
        const StoreReader reader(workspace.path());
        const RunRow row = reader.run("r0001").value();
        QVERIFY(row.state == RunState::Finished && row.method == Method::Rlcm && row.reward == "compressibility + 0.5*colourfulness");
        QCOMPARE(row.counters.images, 8);
        QCOMPARE(row.counters.optimizerSteps, 2);
        QVERIFY(row.counters.activeSeconds > 0 && row.counters.nominalDenoiserEvaluations > row.counters.denoiserEvaluations);
        RecordingObserver told;
        reader.replay("r0001", told);
        QVERIFY(told.all<EpochDone>().size() == 2 && told.all<EvaluationDone>().size() == 3 && told.all<AlertRaised>().empty());
        QCOMPARE(told.all<EpochDone>().at(1).images.size(), std::size_t{4});
        QVERIFY(scalar(told.all<EpochDone>().at(1).scalars, "reward.colourfulness").has_value());
    }
};

QTEST_GUILESS_MAIN(TestReplay)
#include "tst_replay.moc"
