// A checkpoint that an earlier version wrote is resumed, and the run goes on as it did there.
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <filesystem>
#include <map>
#include <vector>

#include "core/base/json.h"
#include "core/data/safetensors.h"
#include "core/learn/checkpoint.h"
#include "core/run/checkpoint_folders.h"
#include "core/tensor/torch.h"
#include "core/train/make_run.h"
#include "tests/core/train/small_run.h"
#include "tests/support/recording_observer.h"

using namespace rlcm;
namespace fs = std::filesystem;

namespace {

const fs::path kRecorded = fs::path(RLCM_SOURCE_DIR) / "tests/golden/checkpoint";

double relativeDifference(const at::Tensor& ours, const at::Tensor& theirs) {
    return ((ours - theirs).norm() / theirs.norm().clamp_min(1e-12)).item<double>();
}

void compareFiles(const fs::path& ours, const fs::path& theirs) {
    const data::SafetensorsFile mine(ours), recorded(theirs);
    for (const auto& [name, entry] : recorded.entries()) {
        QVERIFY2(mine.contains(name), name.c_str());
        const double difference = relativeDifference(mine.tensor(name), recorded.tensor(name));
        QVERIFY2(difference < 1e-3, (name + ": " + std::to_string(difference)).c_str());
    }
}

/// The layers that the run was started with and does not train are still in the file, exactly.
void compareKept(const fs::path& ours) {
    const data::SafetensorsFile mine(ours), recorded(kRecorded / "e00002/lora.safetensors");
    for (const char* path : {"conv_in", "time_embedding.linear_1"}) {
        for (const char* factor : {".lora_A.weight", ".lora_B.weight"}) {
            const std::string name = std::string(path) + factor;
            QVERIFY2(mine.contains(name) && at::equal(mine.tensor(name), recorded.tensor(name)), name.c_str());
        }
    }
}

}  // namespace

class TestRecordedCheckpoint : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theRunGoesOnAsItDid() {
        QTemporaryDir dir;
        const learn::CheckpointState recorded = learn::verifyCheckpoint(kRecorded / "e00002");
        run::RunRequest request = test::requestFor(recorded.config, dir);
        request.resumeFrom = {kRecorded / "e00002"};
        request.resumedCounters = recorded.counters;
        request.allowsChangedInputs = true;  // a later version may bundle other lists of prompts
        test::RecordingObserver recorder;
        run::RunCommands commands;
        QCOMPARE(static_cast<int>(train::makeRun(request, recorder)->execute({}, commands)), static_cast<int>(run::RunState::Finished));

        const fs::path folder = fs::path(dir.path().toStdString()) / run::checkpointName(3);
        compareFiles(folder / "lora.safetensors", kRecorded / "e00003/lora.safetensors");
        compareKept(folder / "lora.safetensors");
        compareFiles(folder / "optimizer.safetensors", kRecorded / "e00003/optimizer.safetensors");
        const learn::CheckpointState ours = learn::verifyCheckpoint(folder), theirs = learn::verifyCheckpoint(kRecorded / "e00003");
        QCOMPARE(ours.learner.at("optimizer_step"), theirs.learner.at("optimizer_step"));
        QCOMPARE(ours.counters.images, theirs.counters.images);
        QCOMPARE(ours.counters.denoiserEvaluations, theirs.counters.denoiserEvaluations);
        const auto kept = [](const learn::CheckpointState& state) { return state.learner.at("statistics").get<std::map<std::string, std::vector<double>>>(); };
        const auto mine = kept(ours), recordedRewards = kept(theirs);
        QVERIFY(std::equal(mine.begin(), mine.end(), recordedRewards.begin(), recordedRewards.end(),
                           [](const auto& a, const auto& b) { return a.first == b.first && a.second.size() == b.second.size(); }));
    }
};

QTEST_APPLESS_MAIN(TestRecordedCheckpoint)
#include "tst_recorded_checkpoint.moc"
