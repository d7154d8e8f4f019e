// One process: what is written is read back, by the same words.
#include <QtTest>

#include <cmath>
#include <fstream>
#include <limits>
#include <thread>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/run/field_table.h"
#include "core/store/workspace.h"
#include "tests/support/temp_workspace.h"

using namespace rlcm;
using namespace rlcm::run;
using namespace rlcm::store;
using rlcm::test::FakeScript;
using rlcm::test::smallConfig;
using rlcm::test::TempWorkspace;

namespace {

/// Message of the Error{Store} that `action` throws, or "".
template <typename Action>
std::string storeError(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error.kind() == ErrorKind::Store ? error.what() : "wrong kind: " + std::string(error.what());
    }
    return {};
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

EpochDone epochDone(const RunId& id, std::int64_t epoch) {
    EpochDone done;
    done.id = id;
    done.epoch = epoch;
    done.counters = {epoch + 1, 32 * (epoch + 1), 32 * (epoch + 1), 256 * (epoch + 1), 300 * (epoch + 1), epoch + 1, 1.5, 2.5};
    done.scalars = {{"reward_mean", static_cast<double>(epoch)},
                    {"loss", std::numeric_limits<double>::quiet_NaN()},
                    {"grad_norm", std::numeric_limits<double>::infinity()}};
    return done;
}

EvaluationDone evaluationDone(const RunId& id, std::int64_t epoch, const std::string& bytes) {
    EvaluationDone done;
    done.id = id;
    done.epoch = epoch;
    done.counters = {epoch, 32 * epoch, 32 * epoch, 256 * epoch, 300 * epoch, epoch, 7.0, 8.0};
    done.scalars = {{"eval_reward_mean", 10.0 + static_cast<double>(epoch)}};
    EvaluationImage image;
    image.index = 3;
    image.prompt = "a caf\xc3\xa9 \"cat\"";
    image.isHeldOut = true;
    image.noiseSeed = 0xFFFFFFFFFFFFFFFFULL;
    image.reward = -1.25;
    image.width = 64;
    image.height = 48;
    image.png = std::make_shared<const std::string>(bytes);
    done.images.push_back(image);
    return done;
}

}  // namespace

class TestWorkspace : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aWholeRunReadsBack();
    void notANumberSurvives();
    void evaluationsCarryTheirOwnCounters();
    void samplesReadBackWithTheirFiles();
    void aResumeDropsWhatComesAfterIt();
    void requestResumesFromTheNewestCheckpointThatExists();
    void aRunNeedsAClaimAndHasOneWriter();
    void logLinesPage();
    void readersWorkWhileTheWriterWrites();
    void aFailingDiskStopsTheRun();
    void unusableFoldersAreExplained();
    void unknownRunsAreRefused();
    void hundredRunsListQuickly();
};

void TestWorkspace::aWholeRunReadsBack() {
    TempWorkspace workspace;
    RunConfig config = smallConfig(10);
    config.name = "first \xc3\xa4";
    const RunId id = workspace.addRun(config);
    QCOMPARE(id, std::string("r0001"));
    const StoreReader reader(workspace.path());
    const RunRow row = reader.run(id).value();
    QVERIFY(row.state == RunState::Finished);
    QCOMPARE(row.name, config.name);
    QVERIFY(toJson(configFromJson(Json::parse(row.configJson), "stored")) == toJson(config));
    QCOMPARE(row.epochs, 10);
    QCOMPARE(row.steps, 4);
    QCOMPARE(row.counters.epoch, 10);
    QCOMPARE(row.counters.images, 160);
    QCOMPARE(row.environmentJson, std::string(R"({"device":"fake"})"));
    QVERIFY(row.createdAt > 1e9 && row.finishedAt >= row.createdAt && !row.isOwnedHere);
    const std::vector<ScalarRow> curve = reader.scalars(id, "reward_mean");
    QCOMPARE(curve.size(), std::size_t{10});
    for (std::size_t i = 0; i < curve.size(); ++i) {
        QCOMPARE(curve[i].counters.epoch, static_cast<std::int64_t>(i) + 1);
        QCOMPARE(curve[i].value, test::fakeReward(config, static_cast<std::int64_t>(i) + 1));
    }
    QCOMPARE(reader.scalars(id, "reward_mean", 8).size(), std::size_t{3});
    QVERIFY(reader.sampleEpochs(id) == (std::vector<std::int64_t>{0, 4, 8, 10}));
    QVERIFY(std::abs(row.firstReward.value() - (test::fakeReward(config, 0) + 0.05)) < 1e-12);
    QVERIFY(std::abs(row.lastReward.value() - (test::fakeReward(config, 10) + 0.05)) < 1e-12);
    const auto names = reader.scalarNames(id);
    for (const char* name : {"loss", "eval_reward_mean", "seconds.update", "grad_norm"}) {
        QVERIFY2(std::find(names.begin(), names.end(), name) != names.end(), name);
    }
    QVERIFY(std::is_sorted(names.begin(), names.end()));
}

