// What a workspace makes of lost power, replaced databases, held locks and copies: nothing is thrown away by itself.
#include <QtTest>

#include <chrono>
#include <fstream>
#include <thread>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/run/checkpoint_folders.h"
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

void makeCheckpoint(const fs::path& workspace, const RunId& id, std::int64_t epoch) {
    makeFolders(workspace / "runs" / id / checkpointName(epoch));
}

void dropDatabase(const fs::path& workspace) {
    for (const char* ending : {"", "-wal", "-shm"}) {
        fs::remove(workspace / (std::string("workspace.sqlite") + ending));
    }
}

/// A run that is being written.
struct BegunRun {
    TempWorkspace workspace;
    const RunId id = makeRun(workspace.path());
    RunCommands commands;
    StoreWriter writer{workspace.path(), id, commands};
    StoreReader reader{workspace.path()};

private:
    static RunId makeRun(const fs::path& workspace) {
        StoreEditor editor(workspace);
        RunId id = editor.createRun(smallConfig(4));
        editor.claim(id);
        return id;
    }
};

}  // namespace

class TestSurvival : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void epochsWithoutACheckpointAreNeverStartedAgain() {
        TempWorkspace workspace;
        const RunId id = workspace.addRun(smallConfig(12));
        fs::remove_all(workspace.path() / "runs" / id / "checkpoints");
        const QString message = messageOf([&] { StoreEditor(workspace.path()).request(id); });
        QVERIFY2(message.contains(QStringLiteral("12 epochs")) && message.contains(QStringLiteral("no checkpoint")), qPrintable(message));
        QCOMPARE(StoreReader(workspace.path()).scalars(id, "reward_mean").size(), std::size_t{12});
    }
    void checkpointsWithoutARowAreFoundByNumber() {
        TempWorkspace workspace;
        StoreEditor editor(workspace.path());
        const RunId id = editor.createRun(smallConfig(12));
        for (const std::int64_t epoch : {std::int64_t{7}, std::int64_t{99999}, std::int64_t{100000}}) {
            makeCheckpoint(workspace.path(), id, epoch);
        }
        for (const char* other : {".writing", ".removed-e00009", "e", "e-3", "e12x", "copy of e00012", "e99999999999999999999"}) {
            makeFolders(workspace.path() / "runs" / id / "checkpoints" / other);
        }
        std::ofstream(workspace.path() / "runs" / id / "checkpoints" / "e00300") << "a file";
        std::vector<std::string> names;
        for (const fs::path& folder : editor.request(id).resumeFrom) {
            names.push_back(folder.filename().string());
        }
        QCOMPARE(names, (std::vector<std::string>{"e100000", "e99999", "e00007"}));
    }
    void checkpointThatARunGoesOnFromGetsItsRow() {
        TempWorkspace workspace;
        StoreEditor editor(workspace.path());
        const RunId id = editor.createRun(smallConfig(12));
        makeCheckpoint(workspace.path(), id, 7);
        editor.claim(id);
        RunCommands commands;
        StoreWriter writer(workspace.path(), id, commands);
        writer.onEvent(RunStarted{id, "{}", 7, {}});
        const auto checkpoints = StoreReader(workspace.path()).checkpoints(id);
        QCOMPARE(checkpoints.size(), std::size_t{1});
        QCOMPARE(checkpoints.front().epoch, 7);
    }
    void emptyDatabaseDoesNotTakeOldFolders() {
        TempWorkspace workspace;
        const RunId id = workspace.addRun(smallConfig(4));
        dropDatabase(workspace.path());
        for (const bool isEmptyFile : {false, true}) {
            if (isEmptyFile) {
                std::ofstream(workspace.path() / "workspace.sqlite");
            }
            const QString message = messageOf([&] { StoreEditor editor(workspace.path()); });
            QVERIFY2(message.contains(QStringLiteral("runs/r0001")) && message.contains(QStringLiteral("missing or empty")), qPrintable(message));
        }
        QVERIFY(messageOf([&] { StoreReader reader(workspace.path()); }).contains(QStringLiteral("missing or empty")));
        QVERIFY(fs::exists(workspace.path() / "runs" / id / "images"));
    }
    void olderCopyOfTheDatabasePassesOverFoldersThatItDoesNotKnow() {
        TempWorkspace workspace;
        const RunId first = workspace.addRun(smallConfig(4));
        fs::copy_file(workspace.path() / "workspace.sqlite", workspace.path() / "copy");
        const RunId second = workspace.addRun(smallConfig(4));
        dropDatabase(workspace.path());
        fs::rename(workspace.path() / "copy", workspace.path() / "workspace.sqlite");
        StoreEditor editor(workspace.path());
        QVERIFY(first == "r0001" && second == "r0002");
        QCOMPARE(editor.createRun(smallConfig()), std::string("r0003"));
        QVERIFY(editor.request("r0003").resumeFrom.empty());
        QCOMPARE(editor.createRun(smallConfig()), std::string("r0004"));
    }
    void heldLockIsWaitedOutAndTold() {
        BegunRun run;
        SQLite::Database other(run.workspace.path() / "workspace.sqlite", SQLite::OPEN_READWRITE);
        other.exec("BEGIN IMMEDIATE");
        std::jthread release([&] {
            std::this_thread::sleep_for(std::chrono::seconds(7));  // more than the 5 s after which others give up
            other.exec("COMMIT");
        });
        EpochDone done{.id = run.id, .epoch = 0, .counters = {.epoch = 1}, .seconds = {}, .scalars = {{"reward_mean", 1.0}}, .images = {}};
        run.writer.onEvent(done);
        QVERIFY2(!run.writer.error(), run.writer.error().value_or("").c_str());
        QVERIFY(!run.commands.isStopNow());
        QCOMPARE(run.reader.scalars(run.id, "reward_mean").size(), std::size_t{1});
        QVERIFY(run.reader.log(run.id).back().text.find("locked") != std::string::npos);
    }
    void trainingImagesReadBackExactly() {
        BegunRun run;
        EpochDone done{.id = run.id, .epoch = 0, .counters = {.epoch = 1}, .seconds = {}, .scalars = {}, .images = {}};
        for (int i = 0; i < 100; ++i) {
            done.images.push_back({i % 3 == 0 ? "a caf\xc3\xa9" : "a cat", 0.1 * i - 3, 1.0 / (i + 1)});
        }
        run.writer.onEvent(done);
        QVERIFY(run.reader.trainingImages(run.id, 1) == done.images);
        QVERIFY(run.reader.trainingImages(run.id, 2).empty());
        run.writer.onEvent(RunStarted{run.id, "{}", 0, R"({"name":"effective"})"});
        QVERIFY(run.reader.trainingImages(run.id, 1).empty());  // of an epoch that is trained again
        QCOMPARE(run.reader.run(run.id)->configJson, std::string(R"({"name":"effective"})"));
    }
    void costsOfLostWorkStayWithTheRun() {
        TempWorkspace workspace;
        StoreEditor editor(workspace.path());
        const RunId id = editor.createRun(smallConfig(4));
        editor.claim(id);
        {
            RunCommands commands;
            StoreWriter writer(workspace.path(), id, commands);
            writer.onEvent(Progress{.id = id, .phase = RunState::Updating, .epoch = 0, .epochs = 4, .activeSeconds = 33, .wallSeconds = 44});
            QTRY_COMPARE_WITH_TIMEOUT(StoreReader(workspace.path()).run(id)->activeSeconds, 33.0, 20000);  // with the next heartbeat
        }
        QCOMPARE(StoreReader(workspace.path()).run(id)->wallSeconds, 44.0);
        QCOMPARE(editor.request(id).resumedCounters.activeSeconds, 33.0);
    }
    void workspaceOfTheFirstVersionIsBroughtUp() {
        TempWorkspace workspace;
        fs::create_directories(workspace.path() / "runs/r0001");
        {
            SQLite::Database old(workspace.path() / "workspace.sqlite", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
            old.exec(readFile(fs::path(RLCM_SOURCE_DIR) / "resources/sql/0001_initial.sql"));
            old.exec("PRAGMA user_version = 1");
            old.exec(
                "INSERT INTO run (name, state, config_json, seed, method, steps, reward, epochs, created_at, colour) "
                "VALUES ('old', 'stopped', '{}', 0, 'rlcm', 4, 'compressibility', 4, 1.0, 0)");
            old.exec("INSERT INTO epoch VALUES (1, 1, 32, 32, 256, 1, 5.0, 6.0)");
        }
        const RunRow row = StoreReader(workspace.path()).run("r0001").value();
        QCOMPARE(row.counters.denoiserEvaluations, 256);
        QCOMPARE(row.counters.nominalDenoiserEvaluations, 256);  // what the old figure was
        QCOMPARE(row.activeSeconds, 5.0);
    }
    void whatAKillLeftHalfMadeIsFinishedByTheNextReader() {
        TempWorkspace workspace;
        std::ofstream(workspace.path() / "workspace.sqlite");  // made, and killed before its tables
        QVERIFY(StoreReader(workspace.path()).runs().empty());
    }
    void databaseOfAnotherProgramIsNotTouched() {
        TempWorkspace workspace;
        {
            SQLite::Database(workspace.path() / "workspace.sqlite", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec("CREATE TABLE theirs (x)");
        }
        const std::string before = readFile(workspace.path() / "workspace.sqlite");
        QVERIFY(messageOf([&] { StoreReader reader(workspace.path()); }).contains(QStringLiteral("another program")));
        QVERIFY(messageOf([&] { StoreEditor editor(workspace.path()); }).contains(QStringLiteral("another program")));
        QVERIFY(readFile(workspace.path() / "workspace.sqlite") == before);
    }
    void danglingLinkIsNamed() {
        TempWorkspace workspace;
        fs::create_symlink("nowhere", workspace.path() / "link");
        const QString message = messageOf([&] { StoreEditor editor(workspace.path() / "link"); });
        QVERIFY2(message.contains(QStringLiteral("leads nowhere")), qPrintable(message));
    }
    void copyWithAnUnfinishedLogIsNotReadWithoutIt() {
        TempWorkspace workspace, copies;
        const fs::path copy = copies.path() / "copy";
        fs::create_directory(copy);
        {
            StoreEditor editor(workspace.path());
            editor.createRun(smallConfig());  // in the log only, while a connection is open
            for (const char* name : {"workspace.sqlite", "workspace.sqlite-wal"}) {
                fs::copy_file(workspace.path() / name, copy / name);
            }
        }
        QVERIFY(fs::file_size(copy / "workspace.sqlite-wal") > 0);
        fs::permissions(copies.path(), fs::perms(0755));
        fs::permissions(copy, fs::perms(0555));
        const pid_t child = ::fork();
        if (child == 0) {
            if (::geteuid() == 0 && ::setuid(65534) != 0) {  // root may write anywhere
                ::_exit(2);
            }
            bool isRefused = false;
            std::size_t runs = 0;
            try {
                runs = StoreReader(copy).runs().size();
            } catch (const Error& error) {
                isRefused = std::string(error.what()).find("workspace.sqlite-wal") != std::string::npos;
            }
            ::_exit(isRefused || runs == 1 ? 0 : 1);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        fs::permissions(copy, fs::perms(0755));
        QCOMPARE(WEXITSTATUS(status), 0);
    }
};

QTEST_GUILESS_MAIN(TestSurvival)
#include "tst_survival.moc"
