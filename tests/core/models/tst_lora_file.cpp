// LoRA files: every format in, and what is refused.
#include <QtTest>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "core/data/safetensors.h"
#include "core/models/ldm_names.h"
#include "core/models/lora_file.h"
#include "core/models/lora_write.h"
#include "core/models/unet.h"
#include "core/parity/parity.h"
#include "core/tensor/torch.h"
#include "tests/core/models/lora_folder.h"
#include "tests/support/message_of.h"

using namespace rlcm;
using test::LoraFolder;
namespace fs = std::filesystem;

namespace {

const fs::path kGolden = fs::path(RLCM_SOURCE_DIR) / "tests/golden";
const std::string kQ = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q";
const std::string kOut = "up_blocks.1.attentions.1.transformer_blocks.0.attn2.to_out.0";

/// A network with two layers: [6, 6] and [4, 10].
std::vector<nn::Projection> twoLayers() {
    at::manual_seed(1);
    return {{kQ, at::randn({6, 6})}, {kOut, at::randn({4, 10})}};
}

/// Factors of both layers in the spelling prefix + path + ending.
data::NamedTensors factors(const std::string& prefix = "unet.", std::int64_t rank = 2) {
    at::manual_seed(2);
    data::NamedTensors tensors;
    for (const nn::Projection& layer : twoLayers()) {
        tensors.emplace_back(prefix + layer.path + ".lora_A.weight", at::randn({rank, layer.weight.size(1)}));
        tensors.emplace_back(prefix + layer.path + ".lora_B.weight", at::randn({layer.weight.size(0), rank}));
    }
    return tensors;
}

data::NamedTensors without(data::NamedTensors tensors, const std::string& part) {
    std::erase_if(tensors, [&](const auto& entry) { return entry.first.find(part) != std::string::npos; });
    return tensors;
}

data::NamedTensors with(data::NamedTensors tensors, const data::NamedTensors& more) {
    for (const auto& [name, tensor] : more) {
        std::erase_if(tensors, [&, key = name](const auto& entry) { return entry.first == key; });
        tensors.emplace_back(name, tensor);
    }
    return tensors;
}

/// The message that reading gives holds every one of the words.
void verifyRefused(const fs::path& file, const QStringList& words, const models::LoraReadOptions& options = {}) {
    const QString message = test::messageOf([&] { models::readLora(file, twoLayers(), options); });
    QVERIFY2(!message.isEmpty(), "it was read");
    for (const QString& word : words) {
        QVERIFY2(message.contains(word), qPrintable(message + QStringLiteral(" / lacks: ") + word));
    }
}

}  // namespace

class TestLoraFile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(1); }  // before every test: torch starts from another number in every process
    void everyFormatGivesTheReferenceWeightsAndOutputs();
    void alphaAndScaleAreExact();
    void patternsOfPeftApplyToTheirModules();
    void filesInTheOriginalLayoutAreReadAsTheSameLora();
    void textEncoderTensorsAreCountedAndLeftOut();
    void convolutionsAreMergedAsTheirMatrices();
    void otherLayersThanAttentionAreReadOnlyWhereTheyMayChange();
    void strengthScalesTheChangeAlone();
    void whatFitsNoLayerIsListed();
    void brokenModulesAreNamedWithTheirShapes();
    void settingsThatContradictTheFactorsAreRefused();
    void aUNetWithALoraInsideNeedsItsAlphaAndItsBase();
    void placesThatHoldNoLoraAreNamed();
};

