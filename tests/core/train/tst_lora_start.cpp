// A LoRA file as the starting point of a run.
#include <QTemporaryDir>
#include <QtTest>

#include <filesystem>
#include <optional>
#include <set>

#include "core/data/safetensors.h"
#include "core/learn/checkpoint.h"
#include "core/learn/lora_start.h"
#include "core/models/lora_file.h"
#include "core/models/lora_weights.h"
#include "core/models/lora_write.h"
#include "core/models/network.h"
#include "core/models/pipeline.h"
#include "core/run/checkpoint_folders.h"
#include "core/run/run.h"
#include "core/tensor/torch.h"
#include "core/tools/lora_export.h"
#include "core/train/make_run.h"
#include "tests/core/train/small_run.h"
#include "tests/support/message_of.h"

using namespace rlcm;
namespace fs = std::filesystem;

namespace {

const std::string kQ = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q";
const std::string kV = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_v";

std::vector<nn::Projection> twoLayers() {
    at::manual_seed(1);
    return {{kQ, at::randn({6, 6})}, {kV, at::randn({4, 10})}};
}

models::LoraModules change(std::int64_t rank, double scale) {
    at::manual_seed(2);
    models::LoraModules modules;
    for (const nn::Projection& layer : twoLayers()) {
        modules[layer.path] = {at::randn({rank, layer.weight.size(1)}), at::randn({layer.weight.size(0), rank}), scale};
    }
    return modules;
}

nn::LoraAdapter adapterFor(const run::LoraConfig& config) {
    return nn::LoraAdapter(twoLayers(), config.targets, config.rank, config.alpha, RandomStreams(5));
}

run::RunConfig tinyRun() {
    run::RunConfig config = test::smallTraining(run::Advantage::Batch, "", 1);
    config.training.epochs = 1;
    config.training.learningRate = 0.01;
    config.evaluation.every = config.evaluation.trainPrompts = 1;
    return config;
}

/// A LoRA over every layer of the bundled consistency model, of rank 2 in attention layers and 3 in the others.
models::LoraModules wholeChange() {
    at::manual_seed(4);
    models::LoraModules modules;
    const fs::path unet = models::findModel("emoji-lcm") / "unet";
    const std::set<std::string> adaptable = models::adaptableLayers(unet);
    for (const nn::Projection& layer : models::networkLayers(unet)) {
        const auto shape = layer.weight.sizes();
        const std::int64_t rank = adaptable.contains(layer.path) ? 2 : 3;
        std::vector<std::int64_t> down = shape.vec(), up(shape.size(), 1);
        down[0] = rank;
        up[0] = shape[0];
        up[1] = rank;
        modules[layer.path] = {at::randn(down) * 0.02, at::randn(up), 0.3};
    }
    return modules;
}

class Recorder : public run::RunObserver {
public:
    std::vector<run::EvaluationDone> evaluations;
    std::vector<std::string> log;
    run::RunFinished finished;

    void onEvent(const run::RunEvent& event) noexcept override {
        if (const auto* evaluation = std::get_if<run::EvaluationDone>(&event)) {
            evaluations.push_back(*evaluation);
        } else if (const auto* line = std::get_if<run::LogLine>(&event)) {
            log.push_back(line->text);
        } else if (const auto* end = std::get_if<run::RunFinished>(&event)) {
            finished = *end;
        }
    }
};

Recorder execute(const run::RunConfig& config, const QTemporaryDir& dir, const std::string& resumeFrom = {}) {
    Recorder recorder;
    run::RunCommands commands;
    run::RunRequest request = test::requestFor(config, dir);
    if (!resumeFrom.empty()) {
        request.resumeFrom = {request.folder / resumeFrom};
    }
    train::makeRun(request, recorder)->execute({}, commands);
    return recorder;
}

/// The file of config.start, loaded into the adapter.
std::string startFrom(nn::LoraAdapter& adapter, const run::LoraConfig& config) {
    const models::Lora lora = models::readLora(config.start, twoLayers());
    return learn::startFromLora(adapter, {.trained = lora.modules, .kept = {}, .about = lora.describe()}, config);
}

}  // namespace

class TestLoraStart : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(1); }  // before every test: torch starts from another number in every process
    void mergedWeightsAreThoseOfTheFile();
    void layersThatTheFileLeavesOutStartWithoutAChange();
    void otherRanksAndLayersAreRefused();
    void theFirstEvaluationShowsTheImportedLora();
    void layersThatAreNotTrainedStayAsTheFileHasThem();
};

