// Model folders: SDXL pipelines against diffusers, split weights, and parts that do not fit.
#include <QTemporaryDir>
#include <QtTest>

#include <functional>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/data/safetensors.h"
#include "core/data/tokenizer.h"
#include "core/models/pipeline.h"
#include "core/models/unet.h"
#include "core/nn/merged_projection.h"
#include "core/tensor/torch.h"
#include "tests/support/largest_difference.h"
#include "tests/support/message_of.h"

using namespace rlcm;
using rlcm::test::largestDifference;
using rlcm::test::messageOf;
namespace fs = std::filesystem;

namespace {

const fs::path kTiny = fs::path(RLCM_SOURCE_DIR) / "tests/golden/pipeline_sdxl_tiny";

/// A copy of the tiny SDXL pipeline to spoil.
class Copy {
public:
    Copy() { fs::copy(kTiny, folder(), fs::copy_options::recursive); }
    fs::path folder() const { return fs::path(m_dir.path().toStdString()) / "model"; }
    QString loadError() const {
        return messageOf([&] { models::loadPipeline(folder(), at::kFloat, at::kCPU); });
    }
    /// Changes one value of a JSON file of the copy.
    void set(const char* file, const char* key, const Json& value) const {
        Json json = readJsonFile(folder() / file);
        json[key] = value;
        writeFileAtomically(folder() / file, json.dump());
    }

private:
    QTemporaryDir m_dir;
};

/// Splits the weight file of a folder over two and writes the index, as save_pretrained with a small max_shard_size.
Json splitWeights(const fs::path& folder, const std::string& stem) {
    const fs::path whole = folder / (stem + ".safetensors");
    const data::SafetensorsFile file(whole);
    data::NamedTensors parts[2];
    Json map = Json::object();
    std::size_t number = 0;
    for (const auto& [name, entry] : file.entries()) {
        const std::size_t part = number++ % 2;
        parts[part].emplace_back(name, file.tensor(name));
        map[name] = stem + "-0000" + std::to_string(part + 1) + "-of-00002.safetensors";
    }
    for (std::size_t part = 0; part < 2; ++part) {
        data::writeSafetensors(folder / (stem + "-0000" + std::to_string(part + 1) + "-of-00002.safetensors"), parts[part]);
    }
    fs::remove(whole);
    const Json index{{"metadata", {{"total_size", 0}}}, {"weight_map", map}};
    writeFileAtomically(folder / (stem + ".safetensors.index.json"), index.dump());
    return index;
}

}  // namespace

class TestPipeline : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(1); }  // before every test: torch starts from another number in every process
    void randomWeightsDependOnTheSeedAlone();
    void sdxlPromptsAreEncodedAsTheReferenceDoes();
    void tiledDecodingEqualsTheReference();
    void largeImagesAreDecodedInTilesOneByOne();
    void onlyAnSdxlVaeInHalfPrecisionIsWidened();
    void splitWeightsLoadForEveryComponent();
    void splitWeightsThatDoNotFitAreExplained_data();
    void splitWeightsThatDoNotFitAreExplained();
    void partsOfOtherModelsAreNamed_data();
    void partsOfOtherModelsAreNamed();
    void missingSdxlPartsAreNamed();
};

void TestPipeline::randomWeightsDependOnTheSeedAlone() {
    const at::NoGradGuard noGrad;
    const auto run = [](std::uint64_t seed) {
        nn::RandomWeights weights(seed, at::kFloat, at::kCPU);
        const models::UNet unet = models::UNet::build(shapes::UNetShape::fromJson(readJsonFile(kTiny / "unet/config.json"), "config"), weights);
        const at::Tensor embedding = unet.timeEmbedding(at::tensor({999}), {}) + unet.addedEmbedding(at::ones({1, 12}), at::full({1, 6}, 16.0));
        return unet.forward(at::ones({1, 4, 8, 8}), unet.timeFeatures(embedding), at::ones({1, 3, 40}), nn::withoutLora(unet.projections()));
    };
    const at::Tensor first = run(1);
    QVERIFY(at::equal(first, run(1)));
    QVERIFY(largestDifference(first, run(2)) > 1e-3);
    const double size = first.abs().max().item<double>();
    QVERIFY2(size > 1e-3 && size < 1e3, qPrintable(QString::number(size)));
}