void TestLoraFile::everyFormatGivesTheReferenceWeightsAndOutputs() {
    const parity::Report report = parity::runLora(kGolden / "lora", at::kCPU);
    std::size_t merged = 0;
    for (const parity::Quantity& quantity : report.quantities) {
        QVERIFY2(quantity.passed, qPrintable(QStringLiteral("%1: %2 > %3 %4")
                                                 .arg(QString::fromStdString(quantity.name))
                                                 .arg(quantity.maxAbs)
                                                 .arg(quantity.tolerance)
                                                 .arg(QString::fromStdString(quantity.note))));
        merged += quantity.name.ends_with(".merged") ? 1 : 0;
    }
    QCOMPARE(report.quantities.size(), std::size_t{1 + 15 + 9});
    QCOMPARE(merged, std::size_t{9});
    QVERIFY(parity::runFixture(kGolden / "lora/kohya_mixed/", {at::kCPU}).passed());
}

void TestLoraFile::alphaAndScaleAreExact() {
    const LoraFolder folder;
    const auto scaleOf = [&](const fs::path& file, const models::LoraReadOptions& options = {}) {
        return models::readLora(file, twoLayers(), options).modules.at(kQ).scale;
    };
    QCOMPARE(scaleOf(folder.write(factors())), 1.0);
    QCOMPARE(scaleOf(folder.write(factors()), {.alpha = 3.0, .injectedAlpha = 7.0}), 1.5);
    QCOMPARE(scaleOf(folder.write(factors()), {.alpha = {}, .injectedAlpha = 7.0}), 1.0);
    QCOMPARE(scaleOf(folder.write(factors(""), {{"alpha", "5.0"}, {"targets", "to_q"}})), 2.5);
    QCOMPARE(scaleOf(folder.write(factors(), {{"lora_adapter_metadata", R"({"unet.r": 2, "unet.lora_alpha": 6, "text_encoder.r": 9})"}})), 3.0);
    QCOMPARE(scaleOf(folder.write(factors(), {{"lora_adapter_metadata", R"({"unet.r": 2, "unet.lora_alpha": 6, "unet.use_rslora": true})"}})),
             6.0 / std::sqrt(2.0));
    QCOMPARE(scaleOf(folder.write(factors(), {{"lora_adapter_metadata", R"({"text_encoder.r": 9})"}})), 1.0);
    models::LoraModules modules = models::readLora(folder.write(factors()), twoLayers()).modules;
    models::writeKohyaLora(folder / "kohya.safetensors", modules, {});
    const data::SafetensorsFile kohya(folder / "kohya.safetensors");
    data::NamedTensors noAlpha, zeroAlpha;
    for (const auto& [name, entry] : kohya.entries()) {
        const bool isAlpha = name.ends_with(".alpha");
        zeroAlpha.emplace_back(name, isAlpha ? at::zeros({1}) : kohya.tensor(name));
        if (!isAlpha) {
            noAlpha.emplace_back(name, kohya.tensor(name));
        }
    }
    QCOMPARE(scaleOf(folder.write(noAlpha, {{"ss_network_alpha", "1"}})), 1.0);
    for (const at::ScalarType type :
         {at::kLong, at::kInt, at::kShort, at::kChar, at::kByte, at::kUInt16, at::kUInt32, at::kUInt64, at::kDouble, at::kBFloat16}) {
        data::NamedTensors whole = zeroAlpha;
        for (auto& [name, tensor] : whole) {
            tensor = name.ends_with(".alpha") ? at::full({}, 5.0, at::kDouble).to(type) : tensor;
        }
        QCOMPARE(scaleOf(folder.write(whole)), 2.5);  // trainers write it in many types, diffusers' converter as I64
    }
    QCOMPARE(scaleOf(folder.write(zeroAlpha)), 1.0);  // kohya: no alpha and alpha 0 mean the rank
}

