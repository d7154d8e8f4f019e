// The arithmetic of memory: sizes from config files, chunks from a budget, and the promise of 12 GB.
#include <QtTest>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/run/derive.h"
#include "core/run/field_table.h"
#include "core/run/memory_estimate.h"
#include "core/run/presets.h"

#include <QTemporaryDir>

using namespace rlcm;
using namespace rlcm::run;

namespace {

constexpr double kGib = 1024.0 * 1024.0 * 1024.0;

/// A folder with the config files of a published model and nothing else.
std::string writeConfigs(const QTemporaryDir& folder, const char* shape, std::int64_t latentSide) {
    const std::filesystem::path root = folder.path().toStdString();
    Json unet = shapes::publishedUNet(shape);
    unet["sample_size"] = latentSide;
    const Json vae = {{"block_out_channels", {128, 256, 512, 512}},
                      {"layers_per_block", 2},
                      {"latent_channels", 4},
                      {"force_upcast", true},
                      {"down_block_types", std::vector<std::string>(4, "DownEncoderBlock2D")},
                      {"up_block_types", std::vector<std::string>(4, "UpDecoderBlock2D")}};
    const Json text = {{"hidden_size", 768}, {"intermediate_size", 3072}, {"num_hidden_layers", 12}, {"vocab_size", 49408}, {"max_position_embeddings", 77}};
    for (const auto& [name, json] : {std::pair("unet", unet), std::pair("vae", vae), std::pair("text_encoder", text)}) {
        std::filesystem::create_directories(root / name);
        writeFileAtomically(root / name / "config.json", json.dump());
    }
    return root.string();
}

RunConfig paperRun(const std::string& model) {
    RunConfig config = preset("paper-compress-rlcm-h8").config;
    config.model.path = model;
    config.compute.device = "cuda:0";
    return config;
}

std::string configError(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

}  // namespace

class TestMemoryPlan : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sizesAreReadFromConfigFiles();
    void depthsMayDifferWithinALevel();
    void sizesThatAreNoneAreRefusedByKey();
    void updateOfSd15At512FitsTwelveGigabytes();
    void memoryPlanKeepsTheLearning();
    void moreMemoryGivesLargerCalls();
    void hopelessMemoryIsExplained();
    void planFollowsBudgetAndWishes();
    void estimateOfAnotherModelScalesWithItsWork();
    void whatAnUpdateRuleNeedsIsCosted();
    void theGradientOfARewardIsCostedWhereItIsUsed();
};

void TestMemoryPlan::sizesAreReadFromConfigFiles() {
    QTemporaryDir folder;
    const shapes::ModelShape dims = shapes::readModelShape(writeConfigs(folder, "lcm", 96));
    QCOMPARE(qint64{dims.unet.parameters()}, qint64{859602884});
    QCOMPARE(qint64{dims.vae.parameters()}, qint64{83653863});
    QCOMPARE(qint64{dims.textParameters}, qint64{123060480});
    QCOMPARE(qint64{dims.pixels()}, qint64{768 * 768});
    QVERIFY(findModelShape("emoji-lcm").has_value());
    QVERIFY(!findModelShape("no such model").has_value());
}

void TestMemoryPlan::depthsMayDifferWithinALevel() {
    Json config = shapes::publishedUNet("sdxl");
    QCOMPARE(qint64{shapes::UNetShape::fromJson(config, "x").parameters()}, qint64{2567463684});
    config["transformer_layers_per_block"] = Json::parse("[0, [2, 2], [4, 4]]");  // SSD-1B, counted by diffusers
    config["reverse_transformer_layers_per_block"] = Json::parse("[[4, 4, 10], [2, 1, 1], 1]");
    config["mid_block_type"] = "UNetMidBlock2D";
    const shapes::UNetShape dims = shapes::UNetShape::fromJson(config, "x");
    QCOMPARE(qint64{dims.parameters()}, qint64{1331334404});
    // 34 transformer blocks, 8 of them on the level of 640 channels.
    QCOMPARE(qint64{dims.projectionElements()}, qint64{8} * (6 * 640 * 640 + 2 * 2048 * 640) + qint64{26} * (6 * 1280 * 1280 + 2 * 2048 * 1280));
    config["mid_block_type"] = nullptr;
    QCOMPARE(qint64{shapes::UNetShape::fromJson(config, "x").parameters()},
             qint64{1331334404} - (4 * 1280 + 2 * (9 * 1280 * 1280 + 1280) + 1280 * 1280 + 1280));
    config["reverse_transformer_layers_per_block"] = Json::parse("[[4, 4], [2, 1, 1], 1]");
    QVERIFY(configError([&] { shapes::UNetShape::fromJson(config, "x"); }).find("reverse_transformer_layers_per_block") != std::string::npos);
}

