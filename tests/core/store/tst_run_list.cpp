// The list of runs as people see and arrange it: ids, order of the queue, deleting, names, colours and how runs ended.
#include <QtTest>

#include <set>

#include "core/base/run_palette.h"
#include "core/store/workspace.h"
#include "tests/support/temp_workspace.h"

using namespace rlcm;
using namespace rlcm::run;
using namespace rlcm::store;
using rlcm::test::FakeScript;
using rlcm::test::smallConfig;
using rlcm::test::TempWorkspace;

namespace {

std::vector<RunId> fourRuns(StoreEditor& editor) {
    std::vector<RunId> ids;
    for (int i = 0; i < 4; ++i) {
        ids.push_back(editor.createRun(smallConfig()));
    }
    return ids;
}

}  // namespace

class TestRunList : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void idsAreNeverReused();
    void deletingHidesAndUndeleteRestores();
    void theQueueKeepsItsOrder();
    void aNewOrderOfTheQueueLeavesOutWhatNoLongerWaits();
    void editsAreSeenByAnOpenReader();
    void runsOfOneKindShareAHueAndTheHorizonIsItsShade();
    void otherSettingsHaveAnotherHue();
    void anUnfinishedWriterLeavesAnInterruptedRun();
    void failedRunsKeepTheirMessage();
};

void TestRunList::idsAreNeverReused() {
    TempWorkspace workspace;
    {
        StoreEditor editor(workspace.path());
        QCOMPARE(editor.createRun(smallConfig()), std::string("r0001"));
        editor.remove("r0001");
        editor.purge("r0001");
        QVERIFY(!std::filesystem::exists(workspace.path() / "runs/r0001"));
    }
    QCOMPARE(StoreEditor(workspace.path()).createRun(smallConfig()), std::string("r0002"));
}

void TestRunList::deletingHidesAndUndeleteRestores() {
    TempWorkspace workspace;
    const RunId id = workspace.addRun(smallConfig());
    StoreEditor editor(workspace.path());
    StoreReader reader(workspace.path());
    const RunRow before = reader.run(id).value();
    const auto curve = reader.scalars(id, "loss");
    editor.remove(id);
    QVERIFY(reader.runs().empty());
    QCOMPARE(reader.runs(true).size(), std::size_t{1});
    QVERIFY(!reader.samples(id, 0).empty());
    editor.undelete(id);
    QVERIFY(reader.runs().at(0) == before);
    QVERIFY(reader.scalars(id, "loss") == curve);
    editor.remove(id);
    editor.purge(id);
    QVERIFY(reader.runs(true).empty() && reader.scalars(id, "loss").empty());
}

void TestRunList::theQueueKeepsItsOrder() {
    TempWorkspace workspace;
    StoreEditor editor(workspace.path());
    StoreReader reader(workspace.path());
    const std::vector<RunId> ids = fourRuns(editor);
    for (const int i : {2, 0, 3, 1, 2}) {  // the second time changes nothing
        editor.enqueue(ids[static_cast<std::size_t>(i)]);
    }
    QCOMPARE(reader.run(ids[2])->queuePosition, 1);
    QCOMPARE(reader.run(ids[1])->queuePosition, 4);
    editor.dequeue(ids[0]);
    editor.remove(ids[3]);
    QVERIFY(editor.nextQueued() == ids[2]);
    QCOMPARE(reader.run(ids[1])->queuePosition, 1);
    QVERIFY(editor.nextQueued() == ids[1]);
    QVERIFY(!editor.nextQueued());
    QCOMPARE(reader.run(ids[1])->queuePosition, 0);
}

void TestRunList::aNewOrderOfTheQueueLeavesOutWhatNoLongerWaits() {
    TempWorkspace workspace;
    StoreEditor editor(workspace.path());
    StoreReader reader(workspace.path());
    const std::vector<RunId> ids = fourRuns(editor);
    for (const RunId& id : ids) {
        editor.enqueue(id);
    }
    editor.dequeue(ids[1]);  // as by another process, after the order was read
    QVERIFY(editor.reorderQueue({ids[3], ids[1], ids[0], ids[2]}) == std::vector<RunId>({ids[0], ids[2], ids[3]}));
    QCOMPARE(reader.run(ids[3])->queuePosition, 1);
    QCOMPARE(reader.run(ids[0])->queuePosition, 2);
    QCOMPARE(reader.run(ids[2])->queuePosition, 3);
    QCOMPARE(reader.run(ids[1])->queuePosition, 0);
}