void TestLoraFile::patternsOfPeftApplyToTheirModules() {
    const LoraFolder folder;
    folder.write(with(factors("base_model.model."),
                      {{"base_model.model." + kOut + ".lora_A.weight", at::ones({4, 10})}, {"base_model.model." + kOut + ".lora_B.weight", at::ones({4, 4})}}),
                 {}, "adapter_model.safetensors");
    const auto scales = [&](const char* config) {
        std::ofstream(folder / "adapter_config.json") << config;
        const models::Lora lora = models::readLora(folder.path(), twoLayers());
        return std::pair(lora.modules.at(kQ).scale, lora.modules.at(kOut).scale);
    };
    QCOMPARE(scales(R"({"peft_type": "LORA", "r": 2, "lora_alpha": 8, "rank_pattern": {"to_out.0": 4}})"), std::pair(4.0, 2.0));
    QCOMPARE(scales(R"({"r": 2, "lora_alpha": 8, "rank_pattern": {"attn2.to_out.0": 4}, "alpha_pattern": {"attn1.to_q": 1}})"), std::pair(0.5, 2.0));
    QCOMPARE(scales(("{\"r\": 4, \"lora_alpha\": 8, \"use_rslora\": true, \"rank_pattern\": {\"^" + kQ + "\": 2}}").c_str()),
             std::pair(8.0 / std::sqrt(2.0), 4.0));
}

void TestLoraFile::filesInTheOriginalLayoutAreReadAsTheSameLora() {
    const LoraFolder folder;
    const std::vector<nn::Projection> layers = models::networkLayers(kGolden / "unet_lcm/c256");
    const data::SafetensorsFile whole(kGolden / "lora/kohya_whole/lora.safetensors");
    data::NamedTensors renamed;
    for (const auto& [path, ldm] : models::ldmNames(layers)) {
        for (const char* ending : {".lora_down.weight", ".lora_up.weight", ".alpha"}) {
            renamed.emplace_back(models::kohyaName(ldm) + ending, whole.tensor(models::kohyaName(path) + ending));
        }
    }
    QCOMPARE(renamed.size(), whole.entries().size());
    const models::Lora ours = models::readLora(folder.write(renamed), layers), expected = models::readLora(kGolden / "lora/kohya_whole", layers);
    QCOMPARE(ours.modules.size(), expected.modules.size());
    for (const auto& [path, module] : expected.modules) {
        const models::LoraModule& read = ours.modules.at(path);
        QVERIFY2(read.scale == module.scale && at::equal(read.down, module.down) && at::equal(read.up, module.up), path.c_str());
    }
    // The factors of one layer under both names are a contradiction, not a choice.
    renamed.emplace_back("lora_unet_conv_in.alpha", at::ones({}));
    const QString message = test::messageOf([&] { models::readLora(folder.write(renamed), layers); });
    QVERIFY2(message.contains(QStringLiteral("lora_unet_input_blocks_0_0.alpha")) && message.contains(QStringLiteral("two names of one thing")),
             qPrintable(message));
}

void TestLoraFile::textEncoderTensorsAreCountedAndLeftOut() {
    const LoraFolder folder;
    const data::NamedTensors text{{"text_encoder.text_model.encoder.layers.0.self_attn.q_proj.lora_A.weight", at::ones({2, 4})},
                                  {"lora_te_text_model_encoder_layers_0_mlp_fc1.alpha", at::ones({})}};
    const models::Lora lora = models::readLora(folder.write(with(factors(), text)), twoLayers());
    QCOMPARE(lora.modules.size(), std::size_t{2});
    QCOMPARE(lora.textEncoderTensors, std::size_t{2});
    QVERIFY2(QString::fromStdString(lora.describe()).contains(QLatin1String("2 tensors for the text encoder were left out")), lora.describe().c_str());
    verifyRefused(folder.write(text), {QStringLiteral("only the text encoder")});
}

