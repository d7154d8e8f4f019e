// Looking at model folders without their weights: facts, uses, and every way in which a folder can be wrong.
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <memory>

#include <sys/stat.h>

#include "core/models/inspect.h"
#include "core/shapes/model_shape.h"
#include "tests/core/models/model_folder.h"

using namespace rlcm;
using namespace rlcm::test;

namespace {

const fs::path kSource(RLCM_SOURCE_DIR);

/// One whole model that tests spoil in their own way; links to it cost nothing.
struct Playground {
    QTemporaryDir temporary;
    fs::path folder = fs::path(temporary.path().toStdString()) / "model";
    Playground() { writeDreamshaper(folder); }
};

std::string allProblems(const run::ModelFacts& facts) {
    std::string all;
    for (const run::ModelProblem& problem : facts.problems) {
        all += problem.what + "\n" + problem.fix + "\n";
    }
    return all;
}

bool canBeUsedFor(const run::ModelFacts& facts, const char* what) {
    const auto found = std::find_if(facts.uses.begin(), facts.uses.end(), [&](const run::ModelUse& use) { return use.what.find(what) != std::string::npos; });
    return found != facts.uses.end() && found->isPossible;
}

void expectProblem(const fs::path& folder, std::initializer_list<const char*> words) {
    const std::string all = allProblems(models::inspectModel(folder));
    for (const char* word : words) {
        QVERIFY2(all.find(word) != std::string::npos, ("\"" + std::string(word) + "\" is not in: " + all).c_str());
    }
}

void replaceText(const fs::path& file, const std::string& before, const std::string& after) {
    std::string text = readFile(file);
    const auto at = text.find(before);
    QVERIFY(at != std::string::npos);
    writeText(file, text.replace(at, before.size(), after));
}

}  // namespace

class TestInspect : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void bundledModelsAreSound();
    void aRealSizedModelAgreesWithTheManifestsInAMoment();
    void sdxlIsToldFromWhatIsShapedLikeIt();
    void keysThatDoNotFitAreNamed();
    void shardsAreFollowedAndChecked();
    void otherFormatsGetTheConversion();
    void partsOfDifferentModelsAreNamed();
    void severalProblemsAreAllNamed();
    void scorersAreToldApart();
    void adviceFitsItsCause_data();
    void adviceFitsItsCause();
    void namesOfFoldersAreNoCause();
    void scoreHeadsAreKnown();
    void hostileFoldersAreRefusedQuickly();
    void checkFindsDamageThatNoPartWouldLoad();
};

void TestInspect::bundledModelsAreSound() {
    const auto facts = models::inspectModel(kSource / "resources/models/emoji-lcm");
    QCOMPARE(allProblems(facts), std::string());
    QVERIFY(facts.kind == run::ModelKind::Consistency);
    QCOMPARE(facts.shape, std::string("other"));
    QCOMPARE(facts.resolution, 64);
    QVERIFY(canBeUsedFor(facts, "RLCM") && !canBeUsedFor(facts, "DDPO"));
    QCOMPARE(facts.components.size(), std::size_t{3});
    QVERIFY(facts.bytes > 1'000'000);
    const auto diffusion = models::inspectModel(kSource / "resources/models/emoji-sd");
    QVERIFY(diffusion.kind == run::ModelKind::Diffusion && diffusion.problems.empty());
    QVERIFY(canBeUsedFor(diffusion, "DDPO") && !canBeUsedFor(diffusion, "RLCM"));
    const auto clip = models::inspectModel(kSource / "resources/models/emoji-clip");
    QCOMPARE(allProblems(clip), std::string());
    QVERIFY(clip.kind == run::ModelKind::ClipScorer);
    QVERIFY(canBeUsedFor(clip, "alignment") && !canBeUsedFor(clip, "aesthetic") && !canBeUsedFor(clip, "pickscore"));
}

