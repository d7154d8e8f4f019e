// What people add to a run: notes, tags, checkpoints that stay, alarms put aside; and a workspace of the version before that.
#include <QtTest>

#include <filesystem>

#include "core/base/json.h"
#include "core/run/checkpoint_folders.h"
#include "core/run/field_table.h"
#include "core/store/workspace.h"
#include "tests/support/message_of.h"
#include "tests/support/temp_workspace.h"

using namespace rlcm;
using namespace rlcm::run;
using namespace rlcm::store;
using rlcm::test::messageOf;
using rlcm::test::smallConfig;
using rlcm::test::TempWorkspace;

namespace {

namespace fs = std::filesystem;

AlertRaised alert(const RunId& id, std::int64_t epoch, bool isTold = true) {
    return {.id = id,
            .epoch = epoch,
            .rule = "hacking",
            .measure = "eval_judge_accuracy",
            .before = 0.9,
            .after = 0.1,
            .goodEpoch = 4,
            .text = "why",
            .isTold = isTold};
}

/// A run that has ended, with these alerts.
RunId addRun(const TempWorkspace& workspace, const std::vector<std::pair<std::int64_t, bool>>& alerts) {
    StoreEditor editor(workspace.path());
    const RunId id = editor.createRun(smallConfig());
    editor.claim(id);
    RunCommands commands;
    StoreWriter writer(workspace.path(), id, commands);
    for (const auto& [epoch, isTold] : alerts) {
        writer.onEvent(alert(id, epoch, isTold));
    }
    writer.onEvent(RunFinished{.id = id, .state = RunState::Finished, .error = {}, .counters = {}});
    return id;
}

std::vector<std::int64_t> epochsOf(const std::vector<EventRow>& rows) {
    std::vector<std::int64_t> epochs;
    for (const EventRow& row : rows) {
        epochs.push_back(std::get<AlertRaised>(row.event).epoch);
    }
    return epochs;
}

}  // namespace

class TestRemarks : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void notesAndTagsStayWithTheRun() {
        TempWorkspace workspace;
        const RunId id = addRun(workspace, {});
        StoreEditor editor(workspace.path());
        editor.setNotes(id, "two\nlines, „ü“");
        editor.setTags(id, {" paper ", "two words", "", "paper", "a\nb"});
        const RunRow row = StoreReader(workspace.path()).run(id).value();
        QCOMPARE(row.notes, std::string("two\nlines, „ü“"));
        QCOMPARE(row.tags, (std::vector<std::string>{"paper", "two words", "a b"}));
        editor.setTags(id, {});
        QVERIFY(StoreReader(workspace.path()).run(id)->tags.empty());
        QVERIFY(messageOf([&] { editor.setNotes("r0009", "x"); }).contains(QStringLiteral("there is no run r0009")));
    }
    void alarmsOfAllRunsComeNewestFirst() {
        TempWorkspace workspace;
        addRun(workspace, {{8, true}, {12, false}});
        const RunId second = addRun(workspace, {{6, true}});
        const RunId deleted = addRun(workspace, {{7, true}});
        StoreEditor(workspace.path()).remove(deleted);
        const StoreReader reader(workspace.path());
        const std::vector<EventRow> alarms = reader.alarms();
        QCOMPARE(epochsOf(alarms), (std::vector<std::int64_t>{6, 12, 8}));
        QVERIFY(std::get<AlertRaised>(alarms[0].event).id == second && alarms[0].at > 1e9 && alarms[0].id > alarms[1].id);
        QVERIFY2(!std::get<AlertRaised>(alarms[1].event).isTold, "an alarm that only marks is told nobody");
        QCOMPARE(epochsOf(reader.events("r0001")), (std::vector<std::int64_t>{8, 12}));
        const RunRow row = reader.run("r0001").value();
        QVERIFY(row.alarms == 1 && row.newAlarms == 1);
    }
    void anAlarmThatWasPutAsideStaysSo() {
        TempWorkspace workspace;
        const RunId id = addRun(workspace, {{8, true}, {12, true}});
        const std::int64_t newest = StoreReader(workspace.path()).alarms().front().id;
        StoreEditor(workspace.path()).setAlarmsSeen({newest}, true);
        const StoreReader reader(workspace.path());
        QVERIFY(reader.alarms().front().isSeen && !reader.alarms().back().isSeen);
        QVERIFY(reader.run(id)->alarms == 2 && reader.run(id)->newAlarms == 1);
        StoreEditor(workspace.path()).setAlarmsSeen({newest}, false);
        QCOMPARE(StoreReader(workspace.path()).run(id)->newAlarms, 2);
    }
    void aCheckpointIsKeptAndLetGo() {
        TempWorkspace workspace;
        const RunId id = workspace.addRun(smallConfig());
        StoreEditor editor(workspace.path());
        const StoreReader reader(workspace.path());
        QVERIFY(!reader.checkpoints(id).front().isKept);
        const std::int64_t epoch = reader.checkpoints(id).front().epoch;
        editor.keepCheckpoint(id, epoch, true);
        QVERIFY(reader.checkpoints(id).front().isKept);
        editor.keepCheckpoint(id, epoch, false);
        QVERIFY(!reader.checkpoints(id).front().isKept);
        editor.keepCheckpoint(id, epoch, false);  // nothing to let go of
        QVERIFY(messageOf([&] { editor.keepCheckpoint(id, 99, true); }).contains(QStringLiteral("no checkpoint of epoch 99")));
    }
    void aSettingThatIsChangedWhileARunTrainsIsPartOfItsSettings() {
        TempWorkspace workspace;
        StoreEditor editor(workspace.path());
        const RunId id = editor.createRun(test::smallConfig(12));
        editor.claim(id);
        RunCommands commands;
        StoreWriter writer(workspace.path(), id, commands);
        writer.onEvent(RunStarted{id, "{}", 0, {}});
        writer.onEvent(SettingEdited{id, 0, "training.learning_rate", "0.001", "0.0005"});
        writer.onEvent(SettingEdited{id, 0, "training.epochs", "12", "20"});
        writer.onEvent(SettingEdited{id, 0, "lora.start", "", "told of a resume"});  // no such setting
        const RunRow row = StoreReader(workspace.path()).run(id).value();
        QCOMPARE(row.epochs, std::int64_t{20});
        const RunConfig config = configFromJson(parseJson(row.configJson, id), id);
        QVERIFY(config.training.learningRate == 0.0005 && config.training.epochs == 20 && config.lora.start.empty());
    }
    void aWorkspaceOfVersionThreeIsReadAndTakesRemarks() {
        TempWorkspace workspace;
        fs::create_directories(workspace.path() / "runs/r0001");
        fs::copy_file(fs::path(RLCM_SOURCE_DIR) / "tests/core/store/version3.sqlite", workspace.path() / "workspace.sqlite");
        StoreEditor editor(workspace.path());
        const StoreReader reader(workspace.path());
        const RunRow row = reader.run("r0001").value();
        QVERIFY(row.notes.empty() && row.tags.empty() && row.alarms == 1 && row.newAlarms == 1);
        QVERIFY2(!std::get<AlertRaised>(reader.alarms().front().event).isTold, "the settings of the run say that this rule only marks");
        QVERIFY(std::get<AlertRaised>(reader.alarms().back().event).isTold);
        QCOMPARE(std::get<SettingEdited>(reader.events("r0001").at(1).event).after, std::string("0.0005"));
        editor.setNotes("r0001", "seen again");
        QCOMPARE(reader.run("r0001")->notes, std::string("seen again"));
    }
};

QTEST_GUILESS_MAIN(TestRemarks)
#include "tst_remarks.moc"
