// The trainer on the bundled models: reproducible to the bit, resumable, obedient, and the same update however it is computed.
#include <QTemporaryDir>
#include <QtTest>

#include <atomic>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <thread>

#include "core/base/error.h"
#include "core/learn/checkpoint.h"
#include "core/run/measures.h"
#include "core/run/checkpoint_folders.h"
#include "core/run/field_table.h"
#include "core/run/run.h"
#include "core/train/make_run.h"
#include "tests/core/train/small_run.h"
#include "tests/support/waiting.h"

using namespace rlcm;
using test::Clock;
using test::kAtOnce;
using test::requestFor;
using test::secondsSince;

namespace {

/// Keeps all events; runs `onEpoch` on the trainer thread after each epoch.
class Recorder : public run::RunObserver {
public:
    std::function<void(const run::EpochDone&)> onEpoch;
    std::vector<run::EpochDone> epochs;
    std::vector<run::EvaluationDone> evaluations;
    std::vector<run::RunState> states;
    run::RunFinished finished;

    void onEvent(const run::RunEvent& event) noexcept override {
        if (const auto* epoch = std::get_if<run::EpochDone>(&event)) {
            epochs.push_back(*epoch);
            if (onEpoch) {
                onEpoch(*epoch);
            }
        } else if (const auto* evaluation = std::get_if<run::EvaluationDone>(&event)) {
            evaluations.push_back(*evaluation);
        } else if (const auto* state = std::get_if<run::StateChanged>(&event)) {
            states.push_back(state->state);
        } else if (const auto* end = std::get_if<run::RunFinished>(&event)) {
            finished = *end;
        }
    }
};

/// Lets another thread wait for what a run says.
class Waiting : public run::RunObserver {
public:
    std::atomic<bool> isThinking{false}, isPaused{false};
    void onEvent(const run::RunEvent& event) noexcept override {
        const auto* line = std::get_if<run::LogLine>(&event);
        if (line != nullptr && line->text.find("thinking") != std::string::npos) {
            raise(isThinking);
        }
        const auto* state = std::get_if<run::StateChanged>(&event);
        if (state != nullptr && state->state == run::RunState::Paused) {
            raise(isPaused);
        }
        if (std::holds_alternative<run::RunFinished>(event)) {  // nobody waits in vain
            raise(isThinking);
            raise(isPaused);
        }
    }

private:
    static void raise(std::atomic<bool>& flag) {
        flag = true;
        flag.notify_all();
    }
};

run::RunConfig smallConfig() {
    return test::smallTraining(run::Advantage::Batch, "emoji-clip-judge", 2);
}

Recorder execute(const run::RunRequest& request, run::RunCommands* commands = nullptr) {
    Recorder recorder;
    run::RunCommands own;
    train::makeRun(request, recorder)->execute({}, commands != nullptr ? *commands : own);
    return recorder;
}

/// Everything about an epoch that must not depend on when and how it ran.
std::vector<std::pair<std::string, double>> lasting(const run::EpochDone& epoch) {
    std::vector<std::pair<std::string, double>> values;
    for (const auto& entry : epoch.scalars) {
        if (!run::isOfMachine(entry.first)) {
            values.push_back(entry);
        }
    }
    return values;
}

double value(const run::EpochDone& epoch, std::string_view name) {
    return run::scalar(epoch.scalars, name).value();
}

}  // namespace