void TestPipeline::sdxlPromptsAreEncodedAsTheReferenceDoes() {
    const models::Pipeline pipeline = models::loadPipeline(kTiny, at::kFloat, at::kCPU);
    QVERIFY(pipeline.kind == models::PipelineKind::Diffusion);
    const data::SafetensorsFile io(kTiny / "io.safetensors");
    const Json expected = readJsonFile(kTiny / "expected.json");
    auto prompts = expected["prompts"].get<std::vector<std::string>>();
    const auto close = [&](const at::Tensor& ours, const char* name) {
        const at::Tensor wanted = io.tensor(name);
        QVERIFY2(ours.sizes() == wanted.sizes() && largestDifference(ours, wanted) <= 2e-5, name);
    };
    const models::PromptEmbeddings encoded = pipeline.text->encode(prompts);
    close(encoded.context, "context");
    close(encoded.pooled, "pooled");
    close(pipeline.text->encodeNothing().context, "none.context");
    close(pipeline.text->encodeNothing().pooled, "none.pooled");
    close(pipeline.text->encode({""}).context, "empty.context");
    close(pipeline.text->encode({""}).pooled, "empty.pooled");
    // The second tokenizer pads with "!", and so takes it for a special token in a text.
    prompts.emplace_back();
    for (const auto& [folder, name] : {std::pair("tokenizer", "ids_1"), std::pair("tokenizer_2", "ids_2")}) {
        const data::Tokenizer tokenizer = data::Tokenizer::load(kTiny / folder);
        const at::Tensor ids = io.tensor(name);
        for (std::size_t i = 0; i < prompts.size(); ++i) {
            QVERIFY2(at::equal(at::tensor(tokenizer.encodePadded(prompts[i], 16), at::kLong), ids[static_cast<std::int64_t>(i)]), name);
        }
    }
    QCOMPARE(io.tensor("ids_2")[2][15].item<std::int64_t>(), std::int64_t{0});

    const Copy copy;
    copy.set("model_index.json", "force_zeros_for_empty_prompt", false);
    close(models::loadPipeline(copy.folder(), at::kFloat, at::kCPU).text->encodeNothing().context, "empty.context");
}

void TestPipeline::tiledDecodingEqualsTheReference() {
    const at::NoGradGuard noGrad;
    const models::Vae vae = models::Vae::load(kTiny / "vae", at::kFloat, at::kCPU);
    const data::SafetensorsFile io(kTiny / "io.safetensors");
    const at::Tensor latent = io.tensor("tiled.latent");
    const double tiled = largestDifference(vae.decodeTiled(latent), io.tensor("tiled.image"));
    const double whole = largestDifference(vae.decode(latent), io.tensor("tiled.whole"));
    QVERIFY2(tiled < 2e-5 && whole < 2e-5, qPrintable(QStringLiteral("%1 %2").arg(tiled).arg(whole)));
    QVERIFY(largestDifference(io.tensor("tiled.image"), io.tensor("tiled.whole")) > 0.5);
}

void TestPipeline::largeImagesAreDecodedInTilesOneByOne() {
    const at::NoGradGuard noGrad;
    const std::vector<std::string> down(4, "DownEncoderBlock2D"), up(4, "UpDecoderBlock2D");
    const Json config{{"block_out_channels", {4, 4, 4, 4}}, {"norm_num_groups", 2}, {"sample_size", 512}, {"down_block_types", down}, {"up_block_types", up}};
    nn::RandomWeights weights(5, at::kFloat, at::kCPU);
    const models::Vae vae = models::Vae::build(shapes::VaeShape::fromJson(config, "vae"), weights);
    // 1032 pixels wide: in tiles, each as if it were alone.
    const at::Tensor wide = at::randn({2, 4, 16, 129});
    const at::Tensor decoded = vae.decode(wide);
    QVERIFY(decoded.sizes() == at::IntArrayRef({2, 3, 128, 1032}));
    QVERIFY(at::equal(decoded, vae.decodeTiled(wide)));
    // Before the second tile fades in, the first is exactly what it would be alone.
    QVERIFY(largestDifference(decoded.narrow(3, 0, 384), vae.decode(wide.narrow(3, 0, 64)).narrow(3, 0, 384)) < 1e-5);
    // From 768 x 768 pixels on images go one by one.
    const at::Tensor square = at::randn({2, 4, 96, 96});
    const at::Tensor together = vae.decode(square);
    QVERIFY(together.sizes() == at::IntArrayRef({2, 3, 768, 768}));
    QVERIFY(at::equal(together.narrow(0, 1, 1), vae.decode(square.narrow(0, 1, 1))));
}

void TestPipeline::onlyAnSdxlVaeInHalfPrecisionIsWidened() {
    const Copy copy;
    const at::Tensor latent = at::zeros({1, 4, 2, 2});
    const auto decoded = [&](at::ScalarType dtype) { return models::loadPipeline(copy.folder(), dtype, at::kCPU).vae.decode(latent).scalar_type(); };
    QVERIFY(decoded(at::kHalf) == at::kFloat);
    QVERIFY(decoded(at::kBFloat16) == at::kBFloat16);
    copy.set("vae/config.json", "force_upcast", false);
    QVERIFY(decoded(at::kHalf) == at::kHalf);
}

