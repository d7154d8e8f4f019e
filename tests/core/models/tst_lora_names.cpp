// Names of layers in kohya's files: of diffusers' layout and of the original one, as diffusers' own conversions have them.
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <filesystem>
#include <set>

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/models/ldm_names.h"
#include "core/models/lora_names.h"
#include "core/models/network.h"
#include "core/tensor/torch.h"

using namespace rlcm;
namespace fs = std::filesystem;

namespace {

Json golden(const QString& network) {
    return readJsonFile(fs::path(RLCM_SOURCE_DIR) / "tests/golden/lora/ldm_names.json").at(network.toStdString());
}

std::vector<nn::Projection> layersOf(const Json& config) {
    const QTemporaryDir folder;
    writeFileAtomically(fs::path(folder.path().toStdString()) / "config.json", config.dump());
    return models::networkLayers(folder.path().toStdString());
}

std::vector<nn::Projection> attentionOf(std::vector<nn::Projection> layers) {
    std::erase_if(layers, [](const nn::Projection& layer) { return layer.path.find(".attn") == std::string::npos; });
    return layers;
}

std::string moduleOf(const models::LoraNames& names, const std::string& dotted) {
    return names.parse(models::kohyaName(dotted) + ".lora_down.weight").module;
}

}  // namespace

class TestLoraNames : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyLayerIsKnownInBothLayouts_data();
    void everyLayerIsKnownInBothLayouts();
    void attentionAloneIsEnoughToCountBlocks_data();
    void attentionAloneIsEnoughToCountBlocks();
    void levelsOfDifferentLengthAreCounted();
    void levelsThatStayOpenGetNoName();
    void layersThatTheLayoutLacksAreNotGuessed();
};

void TestLoraNames::everyLayerIsKnownInBothLayouts_data() {
    QTest::addColumn<std::size_t>("count");
    QTest::newRow("sdxl") << std::size_t{794};
    QTest::newRow("three_layers") << std::size_t{159};
    QTest::newRow("one_layer") << std::size_t{145};
}

void TestLoraNames::everyLayerIsKnownInBothLayouts() {
    QFETCH(std::size_t, count);
    const Json network = golden(QString::fromLatin1(QTest::currentDataTag()));
    const std::vector<nn::Projection> layers = layersOf(network.at("config"));
    const models::LoraNames names(layers);
    std::set<std::string> known;
    for (const auto& [ldm, path] : network.at("layers").items()) {
        QCOMPARE(moduleOf(names, ldm), path.get<std::string>());
        QCOMPARE(moduleOf(names, path.get<std::string>()), path.get<std::string>());
        known.insert(path.get<std::string>());
    }
    QCOMPARE(known.size(), count);
    QCOMPARE(layers.size(), count);
}

void TestLoraNames::attentionAloneIsEnoughToCountBlocks_data() {
    everyLayerIsKnownInBothLayouts_data();
}

void TestLoraNames::attentionAloneIsEnoughToCountBlocks() {
    const Json network = golden(QString::fromLatin1(QTest::currentDataTag()));
    const std::vector<nn::Projection> layers = attentionOf(layersOf(network.at("config")));
    const models::LoraNames names(layers);
    std::size_t known = 0;
    for (const auto& [ldm, path] : network.at("layers").items()) {
        const bool isListed = ldm.find(".attn") != std::string::npos;
        QCOMPARE(moduleOf(names, ldm), isListed ? path.get<std::string>() : models::kohyaName(ldm));
        known += isListed ? 1 : 0;
    }
    QCOMPARE(known, layers.size());
}

void TestLoraNames::levelsOfDifferentLengthAreCounted() {
    const auto layers =
        layersOf(Json::parse(R"({"block_out_channels": [32, 32, 32], "layers_per_block": [1, 3, 2], "attention_head_dim": 2, "cross_attention_dim": 8,
        "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"], "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D", "UpBlock2D"]})"));
    const std::map<std::string, std::string> names = models::ldmNames(layers);
    const auto check = [&](const char* path, const char* ldm) { QCOMPARE(names.at(path), std::string(ldm)); };
    // Blocks on the way down: conv_in 0, level 0 with 1 and 2, level 1 with 3 to 6, level 2 with 7 and 8; on the way up 0 to 2, 3 to 6, 7 and 8.
    check("down_blocks.0.resnets.0.conv1", "input_blocks.1.0.in_layers.2");
    check("down_blocks.0.downsamplers.0.conv", "input_blocks.2.0.op");
    check("down_blocks.1.attentions.2.proj_in", "input_blocks.5.1.proj_in");
    check("down_blocks.1.downsamplers.0.conv", "input_blocks.6.0.op");
    check("down_blocks.2.resnets.1.time_emb_proj", "input_blocks.8.0.emb_layers.1");
    check("up_blocks.0.attentions.2.proj_out", "output_blocks.2.1.proj_out");
    check("up_blocks.0.upsamplers.0.conv", "output_blocks.2.2.conv");
    check("up_blocks.1.resnets.3.conv2", "output_blocks.6.0.out_layers.3");
    check("up_blocks.1.upsamplers.0.conv", "output_blocks.6.1.conv");
    check("up_blocks.2.resnets.1.conv_shortcut", "output_blocks.8.0.skip_connection");
    QCOMPARE(names.size(), layers.size());
}

void TestLoraNames::levelsThatStayOpenGetNoName() {
    const std::string ending = ".transformer_blocks.0.attn1.to_q", mid = "mid_block.attentions.0" + ending;
    std::vector<nn::Projection> layers;
    for (const char* attention : {"down_blocks.1.attentions.0", "down_blocks.2.attentions.0", "down_blocks.2.attentions.1", "mid_block.attentions.0"}) {
        layers.push_back({attention + ending, at::zeros({3, 3})});
    }
    // The first level, which is not listed, may have one layer or two.
    const std::map<std::string, std::string> names = models::ldmNames(layers);
    QCOMPARE(names.size(), std::size_t{1});
    QCOMPARE(names.at(mid), "middle_block.1" + ending);
    QCOMPARE(moduleOf(models::LoraNames(layers), "down_blocks.2.attentions.1" + ending), "down_blocks.2.attentions.1" + ending);
}

void TestLoraNames::layersThatTheLayoutLacksAreNotGuessed() {
    const auto names = models::ldmNames(layersOf(readJsonFile(fs::path(RLCM_SOURCE_DIR) / "tests/golden/unet_lcm/c256/config.json")));
    QVERIFY(names.contains("time_embedding.linear_1") && !names.contains("time_embedding.cond_proj"));
    std::vector<nn::Projection> strange;
    for (const char* path : {"down_blocks.x.resnets.0.conv1", "down_blocks.0.resnets.0.conv9", "up_blocks.0", "mid_block.resnets.conv1", "conv_in.inner", ""}) {
        strange.push_back({path, at::zeros({3, 3})});
    }
    QVERIFY(models::ldmNames(strange).empty());
}

QTEST_GUILESS_MAIN(TestLoraNames)
#include "tst_lora_names.moc"
