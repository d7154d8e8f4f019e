// Several processes, crashes, old and foreign databases, full and read-only disks. Children are forked while
// this process has no connection open, because SQLite's locks do not survive a fork.
#include <QtTest>

#include <chrono>
#include <csignal>
#include <functional>
#include <fstream>
#include <thread>

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/random.h"
#include "core/store/workspace.h"
#include "tests/support/temp_workspace.h"

using namespace rlcm;
using namespace rlcm::run;
using namespace rlcm::store;
using rlcm::test::smallConfig;
using rlcm::test::TempWorkspace;

namespace {

/// Runs `work` in a child; its result is the exit status (99 when it throws).
pid_t inChild(const std::function<int()>& work) {
    const pid_t child = ::fork();
    if (child == 0) {
        int status = 99;
        try {
            status = work();
        } catch (const std::exception& error) {
            log::error("child", error.what());
        }
        ::_exit(status);
    }
    return child;
}

int exitStatus(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

template <typename Action>
std::string storeError(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

void execute(const TempWorkspace& workspace, const std::string& sql) {
    SQLite::Database(workspace.path() / "workspace.sqlite", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec(sql);
}

/// Claims a run and fakes it, slowly enough to be killed on the way.
int trainChild(const std::filesystem::path& workspace, const RunId& id) {
    StoreEditor editor(workspace);
    editor.claim(id);
    RunCommands commands;
    StoreWriter writer(workspace, id, commands);
    test::FakeScript script;
    script.epochTime = std::chrono::milliseconds(1);
    test::makeFakeRun(editor.request(id), writer, script)->execute({}, commands);
    return writer.error() ? 1 : 0;
}

RunConfig longConfig() {
    RunConfig config = smallConfig(100000);
    config.evaluation.every = 2;
    config.checkpoint.every = 1;
    return config;
}

/// Everything about a crashed run that must hold whenever it was killed.
void checkWhole(const std::filesystem::path& workspace, const RunId& id) {
    const StoreReader reader(workspace);
    const RunRow row = reader.run(id).value();
    QVERIFY(row.state == RunState::Interrupted);
    const auto rewards = reader.scalars(id, "reward_mean");
    for (const std::string& name : reader.scalarNames(id)) {
        const auto curve = reader.scalars(id, name);
        const bool isEvaluation = name.starts_with("eval_");
        QVERIFY2(isEvaluation || curve.size() == rewards.size(), name.c_str());
        for (std::size_t i = 0; i < curve.size(); ++i) {
            QCOMPARE(curve[i].counters.epoch, static_cast<std::int64_t>(isEvaluation ? 2 * i : i + 1));
        }
    }
    for (const std::int64_t epoch : reader.sampleEpochs(id)) {
        const auto samples = reader.samples(id, epoch);
        QCOMPARE(samples.size(), std::size_t{6});
        for (const SampleRow& sample : samples) {
            QVERIFY2(std::filesystem::file_size(sample.file) > 60, sample.file.c_str());
        }
    }
    // An epoch is stored before its checkpoint folder is named, so at most the newest epoch has none.
    const auto finished = static_cast<std::int64_t>(rewards.size());
    const auto checkpoints = reader.checkpoints(id);
    QVERIFY(finished <= 1 || checkpoints.at(0).epoch >= finished - 1);
    QVERIFY(checkpoints.empty() || checkpoints.at(0).epoch <= finished);
}

}  // namespace

class TestProcesses : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { log::setLevel(log::Level::Error); }
    void aKilledRunLosesAtMostOneEpoch();
    void processesOpenAFreshWorkspaceTogether();
    void createdIdsDifferBetweenProcesses();
    void aQueuedRunIsTakenOnce();
    void anotherLiveProcessKeepsItsRun();
    void aReusedPidIsNotTheOwner();
    void anotherHostIsJudgedByItsHeartbeat();
    void migrationsAreAppliedOnce();
    void newerAndForeignDatabasesAreRefused();
    void aFullDiskStopsTheRun();
    void aReadOnlyFolderCanBeRead();
};

void TestProcesses::aKilledRunLosesAtMostOneEpoch() {
    TempWorkspace workspace;
    const RunId id = StoreEditor(workspace.path()).createRun(longConfig());
    Random random(11);
    std::int64_t before = 0;
    for (int round = 0; round < 10 || (before <= 5 && round < 100); ++round) {  // a busy machine gets little done before a kill
        const pid_t child = inChild([&] { return trainChild(workspace.path(), id); });
        std::this_thread::sleep_for(std::chrono::milliseconds(40 + static_cast<int>(random.below(120))));
        ::kill(child, SIGKILL);
        QCOMPARE(exitStatus(child), 1000 + SIGKILL);
        checkWhole(workspace.path(), id);
        if (QTest::currentTestFailed()) {
            return;
        }
        const auto after = StoreReader(workspace.path()).run(id)->counters.epoch;
        QVERIFY2(after >= before - 1, "a resumed run lost more than one epoch");
        before = after;
    }
    QVERIFY2(before > 5, std::to_string(before).c_str());
    execute(workspace, "PRAGMA integrity_check");
    SQLite::Database database(workspace.path() / "workspace.sqlite");
    QCOMPARE(database.execAndGet("PRAGMA integrity_check").getString(), std::string("ok"));
    QVERIFY(!SQLite::Statement(database, "PRAGMA foreign_key_check").executeStep());
}

void TestProcesses::processesOpenAFreshWorkspaceTogether() {
    for (int round = 0; round < 5; ++round) {
        TempWorkspace workspace;
        std::vector<pid_t> children;
        for (int i = 0; i < 4; ++i) {
            children.push_back(inChild([&] {
                StoreEditor editor(workspace.path());
                return 0;
            }));
        }
        for (const pid_t child : children) {
            QCOMPARE(exitStatus(child), 0);
        }
        QVERIFY(StoreReader(workspace.path()).runs().empty());
    }
}

void TestProcesses::createdIdsDifferBetweenProcesses() {
    TempWorkspace workspace;
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i) {
        children.push_back(inChild([&] {
            StoreEditor editor(workspace.path());
            for (int k = 0; k < 25; ++k) {
                editor.createRun(smallConfig());
            }
            return 0;
        }));
    }
    for (const pid_t child : children) {
        QCOMPARE(exitStatus(child), 0);
    }
    const auto rows = StoreReader(workspace.path()).runs();
    QCOMPARE(rows.size(), std::size_t{100});
    QCOMPARE(rows.front().id, std::string("r0100"));
}

void TestProcesses::aQueuedRunIsTakenOnce() {
    TempWorkspace workspace;
    {
        StoreEditor editor(workspace.path());
        for (int i = 0; i < 40; ++i) {
            editor.enqueue(editor.createRun(smallConfig()));
        }
    }
    std::vector<pid_t> children;
    for (int i = 0; i < 3; ++i) {
        children.push_back(inChild([&] {
            StoreEditor editor(workspace.path());
            int taken = 0;
            while (editor.nextQueued()) {
                ++taken;
            }
            return taken;
        }));
    }
    int taken = 0;
    for (const pid_t child : children) {
        taken += exitStatus(child);
    }
    QCOMPARE(taken, 40);
}

void TestProcesses::anotherLiveProcessKeepsItsRun() {
    TempWorkspace workspace;
    const RunId id = StoreEditor(workspace.path()).createRun(longConfig());
    const pid_t child = inChild([&] { return trainChild(workspace.path(), id); });
    {
        StoreReader reader(workspace.path());
        QTRY_VERIFY(reader.run(id)->counters.epoch > 3);
        QVERIFY(isLive(reader.run(id)->state) && !reader.run(id)->isOwnedHere);
        StoreEditor editor(workspace.path());
        const std::string message = storeError([&] { editor.claim(id); });
        QVERIFY2(message.find("already running in process " + std::to_string(child)) != std::string::npos, message.c_str());
        QVERIFY(!storeError([&] { editor.remove(id); }).empty());
        editor.rename(id, "renamed while it runs");
        ::kill(child, SIGKILL);
        // A zombie is not alive, even before it is waited for.
        QTRY_VERIFY(reader.run(id)->state == RunState::Interrupted);
        QCOMPARE(reader.run(id)->name, std::string("renamed while it runs"));
        editor.claim(id);
    }
    exitStatus(child);
}

void TestProcesses::aReusedPidIsNotTheOwner() {
    TempWorkspace workspace;
    const RunId id = StoreEditor(workspace.path()).createRun(smallConfig());
    StoreEditor(workspace.path()).claim(id);
    QVERIFY(StoreReader(workspace.path()).run(id)->state == RunState::Preparing);
    execute(workspace, "UPDATE run SET owner_start = owner_start + 1");
    QVERIFY(StoreReader(workspace.path()).run(id)->state == RunState::Interrupted);
}

void TestProcesses::anotherHostIsJudgedByItsHeartbeat() {
    TempWorkspace workspace;
    const RunId id = StoreEditor(workspace.path()).createRun(smallConfig());
    StoreEditor(workspace.path()).claim(id);
    execute(workspace, "UPDATE run SET owner_boot = 'another machine', owner_pid = 1");
    QVERIFY(StoreReader(workspace.path()).run(id)->state == RunState::Preparing);
    QVERIFY(!storeError([&] { StoreEditor(workspace.path()).claim(id); }).empty());
    execute(workspace, "UPDATE run SET heartbeat_at = heartbeat_at - 16");
    QVERIFY(StoreReader(workspace.path()).run(id)->state == RunState::Interrupted);
    StoreEditor(workspace.path()).claim(id);
}

void TestProcesses::migrationsAreAppliedOnce() {
    TempWorkspace workspace;
    const RunId id = workspace.addRun(smallConfig());
    const auto schema = [&] {
        SQLite::Database database(workspace.path() / "workspace.sqlite");
        std::string text = database.execAndGet("PRAGMA user_version").getString();
        SQLite::Statement row(database, "SELECT sql FROM sqlite_schema ORDER BY name");
        while (row.executeStep()) {
            text += row.getColumn(0).getString() + '\n';
        }
        return text;
    };
    const std::string before = schema();
    StoreEditor again(workspace.path());
    QCOMPARE(schema(), before);
    QVERIFY(StoreReader(workspace.path()).run(id)->counters.epoch == 12);
}

void TestProcesses::newerAndForeignDatabasesAreRefused() {
    TempWorkspace workspace;
    {
        StoreEditor editor(workspace.path());
    }
    execute(workspace, "PRAGMA user_version = 99");
    for (const std::string& message : {storeError([&] { StoreEditor editor(workspace.path()); }), storeError([&] { StoreReader reader(workspace.path()); })}) {
        QVERIFY2(message.find("has version 99, this program knows up to 4") != std::string::npos, message.c_str());
    }
    TempWorkspace foreign;
    execute(foreign, "CREATE TABLE songs (title TEXT)");
    const std::string untouched = storeError([&] { StoreEditor editor(foreign.path()); });
    QVERIFY2(untouched.find("database of another program") != std::string::npos, untouched.c_str());
    execute(foreign, "PRAGMA user_version = 1");
    const std::string same = storeError([&] { StoreReader reader(foreign.path()); });
    QVERIFY2(same.find("database of another program") != std::string::npos, same.c_str());
}

void TestProcesses::aFullDiskStopsTheRun() {
    TempWorkspace workspace;
    const RunId id = StoreEditor(workspace.path()).createRun(longConfig());
    // No file may grow beyond 300 kB: the write-ahead log hits that limit after a few epochs.
    const pid_t child = inChild([&] {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{300000, 300000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        log::setLevel(log::Level(99));
        StoreEditor editor(workspace.path());
        editor.claim(id);
        RunCommands commands;
        StoreWriter writer(workspace.path(), id, commands);
        SQLite::Database reader(workspace.path() / "workspace.sqlite");
        SQLite::Statement hold(reader, "SELECT * FROM run");  // an open read keeps the log from being emptied
        hold.executeStep();
        const RunState state = test::makeFakeRun(editor.request(id), writer)->execute({}, commands);
        const std::string error = writer.error().value_or("none");
        const bool isExplained = error.find("cannot store") == 0 && error.find("File too large") != std::string::npos;
        return state == RunState::Failed && commands.isStopNow() && commands.failure() == error && isExplained ? 0 : 1;
    });
    QCOMPARE(exitStatus(child), 0);
    StoreReader reader(workspace.path());
    const auto state = reader.run(id)->state;
    QVERIFY(state == RunState::Interrupted || state == RunState::Failed);
    QVERIFY(reader.scalars(id, "loss").size() > 3);
}

void TestProcesses::aReadOnlyFolderCanBeRead() {
    TempWorkspace workspace;
    const RunId id = workspace.addRun(smallConfig(4));
    std::filesystem::permissions(workspace.path(), std::filesystem::perms(0555));
    ::chmod((workspace.path() / "workspace.sqlite").c_str(), 0444);
    const pid_t child = inChild([&] {
        if (::getuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) {
            return 77;  // the administrator may write anywhere
        }
        log::setLevel(log::Level(99));
        const bool isRefused = !storeError([&] { StoreEditor editor(workspace.path()); }).empty();
        return isRefused && StoreReader(workspace.path()).scalars(id, "loss").size() == 4 ? 0 : 1;
    });
    const int status = exitStatus(child);
    std::filesystem::permissions(workspace.path(), std::filesystem::perms(0755));
    if (status == 77) {
        QSKIP("cannot become a user without rights");
    }
    QCOMPARE(status, 0);
}

QTEST_GUILESS_MAIN(TestProcesses)
#include "tst_processes.moc"
