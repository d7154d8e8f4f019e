// The networks as published: names, shapes and counts of their weights, without the gigabytes.
#include <QTemporaryDir>
#include <QtTest>

#include <functional>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/data/safetensors.h"
#include "core/models/clip.h"
#include "core/models/unet.h"
#include "core/models/vae.h"
#include "core/tensor/torch.h"
#include "tests/support/message_of.h"

using namespace rlcm;
using rlcm::test::messageOf;
namespace fs = std::filesystem;

namespace {

const fs::path kGolden = fs::path(RLCM_SOURCE_DIR) / "tests/golden";

/// Writes a folder whose weights have exactly the names of a manifest, and its shapes with the wide axes divided, so
/// that the real key list can be checked without gigabytes.
void writeManifestFolder(const fs::path& folder, const char* manifest, std::int64_t least, std::int64_t divisor, const Json& config) {
    fs::create_directories(folder);
    data::NamedTensors tensors;
    const Json keys = readJsonFile(kGolden / "keys" / manifest);
    for (const auto& [name, shape] : keys.items()) {
        std::vector<std::int64_t> sizes;
        for (const Json& size : shape) {
            const auto n = size.get<std::int64_t>();
            sizes.push_back(n >= least ? n / divisor : n);
        }
        tensors.emplace_back(name, at::zeros(sizes, at::kHalf));
    }
    data::writeSafetensors(folder / "diffusion_pytorch_model.fp16.safetensors", tensors);
    writeFileAtomically(folder / "config.json", config.dump());
}

Json lcmConfig() {
    return {{"block_out_channels", {32, 64, 128, 128}}, {"cross_attention_dim", 76}, {"time_cond_proj_dim", 256}, {"attention_head_dim", 8}};
}

const char* const kSdxl = R"({"block_out_channels": [320, 640, 1280], "attention_head_dim": [5, 10, 20], "transformer_layers_per_block": [1, 2, 10],
    "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
    "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"], "cross_attention_dim": 2048, "use_linear_projection": true,
    "sample_size": 128, "addition_embed_type": "text_time", "addition_time_embed_dim": 256, "projection_class_embeddings_input_dim": 2816})";

/// The two distilled networks of Segmind, whose attentions differ in depth. source: their depths as ComfyUI lists them; counts of diffusers 0.42.1.
Json distilledSdxl(const char* down, const char* up) {
    Json config = Json::parse(kSdxl);
    config["transformer_layers_per_block"] = Json::parse(down);
    config["reverse_transformer_layers_per_block"] = Json::parse(up);
    config["mid_block_type"] = "UNetMidBlock2D";
    return config;
}

}  // namespace

class TestPublished : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void publishedNetworksHaveTheirPublishedCounts();
    void publishedLcmKeysAndShapesFit();
    void publishedVaeKeysAndShapesFit();
    void sdxlConfigsAreCheckedByKey();
};