void TestLoraFile::convolutionsAreMergedAsTheirMatrices() {
    const LoraFolder folder;
    at::manual_seed(4);
    const std::string path = "mid_block.resnets.0.conv1", pointPath = "mid_block.attentions.0.proj_in";
    const std::vector<nn::Projection> layers{{path, at::randn({5, 3, 3, 3})}, {pointPath, at::randn({4, 4, 1, 1})}};
    const at::Tensor down = at::randn({2, 3, 3, 3}), up = at::randn({5, 2, 1, 1}), matrixDown = at::randn({2, 4}), matrixUp = at::randn({4, 2});
    const data::NamedTensors good{
        {path + ".lora_A.weight", down}, {path + ".lora_B.weight", up}, {pointPath + ".lora_A.weight", matrixDown}, {pointPath + ".lora_B.weight", matrixUp}};
    const auto merged = models::mergeLora(layers, models::readLora(folder.write(good), layers), 0.5);
    at::Tensor expected = layers[0].weight.clone();
    for (int rank = 0; rank < 2; ++rank) {
        expected += 0.5 * up.select(1, rank).view({5, 1, 1, 1}) * down[rank];
    }
    QVERIFY((merged[0].weight - expected).abs().max().item<double>() < 1e-5);
    QVERIFY((merged[1].weight - layers[1].weight - 0.5 * at::matmul(matrixUp, matrixDown).view({4, 4, 1, 1})).abs().max().item<double>() < 1e-5);
    const QString message = test::messageOf([&] { models::readLora(folder.write(with(good, {{path + ".lora_A.weight", at::randn({2, 3, 1, 9})}})), layers); });
    QVERIFY2(message.contains(QStringLiteral("[2, 3, 1, 9]")) && message.contains(QStringLiteral("A [r, 3, 3, 3] and B [5, r, 1, 1]")), qPrintable(message));
}

void TestLoraFile::otherLayersThanAttentionAreReadOnlyWhereTheyMayChange() {
    const models::Lora lora = models::readLora(kGolden / "lora/kohya_whole", models::networkLayers(kGolden / "unet_lcm/c256"));
    QCOMPARE(lora.modules.size(), std::size_t{132});
    QVERIFY(lora.modules.contains("up_blocks.0.upsamplers.0.conv") && lora.modules.contains("mid_block.attentions.0.transformer_blocks.0.ff.net.0.proj"));
    const QString message = test::messageOf(
        [&] { models::readLora(kGolden / "lora/kohya_whole", models::UNet::load(kGolden / "unet_lcm/c256", at::kFloat, at::kCPU).projections()); });
    QVERIFY2(message.contains(QStringLiteral("lora_unet_conv_in")) && message.contains(QStringLiteral("other layers than to_q, to_k, to_v and to_out.0")),
             qPrintable(message));
}

void TestLoraFile::strengthScalesTheChangeAlone() {
    const LoraFolder folder;
    const auto layers = twoLayers();
    const models::Lora lora = models::readLora(folder.write(factors()), layers);
    const auto none = models::mergeLora(layers, lora, 0.0), half = models::mergeLora(layers, lora, 0.5), whole = models::mergeLora(layers, lora);
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const at::Tensor middle = (layers[i].weight + whole[i].weight) / 2;
        QVERIFY(at::equal(none[i].weight, layers[i].weight));
        QVERIFY((half[i].weight - middle).abs().max().item<double>() < 1e-5);
        QVERIFY((whole[i].weight - layers[i].weight).abs().max().item<double>() > 0.1);
    }
}

void TestLoraFile::whatFitsNoLayerIsListed() {
    const LoraFolder folder;
    verifyRefused(
        folder.write(with(factors(), {{"unet.mid_block.ff.net.0.proj.lora_A.weight", at::ones({2, 4})}, {"unet.conv_in.lora.down.weight", at::ones({2, 4})}})),
        {QStringLiteral("2 of 6"), QStringLiteral("unet.mid_block.ff.net.0.proj.lora_A.weight"), QStringLiteral("unet.conv_in.lora.down.weight"),
         QStringLiteral("other layers than to_q")});
    verifyRefused(folder.write({{"lora_unet_double_blocks_0.lora_down.weight", at::ones({2, 4})}}),
                  {QStringLiteral("lora_unet_double_blocks_0"), QStringLiteral("another base model")});
    verifyRefused(folder.write(with(factors(), {{"unet." + kQ + ".dora_scale", at::ones({1})}})), {QStringLiteral("dora_scale")});
    verifyRefused(folder.write(with(factors(), {{"unet." + kQ + ".lora_B.bias", at::ones({6})}})), {QStringLiteral("lora_B.bias")});
    data::NamedTensors many = factors();
    for (int i = 0; i < 40; ++i) {
        many.emplace_back("unet.other." + std::to_string(i) + ".lora_A.weight", at::ones({1}));
    }
    verifyRefused(folder.write(many), {QStringLiteral("40 of 44"), QStringLiteral("and 28 more")});
}

