#include <QtTest>

#include <functional>
#include <thread>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/image/codec.h"
#include "core/models/clip.h"
#include "core/models/pipeline.h"
#include "core/models/unet.h"
#include "core/nn/merged_projection.h"
#include "core/tensor/image_tensor.h"
#include "core/tensor/torch.h"
#include "tests/support/largest_difference.h"
#include "tests/support/message_of.h"

using namespace rlcm;
using rlcm::test::largestDifference;
using rlcm::test::messageOf;
namespace fs = std::filesystem;

namespace {

const fs::path kGolden = fs::path(RLCM_SOURCE_DIR) / "tests/golden";

}  // namespace

class TestNetworks : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(1); }  // before every test: torch starts from another number in every process
    void guidancePairEqualsTwoSeparateCalls();
    void timeFeaturesCanBeSharedOrSelected();
    void gradientReachesEveryProjectionAndMatchesDifferences();
    void oneNetworkServesSeveralThreads();
    void bundledModelsLoadAndRun();
    void bundledClipPrefersTheRightText();
    void unsupportedUNetConfigsAreRefusedByKey_data();
    void unsupportedUNetConfigsAreRefusedByKey();
    void mixedUpGuidanceWeightsAreExplained();
    void incompleteFoldersAreExplained();
    void unknownModelsNameTheNearest();
    void schedulerSettingsAreHonouredOrRefusedByName();
};

void TestNetworks::guidancePairEqualsTwoSeparateCalls() {
    const at::NoGradGuard noGrad;
    // unet_sd attends from the first block on, emoji-sd only from the second: both places of the doubling.
    for (const fs::path& folder : {kGolden / "unet_sd", resourceFolder() / "models/emoji-sd/unet"}) {
        const models::UNet unet = models::UNet::load(folder, at::kFloat, at::kCPU);
        const at::Tensor latents = at::randn({2, 4, 8, 8});
        const at::Tensor none = at::randn({2, 5, unet.config().crossAttentionDim}), text = at::randn({2, 5, unet.config().crossAttentionDim});
        const auto weights = nn::withoutLora(unet.projections());
        for (const at::Tensor& t : {at::tensor({311}), at::tensor({311, 40})}) {
            const models::TimeFeatures time = unet.timeFeatures(unet.timeEmbedding(t, {}));
            const at::Tensor pair = unet.forward(latents, time, at::cat({none, text}), weights);
            const at::Tensor apart = at::cat({unet.forward(latents, time, none, weights), unet.forward(latents, time, text, weights)});
            QCOMPARE(pair.size(0), std::int64_t{4});
            QVERIFY(largestDifference(pair, apart) < 2e-5);
        }
    }
}

void TestNetworks::timeFeaturesCanBeSharedOrSelected() {
    const at::NoGradGuard noGrad;
    const models::UNet unet = models::UNet::load(kGolden / "unet_lcm/c32", at::kFloat, at::kCPU);
    const at::Tensor latents = at::randn({3, 4, 8, 8}), context = at::randn({3, 5, unet.config().crossAttentionDim}), guidance = at::randn({1, 32});
    const auto weights = nn::withoutLora(unet.projections());
    const models::TimeFeatures table = unet.timeFeatures(unet.timeEmbedding(at::tensor({999, 499}), guidance));
    const at::Tensor mixed = unet.forward(latents, table.select(at::tensor({1, 0, 1}, at::kLong)), context, weights);
    for (std::int64_t row = 0; row < 3; ++row) {
        const models::TimeFeatures one = unet.timeFeatures(unet.timeEmbedding(at::tensor({row == 1 ? 999 : 499}), guidance));
        const at::Tensor alone = unet.forward(latents.narrow(0, row, 1), one, context.narrow(0, row, 1), weights);
        QVERIFY(largestDifference(mixed.narrow(0, row, 1), alone) < 1e-5);
    }
}