void TestMemoryPlan::sizesThatAreNoneAreRefusedByKey() {
    Json config = shapes::publishedUNet("sd15");
    config["block_out_channels"] = {320, "wide", 1280, 1280};
    QVERIFY(configError([&] { shapes::UNetShape::fromJson(config, "unet/config.json"); }).find("unet/config.json: \"block_out_channels\"") == 0);
    config = shapes::publishedUNet("sd15");
    config["layers_per_block"] = -2;
    QVERIFY(configError([&] { shapes::UNetShape::fromJson(config, "x"); }).find("layers_per_block") != std::string::npos);
    config["layers_per_block"] = 65;
    QVERIFY(configError([&] { shapes::UNetShape::fromJson(config, "x"); }).find("layers_per_block") != std::string::npos);
    config = shapes::publishedUNet("sd15");
    config["down_block_types"] = {"DownBlock2D"};
    QVERIFY(configError([&] { shapes::UNetShape::fromJson(config, "x"); }).find("down_block_types") != std::string::npos);
}

void TestMemoryPlan::updateOfSd15At512FitsTwelveGigabytes() {
    QTemporaryDir folder;
    for (const Dtype dtype : {Dtype::Bf16, Dtype::Fp16}) {
        RunConfig config = paperRun(writeConfigs(folder, "lcm", 64));
        QCOMPARE(config.sampling.steps, 8);
        QCOMPARE(config.lora.rank, 16);
        applyMemoryPlan(config, 12);
        config.compute.dtype = dtype;
        QVERIFY(validate(config).empty());
        const MemoryEstimate memory = estimateMemory(config);
        QVERIFY(memory.isKnown && memory.plan.fits);
        qInfo("%s: weights %.2f, adapter %.2f, a row %.2f (%.2f with checkpointing), decode %.2f, %d rows, total %.2f GiB", toString(dtype).data(),
              static_cast<double>(memory.parts.weights) / kGib, static_cast<double>(memory.parts.adapter) / kGib,
              static_cast<double>(memory.parts.trainedRow(false)) / kGib, static_cast<double>(memory.parts.trainedRow(true)) / kGib,
              static_cast<double>(memory.parts.decodedImage) / kGib, static_cast<int>(memory.plan.rows), static_cast<double>(memory.total) / kGib);
        QVERIFY(static_cast<double>(memory.total) < 11.3 * kGib);  // the rest: the GPU's own needs
        // One row is enough to run: then two thirds of the memory stay free.
        QVERIFY(static_cast<double>(memory.parts.weights + memory.parts.adapter + memory.parts.perCall +
                                    std::max(memory.parts.trainedRow(true), memory.parts.decodedImage)) < 4.5 * kGib);
    }
}

void TestMemoryPlan::memoryPlanKeepsTheLearning() {
    QTemporaryDir folder;
    const RunConfig before = paperRun(writeConfigs(folder, "lcm", 96));
    RunConfig after = before;
    applyMemoryPlan(after, 16);
    QVERIFY(after.compute.memoryGib > 0);
    after.compute = before.compute;
    QVERIFY(toJson(after) == toJson(before));
}

