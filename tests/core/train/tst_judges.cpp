// Judges beside a run: they change nothing of it, a failing one leaves a gap, and what they are is part of what the run was made with.
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <thread>

#include "core/learn/run_inputs.h"
#include "core/run/checkpoint_folders.h"
#include "core/run/measures.h"
#include "core/train/make_run.h"
#include "tests/core/train/small_run.h"
#include "tests/support/recording_observer.h"
#include "tests/support/waiting.h"

using namespace rlcm;
using test::RecordingObserver;
using test::requestFor;
namespace fs = std::filesystem;

namespace {

run::RunConfig watchedBy(const std::string& judges) {
    run::RunConfig config = test::smallTraining(run::Advantage::Batch, "emoji-clip-judge", 2);
    config.evaluation.judges = judges;
    return config;
}

/// A program of the user's that scores everything 0.25 and fails on its `failing`th batch, 0 for never.
std::string programIn(const QTemporaryDir& dir, int failing) {
    const fs::path script = fs::path(dir.path().toStdString()) / "judge.py";
    std::ofstream(script) << "import json, sys\n"
                             "for number, line in enumerate(sys.stdin, 1):\n"
                             "    ask = json.loads(line)\n"
                             "    scores = 'broken on purpose' if number == "
                          << failing
                          << " else [0.25] * len(ask['items'])\n"
                             "    print(json.dumps({'request_id': ask['request_id'], 'scores': scores}), flush=True)\n";
    return "python3 " + script.string();
}

RecordingObserver& execute(const run::RunRequest& request, RecordingObserver& recorder) {
    run::RunCommands commands;
    train::makeRun(request, recorder)->execute({}, commands);
    return recorder;
}

run::RunFinished end(const RecordingObserver& recorder) {
    return recorder.all<run::RunFinished>().at(0);
}

/// What a judge said at each evaluation.
std::vector<double> curve(const RecordingObserver& recorder, std::string_view measure) {
    std::vector<double> values;
    for (const run::EvaluationDone& evaluation : recorder.all<run::EvaluationDone>()) {
        values.push_back(run::scalar(evaluation.scalars, measure).value_or(-99));
    }
    return values;
}

/// Everything but times and what the judges of the list said.
std::vector<std::pair<std::string, double>> ownScalars(const RecordingObserver& recorder) {
    std::vector<std::pair<std::string, double>> all;
    const auto add = [&](const auto& events) {
        for (const auto& event : events) {
            for (const auto& scalar : event.scalars) {
                const bool asksJudges = run::isOfJudge(scalar.first) || scalar.first.find(run::measure::kEvalSuspicion) != std::string::npos;
                if (!asksJudges && !run::isOfMachine(scalar.first)) {
                    all.push_back(scalar);
                }
            }
        }
    };
    add(recorder.all<run::EvaluationDone>());
    add(recorder.all<run::EpochDone>());
    return all;
}

int warnings(const RecordingObserver& recorder, const std::string& text) {
    int count = 0;
    for (const run::LogLine& line : recorder.all<run::LogLine>()) {
        count += line.level == log::Level::Warning && line.text.find(text) != std::string::npos ? 1 : 0;
    }
    return count;
}

}  // namespace