void TestPublished::publishedNetworksHaveTheirPublishedCounts() {
    const auto check = [](const char* name, const nn::WeightShapes& wanted, std::size_t tensors, std::int64_t parameters) {
        QVERIFY2(wanted.shapes().size() == tensors && wanted.parameterCount() == parameters,
                 qPrintable(QStringLiteral("%1: %2 tensors, %3 parameters").arg(QLatin1String(name)).arg(wanted.shapes().size()).arg(wanted.parameterCount())));
    };
    const auto unet = [&](const char* name, const Json& config, std::size_t tensors, std::int64_t parameters, std::size_t projections) {
        nn::WeightShapes wanted;
        const models::UNet net = models::UNet::build(shapes::UNetShape::fromJson(config, name), wanted);
        check(name, wanted, tensors, parameters);
        QCOMPARE(net.projections().size(), projections);
    };
    Json lcm{{"cross_attention_dim", 768}, {"time_cond_proj_dim", 256}}, lcmXl = Json::parse(kSdxl);
    lcmXl["time_cond_proj_dim"] = 256;
    unet("SD 1.5", {{"cross_attention_dim", 768}}, 686, 859'520'964, 128);
    unet("LCM", lcm, 687, 859'602'884, 128);
    unet("SDXL", Json::parse(kSdxl), 1680, 2'567'463'684, 560);  // 70 transformer blocks
    unet("LCM-SDXL", lcmXl, 1681, 2'567'545'604, 560);
    unet("SSD-1B", distilledSdxl("[1, [2, 2], [4, 4]]", "[[4, 4, 10], [2, 1, 1], 1]"), 944, 1'331'334'404, 272);
    unet("Segmind-Vega", distilledSdxl("[0, [1, 1], [2, 2]]", "[[2, 2, 2], [1, 1, 1], 0]"), 564, 745'225'604, 120);

    nn::WeightShapes vae;
    const std::vector<std::string> down(4, "DownEncoderBlock2D"), up(4, "UpDecoderBlock2D");
    models::Vae::build(shapes::VaeShape::fromJson(
                           {{"block_out_channels", {128, 256, 512, 512}}, {"layers_per_block", 2}, {"down_block_types", down}, {"up_block_types", up}}, "vae"),
                       vae);
    check("VAE", vae, 248, 83'653'863);

    const auto text = [&](const char* name, const Json& config, bool hasProjection, std::size_t tensors, std::int64_t parameters) {
        nn::WeightShapes wanted;
        models::ClipText::build(shapes::ClipTextShape::fromJson(config, name), hasProjection, "text_model.", wanted);
        check(name, wanted, tensors, parameters);
    };
    text("CLIP-L text", {{"hidden_size", 768}, {"intermediate_size", 3072}, {"num_attention_heads", 12}}, false, 196, 123'060'480);
    text("CLIP-H text", {{"hidden_size", 1024}, {"intermediate_size", 4096}, {"num_attention_heads", 16}, {"num_hidden_layers", 24}, {"projection_dim", 1024}},
         true, 389, 354'032'640);
    text("bigG text", {{"hidden_size", 1280}, {"intermediate_size", 5120}, {"num_attention_heads", 20}, {"num_hidden_layers", 32}, {"projection_dim", 1280}},
         true, 517, 694'659'840);
    const auto vision = [&](const char* name, const Json& config, std::size_t tensors, std::int64_t parameters) {
        nn::WeightShapes wanted;
        models::ClipVision::build(shapes::ClipVisionShape::fromJson(config, name), wanted);
        check(name, wanted, tensors, parameters);
    };
    vision("CLIP-L vision",
           {{"hidden_size", 1024},
            {"intermediate_size", 4096},
            {"num_attention_heads", 16},
            {"num_hidden_layers", 24},
            {"patch_size", 14},
            {"projection_dim", 768}},
           392, 303'966'208);
    vision("CLIP-H vision",
           {{"hidden_size", 1280},
            {"intermediate_size", 5120},
            {"num_attention_heads", 16},
            {"num_hidden_layers", 32},
            {"patch_size", 14},
            {"projection_dim", 1024}},
           520, 632'076'800);
}

void TestPublished::publishedLcmKeysAndShapesFit() {
    QTemporaryDir temporary;
    const fs::path folder = fs::path(temporary.path().toStdString()) / "unet";
    writeManifestFolder(folder, "lcm_unet_keys.json", 320, 10, lcmConfig());
    // 768 / 10 = 76 is the text width.
    const models::UNet unet = models::UNet::load(folder, at::kFloat, at::kCPU);
    QCOMPARE(unet.projections().size(), std::size_t{128});
    QCOMPARE(QString::fromStdString(unet.projections()[0].path), QStringLiteral("down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q"));
    QCOMPARE(QString::fromStdString(unet.projections()[7].path), QStringLiteral("down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_out.0"));
}

void TestPublished::publishedVaeKeysAndShapesFit() {
    QTemporaryDir temporary;
    const fs::path folder = fs::path(temporary.path().toStdString()) / "vae";
    const std::vector<std::string> down(4, "DownEncoderBlock2D"), up(4, "UpDecoderBlock2D");
    writeManifestFolder(folder, "vae_keys.json", 128, 4,
                        {{"block_out_channels", {32, 64, 128, 128}}, {"layers_per_block", 2}, {"down_block_types", down}, {"up_block_types", up}});
    QCOMPARE(models::Vae::load(folder, at::kFloat, at::kCPU).config().downFactor(), std::int64_t{8});
}

void TestPublished::sdxlConfigsAreCheckedByKey() {
    for (const auto& [key, value] : {std::pair("addition_time_embed_dim", "null"), std::pair("projection_class_embeddings_input_dim", "null"),
                                     std::pair("projection_class_embeddings_input_dim", "1536"), std::pair("addition_time_embed_dim", "1"),
                                     std::pair("transformer_layers_per_block", "[1, [2, 2], 10]"), std::pair("attention_head_dim", "[5, 10, 19]")}) {
        Json config = Json::parse(kSdxl);
        config[key] = Json::parse(value);
        const QString message = messageOf([&] { shapes::UNetShape::fromJson(config, "some/config.json"); });
        QVERIFY2(message.contains(QStringLiteral("some/config.json: \"%1\" is ").arg(QLatin1String(key))), qPrintable(QLatin1String(key) + message));
    }
}

QTEST_GUILESS_MAIN(TestPublished)
#include "tst_published.moc"
