// Checkpoints: what is damaged is passed over and said, what was chosen for a run stays chosen, and what it read must be the same.
#include <QTemporaryDir>
#include <QtTest>

#include <fstream>

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/learn/checkpoint.h"
#include "core/run/measures.h"
#include "core/run/checkpoint_folders.h"
#include "core/run/field_table.h"
#include "core/run/run.h"
#include "core/tools/lora_export.h"
#include "core/train/make_run.h"
#include "core/train/run_clock.h"
#include "tests/core/train/small_run.h"
#include "tests/support/message_of.h"
#include "tests/support/recording_observer.h"

using namespace rlcm;
using test::RecordingObserver;
using test::requestFor;

namespace {

namespace fs = std::filesystem;

run::RunConfig smallConfig() {
    return test::smallTraining(run::Advantage::PerPrompt, "", 1);
}

void execute(const run::RunRequest& request, RecordingObserver& recorder) {
    run::RunCommands commands;
    train::makeRun(request, recorder)->execute({}, commands);
}

void resume(run::RunRequest request, RecordingObserver& recorder) {
    for (const run::CheckpointFolder& folder : run::checkpointFolders(request.folder)) {
        request.resumeFrom.push_back(folder.path);
    }
    execute(request, recorder);
}

/// Stops a run, after so many epochs, in the middle of the next.
class Stopping : public RecordingObserver {
public:
    Stopping(run::RunCommands& commands, std::int64_t epochs) : m_commands(commands), m_epochs(epochs) {}
    void onEvent(const run::RunEvent& event) noexcept override {
        RecordingObserver::onEvent(event);
        const auto* done = std::get_if<run::EpochDone>(&event);
        if (done != nullptr && done->counters.epoch == m_epochs) {
            m_isDue = true;
        }
        const auto* state = std::get_if<run::StateChanged>(&event);
        if (m_isDue && state != nullptr && state->state == run::RunState::Sampling) {
            m_commands.stopNow();
        }
    }

private:
    run::RunCommands& m_commands;
    std::int64_t m_epochs;
    bool m_isDue = false;
};

run::RunFinished end(const RecordingObserver& recorder) {
    return recorder.all<run::RunFinished>().back();
}

bool hasLog(const RecordingObserver& recorder, log::Level level, const std::string& part) {
    for (const run::LogLine& line : recorder.all<run::LogLine>()) {
        if (line.level == level && line.text.find(part) != std::string::npos) {
            return true;
        }
    }
    return false;
}

void change(const fs::path& file, const std::string& damage) {
    std::string bytes = readFile(file);
    if (damage == "missing") {
        fs::remove(file);
        return;
    }
    if (damage == "empty") {
        bytes.clear();
    } else if (damage == "cut") {
        bytes.resize(bytes.size() / 2);
    } else {  // one bit of the last value
        bytes[bytes.size() - 3] = static_cast<char>(bytes[bytes.size() - 3] ^ 4);
    }
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

/// No epoch was evaluated.
const auto kNever = [](std::int64_t) { return false; };

}  // namespace

class TestCheckpoint : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        execute(requestFor(smallConfig(), m_whole), m_reference);
        QVERIFY(end(m_reference).state == run::RunState::Finished);
    }

    void stopNowKeepsFinishedEpochsThatHadNoCheckpoint() {
        const QTemporaryDir dir;
        run::RunConfig config = smallConfig();
        config.checkpoint.every = 100;
        run::RunCommands commands;
        Stopping first(commands, 2);
        train::makeRun(requestFor(config, dir), first)->execute({}, commands);
        QVERIFY(end(first).state == run::RunState::Stopped);
        QCOMPARE(end(first).counters.epoch, 2);
        RecordingObserver second;
        resume(requestFor(config, dir), second);
        QCOMPARE(second.all<run::RunStarted>().front().firstEpoch, 2);
        QVERIFY(end(second).state == run::RunState::Finished);
        compareToReference(second);
    }

    void failureKeepsFinishedEpochsThatHadNoCheckpoint() {
        const QTemporaryDir dir;
        run::RunConfig config = smallConfig();
        config.checkpoint.every = 100;
        config.reward.terms = "program";
        const fs::path script = fs::path(dir.path().toStdString()) / "reward.py";
        std::ofstream(script) << "import json, sys\n"
                                 "for number, line in enumerate(sys.stdin):\n"
                                 "    ask = json.loads(line)\n"
                                 "    scores = list(range(len(ask['items']))) if number < 4 else 'broken on purpose'\n"
                                 "    print(json.dumps({'request_id': ask['request_id'], 'scores': scores}), flush=True)\n";
        config.reward.program = "python3 " + script.string();
        RecordingObserver recorder;
        execute(requestFor(config, dir), recorder);
        QVERIFY(end(recorder).state == run::RunState::Failed);
        const auto epochs = static_cast<std::int64_t>(recorder.all<run::EpochDone>().size());
        QVERIFY2(epochs > 0, end(recorder).error.c_str());
        QCOMPARE(run::checkpointFolders(dir.path().toStdString()).front().epoch, epochs);
    }

    void damagedCheckpointIsPassedOver_data() {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("damage");
        for (const char* file : {"state.json", "lora.safetensors", "optimizer.safetensors", "checksums.sha256"}) {
            for (const char* damage : {"missing", "empty", "cut", "flipped"}) {
                QTest::addRow("%s %s", file, damage) << QString::fromLatin1(file) << QString::fromLatin1(damage);
            }
        }
    }
    void damagedCheckpointIsPassedOver() {
        QFETCH(QString, file);
        QFETCH(QString, damage);
        const QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        fs::copy(fs::path(m_whole.path().toStdString()), folder, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
        change(folder / run::checkpointName(4) / file.toStdString(), damage.toStdString());
        RecordingObserver recorder;
        resume(requestFor(smallConfig(), dir), recorder);
        QVERIFY2(end(recorder).state == run::RunState::Finished, end(recorder).error.c_str());
        QVERIFY(hasLog(recorder, log::Level::Warning, "e00003") && hasLog(recorder, log::Level::Warning, "damaged"));
        QCOMPARE(recorder.all<run::RunStarted>().front().firstEpoch, 3);
        compareToReference(recorder);
        QVERIFY(learn::verifyCheckpoint(folder / run::checkpointName(4)).epoch == 4);  // written anew
    }

    void damagedCheckpointIsNotExported() {
        const QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString(), out = folder / "out.safetensors";
        fs::copy(fs::path(m_whole.path().toStdString()), folder, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
        change(folder / run::checkpointName(4) / "lora.safetensors", "flipped");
        const QString message = test::messageOf([&] { tools::exportLora(folder / run::checkpointName(4), tools::LoraFormat::Kohya, out); });
        for (const char* part : {"e00004/lora.safetensors", "damaged", "another epoch"}) {
            QVERIFY2(message.contains(QLatin1String(part)), qPrintable(message));
        }
        QVERIFY(!fs::exists(out));
        tools::exportLora(folder / run::checkpointName(3), tools::LoraFormat::Kohya, out);
        QVERIFY(fs::exists(out));
    }

    void withoutAnyWholeCheckpointNothingIsTrained() {
        const QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        fs::copy(fs::path(m_whole.path().toStdString()), folder, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
        for (const run::CheckpointFolder& one : run::checkpointFolders(folder)) {
            one.epoch == 4 ? change(one.path / "state.json", "empty") : change(one.path / "lora.safetensors", "cut");
        }
        RecordingObserver recorder;
        resume(requestFor(smallConfig(), dir), recorder);
        QVERIFY(end(recorder).state == run::RunState::Failed);
        QVERIFY(end(recorder).error.find("no checkpoint of this run is whole") != std::string::npos);
        QVERIFY(recorder.all<run::RunStarted>().empty());  // which would drop rows
    }

    void numbersOutOfRangeAreDamage_data() {
        QTest::addColumn<QString>("key");
        QTest::addColumn<double>("value");
        QTest::newRow("negative epoch") << QStringLiteral("/epoch") << -5.0;
        QTest::newRow("epoch of another folder") << QStringLiteral("/epoch") << 3.0;
        QTest::newRow("negative counter") << QStringLiteral("/counters/images") << -1.0;
        QTest::newRow("negative step") << QStringLiteral("/optimizer_step") << -1.0;
        QTest::newRow("more epochs than planned") << QStringLiteral("/config/training/epochs") << 2.0;
    }
    void numbersOutOfRangeAreDamage() {
        QFETCH(QString, key);
        QFETCH(double, value);
        const QTemporaryDir dir;
        const fs::path folder = fs::path(dir.path().toStdString()) / "e00004";
        fs::copy(fs::path(m_whole.path().toStdString()) / run::checkpointName(4), folder);
        Json state = readJsonFile(folder / "state.json");
        state["format"] = 1;  // the first format has no checksums, so only the numbers themselves tell
        fs::remove(folder / "checksums.sha256");
        std::ofstream(folder / "state.json", std::ios::trunc) << state.dump();
        QCOMPARE(learn::verifyCheckpoint(folder).epoch, 4);
        state[Json::json_pointer(key.toStdString())] = static_cast<std::int64_t>(value);
        std::ofstream(folder / "state.json", std::ios::trunc) << state.dump();
        const QString message = test::messageOf([&] { learn::verifyCheckpoint(folder); });
        QVERIFY2(message.contains(QStringLiteral("damaged")), qPrintable(message));
    }

    void pruningGoesByNumberAndByLine() {
        const QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        for (const std::int64_t epoch : {std::int64_t{2}, std::int64_t{3}, std::int64_t{99999}, std::int64_t{100000}, std::int64_t{100007}}) {
            makeFolders(folder / run::checkpointName(epoch));
        }
        learn::pruneCheckpoints(folder, 100000, 2, kNever);
        const auto left = run::checkpointFolders(folder);
        QCOMPARE(left.size(), std::size_t{2});
        QVERIFY(left[0].epoch == 100000 && left[1].epoch == 99999);
        learn::pruneCheckpoints(folder, 99999, 1, kNever);  // a run that went back
        QCOMPARE(run::checkpointFolders(folder).front().epoch, 99999);
    }

    void checkpointsOfTheLastEvaluationsStay() {
        const QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        for (std::int64_t epoch = 1; epoch <= 34; ++epoch) {
            makeFolders(folder / run::checkpointName(epoch));
        }
        learn::pruneCheckpoints(folder, 34, 2, [](std::int64_t epoch) { return epoch % 5 == 0; });
        std::vector<std::int64_t> left;
        for (const run::CheckpointFolder& one : run::checkpointFolders(folder)) {
            left.push_back(one.epoch);
        }
        QVERIFY(left == (std::vector<std::int64_t>{34, 33, 30, 25, 20, 15}));
    }

    void aKeptCheckpointOutlivesNewerOnes() {
        const QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        for (const std::int64_t epoch : {1, 2, 3, 4, 9}) {
            makeFolders(folder / run::checkpointName(epoch));
        }
        run::setKept(folder / run::checkpointName(2), true);
        run::setKept(folder / run::checkpointName(9), true);
        learn::pruneCheckpoints(folder, 4, 1, kNever);
        std::vector<std::int64_t> left;
        for (const run::CheckpointFolder& one : run::checkpointFolders(folder)) {
            left.push_back(one.epoch);
        }
        QVERIFY2(left == (std::vector<std::int64_t>{4, 2}), "one of a line that was given up goes even so: a resume would take it");
        run::setKept(folder / run::checkpointName(2), false);
        learn::pruneCheckpoints(folder, 4, 1, kNever);
        QCOMPARE(run::checkpointFolders(folder).size(), std::size_t{1});
    }

    void whatWasChosenIsStoredAndChosenAgain() {
        const QTemporaryDir dir;
        run::RunConfig config = smallConfig();
        config.compute.threads = 0;
        RecordingObserver recorder;
        execute(requestFor(config, dir), recorder);
        const std::string stored = recorder.all<run::RunStarted>().front().configJson;
        const run::RunConfig effective = run::configFromJson(Json::parse(stored), "stored");
        QVERIFY(effective.compute.threads > 0 && effective.compute.chunkImages > 0);
        QVERIFY(effective.compute.keepGraph != run::Switch::Auto && effective.compute.gradientCheckpointing != run::Switch::Auto);
        QVERIFY(run::toJson(learn::verifyCheckpoint(fs::path(dir.path().toStdString()) / run::checkpointName(4)).config) == Json::parse(stored));
        const QTemporaryDir clone;
        RecordingObserver again;
        execute(requestFor(effective, clone), again);
        QCOMPARE(again.all<run::RunStarted>().front().configJson, stored);
    }

    void checkpointOfTheFirstFormatGoesOnAndSaysSo() {
        const QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        fs::copy(fs::path(m_whole.path().toStdString()), folder, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
        fs::remove_all(folder / run::checkpointName(4));
        const fs::path old = folder / run::checkpointName(3);
        Json state = readJsonFile(old / "state.json");
        state["format"] = 1;
        state.erase("inputs");
        state["counters"].erase("nominal_denoiser_evaluations");
        std::ofstream(old / "state.json", std::ios::trunc) << state.dump();
        fs::remove(old / "checksums.sha256");
        RecordingObserver recorder;
        resume(requestFor(smallConfig(), dir), recorder);
        QVERIFY2(end(recorder).state == run::RunState::Finished, end(recorder).error.c_str());
        QVERIFY(hasLog(recorder, log::Level::Warning, "older version"));
        compareToReference(recorder);
    }

    void otherInputsAreRefusedUnlessAskedFor() {
        const QTemporaryDir dir, files;
        const fs::path list = fs::path(files.path().toStdString()) / "prompts.txt";
        std::ofstream(list) << "a cat\na dog\n";
        run::RunConfig config = smallConfig();
        config.prompts.train = list.string();
        config.training.epochs = 2;
        RecordingObserver first;
        run::RunCommands commands;
        commands.stopAfterEpoch();
        train::makeRun(requestFor(config, dir), first)->execute({}, commands);
        std::ofstream(list) << "a cat\na cow\n";
        RecordingObserver refused;
        resume(requestFor(config, dir), refused);
        QVERIFY(end(refused).state == run::RunState::Failed);
        QVERIFY2(end(refused).error.find("prompts.train") != std::string::npos, end(refused).error.c_str());
        QVERIFY((end(refused).changedInputs == std::vector<std::string>{"prompts.train"}));
        QVERIFY(refused.all<run::RunStarted>().empty());
        RecordingObserver allowed;
        run::RunRequest request = requestFor(config, dir);
        request.allowsChangedInputs = true;
        resume(request, allowed);
        QVERIFY(end(allowed).state == run::RunState::Finished);
        QVERIFY(hasLog(allowed, log::Level::Warning, "prompts.train"));
    }

    void trainingImagesExplainTheMeans() {
        for (const run::EpochDone& epoch : m_reference.all<run::EpochDone>()) {
            double sum = 0;
            for (const run::TrainingImage& image : epoch.images) {
                sum += image.reward;
                QVERIFY(!image.prompt.empty());
            }
            QCOMPARE(epoch.images.size(), std::size_t{4});
            QCOMPARE(sum / 4, run::scalar(epoch.scalars, "reward_mean").value());
        }
    }

    void secondsOfEpochsAddUpToTheWholeRun() {
        double total = 0;
        for (const run::EpochDone& epoch : m_reference.all<run::EpochDone>()) {
            total += epoch.seconds.total;
            QVERIFY(std::abs(total - epoch.counters.activeSeconds) < 1e-6);
        }
        const double rest = end(m_reference).counters.activeSeconds - total;  // the last checkpoint
        const double evaluation = m_reference.all<run::EvaluationDone>().back().seconds;
        QVERIFY2(rest >= 0 && rest < evaluation + 5, qPrintable(QString::number(rest)));
    }

    void forecastCountsRoundsAndEvaluations() {
        run::RunConfig config = smallConfig();
        config.training.roundsPerEpoch = 5;
        config.sampling.steps = 2;
        train::Forecast forecast(config, 100, 3);  // an epoch: 500, every second one 6 more
        QCOMPARE(forecast.workOfEpoch(0), 500.0);
        QCOMPARE(forecast.workOfEpoch(1), 506.0);
        QCOMPARE(forecast.fraction(0, 100), 0.2);  // one of five rounds
        QVERIFY(forecast.secondsLeft(0, 0) < 0);
        forecast.addEpoch(0, 50);
        QCOMPARE(forecast.secondsLeft(1, 0), (506.0 + 500 + 506) / 10);
        QVERIFY(forecast.fraction(3, 500) < 1 && forecast.secondsLeft(3, 500) > 0);  // the evaluation is still to come
        QCOMPARE(forecast.secondsLeft(3, 506), 0.0);
    }

private:
    /// The epochs of a resumed run are bit for bit those of the uninterrupted one.
    void compareToReference(const RecordingObserver& resumed) {
        const auto expected = m_reference.all<run::EpochDone>();
        const auto epochs = resumed.all<run::EpochDone>();
        QVERIFY(!epochs.empty());
        for (const run::EpochDone& epoch : epochs) {
            const run::EpochDone& same = expected.at(static_cast<std::size_t>(epoch.epoch));
            for (const auto& [name, value] : epoch.scalars) {
                if (!run::isOfMachine(name)) {
                    QCOMPARE(value, run::scalar(same.scalars, name).value());
                }
            }
            QVERIFY(epoch.images == same.images);
        }
    }

    QTemporaryDir m_whole;
    RecordingObserver m_reference;
};

QTEST_GUILESS_MAIN(TestCheckpoint)
#include "tst_checkpoint.moc"
