// A deleted run is out of sight and out of work, comes back whole, or gives its disk back.
#include <QTest>
#include <filesystem>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/store/workspace.h"
#include "tests/support/temp_workspace.h"

using namespace rlcm;
using store::StoreEditor;
using store::StoreReader;
namespace fs = std::filesystem;

class TestDeletedRuns : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aDeletedRunIsNeverTrained();
    void sizeIsThatOfItsFilesAndPurgeGivesItBack();
    void onlyDeletedRunsArePurged();
    void aPurgeThatWasCutOffEndsOrIsUndone();
    void renamingReachesTheSettings();
};

void TestDeletedRuns::aDeletedRunIsNeverTrained() {
    const test::TempWorkspace workspace;
    StoreEditor editor(workspace.path());
    const run::RunId id = editor.createRun(test::smallConfig());
    editor.enqueue(id);
    editor.remove(id);
    QVERIFY(editor.isDeleted(id));
    QVERIFY(!editor.nextQueued());
    QVERIFY_EXCEPTION_THROWN(editor.claim(id), Error);
    QVERIFY_EXCEPTION_THROWN(editor.enqueue(id), Error);
    QCOMPARE(static_cast<int>(StoreReader(workspace.path()).run(id)->state), static_cast<int>(run::RunState::Queued));
    editor.undelete(id);
    QVERIFY(!editor.isDeleted(id));
    editor.claim(id);
}

void TestDeletedRuns::sizeIsThatOfItsFilesAndPurgeGivesItBack() {
    test::TempWorkspace workspace;
    const run::RunId id = workspace.addRun(test::smallConfig());
    const run::RunId other = workspace.addRun(test::smallConfig(12, 4, 1));
    std::uintmax_t bytes = 0;
    for (const auto& entry : fs::recursive_directory_iterator(workspace.path() / "runs" / id)) {
        bytes += entry.is_regular_file() ? entry.file_size() : 0;
    }
    StoreEditor editor(workspace.path());
    QVERIFY(bytes > 0);
    QCOMPARE(editor.bytesOnDisk(id), static_cast<std::int64_t>(bytes));
    const std::int64_t kept = editor.bytesOnDisk(other);
    editor.remove(id);
    editor.purge(id);
    QVERIFY(!fs::exists(workspace.path() / "runs" / id));
    QCOMPARE(editor.bytesOnDisk(id), std::int64_t{0});
    QCOMPARE(editor.bytesOnDisk(other), kept);
    const StoreReader reader(workspace.path());
    QCOMPARE(reader.runs(true).size(), std::size_t{1});
    QVERIFY(reader.scalars(id, "reward_mean").empty());
}

void TestDeletedRuns::onlyDeletedRunsArePurged() {
    test::TempWorkspace workspace;
    const run::RunId id = workspace.addRun(test::smallConfig());
    StoreEditor editor(workspace.path());
    QVERIFY_EXCEPTION_THROWN(editor.purge(id), Error);
    QVERIFY(fs::exists(workspace.path() / "runs" / id));
}

void TestDeletedRuns::aPurgeThatWasCutOffEndsOrIsUndone() {
    test::TempWorkspace workspace;
    const run::RunId id = workspace.addRun(test::smallConfig()), second = workspace.addRun(test::smallConfig(12, 4, 1));
    const fs::path runs = workspace.path() / "runs";
    StoreEditor editor(workspace.path());
    editor.remove(id);
    fs::rename(runs / id, runs / (id + ".removed"));  // killed before the row went
    QVERIFY(editor.bytesOnDisk(id) > 0);
    editor.undelete(id);
    QVERIFY(fs::exists(runs / id));
    editor.remove(id);
    fs::rename(runs / id, runs / (id + ".removed"));
    fs::create_directory(runs / "r0099.removed");  // killed after the row went
    fs::create_directory(runs / "mine.removed.kept");
    editor.remove(second);
    editor.purge(second);
    QVERIFY(!fs::exists(runs / "r0099.removed"));
    QVERIFY(fs::exists(runs / "mine.removed.kept"));
    QVERIFY2(fs::exists(runs / (id + ".removed")), "its row is still there, so it can be restored");
    editor.purge(id);
    QVERIFY(!fs::exists(runs / (id + ".removed")));
}

void TestDeletedRuns::renamingReachesTheSettings() {
    const test::TempWorkspace workspace;
    StoreEditor editor(workspace.path());
    run::RunConfig config = test::smallConfig();
    config.name = "old name";
    config.training.learningRate = 1.2345678901234567e-3;
    const run::RunId id = editor.createRun(config);
    editor.rename(id, "new “name”\\");
    QCOMPARE(editor.request(id).config.name, std::string("new “name”\\"));
    QCOMPARE(editor.request(id).config.training.learningRate, config.training.learningRate);
    QVERIFY_EXCEPTION_THROWN(editor.rename(id, "two\nlines"), Error);
    QCOMPARE(StoreReader(workspace.path()).run(id)->name, std::string("new “name”\\"));
}

QTEST_MAIN(TestDeletedRuns)
#include "tst_deleted_runs.moc"