void TestLoraFile::brokenModulesAreNamedWithTheirShapes() {
    const LoraFolder folder;
    const QString q = QString::fromStdString(kQ);
    const std::string down = "unet." + kQ + ".lora_A.weight", up = "unet." + kQ + ".lora_B.weight";
    verifyRefused(folder.write(without(factors(), kQ + ".lora_A")), {q, QStringLiteral("lora_down (A) is missing")});
    verifyRefused(folder.write(without(factors(), kQ + ".lora_B")), {q, QStringLiteral("lora_up (B) is missing")});
    verifyRefused(folder.write(with(factors(), {{up, at::ones({6, 3})}})), {q, QStringLiteral("[2, 6]"), QStringLiteral("rank 2"), QStringLiteral("rank 3")});
    verifyRefused(folder.write(with(factors(), {{down, at::ones({2, 320})}})),
                  {q, QStringLiteral("[2, 320]"), QStringLiteral("A [r, 6]"), QStringLiteral("another base model")});
    verifyRefused(folder.write(with(factors(), {{down, at::ones({2, 6, 3, 3})}})), {q, QStringLiteral("[2, 6, 3, 3]")});
    verifyRefused(folder.write(with(factors(), {{up, at::full({6, 2}, std::numeric_limits<double>::quiet_NaN())}})),
                  {QString::fromStdString(up), QStringLiteral("not finite")});
    verifyRefused(folder.write(with(factors(), {{up, at::ones({6, 2}, at::kLong)}})), {QString::fromStdString(up), QStringLiteral("I64")});
    verifyRefused(folder.write(with(factors(), {{kQ + ".lora_A.weight", at::ones({2, 6})}})), {q, QStringLiteral("two names of one thing")});
    const std::string kohya = models::kohyaName(kQ);
    const data::NamedTensors good{{kohya + ".lora_down.weight", at::ones({2, 6})}, {kohya + ".lora_up.weight", at::ones({6, 2})}};
    verifyRefused(folder.write(with(good, {{kohya + ".alpha", at::ones({2})}})), {QStringLiteral(".alpha: one number is wanted")});
    verifyRefused(folder.write(with(good, {{kohya + ".alpha", at::full({}, std::numeric_limits<double>::infinity())}})), {QStringLiteral("not finite")});
}

void TestLoraFile::settingsThatContradictTheFactorsAreRefused() {
    const LoraFolder folder;
    const auto settings = [&](const char* json) { return folder.write(factors(), {{"lora_adapter_metadata", json}}); };
    verifyRefused(settings(R"({"unet.r": 4, "unet.lora_alpha": 8})"), {QStringLiteral("rank 4"), QStringLiteral("factors have rank 2")});
    verifyRefused(settings(R"({"unet.lora_alpha": 8})"), {QStringLiteral("rank 8")});  // r is 8 where it is not given
    verifyRefused(settings(R"({"unet.r": 2, "unet.use_dora": true})"), {QStringLiteral("use_dora")});
    verifyRefused(settings(R"({"unet.r": 2, "unet.init_lora_weights": "pissa"})"), {QStringLiteral("init_lora_weights"), QStringLiteral("pissa")});
    verifyRefused(settings(R"({"unet.r": 2, "unet.alpha_pattern": {".*to_q": 3}})"), {QStringLiteral("regular expression")});
    verifyRefused(settings(R"({"unet.r": 2, "unet.lora_alpha": "8"})"), {QStringLiteral("lora_alpha")});
    verifyRefused(settings("[1"), {QStringLiteral("lora_adapter_metadata")});
    verifyRefused(settings(R"({"unet.r": 2, "unet.lora_alpha": 4})"), {QStringLiteral("states its alpha"), QStringLiteral("16")},
                  {.alpha = 16.0, .injectedAlpha = {}});
    const LoraFolder peft;
    peft.write(factors("base_model.model."), {}, "adapter_model.safetensors");
    verifyRefused(peft.path(), {QStringLiteral("adapter_config.json")});
    std::ofstream(peft / "adapter_config.json") << R"({"peft_type": "LOHA", "r": 2})";
    verifyRefused(peft.path(), {QStringLiteral("peft_type"), QStringLiteral("LOHA")});
}