void TestNetworks::gradientReachesEveryProjectionAndMatchesDifferences() {
    const models::UNet unet = models::UNet::load(kGolden / "unet_lcm/c32", at::kDouble, at::kCPU);
    const at::Tensor latents = at::randn({2, 4, 8, 8}), context = at::randn({2, 5, unet.config().crossAttentionDim});
    const models::TimeFeatures time = unet.timeFeatures(unet.timeEmbedding(at::tensor({499}), at::randn({1, 32})));
    nn::LoraAdapter adapter(unet.projections(), "to_q,to_k,to_v,to_out.0", 3, 3.0, RandomStreams(1));
    adapter.parameters().copy_(0.1 * at::randn({adapter.parameters().numel()}));
    std::vector<at::Tensor> leaves;
    const auto loss = [&](const std::vector<nn::MergedProjection>& projections) { return unet.forward(latents, time, context, projections).pow(2).sum(); };
    const at::Tensor gradient = adapter.gradient(torch::autograd::grad({loss(adapter.withLeaves(adapter.merged(), leaves))}, leaves));
    const at::NoGradGuard noGrad;
    QCOMPARE(leaves.size(), 2 * unet.projections().size());
    constexpr double kStep = 1e-4;
    for (const auto& [key, factor] : adapter.factors()) {
        const at::Tensor before = factor.clone(), direction = at::randn(factor.sizes());
        const auto lossAt = [&](double step) {
            factor.copy_(before + step * direction);
            const double value = loss(adapter.merged()).item<double>();
            factor.copy_(before);
            return value;
        };
        const double slope = (lossAt(kStep) - lossAt(-kStep)) / (2 * kStep);
        const auto place = factor.storage_offset();
        const double ours = (gradient.narrow(0, place, factor.numel()).view(factor.sizes()) * direction).sum().item<double>();
        QVERIFY2(std::abs(slope - ours) < 2e-3 * std::max(1.0, std::abs(slope)), (key + " " + std::to_string(slope) + " " + std::to_string(ours)).c_str());
    }
}