void TestWorkspace::notANumberSurvives() {
    TempWorkspace workspace;
    FakeScript script;
    script.hasNanLoss = true;
    const RunId id = workspace.addRun(smallConfig(4), script);
    StoreReader reader(workspace.path());
    const auto loss = reader.scalars(id, "loss");
    QCOMPARE(loss.size(), std::size_t{4});
    for (std::size_t i = 0; i < 4; ++i) {
        QCOMPARE(std::isnan(loss[i].value), i % 2 == 1);
    }
}

void TestWorkspace::evaluationsCarryTheirOwnCounters() {
    TempWorkspace workspace;
    StoreEditor editor(workspace.path());
    const RunId id = editor.createRun(smallConfig());
    editor.claim(id);
    RunCommands commands;
    StoreWriter writer(workspace.path(), id, commands);
    writer.onEvent(RunStarted{id, "{}", 0, {}});
    writer.onEvent(epochDone(id, 0));
    writer.onEvent(evaluationDone(id, 1, "png"));
    EvaluationDone extra = evaluationDone(id, 1, "newer png");
    extra.isExtra = true;
    writer.onEvent(extra);
    StoreReader reader(workspace.path());
    const auto training = reader.scalars(id, "grad_norm");
    const auto evaluated = reader.scalars(id, "eval_reward_mean");
    QCOMPARE(training.size(), std::size_t{1});
    QCOMPARE(evaluated.size(), std::size_t{1});
    QVERIFY(training[0].counters == epochDone(id, 0).counters);
    QVERIFY(evaluated[0].counters == extra.counters);
    QVERIFY(std::isinf(training[0].value));
    QVERIFY(!writer.error());
}

void TestWorkspace::samplesReadBackWithTheirFiles() {
    TempWorkspace workspace;
    StoreEditor editor(workspace.path());
    const RunId id = editor.createRun(smallConfig());
    editor.claim(id);
    RunCommands commands;
    StoreWriter writer(workspace.path(), id, commands);
    const EvaluationDone done = evaluationDone(id, 12, std::string("\x89PNG\0bytes", 10));
    writer.onEvent(done);
    const auto samples = StoreReader(workspace.path()).samples(id, 12);
    QCOMPARE(samples.size(), std::size_t{1});
    const SampleRow& s = samples[0];
    const EvaluationImage& image = done.images[0];
    QCOMPARE(s.prompt, image.prompt);
    QCOMPARE(s.noiseSeed, image.noiseSeed);
    QCOMPARE(s.reward, image.reward);
    QVERIFY(s.epoch == 12 && s.index == 3 && s.isHeldOut && s.width == 64 && s.height == 48);
    QCOMPARE(s.file, std::filesystem::absolute(workspace.path()) / "runs/r0001/images/e00012/003.png");
    QCOMPARE(readFile(s.file), *image.png);
}

void TestWorkspace::aResumeDropsWhatComesAfterIt() {
    TempWorkspace workspace;
    const RunId id = workspace.addRun(smallConfig(12));
    StoreEditor editor(workspace.path());
    editor.claim(id);
    RunCommands commands;
    StoreWriter writer(workspace.path(), id, commands);
    writer.onEvent(RunStarted{id, "{}", 6, {}});
    StoreReader reader(workspace.path());
    QCOMPARE(reader.scalars(id, "reward_mean").back().counters.epoch, 6);
    QVERIFY(reader.sampleEpochs(id) == (std::vector<std::int64_t>{0, 4}));
    QCOMPARE(reader.checkpoints(id).front().epoch, 4);
    QCOMPARE(reader.scalars(id, "eval_reward_mean").back().counters.epoch, 4);
    QCOMPARE(reader.run(id)->counters.epoch, 6);
    QVERIFY(!std::filesystem::exists(workspace.path() / "runs" / id / "images/e00012"));
    QVERIFY(std::filesystem::exists(workspace.path() / "runs" / id / "images/e00004"));
}