void TestLoraStart::mergedWeightsAreThoseOfTheFile() {
    const QTemporaryDir dir;
    run::LoraConfig config{.rank = 3, .alpha = 7.5, .targets = "to_q,to_v", .start = dir.path().toStdString() + "/a.safetensors"};
    models::writeKohyaLora(config.start, change(3, 0.4), {});
    nn::LoraAdapter adapter = adapterFor(config);
    const std::string line = startFrom(adapter, config);
    QVERIFY2(QString::fromStdString(line).contains(QLatin1String("kohya, 2 layers, rank 3, scale 0.4")), line.c_str());
    const std::vector<nn::MergedProjection> merged = adapter.merged();
    for (std::size_t i = 0; i < merged.size(); ++i) {
        const nn::Projection layer = twoLayers()[i];
        const at::Tensor expected = models::mergedWeight(layer.weight, change(3, 0.4).at(layer.path));
        QVERIFY((merged[i].weight - expected).abs().max().item<double>() < 2e-6);
        QVERIFY((merged[i].weight - layer.weight).abs().max().item<double>() > 0.1);
    }
    // Training moves alpha / rank of the config: a change of B by 1 must move the weight by A * 7.5 / 3.
    QCOMPARE(adapter.scale(), 2.5);
}

void TestLoraStart::layersThatTheFileLeavesOutStartWithoutAChange() {
    const QTemporaryDir dir;
    const run::LoraConfig config{.rank = 2, .alpha = 2, .targets = "to_q,to_v", .start = dir.path().toStdString() + "/a.safetensors"};
    models::LoraModules modules = change(2, 1.0);
    modules.erase(kV);
    models::writePeftLora(config.start, modules, {});
    nn::LoraAdapter adapter = adapterFor(config), fresh = adapterFor(config);
    const std::string line = startFrom(adapter, config);
    QVERIFY2(QString::fromStdString(line).contains(QLatin1String("1 trained layers are not in it")), line.c_str());
    const std::vector<nn::MergedProjection> merged = adapter.merged();
    QVERIFY(!at::equal(merged[0].weight, twoLayers()[0].weight));
    QVERIFY(at::equal(merged[1].weight, twoLayers()[1].weight));
    for (std::size_t i = 0; i < fresh.factors().size(); ++i) {
        if (fresh.factors()[i].first.starts_with(kV)) {
            QVERIFY(at::equal(fresh.factors()[i].second, adapter.factors()[i].second));
        }
    }
}

void TestLoraStart::otherRanksAndLayersAreRefused() {
    const QTemporaryDir dir;
    run::LoraConfig config{.rank = 8, .alpha = 8, .targets = "to_q,to_v", .start = dir.path().toStdString() + "/a.safetensors"};
    const auto message = [&](const models::LoraModules& modules) {
        models::writeKohyaLora(config.start, modules, {});
        nn::LoraAdapter adapter = adapterFor(config);
        return test::messageOf([&] { startFrom(adapter, config); });
    };
    const QString rank = message(change(4, 1.0));
    QVERIFY2(rank.contains(QLatin1String("rank 4")) && rank.contains(QLatin1String("set lora.rank to 4")), qPrintable(rank));
    models::LoraModules mixed = change(4, 1.0);
    mixed[kV] = change(2, 1.0).at(kV);
    const QString ranks = message(mixed);
    QVERIFY2(ranks.contains(QLatin1String("ranks from 2 to 4")), qPrintable(ranks));
    config.targets = "to_q";
    const QString targets = message(change(8, 1.0));
    QVERIFY2(targets.contains(QString::fromStdString(kV)) && targets.contains(QLatin1String("lora.targets")), qPrintable(targets));
}