void TestInspect::aRealSizedModelAgreesWithTheManifestsInAMoment() {
    const Playground place;
    qint64 best = 1'000'000;
    run::ModelFacts facts;
    for (int i = 0; i < 5; ++i) {
        QElapsedTimer clock;
        clock.start();
        facts = models::inspectModel(place.folder);
        best = std::min(best, clock.elapsed());
    }
    qInfo("inspecting %.2f GB took %lld ms", static_cast<double>(facts.bytes) / 1e9, static_cast<long long>(best));
    QCOMPARE(allProblems(facts), std::string());
    QCOMPARE(facts.shape, std::string("SD 1.5"));
    QCOMPARE(facts.resolution, 768);
    QCOMPARE(facts.dtype, std::string("fp32"));
    QCOMPARE(facts.components[0].bytes, 3'438'411'536);  // as published; formats.md, section 1
    QCOMPARE(facts.components[0].tensors, 687);
    QCOMPARE(facts.components[1].tensors, 248);
    QCOMPARE(facts.components[2].tensors, 196);
    QVERIFY2(best < 20'000, "an idle machine takes 0.2 s at most; the line above tells");
}

void TestInspect::sdxlIsToldFromWhatIsShapedLikeIt() {
    Playground place;
    const auto shape = [&](const Json& unet) {
        writeText(place.folder / "unet/config.json", unet.dump());
        return models::inspectModel(place.folder).shape;
    };
    Json config = shapes::publishedUNet("sdxl");
    QCOMPARE(shape(config), std::string("SDXL"));
    config["transformer_layers_per_block"] = Json::parse("[0, [2, 2], [4, 4]]");  // SSD-1B
    config["reverse_transformer_layers_per_block"] = Json::parse("[[4, 4, 10], [2, 1, 1], 1]");
    config["mid_block_type"] = "UNetMidBlock2D";
    QCOMPARE(shape(config), std::string("SDXL-shaped"));
    config["cross_attention_dim"] = 768;
    QCOMPARE(shape(config), std::string("other"));
}

void TestInspect::keysThatDoNotFitAreNamed() {
    const Playground place;
    const fs::path file = place.folder / "unet/diffusion_pytorch_model.safetensors";
    Shapes shapes = manifest("lcm_unet_keys.json");
    shapes.erase("mid_block.resnets.0.conv1.weight");
    shapes["surprise.weight"] = {3};
    shapes["conv_in.weight"] = {320, 9, 3, 3};
    writeHollow(file, shapes);
    expectProblem(place.folder, {"1 missing: mid_block.resnets.0.conv1.weight", "1 unexpected: surprise.weight",
                                 "conv_in.weight (file [320, 9, 3, 3], config [320, 4, 3, 3])", "same place and version"});
    QVERIFY(!canBeUsedFor(models::inspectModel(place.folder), "RLCM"));
    writeHollow(file, Shapes{{"model.diffusion_model.input_blocks.0.0.weight", {320, 4, 3, 3}}, {"time_embedding.cond_proj.weight", {320, 256}}});
    expectProblem(place.folder, {"686 missing", "and 666 more", "single-file checkpoint", "from_single_file"});
}

void TestInspect::shardsAreFollowedAndChecked() {
    const Playground place;
    const fs::path unet = place.folder / "unet";
    fs::remove(unet / "diffusion_pytorch_model.safetensors");
    Shapes halves[2];
    Json map = Json::object();
    const std::string names[2] = {"diffusion_pytorch_model-00001-of-00002.safetensors", "diffusion_pytorch_model-00002-of-00002.safetensors"};
    std::size_t i = 0;
    for (const auto& [name, shape] : manifest("lcm_unet_keys.json")) {
        const std::size_t half = i++ < 300 ? 0 : 1;
        halves[half][name] = shape;
        map[name] = names[half];
    }
    const fs::path index = unet / "diffusion_pytorch_model.safetensors.index.json";
    writeText(index, Json{{"metadata", {{"total_size", 1}}}, {"weight_map", map}}.dump());
    writeHollow(unet / names[0], halves[0], "F16");
    writeHollow(unet / names[1], halves[1], "F16");
    const auto facts = models::inspectModel(place.folder);
    QCOMPARE(allProblems(facts), std::string());
    QCOMPARE(facts.components[0].tensors, 687);
    QCOMPARE(facts.components[0].dtype, std::string("fp16"));
    QCOMPARE(facts.components[0].bytes, 3'438'411'536 / 2);
    fs::remove(unet / names[1]);
    expectProblem(place.folder, {names[1].c_str(), "missing", "again"});
    map["conv_in.weight"] = "../../elsewhere.safetensors";
    writeText(index, Json{{"weight_map", map}}.dump());
    expectProblem(place.folder, {"conv_in.weight", "../../elsewhere.safetensors", "plain name"});
}

void TestInspect::otherFormatsGetTheConversion() {
    const Playground place;
    fs::rename(place.folder / "vae/diffusion_pytorch_model.safetensors", place.folder / "vae/diffusion_pytorch_model.bin");
    expectProblem(place.folder, {"diffusion_pytorch_model.bin", "run code", "save_pretrained(sys.argv[2])", "-safetensors'"});
    const fs::path lone = place.folder.parent_path() / "lone";
    writeText(lone / "v1-5-pruned.ckpt", "x");
    expectProblem(lone, {"neither model_index.json", "v1-5-pruned.ckpt", "from_single_file"});
    QVERIFY(models::inspectModel(lone).kind == run::ModelKind::Unknown);
    writeHollow(lone / "all.safetensors", Shapes{{"first_stage_model.x", {1}}});
    expectProblem(lone / "all.safetensors", {"single-file checkpoint", "from_single_file"});
    expectProblem(place.folder / "unet", {"only one part of a model", "UNet2DConditionModel", "folder above"});
    writeText(lone / "config.json", R"({"model_type": "bert"})");
    expectProblem(lone, {"bert", "only clip"});
}

void TestInspect::partsOfDifferentModelsAreNamed() {
    const Playground place;
    const fs::path unet = place.folder / "unet/config.json";
    const std::string original = readFile(unet);
    replaceText(unet, R"("time_cond_proj_dim": 256,)", "");
    expectProblem(place.folder, {"time_embedding.cond_proj.weight", "no time_cond_proj_dim", "same model"});
    writeText(unet, original);
    Shapes plain = manifest("lcm_unet_keys.json");
    plain.erase("time_embedding.cond_proj.weight");
    writeHollow(place.folder / "unet/diffusion_pytorch_model.safetensors", plain);
    expectProblem(place.folder, {"time_embedding.cond_proj.weight", "plain diffusion model", "same model"});
    replaceText(unet, R"("time_cond_proj_dim": 256)", R"("time_cond_proj_dim": null)");
    expectProblem(place.folder, {"LatentConsistencyModelPipeline", "guidance embedding", "same model"});
    writeText(unet, original);
    writeHollow(place.folder / "unet/diffusion_pytorch_model.safetensors", manifest("lcm_unet_keys.json"));
    QCOMPARE(allProblems(models::inspectModel(place.folder)), std::string());
    replaceText(place.folder / "text_encoder/config.json", R"("vocab_size": 49408)", R"("vocab_size": 1000)");
    Shapes text = clipText(12, 768);
    text["text_model.embeddings.token_embedding.weight"] = {1000, 768};
    writeHollow(place.folder / "text_encoder/model.safetensors", text);
    expectProblem(place.folder, {"49407", "1000", "vocab_size", "different models"});
}

void TestInspect::severalProblemsAreAllNamed() {
    const Playground place;
    fs::remove_all(place.folder / "vae");
    fs::remove(place.folder / "text_encoder/model.safetensors");
    replaceText(place.folder / "unet/config.json", R"("layers_per_block": 2)", R"("layers_per_block": 2, "dual_cross_attention": true)");
    const auto facts = models::inspectModel(place.folder);
    QCOMPARE(facts.problems.size(), std::size_t{3});
    expectProblem(place.folder, {"dual_cross_attention", "component \"vae\" is missing", "no weights here"});
    for (const run::ModelProblem& problem : facts.problems) {
        QVERIFY2(!problem.fix.empty(), problem.what.c_str());
    }
}

void TestInspect::scorersAreToldApart() {
    const QTemporaryDir temporary;
    const fs::path folder = fs::path(temporary.path().toStdString()) / "pickscore";
    const auto write = [&](std::int64_t textLayers, std::int64_t text, std::int64_t visionLayers, std::int64_t vision, std::int64_t projection) {
        const Json config{{"model_type", "clip"},
                          {"projection_dim", projection},
                          {"text_config",
                           {{"hidden_size", text},
                            {"intermediate_size", 4 * text},
                            {"num_hidden_layers", textLayers},
                            {"num_attention_heads", text / 64},
                            {"vocab_size", 49408},
                            {"projection_dim", projection},
                            {"hidden_act", "gelu"}}},
                          {"vision_config",
                           {{"hidden_size", vision},
                            {"intermediate_size", 4 * vision},
                            {"num_hidden_layers", visionLayers},
                            {"num_attention_heads", 16},
                            {"patch_size", 14},
                            {"image_size", 224},
                            {"projection_dim", projection},
                            {"hidden_act", "gelu"}}}};
        writeText(folder / "config.json", config.dump());
        writeHollow(folder / "model.safetensors", clipModel(textLayers, text, visionLayers, vision, projection), "F16");
    };
    copyTokenizer(folder);
    writeText(folder / "preprocessor_config.json", "{}");
    write(24, 1024, 32, 1280, 1024);
    const auto large = models::inspectModel(folder);
    QCOMPARE(allProblems(large), std::string());
    QCOMPARE(large.shape, std::string("ViT-H/14"));
    QCOMPARE(large.dtype, std::string("fp16"));
    QVERIFY(canBeUsedFor(large, "pickscore") && canBeUsedFor(large, "clipscore") && !canBeUsedFor(large, "aesthetic"));
    write(12, 768, 24, 1024, 768);
    const auto medium = models::inspectModel(folder);
    QCOMPARE(allProblems(medium), std::string());
    QCOMPARE(medium.shape, std::string("ViT-L/14"));
    QVERIFY(canBeUsedFor(medium, "aesthetic") && !canBeUsedFor(medium, "pickscore"));
    // transformers 5 writes another file, and old versions a second dictionary, which counts.
    fs::remove(folder / "preprocessor_config.json");
    writeText(folder / "processor_config.json", R"({"image_processor": {"image_processor_type": "CLIPImageProcessor"}, "processor_class": "CLIPProcessor"})");
    Json old = readJsonFile(folder / "config.json");
    old["vision_config_dict"] = old["vision_config"];
    old["vision_config"] = {{"hidden_size", 64}};
    old["text_config_dict"] = old["text_config"];
    old["text_config"] = {{"num_hidden_layers", 1}};
    writeText(folder / "config.json", old.dump());
    QCOMPARE(allProblems(models::inspectModel(folder)), std::string());
    writeText(folder / "added_tokens.json", R"({"<my-pet>": 49408})");
    expectProblem(folder, {"ids up to 49408", "49408 rows"});
    fs::remove(folder / "added_tokens.json");
    writeText(folder / "processor_config.json", R"({"image_processor": {"image_processor_type": "SiglipImageProcessor"}})");
    expectProblem(folder, {"processor_config.json", "image_processor_type"});
    fs::remove(folder / "processor_config.json");
    expectProblem(folder, {"preprocessor_config.json"});
}

void TestInspect::adviceFitsItsCause_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("content");
    QTest::addColumn<QString>("fix");
    const QString pointer = QStringLiteral("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 9\n");
    for (const char* file :
         {"unet/diffusion_pytorch_model.safetensors", "unet/config.json", "tokenizer/vocab.json", "tokenizer/merges.txt", "scheduler/scheduler_config.json"}) {
        QTest::addRow("git-lfs %s", file) << QString::fromLatin1(file) << pointer << QStringLiteral("git lfs pull");
    }
    const auto scheduler = [](const char* changes) {
        Json json{{"_class_name", "LCMScheduler"}};
        json.update(Json::parse(changes));
        return QString::fromStdString(json.dump());
    };
    const QString file = QStringLiteral("scheduler/scheduler_config.json");
    QTest::newRow("other prediction") << file << scheduler(R"({"prediction_type": "v_prediction"})") << QStringLiteral("prediction_type epsilon");
    QTest::newRow("clipping") << file << scheduler(R"({"clip_sample": true})") << QStringLiteral("\"clip_sample\": false");
    QTest::newRow("other class") << file << scheduler(R"({"_class_name": "TCDScheduler"})") << QStringLiteral("DDIMScheduler.from_config");
    QTest::newRow("class of another model") << file << scheduler(R"({"_class_name": "DDIMScheduler", "beta_schedule": "scaled_linear", "clip_sample": false})")
                                            << QStringLiteral("in both files");
    QTest::newRow("tokenizer setting") << QStringLiteral("tokenizer/tokenizer_config.json") << QStringLiteral(R"({"padding_side": "left"})")
                                       << QStringLiteral("tokenizer");
}
void TestInspect::adviceFitsItsCause() {
    QFETCH(QString, file);
    QFETCH(QString, content);
    QFETCH(QString, fix);
    const Playground place;
    writeText(place.folder / file.toStdString(), content.toStdString());
    const auto facts = models::inspectModel(place.folder);
    QVERIFY(!facts.problems.empty());
    for (const run::ModelProblem& problem : facts.problems) {
        QVERIFY2(problem.fix.find(fix.toStdString()) != std::string::npos, (problem.what + " -> " + problem.fix).c_str());
    }
}

void TestInspect::namesOfFoldersAreNoCause() {
    const QTemporaryDir temporary;
    const fs::path folder = fs::path(temporary.path().toStdString()) / "git-lfs is missing, can run code, supported";
    writeText(folder / "config.json", R"({"model_type": "bert"})");
    const auto facts = models::inspectModel(folder);
    QCOMPARE(facts.problems.size(), std::size_t{1});
    QCOMPARE(facts.problems[0].fix, std::string());  // what is wanted stands in the message
}

void TestInspect::scoreHeadsAreKnown() {
    const fs::path golden = kSource / "tests/golden/aesthetic";
    const auto head = models::inspectModel(golden / "head_full.safetensors");
    QCOMPARE(allProblems(head), std::string());
    QVERIFY(head.kind == run::ModelKind::ScoreHead);
    QVERIFY(canBeUsedFor(head, "aesthetic"));
    const auto small = models::inspectModel(golden / "head_small.pth");
    QVERIFY(small.kind == run::ModelKind::ScoreHead && small.problems.empty() && !canBeUsedFor(small, "aesthetic"));
    const auto dangerous = models::inspectModel(golden / "refuse_function_call.pth");
    QVERIFY(dangerous.kind == run::ModelKind::Unknown && dangerous.problems.size() == 1);
}

void TestInspect::hostileFoldersAreRefusedQuickly() {
    const Playground place;
    QElapsedTimer clock;
    clock.start();
    const fs::path config = place.folder / "unet/config.json";
    fs::remove(config);
    QVERIFY(::mkfifo(config.c_str(), 0600) == 0);  // whoever opens it waits for a writer
    expectProblem(place.folder, {"config.json is not a regular file"});
    fs::remove(config);
    fs::create_directory_symlink("/", config.parent_path() / "root");
    fs::create_directory_symlink(place.folder, place.folder / "again");
    writeText(config, std::string(100'000, '['));
    expectProblem(place.folder, {"config.json"});
    QVERIFY(models::inspectModel(place.folder).bytes < 5'000'000'000);  // the links were not followed
    writeText(config, R"({"_class_name": "UNet2DConditionModel", "block_out_channels": [65536, 65536, 65536, 65536], "layers_per_block": 64})");
    expectProblem(place.folder, {"unet"});
    writeText(place.folder / "unet/diffusion_pytorch_model.safetensors", std::string("\xff\xff\xff\xff\xff\xff\xff\x7f{}", 10));
    expectProblem(place.folder, {"not a valid safetensors file"});
    writeText(place.folder / "model_index.json", R"({"_class_name": 7})");
    expectProblem(place.folder, {"_class_name"});
    expectProblem(place.folder / "gone", {"not there"});
    QVERIFY2(clock.elapsed() < 20'000, "a hostile folder held the inspection up");
}

void TestInspect::checkFindsDamageThatNoPartWouldLoad() {
    const Playground place;
    const fs::path extra = place.folder / "unet/diffusion_pytorch_model.fp16.safetensors";
    writeHollow(extra, manifest("lcm_unet_keys.json"), "F16");
    QVERIFY(models::checkFiles(place.folder).empty());
    fs::resize_file(extra, fs::file_size(extra) - 1);
    QCOMPARE(allProblems(models::inspectModel(place.folder)), std::string());
    const auto problems = models::checkFiles(place.folder);
    QCOMPARE(problems.size(), std::size_t{1});
    QVERIFY(problems[0].what.find("cut off") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestInspect)
#include "tst_inspect.moc"