void TestWorkspace::requestResumesFromTheNewestCheckpointThatExists() {
    TempWorkspace workspace;
    const RunConfig config = smallConfig(12, 8, 3);
    const RunId id = workspace.addRun(config);
    StoreEditor editor(workspace.path());
    RunRequest request = editor.request(id);
    QCOMPARE(request.resumedCounters.epoch, 12);
    std::filesystem::remove_all(request.resumeFrom.front());
    request = editor.request(id);
    QVERIFY(toJson(request.config) == toJson(config));
    QCOMPARE(request.resumeFrom.front().filename().string(), std::string("e00008"));
    const StoreReader reader(workspace.path());
    Counters expected = reader.scalars(id, "reward_mean").at(7).counters;
    expected.activeSeconds = reader.run(id)->activeSeconds;  // what was worked after the checkpoint was worked all the same
    expected.wallSeconds = reader.run(id)->wallSeconds;
    QVERIFY(request.resumedCounters == expected);
    QCOMPARE(scalar(request.baseline, "eval_reward_mean").value(), reader.scalars(id, "eval_reward_mean").front().value);
    const RunId fresh = editor.createRun(config);
    QVERIFY(editor.request(fresh).resumeFrom.empty() && editor.request(fresh).baseline.empty());
    QVERIFY(std::filesystem::is_directory(editor.request(fresh).folder));
}

void TestWorkspace::aRunNeedsAClaimAndHasOneWriter() {
    TempWorkspace workspace;
    StoreEditor editor(workspace.path());
    const RunId id = editor.createRun(smallConfig());
    RunCommands commands;
    QVERIFY(contains(storeError([&] { StoreWriter(workspace.path(), id, commands); }), "not claimed"));
    editor.claim(id);
    editor.claim(id);  // nothing writes yet, so starting over is harmless
    StoreWriter writer(workspace.path(), id, commands);
    QVERIFY(StoreReader(workspace.path()).run(id)->isOwnedHere);
    QVERIFY(contains(storeError([&] { editor.claim(id); }), "already running in process " + std::to_string(::getpid())));
    QVERIFY(contains(storeError([&] { StoreWriter(workspace.path(), id, commands); }), "has a writer already"));
    QVERIFY(contains(storeError([&] { editor.remove(id); }), "stop it before deleting"));
    QVERIFY(contains(storeError([&] { editor.enqueue(id); }), "stop it before queueing"));
    writer.onEvent(RunFinished{id, RunState::Stopped, "", {}});
    QVERIFY(StoreReader(workspace.path()).run(id)->state == RunState::Stopped);
    editor.claim(id);
}

void TestWorkspace::logLinesPage() {
    TempWorkspace workspace;
    StoreEditor editor(workspace.path());
    const RunId id = editor.createRun(smallConfig());
    editor.claim(id);
    RunCommands commands;
    StoreWriter writer(workspace.path(), id, commands);
    for (int i = 0; i < 7; ++i) {
        writer.onEvent(LogLine{id, static_cast<log::Level>(i % 4), "line " + std::to_string(i)});
    }
    StoreReader reader(workspace.path());
    const auto first = reader.log(id, 0, 5);
    QCOMPARE(first.size(), std::size_t{5});
    const auto rest = reader.log(id, first.back().id, 5);
    QCOMPARE(rest.size(), std::size_t{2});
    QCOMPARE(rest.back().text, std::string("line 6"));
    QVERIFY(rest.back().level == log::Level::Warning);
}

void TestWorkspace::readersWorkWhileTheWriterWrites() {
    TempWorkspace workspace;
    StoreEditor editor(workspace.path());
    const RunId id = editor.createRun(smallConfig());
    editor.claim(id);
    RunCommands commands;
    StoreWriter writer(workspace.path(), id, commands);
    std::jthread trainer([&] {
        for (std::int64_t epoch = 0; epoch < 60; ++epoch) {
            writer.onEvent(epochDone(id, epoch));
            writer.onEvent(evaluationDone(id, epoch + 1, "png"));
        }
    });
    StoreReader reader(workspace.path());
    std::size_t seen = 0;
    while (seen < 60) {
        // Both curves of an epoch are there whole, and a curve never shrinks.
        const std::size_t norms = reader.scalars(id, "grad_norm").size();
        const std::size_t losses = reader.scalars(id, "loss").size();
        QVERIFY(norms >= seen && losses >= norms);
        seen = norms;
        for (const std::int64_t epoch : reader.sampleEpochs(id)) {
            if (epoch + 3 > static_cast<std::int64_t>(seen)) {
                QVERIFY(std::filesystem::exists(reader.samples(id, epoch).at(0).file));
            }
        }
        QVERIFY2(!writer.error(), writer.error().value_or("").c_str());
    }
}