void TestLoraFile::aUNetWithALoraInsideNeedsItsAlphaAndItsBase() {
    const LoraFolder folder;
    const auto layers = twoLayers();
    data::NamedTensors whole{{"conv_in.weight", at::ones({3})}};
    for (const nn::Projection& layer : layers) {
        whole.emplace_back(layer.path + ".base_layer.weight", layer.weight.to(at::kBFloat16));
        whole.emplace_back(layer.path + ".lora_A.default.weight", at::ones({2, layer.weight.size(1)}));
        whole.emplace_back(layer.path + ".lora_B.default.weight", at::ones({layer.weight.size(0), 2}));
    }
    verifyRefused(folder.write(whole), {QStringLiteral("alpha"), QStringLiteral("nowhere in the file")});
    const models::Lora lora = models::readLora(folder.write(whole), layers, {.alpha = {}, .injectedAlpha = 8.0});
    QCOMPARE(lora.modules.at(kQ).scale, 4.0);
    QCOMPARE(lora.frozenTensors, std::size_t{3});
    const models::LoraReadOptions options{.alpha = 8.0, .injectedAlpha = {}};
    verifyRefused(folder.write(with(whole, {{kQ + ".base_layer.weight", layers[0].weight * 1.1}})),
                  {QString::fromStdString(kQ), QStringLiteral("another base")}, options);
    verifyRefused(folder.write(with(whole, {{kQ + ".base_layer.weight", at::ones({3, 3})}})), {QStringLiteral("[3, 3]"), QStringLiteral("[6, 6]")}, options);
    verifyRefused(folder.write(with(whole, {{kQ + ".lora_A.second.weight", at::ones({2, 6})}})), {QStringLiteral("two names")}, options);
    verifyRefused(folder.write(with(without(whole, kQ + ".lora_"), {{kQ + ".lora_A.second.weight", at::ones({2, 6})}})),
                  {QStringLiteral("several LoRAs"), QStringLiteral("second")}, options);
}

void TestLoraFile::placesThatHoldNoLoraAreNamed() {
    const LoraFolder folder;
    verifyRefused(folder / "absent.safetensors", {QStringLiteral("absent.safetensors")});
    verifyRefused(folder.path(), {QStringLiteral("no LoRA file here")});
    std::ofstream(folder / "lora.bin") << "x";
    verifyRefused(folder / "lora.bin", {QStringLiteral("can run code")});
    verifyRefused(folder.path(), {QStringLiteral("lora.bin"), QStringLiteral("safe_serialization")});
    folder.write(factors(), {}, "a.safetensors");
    QCOMPARE(models::readLora(folder.path(), twoLayers()).modules.size(), std::size_t{2});
    folder.write(factors(), {}, "b.safetensors");
    verifyRefused(folder.path(), {QStringLiteral("a.safetensors, b.safetensors")});
    std::ofstream(folder / "c.safetensors") << "not a safetensors file";
    verifyRefused(folder / "c.safetensors", {QStringLiteral("c.safetensors")});
    verifyRefused(folder.write({}), {QStringLiteral("holds no LoRA")});
}

QTEST_GUILESS_MAIN(TestLoraFile)
#include "tst_lora_file.moc"
