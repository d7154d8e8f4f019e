// Records of finished runs: read, and never written.
#include <QtTest>

#include <fstream>
#include <set>

#include "core/store/recorded.h"
#include "core/store/workspace.h"
#include "tests/support/message_of.h"
#include "tests/support/temp_workspace.h"

using namespace rlcm;
using rlcm::test::messageOf;
using rlcm::test::TempWorkspace;

namespace {

namespace fs = std::filesystem;

std::set<std::string> filesIn(const fs::path& folder) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) {
        names.insert(entry.path().filename().string());
    }
    return names;
}

/// A workspace with a run, as packaging/record_workspace.py leaves it.
void record(const fs::path& workspace) {
    for (const char* beside : {"workspace.sqlite-wal", "workspace.sqlite-shm"}) {
        QVERIFY(!fs::exists(workspace / beside));
    }
    std::ofstream(workspace / "recorded") << "a record\n";
}

}  // namespace

class TestRecorded : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRecordIsReadAndStaysAsItIs() {
        TempWorkspace workspace;
        const run::RunId id = workspace.addRun(rlcm::test::smallConfig());
        QVERIFY(!store::isRecorded(workspace.path()));
        record(workspace.path());
        QVERIFY(store::isRecorded(workspace.path()));
        const std::set<std::string> before = filesIn(workspace.path());
        const store::StoreReader reader(workspace.path());
        QCOMPARE(reader.runs().at(0).id, id);
        QVERIFY(!reader.scalars(id, "eval_reward_mean").empty());
        QCOMPARE(filesIn(workspace.path()), before);
    }
    void aRecordRefusesEveryWriter() {
        TempWorkspace workspace;
        const run::RunId id = workspace.addRun(rlcm::test::smallConfig());
        record(workspace.path());
        const QString message = messageOf([&] { store::StoreEditor editor(workspace.path()); });
        QVERIFY2(message.contains(QStringLiteral("only read")) && message.contains(QStringLiteral("Choose another folder")), qPrintable(message));
        run::RunCommands commands;
        QVERIFY(messageOf([&] { store::StoreWriter writer(workspace.path(), id, commands); }).contains(QStringLiteral("only read")));
    }
};

QTEST_GUILESS_MAIN(TestRecorded)
#include "tst_recorded.moc"