void TestWorkspace::aFailingDiskStopsTheRun() {
    TempWorkspace workspace;
    StoreEditor editor(workspace.path());
    const RunId id = editor.createRun(smallConfig());
    editor.claim(id);
    std::ofstream(workspace.path() / "runs" / id / "images") << "a file where a folder belongs";
    RunCommands commands;
    StoreWriter writer(workspace.path(), id, commands);
    writer.onEvent(epochDone(id, 0));
    QVERIFY(!commands.isStopNow() && !writer.error());
    writer.onEvent(evaluationDone(id, 1, "png"));
    QVERIFY(commands.isStopNow());
    const std::string error = writer.error().value();
    QVERIFY2(contains(error, "r0001/images") && contains(error, "there is a file of that name"), error.c_str());
    writer.onEvent(epochDone(id, 1));
    writer.onEvent(RunFinished{id, RunState::Stopped, "", {}});
    StoreReader reader(workspace.path());
    QCOMPARE(reader.scalars(id, "reward_mean").size(), std::size_t{1});
    QVERIFY(reader.run(id)->state == RunState::Failed);
    QCOMPARE(reader.run(id)->error, error);
}

void TestWorkspace::unusableFoldersAreExplained() {
    TempWorkspace workspace;
    QVERIFY(contains(storeError([&] { StoreReader reader(workspace.path()); }), "holds no workspace"));
    std::ofstream(workspace.path() / "file") << "x";
    const std::string notAFolder = storeError([&] { StoreEditor editor(workspace.path() / "file" / "inner"); });
    QVERIFY2(contains(notAFolder, "cannot create the workspace") && contains(notAFolder, "there is a file of that name"), notAFolder.c_str());
    std::ofstream(workspace.path() / "workspace.sqlite") << std::string(4096, 'x');
    QVERIFY(contains(storeError([&] { StoreReader reader(workspace.path()); }), "not a workspace database"));
    QVERIFY(contains(storeError([&] { StoreEditor editor(workspace.path()); }), "not a workspace database"));
}

void TestWorkspace::unknownRunsAreRefused() {
    TempWorkspace workspace;
    StoreEditor editor(workspace.path());
    StoreReader reader(workspace.path());
    QVERIFY(contains(storeError([&] { editor.rename("r0042", "x"); }), "there is no run r0042"));
    QVERIFY(contains(storeError([&] { editor.claim("r0042"); }), "there is no run r0042"));
    QVERIFY(contains(storeError([&] { editor.request("r0042"); }), "there is no run r0042"));
    for (const char* id : {"", "r", "0001", "r1", "r00x1", "r0001 "}) {
        QVERIFY2(contains(storeError([&] { reader.run(id); }), "is no run id"), id);
    }
    QVERIFY(!reader.run("r0042"));
    RunConfig broken = smallConfig();
    broken.sampling.steps = 1;
    QVERIFY_EXCEPTION_THROWN(editor.createRun(broken), Error);
    QVERIFY(reader.runs(true).empty());
}

void TestWorkspace::hundredRunsListQuickly() {
    TempWorkspace workspace;
    StoreEditor editor(workspace.path());
    for (int i = 0; i < 100; ++i) {
        editor.createRun(smallConfig());
    }
    const RunId last = editor.createRun(smallConfig());
    editor.claim(last);
    RunCommands commands;
    StoreWriter writer(workspace.path(), last, commands);
    QElapsedTimer timer;
    timer.start();
    for (std::int64_t epoch = 0; epoch < 1000; ++epoch) {
        writer.onEvent(epochDone(last, epoch));
    }
    const double writeMs = static_cast<double>(timer.nsecsElapsed()) / 1e6 / 1000;
    StoreReader reader(workspace.path());
    timer.restart();
    const auto rows = reader.runs();
    const double listMs = static_cast<double>(timer.nsecsElapsed()) / 1e6;
    timer.restart();
    QCOMPARE(reader.scalars(last, "reward_mean").size(), std::size_t{1000});
    qInfo("%.3f ms an epoch written, %.2f ms for %d runs, %.2f ms for 1000 points", writeMs, listMs, static_cast<int>(rows.size()),
          static_cast<double>(timer.nsecsElapsed()) / 1e6);
    QCOMPARE(rows.front().id, last);
    QVERIFY(listMs < 200);  // a hundredth of it is usual
}

QTEST_GUILESS_MAIN(TestWorkspace)
#include "tst_workspace.moc"