class TestTrainer : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void sameConfigGivesTheSameRowsBitForBit() {
        const QTemporaryDir a, b;
        const Recorder first = execute(requestFor(smallConfig(), a)), second = execute(requestFor(smallConfig(), b));
        QVERIFY2(first.finished.state == run::RunState::Finished, first.finished.error.c_str());
        QCOMPARE(first.epochs.size(), std::size_t{4});
        for (std::size_t i = 0; i < first.epochs.size(); ++i) {
            QVERIFY(lasting(first.epochs[i]) == lasting(second.epochs[i]));
        }
        QCOMPARE(first.evaluations.size(), std::size_t{3});  // before training, after 2 and 4
        QCOMPARE(first.evaluations[0].epoch, std::int64_t{0});
        QVERIFY(*first.evaluations[2].images[1].png == *second.evaluations[2].images[1].png);
        QVERIFY(*first.evaluations[0].images[0].png != *first.evaluations[2].images[0].png);
    }

    void whatIsLeftOfTheDiskIsToldWhenItIsLittle() {
        run::RunConfig config = smallConfig();
        config.training.epochs = 1;
        const auto left = [&](double level) {
            const QTemporaryDir folder;
            config.health.diskFree.level = level;
            const Recorder recorder = execute(requestFor(config, folder));
            return run::scalar(recorder.epochs.at(0).scalars, run::measure::kDiskFree);
        };
        QVERIFY(left(1e6).value() > 0);
        QVERIFY(!left(1e-6));
    }

    void resumedRunContinuesBitForBit() {
        const QTemporaryDir whole, broken;
        run::RunConfig config = smallConfig();
        config.training.advantage = run::Advantage::PerPrompt;
        const Recorder reference = execute(requestFor(config, whole));
        run::RunCommands commands;
        {
            Recorder recorder;
            recorder.onEpoch = [&](const run::EpochDone& epoch) {
                if (epoch.epoch == 1) {
                    commands.stopNow();
                }
            };
            run::RunRequest request = requestFor(config, broken);
            train::makeRun(request, recorder)->execute({}, commands);
            QVERIFY(recorder.finished.state == run::RunState::Stopped);
        }
        run::RunRequest request = requestFor(config, broken);
        request.resumeFrom = {request.folder / run::checkpointName(2)};
        const Recorder resumed = execute(request);
        QVERIFY2(resumed.finished.state == run::RunState::Finished, resumed.finished.error.c_str());
        QCOMPARE(resumed.epochs.size(), std::size_t{2});
        for (std::size_t i = 0; i < 2; ++i) {
            QVERIFY(lasting(resumed.epochs[i]) == lasting(reference.epochs[i + 2]));
            QCOMPARE(resumed.epochs[i].counters.denoiserEvaluations, reference.epochs[i + 2].counters.denoiserEvaluations);
        }
    }

    void keptGraphAndRecomputationAreTheSameUpdate_data() {
        QTest::addColumn<QString>("method");
        QTest::newRow("rlcm") << QStringLiteral("rlcm");
        QTest::newRow("ddpo with guidance") << QStringLiteral("ddpo");
    }
    void keptGraphAndRecomputationAreTheSameUpdate() {
        QFETCH(QString, method);
        run::RunConfig config = smallConfig();
        config.algorithm.method = run::choiceOf<run::Method>(method.toStdString()).value();
        config.model.path = config.algorithm.method == run::Method::Rlcm ? "emoji-lcm" : "emoji-sd";
        config.sampling.steps = 4;
        config.training.epochs = 1;
        const QTemporaryDir a, b;
        config.compute.keepGraph = run::Switch::On;
        const Recorder kept = execute(requestFor(config, a));
        config.compute.keepGraph = run::Switch::Off;
        const Recorder again = execute(requestFor(config, b));
        QVERIFY2(kept.finished.state == run::RunState::Finished, kept.finished.error.c_str());
        QCOMPARE(value(kept.epochs[0], "ratio_max_deviation"), 0.0);
        QVERIFY(value(again.epochs[0], "ratio_max_deviation") < 1e-5);
        const double norm = value(kept.epochs[0], "grad_norm");
        QVERIFY(norm > 0);
        QVERIFY2(std::abs(value(again.epochs[0], "grad_norm") / norm - 1) < 1e-3, qPrintable(QString::number(value(again.epochs[0], "grad_norm") / norm)));
        // 4 images of 4 steps; the update goes through 3 or 4 of them once more, unless their graph was kept.
        const std::int64_t rows = config.algorithm.method == run::Method::Ddpo ? 2 : 1;
        QCOMPARE(kept.epochs[0].counters.denoiserEvaluations, 16 * rows);
        QCOMPARE(again.epochs[0].counters.denoiserEvaluations, again.epochs[0].counters.nominalDenoiserEvaluations);
        QCOMPARE(kept.epochs[0].counters.nominalDenoiserEvaluations, again.epochs[0].counters.nominalDenoiserEvaluations);
        QVERIFY(again.epochs[0].counters.denoiserEvaluations > 16 * rows);
    }

    void batchSizeDoesNotChangeTheRandomNumbers() {
        run::RunConfig config = smallConfig();
        config.training.epochs = 1;
        const QTemporaryDir a, b;
        config.compute.chunkImages = 1;
        const Recorder single = execute(requestFor(config, a));
        config.compute.chunkImages = 4;
        config.compute.threads = 1;
        const Recorder together = execute(requestFor(config, b));
        // Kernels round differently at other batch sizes; a JPEG may change by some bytes, not by kilobytes.
        QVERIFY(std::abs(value(single.epochs[0], "reward_mean") - value(together.epochs[0], "reward_mean")) < 0.01);
    }

    void pauseKeepsTheResultAndIsNotActiveTime() {
        const QTemporaryDir a, b;
        const Recorder reference = execute(requestFor(smallConfig(), a));
        run::RunCommands commands;
        Recorder recorder;
        std::jthread resumer;
        recorder.onEpoch = [&](const run::EpochDone& epoch) {
            if (epoch.epoch == 0) {
                commands.pause();
                resumer = std::jthread([&] {
                    std::this_thread::sleep_for(std::chrono::milliseconds(600));
                    commands.resume();
                });
            }
        };
        train::makeRun(requestFor(smallConfig(), b), recorder)->execute({}, commands);
        QVERIFY(recorder.finished.state == run::RunState::Finished);
        for (std::size_t i = 0; i < 4; ++i) {
            QVERIFY(lasting(recorder.epochs[i]) == lasting(reference.epochs[i]));
        }
        const run::Counters& counters = recorder.finished.counters;
        QVERIFY(counters.wallSeconds - counters.activeSeconds > 0.4);
        QVERIFY(std::find(recorder.states.begin(), recorder.states.end(), run::RunState::Paused) != recorder.states.end());
    }

    void waitingForARewardCanBePausedAndStopped() {
        const QTemporaryDir dir;
        run::RunConfig config = smallConfig();
        config.reward.terms = "program";
        config.reward.program = "sh -c 'echo thinking >&2; sleep 60'";
        run::RunCommands commands;
        Waiting waiting;
        double secondsToPause = 99;
        Clock::time_point stopped;
        const std::jthread user([&] {
            waiting.isThinking.wait(false);
            const auto asked = Clock::now();
            commands.pause();
            waiting.isPaused.wait(false);
            stopped = Clock::now();
            secondsToPause = std::chrono::duration<double>(stopped - asked).count();
            commands.stopNow();
        });
        const run::RunState end = train::makeRun(requestFor(config, dir), waiting)->execute({}, commands);
        QVERIFY(secondsSince(stopped) < kAtOnce);
        QVERIFY(end == run::RunState::Stopped);
        QVERIFY(secondsToPause < kAtOnce);
    }

    void stopAfterEpochSavesAndStops() {
        const QTemporaryDir dir;
        run::RunCommands commands;
        commands.stopAfterEpoch();
        const Recorder recorder = execute(requestFor(smallConfig(), dir), &commands);
        QVERIFY(recorder.finished.state == run::RunState::Stopped);
        QCOMPARE(recorder.epochs.size(), std::size_t{1});
        QVERIFY(std::filesystem::exists(std::filesystem::path(dir.path().toStdString()) / run::checkpointName(1) / "state.json"));
    }

    void brokenRunsFailWithAMessage() {
        const QTemporaryDir dir;
        run::RunConfig config = smallConfig();
        config.reward.terms = "1.5e308*compressibility";
        const Recorder recorder = execute(requestFor(config, dir));
        QVERIFY(recorder.finished.state == run::RunState::Failed);
        QVERIFY2(QString::fromStdString(recorder.finished.error).contains(QStringLiteral("make the weights smaller")), recorder.finished.error.c_str());
    }

    void refusesAModelOfTheOtherKind_data() {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QString>("model");
        QTest::newRow("rlcm on a diffusion model") << QStringLiteral("rlcm") << QStringLiteral("emoji-sd");
        QTest::newRow("ddpo on a consistency model") << QStringLiteral("ddpo") << QStringLiteral("emoji-lcm");
    }
    void refusesAModelOfTheOtherKind() {
        QFETCH(QString, method);
        QFETCH(QString, model);
        const QTemporaryDir dir;
        run::RunConfig config = smallConfig();
        config.algorithm.method = run::choiceOf<run::Method>(method.toStdString()).value();
        config.model.path = model.toStdString();
        const Recorder recorder = execute(requestFor(config, dir));
        QVERIFY(recorder.finished.state == run::RunState::Failed);
        QVERIFY(QString::fromStdString(recorder.finished.error).contains(QStringLiteral("model.path")));
    }

    void refusesADamagedCheckpoint() {
        const QTemporaryDir dir;
        run::RunConfig config = smallConfig();
        config.training.epochs = 1;
        run::RunRequest request = requestFor(config, dir);
        execute(request);
        request.resumeFrom = {request.folder / run::checkpointName(1)};
        request.resumedCounters.epoch = 1;
        request.resumedCounters.images = 8;
        request.resumedCounters.activeSeconds = 5.0;
        std::filesystem::resize_file(request.resumeFrom.front() / "lora.safetensors", 100);
        const Recorder recorder = execute(request);
        QCOMPARE(recorder.finished.counters.epoch, 1);  // what was done before is not forgotten
        QCOMPARE(recorder.finished.counters.images, 8);
        QVERIFY(recorder.finished.counters.activeSeconds >= 5.0);
        QVERIFY(recorder.finished.state == run::RunState::Failed);
        QVERIFY(QString::fromStdString(recorder.finished.error).contains(QStringLiteral("lora.safetensors")));
    }
};

QTEST_GUILESS_MAIN(TestTrainer)
#include "tst_trainer.moc"