void TestPipeline::splitWeightsLoadForEveryComponent() {
    const at::NoGradGuard noGrad;
    const Copy copy;
    for (const auto& [component, stem] : {std::pair("unet", "diffusion_pytorch_model"), std::pair("vae", "diffusion_pytorch_model"),
                                          std::pair("text_encoder", "model"), std::pair("text_encoder_2", "model")}) {
        splitWeights(copy.folder() / component, stem);
    }
    fs::rename(copy.folder() / "vae/diffusion_pytorch_model.safetensors.index.json", copy.folder() / "vae/diffusion_pytorch_model.safetensors.index.fp16.json");
    const models::Pipeline split = models::loadPipeline(copy.folder(), at::kFloat, at::kCPU), whole = models::loadPipeline(kTiny, at::kFloat, at::kCPU);
    QCOMPARE(split.network->parameterCount(), whole.network->parameterCount());
    for (std::size_t i = 0; i < whole.network->projections().size(); ++i) {
        QVERIFY(at::equal(split.network->projections()[i].weight, whole.network->projections()[i].weight));
    }
    QVERIFY(at::equal(split.text->encode({"dogs"}).context, whole.text->encode({"dogs"}).context));
    const at::Tensor latent = at::ones({1, 4, 3, 3});
    QVERIFY(at::equal(split.vae.decode(latent), whole.vae.decode(latent)));
}

void TestPipeline::splitWeightsThatDoNotFitAreExplained_data() {
    QTest::addColumn<QString>("shard");
    QTest::addColumn<QString>("expected");
    QTest::newRow("shard missing") << QStringLiteral("remove")
                                   << QStringLiteral("1 of the 2 files that it names are missing: diffusion_pytorch_model-00002-of-00002.safetensors");
    QTest::newRow("tensor not in its shard") << QStringLiteral("ghost") << QStringLiteral("the file lacks ghost.weight");
    QTest::newRow("tensor in the other shard") << QStringLiteral("swap") << QStringLiteral("the index does not place in it conv_in.bias");
    QTest::newRow("tensor not in the index") << QStringLiteral("forget") << QStringLiteral("the index does not place in it conv_in.bias");
    QTest::newRow("index missing") << QStringLiteral("index") << QStringLiteral("diffusion_pytorch_model.safetensors.index.json, is missing");
    for (const char* name : {"../secret.safetensors", "/etc/passwd.safetensors", "..\\secret.safetensors", "sub/part.safetensors", "", "part.bin", "17"}) {
        QTest::newRow(qPrintable(QStringLiteral("file name \"%1\"").arg(QLatin1String(name))))
            << QString::fromLatin1(name) << QStringLiteral("plain name of a .safetensors file");
    }
}

void TestPipeline::splitWeightsThatDoNotFitAreExplained() {
    QFETCH(QString, shard);
    QFETCH(QString, expected);
    const Copy copy;
    const fs::path folder = copy.folder() / "unet", indexFile = folder / "diffusion_pytorch_model.safetensors.index.json";
    Json index = splitWeights(folder, "diffusion_pytorch_model");
    Json& place = index["weight_map"]["conv_in.bias"];
    const std::string second = "diffusion_pytorch_model-00002-of-00002.safetensors";
    if (shard == QLatin1String("remove")) {
        fs::remove(folder / second);
    } else if (shard == QLatin1String("swap")) {
        place = place == second ? "diffusion_pytorch_model-00001-of-00002.safetensors" : second;
    } else if (shard == QLatin1String("ghost")) {
        index["weight_map"]["ghost.weight"] = second;
    } else if (shard == QLatin1String("forget")) {
        index["weight_map"].erase("conv_in.bias");
    } else if (shard == QLatin1String("17")) {
        place = 17;
    } else if (shard != QLatin1String("index")) {
        place = shard.toStdString();
    }
    writeFileAtomically(indexFile, index.dump());
    if (shard == QLatin1String("index")) {
        fs::remove(indexFile);
    }
    const QString message = copy.loadError();
    QVERIFY2(message.contains(expected) && message.contains(QLatin1String("unet")), qPrintable(message));
}

