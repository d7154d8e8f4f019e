// What is changed while a run trains is taken up before its next epoch, told, and what the rest of the run is trained with.
#include <QTemporaryDir>
#include <QTest>

#include "core/run/measures.h"
#include "core/train/make_run.h"
#include "tests/core/train/small_run.h"
#include "tests/support/recording_observer.h"

using namespace rlcm;

namespace {

/// Asks for changes as soon as an epoch is told.
struct Editor : test::RecordingObserver {
    void onEvent(const run::RunEvent& event) noexcept override {
        RecordingObserver::onEvent(event);
        if (const auto* done = std::get_if<run::EpochDone>(&event); done != nullptr && done->counters.epoch == at) {
            for (const run::LiveEdit& edit : edits) {
                commands->edit(edit);
            }
        }
    }
    run::RunCommands* commands = nullptr;
    std::int64_t at = 1;
    std::vector<run::LiveEdit> edits;
};

double rateOf(const run::EpochDone& epoch) {
    for (const auto& [name, value] : epoch.scalars) {
        if (name == run::measure::kLearningRate) {
            return value;
        }
    }
    return -1;
}

}  // namespace

class TestLiveEditsOfARun : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void changesCountFromTheNextEpochOn() {
        const QTemporaryDir dir;
        run::RunCommands commands;
        Editor editor;
        editor.commands = &commands;
        editor.edits = {{"training.learning_rate", "0.0005"}, {"evaluation.every", "1"}, {"training.epochs", "3"}};
        const run::RunConfig config = test::smallTraining(run::Advantage::Batch, "", 1);
        QVERIFY(train::makeRun(test::requestFor(config, dir), editor)->execute({}, commands) == run::RunState::Finished);
        const auto epochs = editor.all<run::EpochDone>();
        QCOMPARE(epochs.size(), std::size_t{3});  // there were to be four
        QCOMPARE(rateOf(epochs[0]), config.training.learningRate);
        QCOMPARE(rateOf(epochs[1]), 0.0005);
        QCOMPARE(rateOf(epochs[2]), 0.0005);
        QCOMPARE(editor.all<run::EvaluationDone>().size(), std::size_t{3});  // before training, after the second and after the third epoch
        const auto told = editor.all<run::SettingEdited>();
        QCOMPARE(told.size(), std::size_t{3});
        QVERIFY(told[0].epoch == 1 && told[0].path == "training.learning_rate" && std::stod(told[0].after) == 0.0005);
    }
    void theLastEpochCanBeFollowedByMore() {
        const QTemporaryDir dir;
        run::RunCommands commands;
        Editor editor;
        editor.commands = &commands;
        editor.at = 2;
        editor.edits = {{"training.epochs", "3"}, {"training.learning_rate", "much"}};
        run::RunConfig config = test::smallTraining(run::Advantage::Batch, "", 1);
        config.training.epochs = 2;
        QVERIFY(train::makeRun(test::requestFor(config, dir), editor)->execute({}, commands) == run::RunState::Finished);
        QCOMPARE(editor.all<run::EpochDone>().size(), std::size_t{3});
        QCOMPARE(editor.all<run::SettingEdited>().size(), std::size_t{1});  // the other cannot be, and that is said
        const auto lines = editor.all<run::LogLine>();
        QVERIFY(std::ranges::any_of(lines,
                                    [](const run::LogLine& line) { return line.level == log::Level::Warning && line.text.find("much") != std::string::npos; }));
    }
    void aClipRangeOfAlmostNothingClipsEverything() {
        const QTemporaryDir dir;
        run::RunCommands commands;
        Editor editor;
        editor.commands = &commands;
        editor.edits = {{"training.clip_range_per_element", "1e-12"}};
        run::RunConfig config = test::smallTraining(run::Advantage::Batch, "", 1);
        config.training.epochs = 2;
        config.training.innerEpochs = 2;
        config.training.clipRangePerElement = 0.5;
        QVERIFY(train::makeRun(test::requestFor(config, dir), editor)->execute({}, commands) == run::RunState::Finished);
        const auto clipped = [](const run::EpochDone& epoch) {
            const auto found = std::ranges::find(epoch.scalars, run::measure::kClipFraction, [](const auto& one) { return std::string_view(one.first); });
            return found->second;
        };
        const auto epochs = editor.all<run::EpochDone>();
        QCOMPARE(clipped(epochs[0]), 0.0);
        QVERIFY(clipped(epochs[1]) > 0.4);  // the second pass
    }
};

QTEST_GUILESS_MAIN(TestLiveEditsOfARun)
#include "tst_live_edits.moc"