void TestNetworks::oneNetworkServesSeveralThreads() {
    const models::UNet unet = models::UNet::load(kGolden / "unet_sd", at::kFloat, at::kCPU);
    const at::Tensor latents = at::randn({2, 4, 8, 8}), context = at::randn({2, 5, unet.config().crossAttentionDim});
    const auto weights = nn::withoutLora(unet.projections());
    const auto run = [&] {
        const at::NoGradGuard noGrad;
        return unet.forward(latents, unet.timeFeatures(unet.timeEmbedding(at::tensor({7}), {})), context, weights);
    };
    const at::Tensor expected = run();
    std::vector<at::Tensor> results(4);
    std::vector<std::thread> threads;
    for (at::Tensor& result : results) {
        threads.emplace_back([&result, &run] { result = run(); });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (const at::Tensor& result : results) {
        QVERIFY(largestDifference(result, expected) < 1e-6);
    }
}

void TestNetworks::bundledModelsLoadAndRun() {
    const at::NoGradGuard noGrad;
    for (const auto& [name, kind] : {std::pair("emoji-lcm", models::PipelineKind::Consistency), std::pair("emoji-sd/", models::PipelineKind::Diffusion)}) {
        const models::Pipeline pipeline = models::loadPipeline(models::findModel(QByteArray(name).contains('/') ? "emoji-sd" : name), at::kBFloat16, at::kCPU);
        QVERIFY(pipeline.kind == kind);
        QCOMPARE(pipeline.network->dims().latent.height * pipeline.vae.config().downFactor(), std::int64_t{64});
        const at::Tensor context = pipeline.text->encode({"a cat riding a bike", ""}).context;
        QVERIFY(context.sizes() == at::IntArrayRef({2, 16, 128}) && context.scalar_type() == at::kFloat);
        const at::Tensor guidance = kind == models::PipelineKind::Consistency ? at::zeros({1, 256}) : at::Tensor();
        const auto weights = nn::withoutLora(pipeline.network->projections());
        const at::Tensor noise = pipeline.network->forward(
            at::randn({2, 4, 16, 16}), pipeline.network->timeFeatures(pipeline.network->timeEmbedding(at::tensor({999}), guidance)), context, weights);
        QVERIFY(noise.scalar_type() == at::kBFloat16 && noise.isfinite().all().item<bool>());
        // At the noisiest step the input is nearly the noise itself, so a trained network is close to it.
        const std::vector<image::Rgb8Image> images = tensor::toImages(pipeline.vae.decodeScaled(noise));
        QCOMPARE(images.size(), std::size_t{2});
        QCOMPARE(images[0].width, 64);
    }
}

void TestNetworks::bundledClipPrefersTheRightText() {
    const models::ClipModel clip = models::ClipModel::load(resourceFolder() / "models/emoji-clip", at::kCPU);
    // Pictures that emoji-lcm made for these words (seed 3, four steps, guidance 6).
    const std::vector<std::string> animals{"cat", "fish", "bee", "zebra", "frog", "snail"};
    std::vector<std::string> prompts;
    std::vector<image::Rgb8Image> pictures;
    for (const std::string& animal : animals) {
        prompts.push_back("a " + animal);
        pictures.push_back(image::decodePng(readFile(fs::path(RLCM_SOURCE_DIR) / "tests/core/models/pictures" / (animal + ".png"))));
    }
    const at::Tensor cosines = clip.embedImages(pictures).matmul(clip.embedTexts(prompts).t());
    const at::Tensor own = cosines.diagonal();
    const at::Tensor others = cosines - 2 * at::eye(cosines.size(0));
    // Measured: each own text wins by 0.22 or more, both among texts of a picture and among pictures of a text.
    QVERIFY(((own - std::get<0>(others.max(1))) > 0.15).all().item<bool>());
    QVERIFY(((own - std::get<0>(others.max(0))) > 0.15).all().item<bool>());
    QVERIFY(largestDifference(clip.embedTexts(prompts).norm(2, {-1}), at::ones({6})) < 1e-5);
}

void TestNetworks::unsupportedUNetConfigsAreRefusedByKey_data() {
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    const std::vector<std::pair<const char*, const char*>> rows{{"addition_embed_type", "\"image\""},
                                                                {"addition_time_embed_dim", "8"},
                                                                {"transformer_layers_per_block", "[1, 2]"},
                                                                {"transformer_layers_per_block", "[[1, 1], [1, 1], [1, 1]]"},
                                                                {"transformer_layers_per_block", "65"},
                                                                {"transformer_layers_per_block", "0"},
                                                                {"reverse_transformer_layers_per_block", "[1]"},
                                                                {"reverse_transformer_layers_per_block", "[[1, 1, 1], 1, 1]"},
                                                                {"reverse_transformer_layers_per_block", "[1, 1, 65]"},
                                                                {"reverse_transformer_layers_per_block", "[[1, [1]], 1, 1]"},
                                                                {"upcast_attention", "true"},
                                                                {"num_attention_heads", "8"},
                                                                {"class_embed_type", "\"timestep\""},
                                                                {"act_fn", "\"gelu\""},
                                                                {"down_block_types", "[\"AttnDownBlock2D\", \"DownBlock2D\", \"DownBlock2D\"]"},
                                                                {"up_block_types", "[\"UpBlock2D\"]"},
                                                                {"mid_block_type", "\"UNetMidBlock2DSimpleCrossAttn\""},
                                                                {"norm_num_groups", "7"},
                                                                {"norm_num_groups", "null"},
                                                                {"attention_head_dim", "5"},
                                                                {"attention_head_dim", "[4, 4]"},
                                                                {"block_out_channels", "[]"},
                                                                {"block_out_channels", "[64, -1, 128]"},
                                                                {"block_out_channels", "[64, 1e30, 128]"},
                                                                {"block_out_channels", "\"wide\""},
                                                                {"layers_per_block", "18446744073709551615"},
                                                                {"layers_per_block", "100000"},
                                                                {"in_channels", "0"},
                                                                {"norm_eps", "\"small\""},
                                                                {"flip_sin_to_cos", "1"},
                                                                {"freq_shift", "32"},
                                                                {"cross_attention_dim", "[128, 128, 64]"},
                                                                {"sample_size", "[16, 32]"},
                                                                {"_class_name", "\"UNet3DConditionModel\""}};
    for (const auto& [key, value] : rows) {
        QTest::newRow((std::string(key) + " " + value).c_str()) << QString::fromLatin1(key) << QString::fromLatin1(value);
    }
}

void TestNetworks::unsupportedUNetConfigsAreRefusedByKey() {
    QFETCH(QString, key);
    QFETCH(QString, value);
    Json config = readJsonFile(resourceFolder() / "models/emoji-sd/unet/config.json");
    config[key.toStdString()] = Json::parse(value.toStdString());
    const QString message = messageOf([&] { shapes::UNetShape::fromJson(config, "some/config.json"); });
    QVERIFY2(message.contains(QStringLiteral("some/config.json: \"%1\" is ").arg(key)), qPrintable(message));
}

void TestNetworks::mixedUpGuidanceWeightsAreExplained() {
    const fs::path root = resourceFolder() / "models";
    QTemporaryDir temporary;
    const fs::path folder = fs::path(temporary.path().toStdString());
    const auto mix = [&](const char* config, const char* weights) {
        fs::copy_file(root / config / "unet/config.json", folder / "config.json", fs::copy_options::overwrite_existing);
        fs::copy_file(root / weights / "unet/diffusion_pytorch_model.safetensors", folder / "diffusion_pytorch_model.safetensors",
                      fs::copy_options::overwrite_existing);
        return messageOf([&] { models::UNet::load(folder, at::kFloat, at::kCPU); });
    };
    QVERIFY(mix("emoji-sd", "emoji-lcm").contains(QLatin1String("weights of a consistency model")));
    QVERIFY(mix("emoji-lcm", "emoji-sd").contains(QLatin1String("lack time_embedding.cond_proj.weight")));
    // An empty config means the class defaults: the shapes do not fit, and the message says where.
    writeFileAtomically(folder / "config.json", "{}");
    const QString message = messageOf([&] { models::UNet::load(folder, at::kFloat, at::kCPU); });
    QVERIFY2(message.contains(QLatin1String("conv_in.weight (file [64, 4, 3, 3], config [320, 4, 3, 3])")), qPrintable(message));
}

void TestNetworks::incompleteFoldersAreExplained() {
    const fs::path root = resourceFolder() / "models";
    QTemporaryDir temporary;
    const fs::path folder = fs::path(temporary.path().toStdString()) / "model";
    fs::copy(root / "emoji-lcm", folder, fs::copy_options::recursive);
    const auto load = [&] { return messageOf([&] { models::loadPipeline(folder, at::kFloat, at::kCPU); }); };
    QVERIFY(load().isEmpty());
    fs::rename(folder / "unet/diffusion_pytorch_model.safetensors", folder / "unet/diffusion_pytorch_model.bin");
    QVERIFY(load().contains(QLatin1String("safe_serialization=True")));
    fs::remove(folder / "unet/diffusion_pytorch_model.bin");
    QVERIFY(load().contains(QLatin1String("no weights here")));
    // The teacher's UNet in a consistency pipeline loads, but makes noise.
    fs::remove_all(folder / "unet");
    fs::copy(root / "emoji-sd/unet", folder / "unet", fs::copy_options::recursive);
    QVERIFY(load().contains(QLatin1String("guidance embedding")));
    fs::remove_all(folder / "vae");
    QVERIFY(load().contains(QLatin1String("\"vae\" is missing")));
    fs::remove(folder / "model_index.json");
    QVERIFY(load().contains(QLatin1String("model_index.json")));
}

void TestNetworks::unknownModelsNameTheNearest() {
    QVERIFY(messageOf([] { models::findModel("emoji-lmc"); }).contains(QLatin1String("did you mean emoji-lcm?")));
    QVERIFY(!messageOf([] { models::findModel(""); }).isEmpty());
    QVERIFY(models::findModel("emoji-sd/") == resourceFolder() / "models/emoji-sd");
    QTemporaryDir temporary;
    QCOMPARE(models::findModel(temporary.path().toStdString() + "/").string(), temporary.path().toStdString());
}

void TestNetworks::schedulerSettingsAreHonouredOrRefusedByName() {
    const auto read = [](const char* changes, const char* pipeline = "StableDiffusionPipeline") {
        Json json{{"_class_name", "DDIMScheduler"}, {"beta_schedule", "scaled_linear"}, {"beta_start", 0.00085}, {"beta_end", 0.012}};
        json.update(Json::parse(changes));
        return models::SchedulerConfig::fromJson(json, "s.json", pipeline);
    };
    using models::Spacing;
    const models::SchedulerConfig lcm =
        models::SchedulerConfig::fromJson(Json::parse(R"({"_class_name": "LCMScheduler"})"), "s.json", "LatentConsistencyModelPipeline");
    QVERIFY(lcm.isLcm());
    QCOMPARE(lcm.betaStart, 0.00085);
    QCOMPARE(lcm.stepsOffset, std::int64_t{0});
    // StableDiffusionPipeline corrects two settings, the others do not.
    QCOMPARE(read(R"({"steps_offset": 0, "clip_sample": true})").stepsOffset, std::int64_t{1});
    QCOMPARE(read(R"({"steps_offset": 0, "clip_sample": false})", "StableDiffusionXLPipeline").stepsOffset, std::int64_t{0});
    QVERIFY(messageOf([&] { read("{}", "StableDiffusionXLPipeline"); }).contains(QLatin1String("clip_sample")));
    // Class defaults of diffusers 0.42.1.
    QVERIFY(read("{}").endsClean && !read(R"({"set_alpha_to_one": false})").endsClean);
    QVERIFY(!read(R"({"_class_name": "PNDMScheduler"})").endsClean && read(R"({"_class_name": "EulerDiscreteScheduler"})").endsClean);
    QVERIFY(read("{}").spacing == Spacing::Leading && read(R"({"_class_name": "DPMSolverMultistepScheduler"})").spacing == Spacing::Linspace);
    QVERIFY(read(R"({"timestep_spacing": "trailing"})").spacing == Spacing::Trailing);
    for (const char* refused :
         {R"({"_class_name": "TCDScheduler"})", R"({"_class_name": "FlowMatchEulerDiscreteScheduler"})", R"({"_class_name": "EDMEulerScheduler"})",
          R"({"_class_name": 5})", R"({"prediction_type": "v_prediction"})", R"({"trained_betas": [0.1]})", R"({"beta_schedule": "linear"})",
          R"({"beta_schedule": null})", R"({"rescale_betas_zero_snr": true})", R"({"thresholding": true})", R"({"variance_type": "learned_range"})",
          R"({"beta_start": 2})", R"({"beta_start": 0.02})", R"({"timestep_spacing": "odd"})", R"({"set_alpha_to_one": 1})"}) {
        const QString message = messageOf([&] { read(refused); });
        QVERIFY2(
            message.contains(QString::fromStdString(Json::parse(refused).items().begin().key()).replace(QLatin1String("beta_start"), QLatin1String("beta_"))),
            qPrintable(message + QLatin1String(refused)));
    }
    Json infinite{{"_class_name", "DDIMScheduler"}, {"beta_schedule", "scaled_linear"}, {"beta_end", std::numeric_limits<double>::infinity()}};
    QVERIFY(messageOf([&] { models::SchedulerConfig::fromJson(infinite, "s.json"); }).contains(QLatin1String("\"beta_end\" is Infinity")));
}

QTEST_GUILESS_MAIN(TestNetworks)
#include "tst_networks.moc"