void TestLoraStart::theFirstEvaluationShowsTheImportedLora() {
    const QTemporaryDir first, second;
    run::RunConfig config = tinyRun();
    const Recorder before = execute(config, first);
    QVERIFY2(before.finished.state == run::RunState::Finished, before.finished.error.c_str());
    const fs::path file = fs::path(first.path().toStdString()) / "start.safetensors";
    tools::exportLora(fs::path(first.path().toStdString()) / run::checkpointName(1), tools::LoraFormat::Kohya, file);
    const data::SafetensorsFile written(file);
    for (const auto& [key, value] :
         {std::pair("rlcm.base_model", "emoji-lcm"), std::pair("rlcm.method", "rlcm"), std::pair("rlcm.steps", "2"), std::pair("rlcm.guidance", "6.0"),
          std::pair("rlcm.reward", "compressibility"), std::pair("rlcm.epoch", "1"), std::pair("ss_network_alpha", "2.0")}) {
        QCOMPARE(written.metadata().at(key), std::string(value));
    }
    QVERIFY(written.metadata().contains("rlcm.run") && written.metadata().at("rlcm.program").starts_with("rlcm-workbench "));

    config.lora.start = file.string();
    config.lora.alpha = 8;  // four times the scale: B must take a quarter
    const Recorder after = execute(config, second);
    QVERIFY2(after.finished.state == run::RunState::Finished, after.finished.error.c_str());
    QVERIFY(*before.evaluations[0].images[0].png != *before.evaluations[1].images[0].png);
    QVERIFY(*after.evaluations[0].images[0].png == *before.evaluations[1].images[0].png);
    QVERIFY(std::any_of(after.log.begin(), after.log.end(), [](const std::string& line) { return line.starts_with("training starts from the LoRA"); }));

    // A resumed run has its own factors and needs the file no more.
    fs::remove(file);
    config.training.epochs = 2;
    const Recorder resumed = execute(config, second, run::checkpointName(1));
    QVERIFY2(resumed.finished.state == run::RunState::Finished, resumed.finished.error.c_str());
    const QTemporaryDir third;
    const Recorder failed = execute(config, third);
    QVERIFY(failed.finished.state == run::RunState::Failed);
    QVERIFY2(QString::fromStdString(failed.finished.error).contains(QLatin1String("start.safetensors")), failed.finished.error.c_str());
}

void TestLoraStart::layersThatAreNotTrainedStayAsTheFileHasThem() {
    const QTemporaryDir dir, other;
    const fs::path folder = dir.path().toStdString(), file = folder / "whole.safetensors", unet = models::findModel("emoji-lcm") / "unet";
    const models::LoraModules whole = wholeChange();
    const std::set<std::string> adaptable = models::adaptableLayers(unet);
    models::writeKohyaLora(file, whole, {});
    run::RunConfig config = tinyRun();
    const Recorder plain = execute(config, other);
    config.lora.start = file.string();
    const Recorder started = execute(config, dir);
    QVERIFY2(started.finished.state == run::RunState::Finished, started.finished.error.c_str());
    QVERIFY(*started.evaluations[0].images[0].png != *plain.evaluations[0].images[0].png);
    const auto tellsOfThem = [](const std::string& line) {
        return line.find("layers that are no attention projections stay as it has them") != std::string::npos;
    };
    QVERIFY(std::any_of(started.log.begin(), started.log.end(), tellsOfThem));

    // After training they are in every export as they were.
    const fs::path out = folder / "trained.safetensors", merged = folder / "unet";
    tools::exportLora(folder / run::checkpointName(1), tools::LoraFormat::Kohya, out);
    tools::exportLora(folder / run::checkpointName(1), tools::LoraFormat::Merged, merged);
    const models::LoraModules exported = models::readLoraFor(out, unet).modules;
    const data::SafetensorsFile base(unet / "diffusion_pytorch_model.safetensors"), network(merged / "diffusion_pytorch_model.safetensors");
    QCOMPARE(exported.size(), whole.size());
    std::size_t trained = 0;
    for (const auto& [path, module] : whole) {
        const at::Tensor weight = base.tensor(path + ".weight").to(at::kFloat), theirs = models::mergedWeight(weight, module),
                         ours = models::mergedWeight(weight, exported.at(path));
        const bool isSame = (theirs - ours).abs().max().item<double>() < 1e-5;
        trained += isSame ? 0 : 1;
        QVERIFY2(isSame || adaptable.contains(path), path.c_str());
        QVERIFY2((network.tensor(path + ".weight") - ours).abs().max().item<double>() < 1e-5, path.c_str());
    }
    QVERIFY(trained > 10);

    // The checkpoint says which they are; a resumed run has them from there.
    const std::optional<std::set<std::string>> kept = learn::keptLayers(folder / run::checkpointName(1));
    QVERIFY(kept && kept->size() == whole.size() - adaptable.size() && kept->contains("conv_in"));
    fs::remove(file);
    config.training.epochs = 2;
    const Recorder resumed = execute(config, dir, run::checkpointName(1));
    QVERIFY2(resumed.finished.state == run::RunState::Finished, resumed.finished.error.c_str());
    tools::exportLora(folder / run::checkpointName(2), tools::LoraFormat::Kohya, out);
    const models::LoraModules later = models::readLoraFor(out, unet).modules;
    for (const auto& [path, module] : exported) {
        if (!adaptable.contains(path)) {
            const at::Tensor none = at::zeros(base.tensor(path + ".weight").sizes());
            QVERIFY2((models::mergedWeight(none, module) - models::mergedWeight(none, later.at(path))).abs().max().item<double>() < 1e-6, path.c_str());
        }
    }
}

QTEST_GUILESS_MAIN(TestLoraStart)
#include "tst_lora_start.moc"