class TestJudges : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void judgesWatchAndChangeNothing() {
        const QTemporaryDir alone, watched;
        RecordingObserver without, with;
        execute(requestFor(watchedBy(""), alone), without);
        execute(requestFor(watchedBy("compressibility + same=alignment[clip_model=emoji-clip-judge]"), watched), with);
        QVERIFY(end(with).state == run::RunState::Finished);
        QVERIFY(ownScalars(with) == ownScalars(without));
        // The judge that is the reward says what the reward says; the one that is the judge model says its cosine.
        QVERIFY(curve(with, "eval_judge.compressibility") == curve(with, run::measure::kEvalRewardMean));
        QVERIFY(curve(with, "eval_judge_std.compressibility") == curve(with, run::measure::kEvalRewardStd));
        const std::vector<double> same = curve(with, "eval_judge.alignment.same"), cosine = curve(with, run::measure::kEvalJudgeCosine);
        QCOMPARE(same.size(), std::size_t{3});
        for (std::size_t i = 0; i < same.size(); ++i) {
            QVERIFY2(std::abs(same[i] - cosine[i]) < 1e-5, std::to_string(same[i] - cosine[i]).c_str());
        }
    }

    void aJudgeThatFailsLeavesAGapAndTrainingGoesOn() {
        const QTemporaryDir dir, alone;
        RecordingObserver recorder, without;
        execute(requestFor(watchedBy("look=program[program=" + programIn(dir, 2) + "] + colourfulness"), dir), recorder);
        execute(requestFor(watchedBy(""), alone), without);
        QVERIFY2(end(recorder).state == run::RunState::Finished, end(recorder).error.c_str());
        const std::vector<double> look = curve(recorder, "eval_judge.program.look");
        QVERIFY(look.size() == 3 && look[0] == 0.25 && std::isnan(look[1]) && look[2] == 0.25);
        for (const double value : curve(recorder, "eval_judge.colourfulness")) {
            QVERIFY(value > 0);
        }
        QCOMPARE(warnings(recorder, "the judge look gave no scores"), 1);
        QVERIFY(ownScalars(recorder) == ownScalars(without));
    }

    void waitingForAJudgeIsStoppedAtOnceAndLeavesNoGap() {
        const QTemporaryDir dir;
        RecordingObserver recorder;
        run::RunCommands commands;
        test::Clock::time_point asked;
        const std::jthread user([&] {
            const auto isThinking = [&] {
                const auto lines = recorder.all<run::LogLine>();
                return std::ranges::any_of(lines, [](const run::LogLine& line) { return line.text.find("thinking") != std::string::npos; });
            };
            while (!isThinking() && recorder.all<run::RunFinished>().empty()) {
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
            }
            asked = test::Clock::now();
            commands.stopNow();
        });
        const run::RunConfig config = watchedBy("slow=program[program=\"sh -c 'echo thinking >&2; sleep 60'\"]");
        train::makeRun(requestFor(config, dir), recorder)->execute({}, commands);
        QVERIFY(test::secondsSince(asked) < test::kAtOnce);
        QVERIFY2(end(recorder).state == run::RunState::Stopped, end(recorder).error.c_str());
        QVERIFY(recorder.all<run::EvaluationDone>().empty() && warnings(recorder, "gave no scores") == 0);
    }

    void aJudgeThatIsNotThereEndsTheRunBeforeItBegins() {
        const QTemporaryDir dir;
        RecordingObserver recorder;
        execute(requestFor(watchedBy("look=program[program=/no/such/program]"), dir), recorder);
        QVERIFY(end(recorder).state == run::RunState::Failed);
        QVERIFY2(end(recorder).error.find("the judge look") != std::string::npos && end(recorder).error.find("evaluation.judges") != std::string::npos,
                 end(recorder).error.c_str());
        QVERIFY(recorder.all<run::EvaluationDone>().empty());
    }

    void aChangedJudgeIsNoticedByAResume() {
        const QTemporaryDir dir;
        run::RunConfig config = watchedBy("look=program[program=" + programIn(dir, 0) + "]");
        config.training.epochs = 1;
        RecordingObserver first, second, third;
        execute(requestFor(config, dir), first);
        QVERIFY2(end(first).state == run::RunState::Finished, end(first).error.c_str());
        programIn(dir, 7);
        config.training.epochs = 2;
        run::RunRequest request = requestFor(config, dir);
        request.resumeFrom = {request.folder / run::checkpointName(1)};
        request.resumedCounters.epoch = 1;
        execute(request, second);
        QVERIFY(end(second).state == run::RunState::Failed);
        QVERIFY2(end(second).error.find("evaluation.judges.look.program") != std::string::npos, end(second).error.c_str());
        request.allowsChangedInputs = true;
        execute(request, third);
        QVERIFY2(end(third).state == run::RunState::Finished, end(third).error.c_str());
    }

    void aCheckpointFromBeforeDoesNotKnowTheJudges() {
        const QTemporaryDir dir;
        const learn::RunInputs before = learn::readRunInputs(watchedBy(""));
        QVERIFY(before.contains("evaluation.judge_model"));
        const learn::RunInputs now = learn::readRunInputs(watchedBy("look=alignment[clip_model=emoji-clip] + program[program=" + programIn(dir, 0) + "]"));
        QVERIFY(now.contains("evaluation.judges.look.clip_model") && now.contains("evaluation.judges.program.program"));
        QVERIFY(learn::changedInputs(before, now).empty());
    }
};

QTEST_GUILESS_MAIN(TestJudges)
#include "tst_judges.moc"