void TestRunList::editsAreSeenByAnOpenReader() {
    TempWorkspace workspace;
    StoreEditor editor(workspace.path());
    const RunId id = editor.createRun(smallConfig());
    StoreReader reader(workspace.path());
    const std::int64_t before = reader.dataVersion();
    QCOMPARE(reader.dataVersion(), before);
    editor.rename(id, "renamed");
    QVERIFY(reader.dataVersion() != before);
    editor.setVisible(id, false);
    editor.setColour(id, 5);
    const RunRow row = reader.run(id).value();
    QVERIFY(row.name == "renamed" && !row.isVisible && row.colour == paletteIndex(5, shadeOf(row.steps)) && row.state == RunState::Queued);
    QVERIFY(!row.lastReward && !row.firstReward);
}

void TestRunList::runsOfOneKindShareAHueAndTheHorizonIsItsShade() {
    TempWorkspace workspace;
    StoreEditor editor(workspace.path());
    StoreReader reader(workspace.path());
    const auto colourOf = [&](const run::RunConfig& config) { return reader.run(editor.createRun(config))->colour; };
    const int first = colourOf(smallConfig(5, 2));
    QCOMPARE(first, paletteIndex(0, 0));
    for (const auto& [horizon, shade] : {std::pair{3, 1}, {4, 1}, {8, 2}, {16, 3}, {20, 3}, {50, 4}}) {
        QCOMPARE(colourOf(smallConfig(5, horizon, horizon)), paletteIndex(0, shade));
    }
    run::RunConfig other = smallConfig(7, 2);
    other.name = "another name";
    other.reward.terms = "colourfulness";
    other.evaluation.every = 2;
    other.compute.threads = 3;
    other.health.klJump.level = 3;
    QCOMPARE(colourOf(other), first);
    other.algorithm.method = run::Method::Ddpo;
    QCOMPARE(colourOf(other), paletteIndex(1, 0));
    editor.setColour(reader.runs().front().id, 6);  // that is the newest: a chosen hue carries on
    QCOMPARE(colourOf(other), paletteIndex(6, 0));
    QCOMPARE(colourOf(smallConfig(5, 2)), first);
}

void TestRunList::otherSettingsHaveAnotherHue() {
    TempWorkspace workspace;
    StoreEditor editor(workspace.path());
    StoreReader reader(workspace.path());
    std::set<int> hues;
    std::vector<RunId> ids;
    run::RunConfig config = smallConfig();
    for (int i = 0; i < 9; ++i) {
        config.training.learningRate = 1e-4 * (i + 1);
        ids.push_back(editor.createRun(config));
        hues.insert(hueOf(reader.run(ids.back())->colour));
    }
    QCOMPARE(hues.size(), std::size_t{9});
    QVERIFY(!hues.contains(static_cast<int>(run::Method::Ddpo)));  // kept for its runs
    editor.remove(ids[3]);
    config.training.learningRate = 1;
    QCOMPARE(reader.run(editor.createRun(config))->colour, reader.run(ids[3])->colour);  // free again
}

void TestRunList::anUnfinishedWriterLeavesAnInterruptedRun() {
    TempWorkspace workspace;
    StoreEditor editor(workspace.path());
    StoreReader reader(workspace.path());
    const RunId id = editor.createRun(smallConfig());
    editor.claim(id);
    {
        RunCommands commands;
        StoreWriter writer(workspace.path(), id, commands);
        writer.onEvent(RunStarted{id, "{}", 0, {}});
        writer.onEvent(StateChanged{id, RunState::Sampling});
        QVERIFY(reader.run(id)->state == RunState::Sampling);
        writer.onEvent(StateChanged{id, RunState::Paused});
        QVERIFY(reader.run(id)->state == RunState::Paused && reader.run(id)->isOwnedHere);
    }
    QVERIFY(reader.run(id)->state == RunState::Interrupted && !reader.run(id)->isOwnedHere);
    editor.claim(id);
}

void TestRunList::failedRunsKeepTheirMessage() {
    TempWorkspace workspace;
    FakeScript script;
    script.failAtEpoch = 2;
    const RunId id = workspace.addRun(smallConfig(), script);
    const RunRow row = StoreReader(workspace.path()).run(id).value();
    QVERIFY(row.state == RunState::Failed);
    QCOMPARE(row.error, std::string("the scripted failure"));
    QCOMPARE(row.counters.epoch, 2);
}

QTEST_GUILESS_MAIN(TestRunList)
#include "tst_run_list.moc"