void TestPipeline::partsOfOtherModelsAreNamed_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char* file, const char* key, const char* value, const char* expected) {
        QTest::newRow(name) << QString::fromLatin1(file) << QString::fromLatin1(key) << QString::fromLatin1(value) << QString::fromLatin1(expected);
    };
    row("pipeline class", "model_index.json", "_class_name", "\"FluxPipeline\"", "\"_class_name\" is \"FluxPipeline\": only LatentConsistencyModelPipeline");
    row("SDXL network in an SD pipeline", "model_index.json", "_class_name", "\"StableDiffusionPipeline\"", "which only a StableDiffusionXLPipeline has");
    row("component switched off", "model_index.json", "text_encoder_2", "[null, null]", "\"text_encoder_2\" is missing in model_index.json");
    row("encoders of different lengths", "tokenizer_2/tokenizer_config.json", "model_max_length", "12", "text_encoder takes 16 tokens, text_encoder_2 12");
    row("weights and config apart", "text_encoder_2/config.json", "projection_dim", "13", "text_projection.weight (file [12, 24], config [13, 24])");
    row("zeros rule", "model_index.json", "force_zeros_for_empty_prompt", "1", "true or false is wanted");
    row("tiles", "vae/config.json", "sample_size", "0", "sample_size");
}

void TestPipeline::partsOfOtherModelsAreNamed() {
    QFETCH(QString, file);
    QFETCH(QString, key);
    QFETCH(QString, value);
    QFETCH(QString, expected);
    const Copy copy;
    copy.set(file.toUtf8().constData(), key.toUtf8().constData(), Json::parse(value.toStdString()));
    const QString message = copy.loadError();
    QVERIFY2(message.contains(expected), qPrintable(message));
}

void TestPipeline::missingSdxlPartsAreNamed() {
    {
        const Copy copy;
        fs::remove_all(copy.folder() / "tokenizer_2");
        QVERIFY(copy.loadError().contains(QLatin1String("\"tokenizer_2\" is missing; there is no folder of that name")));
    }
    {  // The tokenizer of a larger vocabulary than the embedding table has rows.
        const Copy copy;
        Json vocabulary = readJsonFile(copy.folder() / "tokenizer_2/vocab.json");
        vocabulary["zebra</w>"] = 521;
        writeFileAtomically(copy.folder() / "tokenizer_2/vocab.json", vocabulary.dump());
        const QString message = copy.loadError();
        QVERIFY2(message.contains(QLatin1String("ids up to 521, but the embedding table of text_encoder_2 has only 521 rows")), qPrintable(message));
    }
    {  // The first encoder in the place of the second: no projection.
        const Copy copy;
        fs::remove_all(copy.folder() / "text_encoder_2");
        fs::copy(copy.folder() / "text_encoder", copy.folder() / "text_encoder_2");
        QVERIFY(copy.loadError().contains(QLatin1String("text_encoder_2 has no text_projection.weight")));
    }
    {  // The second in the place of the first: the widths do not add up.
        const Copy copy;
        fs::remove_all(copy.folder() / "text_encoder");
        fs::copy(copy.folder() / "text_encoder_2", copy.folder() / "text_encoder");
        QVERIFY(copy.loadError().contains(QLatin1String("encoders together give vectors of 48 numbers, the UNet wants 40")));
    }
    {  // Weights that were split in a format that can run code.
        const Copy copy;
        fs::remove(copy.folder() / "unet/diffusion_pytorch_model.safetensors");
        writeFileAtomically(copy.folder() / "unet/diffusion_pytorch_model.bin.index.json", "{}");
        QVERIFY(copy.loadError().contains(QLatin1String("safe_serialization=True")));
    }
    {  // A plain network under an SDXL index.
        const Copy copy;
        fs::remove_all(copy.folder() / "unet");
        fs::copy(resourceFolder() / "models/emoji-sd/unet", copy.folder() / "unet");
        QVERIFY(copy.loadError().contains(QLatin1String("has no addition_embed_type")));
    }
    {
        const Copy copy;
        fs::remove_all(copy.folder() / "unet");
        fs::rename(copy.folder() / "unet_lcm", copy.folder() / "unet");
        QVERIFY(copy.loadError().contains(QLatin1String("the scheduler is DDIMScheduler")));
        writeFileAtomically(copy.folder() / "scheduler/scheduler_config.json", R"({"_class_name": "LCMScheduler"})");
        QVERIFY(copy.loadError().contains(QLatin1String("write the same class in both")));
        Json index = readJsonFile(copy.folder() / "model_index.json");
        index["scheduler"][1] = "LCMScheduler";
        writeFileAtomically(copy.folder() / "model_index.json", index.dump());
        QVERIFY(models::loadPipeline(copy.folder(), at::kFloat, at::kCPU).kind == models::PipelineKind::Consistency);
    }
}

QTEST_GUILESS_MAIN(TestPipeline)
#include "tst_pipeline.moc"