void TestMemoryPlan::moreMemoryGivesLargerCalls() {
    QTemporaryDir folder;
    std::int64_t rows = 0;
    double memory = 0;
    for (const double gib : {12.0, 16.0, 24.0, 80.0}) {
        RunConfig config = paperRun(writeConfigs(folder, "lcm", 96));
        applyMemoryPlan(config, gib);
        const MemoryEstimate estimate = estimateMemory(config);
        QVERIFY(estimate.plan.fits && static_cast<double>(estimate.total) < gib * kGib);
        QVERIFY((estimate.plan.rows >= rows || !estimate.plan.isCheckpointed) && config.compute.memoryGib > memory);  // plain calls are quicker by the row
        rows = estimate.plan.rows;
        memory = config.compute.memoryGib;
    }
    QVERIFY(rows > 1);
}

void TestMemoryPlan::hopelessMemoryIsExplained() {
    QTemporaryDir folder;
    RunConfig config = paperRun(writeConfigs(folder, "sdxl", 128));
    const std::string message = configError([&] { applyMemoryPlan(config, 8); });
    QVERIFY2(message.find("8.0 GiB were given") != std::string::npos, message.c_str());
    config.model.path = "nowhere";
    QVERIFY(configError([&] { applyMemoryPlan(config, 12); }).find("model.path") == 0);
}

void TestMemoryPlan::planFollowsBudgetAndWishes() {
    MemoryParts parts;
    parts.keptRow = 1000;
    parts.checkpointedRow = 100;
    parts.largestBlock = 100;
    parts.decodedImage = 50;
    const auto plan = [&](std::int64_t budget, Switch checkpointing, std::int64_t wanted = 16, bool isExact = false) {
        return planMemory(parts, {.wantedRows = wanted, .isExact = isExact, .callsAtOnce = 2, .budget = budget, .checkpointing = checkpointing});
    };
    QCOMPARE(plan(100000, Switch::Auto).rows, 16);
    QVERIFY(!plan(100000, Switch::Auto).isCheckpointed);
    PlanRequest onGpu{.wantedRows = 4, .budget = 32000, .recording = Switch::Auto};
    QCOMPARE(planMemory(parts, onGpu).recorded, 4000);  // a call is an eighth of it
    onGpu.budget = 31999;
    QCOMPARE(planMemory(parts, onGpu).recorded, 0);
    onGpu.recording = Switch::On;
    QCOMPARE(planMemory(parts, onGpu).recorded, 4000);
    onGpu.recording = Switch::Off;
    QCOMPARE(planMemory(parts, onGpu).recorded, 0);
    QCOMPARE(plan(16000, Switch::Auto).rows, 8);  // enough rows the plain way
    QVERIFY(!plan(16000, Switch::Auto).isCheckpointed);
    QCOMPARE(plan(16000, Switch::Auto).decodedImages, 8);
    QVERIFY(plan(4000, Switch::Auto).isCheckpointed);  // 2 rows plain, 10 with checkpointing
    QCOMPARE(plan(4000, Switch::Auto).rows, 10);
    QCOMPARE(plan(4000, Switch::Off).rows, 2);
    QCOMPARE(plan(100000, Switch::On).rows, 16);
    QVERIFY(plan(100000, Switch::On).isCheckpointed);
    QVERIFY(!plan(100, Switch::Auto).fits && plan(100, Switch::Auto).rows == 1);
    QVERIFY(plan(4000, Switch::Auto, 10, true).fits && plan(4000, Switch::Auto, 10, true).isCheckpointed);
    QVERIFY(!plan(4000, Switch::Off, 3, true).fits && plan(4000, Switch::Off, 3, true).rows == 3);
    parts.decodedImage = 4000;  // decoding does not decide how many rows are trained together, but must fit itself
    QCOMPARE(plan(16000, Switch::Auto).rows, 8);
    QCOMPARE(plan(16000, Switch::Auto).decodedImages, 2);
    QCOMPARE(plan(16000, Switch::Auto).activations, 16000);
    QVERIFY(plan(8000, Switch::On).fits && plan(8000, Switch::On).decodedImages == 1);
    QVERIFY(!plan(7900, Switch::On).fits);
    QCOMPARE(plan(7900, Switch::On).activations, 8000);
}

void TestMemoryPlan::estimateOfAnotherModelScalesWithItsWork() {
    QTemporaryDir folder;
    RunConfig config = preset("compress-rlcm-h4").config;
    config.compute.device = "cpu";
    const double bundled = estimate(config).seconds;
    config.model.path = writeConfigs(folder, "lcm", 64);
    const Estimate large = estimate(config);
    QVERIFY(large.seconds > 500 * bundled);
    QVERIFY(large.memory.isKnown && large.memory.total > std::int64_t{4} << 30);
    config.compute.device = "cuda:0";
    QVERIFY(estimate(config).seconds < large.seconds / 10);
}

void TestMemoryPlan::whatAnUpdateRuleNeedsIsCosted() {
    RunConfig config;
    config.sampling.steps = 4;
    config.training.innerEpochs = 3;
    QCOMPARE(qint64{nominalRowsPerImage(config, {})}, qint64{4 + 4 * 3});
    QCOMPARE(qint64{nominalRowsPerImage(config, {.referenceForward = true, .decoderGraph = false})}, qint64{4 + 2 * 4 * 3});
    MemoryParts parts = memoryParts(shapes::publishedModel("sd15"), config, true);
    QVERIFY(parts.needs == needsOf(config.training));
    QCOMPARE(qint64{nominalRowsPerImage(config, {.decoderGraph = true})}, qint64{4 + (4 + 1) * 3});
    QCOMPARE(qint64{parts.climbing()}, qint64{0});
    parts.needs.decoderGraph = true;
    QVERIFY(parts.climbedImages() == 1 && parts.climbing() > parts.decodedImage);
    const PlanRequest request{.wantedRows = 8, .isExact = true, .budget = std::int64_t{1} << 50};
    const std::int64_t with = planMemory(parts, request).activations;
    parts.needs.decoderGraph = false;
    QVERIFY(with >= planMemory(parts, request).activations + parts.decoderGraph);
    parts.needs.decoderGraph = true;
    const std::int64_t climbedImages = parts.climbedImages(), climbing = parts.climbing();
    parts.rewardGraph = std::int64_t{1} << 30;
    QCOMPARE(qint64{parts.climbing()}, qint64{climbing + climbedImages * parts.rewardGraph});
    QCOMPARE(qint64{parts.climbedImages()}, qint64{climbedImages});  // runs that go on compute what they did
    config.training.objective = Objective::Stepwise;
    QVERIFY(memoryParts(shapes::publishedModel("sd15"), config, true).passingRow > parts.passingRow);
}

void TestMemoryPlan::theGradientOfARewardIsCostedWhereItIsUsed() {
    RunConfig config;
    const auto graphOf = [&](const char* terms) {
        config.reward.terms = terms;
        return memoryParts(*findModelShape("emoji-lcm"), config, true).rewardGraph;
    };
    config.reward.clipModel = "emoji-clip";
    QCOMPARE(qint64{graphOf("alignment")}, qint64{0});  // the policy's gradient alone
    config.training.rewardGradientWeight = 1;
    const std::int64_t clip = graphOf("alignment"), colours = graphOf("colourfulness");
    QVERIFY(clip > 10 * colours && colours > 0);
    QCOMPARE(qint64{graphOf("alignment + 0.5*colourfulness - 2*compressibility")}, qint64{clip + colours});  // what has no gradient has no graph
    QCOMPARE(qint64{graphOf("look=alignment[clip_model=emoji-clip-judge]")} > 0, true);
    QCOMPARE(qint64{graphOf("compressibility")}, qint64{0});
    QCOMPARE(qint64{graphOf("alignment[clip_model=/nowhere]")}, qint64{0});
    QCOMPARE(qint64{graphOf("no such reward")}, qint64{0});
}

QTEST_GUILESS_MAIN(TestMemoryPlan)
#include "tst_memory_plan.moc"
