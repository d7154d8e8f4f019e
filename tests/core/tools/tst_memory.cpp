// Memory: gradient checkpointing changes nothing but memory, the arithmetic agrees with what is measured, and limits are obeyed.
#include <QtTest>

#include <functional>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/models/unet.h"
#include "core/models/vae.h"
#include "core/nn/lora.h"
#include "core/nn/recompute.h"
#include "core/run/memory_estimate.h"
#include "core/tensor/device.h"
#include "core/tensor/memory.h"
#include "core/tensor/tensor_bytes.h"
#include "core/tensor/torch.h"
#include "core/tools/bench.h"
#include "core/tools/bench_shape.h"
#include "tests/support/message_of.h"

using namespace rlcm;
using rlcm::test::messageOf;
namespace fs = std::filesystem;

namespace {

const fs::path kGolden = fs::path(RLCM_SOURCE_DIR) / "tests/golden";

models::UNet randomUNet(const Json& config, at::ScalarType dtype = at::kFloat) {
    nn::RandomWeights weights(0, dtype, at::kCPU);
    return models::UNet::build(shapes::UNetShape::fromJson(config, "test"), weights);
}

/// An SD-1.5-like network with everything thinner.
Json thinSd() {
    Json config = shapes::publishedUNet("lcm");
    config["block_out_channels"] = {64, 128, 128, 128};
    config["cross_attention_dim"] = 64;
    config["sample_size"] = 48;
    return config;
}

/// Wide and shallow, first level without attention, three transformer blocks on the last, as in SDXL.
Json thinSdxl() {
    Json config = shapes::publishedUNet("sdxl");
    config["block_out_channels"] = {32, 64, 128};
    config["attention_head_dim"] = {2, 4, 8};
    config["transformer_layers_per_block"] = {1, 1, 3};
    config["cross_attention_dim"] = 96;
    config["sample_size"] = 64;
    for (const char* key : {"addition_embed_type", "addition_time_embed_dim", "projection_class_embeddings_input_dim"}) {
        config.erase(key);
    }
    return config;
}

/// One network with inputs of its shapes.
struct Subject {
    models::UNet unet;
    nn::LoraAdapter adapter;
    at::Tensor latents, context;
    models::TimeFeatures time;

    Subject(models::UNet network, std::int64_t rows, std::int64_t side, std::int64_t contextRows)
        : unet(std::move(network)), adapter(unet.projections(), "to_q,to_k,to_v,to_out.0", 2, 2.0, RandomStreams(1)) {
        adapter.parameters().copy_(0.1 * at::randn({adapter.parameters().numel()}));
        const shapes::UNetShape& config = unet.config();
        latents = at::randn({rows, config.inChannels, side, side});
        context = at::randn({contextRows, 7, config.crossAttentionDim});
        at::Tensor embedding = unet.timeEmbedding(at::tensor({499}), config.timeCondProjDim ? at::randn({1, *config.timeCondProjDim}) : at::Tensor());
        if (config.addition) {
            embedding = embedding + unet.addedEmbedding(at::randn({1, config.addition->pooledWidth}), at::full({1, 6}, 64.0));
        }
        time = unet.timeFeatures(embedding);
    }
    /// The gradient of every factor, then the prediction.
    std::vector<at::Tensor> gradients(bool isCheckpointed) {
        unet.setCheckpointing(isCheckpointed);
        std::vector<at::Tensor> leaves;
        const at::Tensor prediction = unet.forward(latents, time, context, adapter.withLeaves(adapter.merged(), leaves));
        std::vector<at::Tensor> result = torch::autograd::grad({prediction.to(at::kFloat).pow(2).sum()}, leaves);
        result.push_back(prediction.detach());
        return result;
    }
    /// Bytes that a graph keeps alive for each row.
    std::int64_t keptBytes(bool isCheckpointed) {
        unet.setCheckpointing(isCheckpointed);
        std::vector<at::Tensor> leaves;
        const std::vector<nn::MergedProjection> projections = adapter.withLeaves(adapter.merged(), leaves);
        unet.forward(latents, time, context, projections);  // makes what the libraries keep
        const tensor::TensorBytes made;
        const at::Tensor prediction = unet.forward(latents, time, context, projections);
        return made.held() / latents.size(0);
    }
};

run::RunConfig smallRun() {
    run::RunConfig config;
    config.compute.dtype = run::Dtype::Fp32;
    config.sampling.steps = 2;
    config.training.imagesPerRound = 4;
    config.training.advantage = run::Advantage::Batch;
    config.lora.rank = 2;
    config.evaluation.judgeModel.clear();
    config.compute.device = "cpu";
    config.compute.threads = 1;
    config.compute.keepGraph = run::Switch::Off;
    return config;
}

}  // namespace

class TestMemory : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(1); }  // before every test: torch starts from another number in every process
    void recomputedPieceRecordsEveryInput();
    void recomputedPieceIsAPlainCallWithoutGradient();
    void checkpointingGivesTheSameBits_data();
    void checkpointingGivesTheSameBits();
    void checkpointedRoundEqualsPlainRound();
    void parameterCountsAreExact_data();
    void parameterCountsAreExact();
    void keptGraphTakesWhatTheArithmeticSays_data();
    void keptGraphTakesWhatTheArithmeticSays();
    void theDecodersGraphTakesWhatTheArithmeticSays();
    void chunksFollowTheMemoryLimit();
    void impossibleMemoryLimitIsExplained();
    void halfPrecisionWantsAGpu();
    void peakMemorySeesWhatWasFreed();
};

void TestMemory::recomputedPieceRecordsEveryInput() {
    const at::Tensor x = at::randn({3, 4}).requires_grad_(true), w = at::randn({4, 4}).requires_grad_(true), frozen = at::randn({4, 4});
    int calls = 0;
    const nn::Piece piece = [&](std::span<const at::Tensor> in) {
        ++calls;
        return at::sin(at::matmul(in[0], in[1])) * at::matmul(in[0], in[2]);
    };
    const auto gradients = [&](bool isRecomputed) {
        const at::Tensor y = nn::runPiece(piece, {x, w, frozen}, isRecomputed);
        // A vector in the place of a TensorList would silently give a result without a graph.
        if (!y.requires_grad()) {
            return std::vector<at::Tensor>{};
        }
        return torch::autograd::grad({y.pow(2).sum()}, {x, w});
    };
    const auto plain = gradients(false);
    QCOMPARE(calls, 1);
    const auto again = gradients(true);
    QCOMPARE(calls, 3);
    QCOMPARE(again.size(), std::size_t{2});
    QVERIFY(plain[0].equal(again[0]) && plain[1].equal(again[1]));
}

void TestMemory::recomputedPieceIsAPlainCallWithoutGradient() {
    const nn::Piece twice = [](std::span<const at::Tensor> in) { return in[0] * 2; };
    QVERIFY(!nn::runPiece(twice, {at::ones({2})}, true).requires_grad());
    const tensor::GradMode noGrad(false);
    QVERIFY(!nn::runPiece(twice, {at::ones({2}).requires_grad_(true)}, true).requires_grad());
}

void TestMemory::checkpointingGivesTheSameBits_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("groups");
    QTest::addColumn<bool>("isBf16");
    for (const char* name : {"unet_lcm/c32", "unet_sd", "unet_odd/l2", "unet_sdxl/lcm", "emoji-lcm", "emoji-sd", "thin-sdxl"}) {
        QTest::addRow("%s", name) << QString::fromLatin1(name) << 1 << false;
    }
    QTest::newRow("guidance pair") << QStringLiteral("unet_sd") << 2 << false;
    QTest::newRow("guidance pair, first attention on the second level") << QStringLiteral("emoji-sd") << 2 << false;
    QTest::newRow("bf16") << QStringLiteral("emoji-lcm") << 1 << true;
}

void TestMemory::checkpointingGivesTheSameBits() {
    QFETCH(QString, name);
    QFETCH(int, groups);
    QFETCH(bool, isBf16);
    const at::ScalarType dtype = isBf16 ? at::kBFloat16 : at::kFloat;
    const auto load = [&]() -> models::UNet {
        if (name == QStringLiteral("thin-sdxl")) {
            return randomUNet(thinSdxl(), dtype);
        }
        const fs::path bundled = resourceFolder() / "models" / name.toStdString() / "unet";
        return models::UNet::load(fs::exists(bundled) ? bundled : kGolden / name.toStdString(), dtype, at::kCPU);
    };
    Subject subject(load(), 2, 12, 2 * groups);
    const auto plain = subject.gradients(false), checkpointed = subject.gradients(true);
    for (std::size_t i = 0; i < plain.size(); ++i) {
        QVERIFY2(plain[i].equal(checkpointed[i]), qPrintable(QStringLiteral("tensor %1").arg(i)));
    }
    QVERIFY(plain[0].abs().max().item<double>() > 0);
}

void TestMemory::checkpointedRoundEqualsPlainRound() {
    run::RunConfig config = smallRun();
    config.compute.gradientCheckpointing = run::Switch::Off;
    const Json plain = tools::benchRounds(config, 0, 2);
    config.compute.gradientCheckpointing = run::Switch::On;
    const Json checkpointed = tools::benchRounds(config, 0, 2);
    QVERIFY(checkpointed["plan"].get<std::string>().find("gradient checkpointing") != std::string::npos);
    QVERIFY(plain["plan"].get<std::string>().find("gradient checkpointing") == std::string::npos);
    // The second round runs on weights that the first has changed.
    QCOMPARE(checkpointed["grad_norm"].get<double>(), plain["grad_norm"].get<double>());
}

void TestMemory::parameterCountsAreExact_data() {
    QTest::addColumn<QString>("shape");
    QTest::addColumn<qint64>("published");
    QTest::newRow("sd15") << QStringLiteral("sd15") << qint64{859520964};
    QTest::newRow("lcm") << QStringLiteral("lcm") << qint64{859602884};
    QTest::newRow("sdxl") << QStringLiteral("sdxl") << qint64{2567463684};
}

void TestMemory::parameterCountsAreExact() {
    QFETCH(QString, shape);
    QFETCH(qint64, published);
    const Json config = shapes::publishedUNet(shape.toStdString());
    nn::WeightShapes shapes;
    const models::UNet unet = models::UNet::build(shapes::UNetShape::fromJson(config, "test"), shapes);
    const shapes::UNetShape dims = shapes::UNetShape::fromJson(config, "test");
    QCOMPARE(qint64{unet.parameterCount()}, published);
    QCOMPARE(qint64{dims.parameters()}, published);
    std::int64_t elements = 0, lora = 0;
    for (const nn::Projection& projection : unet.projections()) {
        elements += projection.weight.numel();
        lora += 16 * (projection.weight.size(0) + projection.weight.size(1));
    }
    QCOMPARE(dims.projectionElements(), elements);
    QCOMPARE(dims.loraElements(16), lora);
}

void TestMemory::keptGraphTakesWhatTheArithmeticSays_data() {
    QTest::addColumn<bool>("isSdxl");
    QTest::addColumn<bool>("isBf16");
    QTest::newRow("SD-1.5-like, fp32") << false << false;
    QTest::newRow("SD-1.5-like, bf16") << false << true;
    QTest::newRow("SDXL-like, fp32") << true << false;
}

void TestMemory::keptGraphTakesWhatTheArithmeticSays() {
    QFETCH(bool, isSdxl);
    QFETCH(bool, isBf16);
    const Json config = isSdxl ? thinSdxl() : thinSd();
    shapes::ModelShape model = shapes::publishedModel("sd15");
    model.unet = shapes::UNetShape::fromJson(config, "test");
    model.unet.contextTokens = 7;
    run::RunConfig run;
    run.compute.dtype = isBf16 ? run::Dtype::Bf16 : run::Dtype::Fp32;
    const run::MemoryParts parts = run::memoryParts(model, run, true);
    Subject subject(randomUNet(config, isBf16 ? at::kBFloat16 : at::kFloat), 1, model.unet.sampleSize, 1);
    const auto compare = [&](bool isCheckpointed, std::int64_t expected) {
        const double ratio = static_cast<double>(subject.keptBytes(isCheckpointed)) / static_cast<double>(expected);
        return qPrintable(QStringLiteral("measured / computed %1 of %2 bytes").arg(ratio).arg(expected)) +
               std::string(std::abs(ratio - 1) < 0.02 ? "" : " is off");
    };
    const std::string plain = compare(false, parts.keptRow), checkpointed = compare(true, parts.checkpointedRow);
    qInfo("plain: %s; checkpointed: %s", plain.c_str(), checkpointed.c_str());
    QVERIFY2(!plain.ends_with("off"), plain.c_str());
    QVERIFY2(!checkpointed.ends_with("off"), checkpointed.c_str());
}

void TestMemory::theDecodersGraphTakesWhatTheArithmeticSays() {
    constexpr std::int64_t kSide = 16;
    shapes::ModelShape model = shapes::publishedModel("sd15");
    model.vae.blockOutChannels = {64, 128, 128};
    model.unet.sampleSize = kSide;
    nn::RandomWeights weights(0, at::kFloat, at::kCPU);
    const models::Vae vae = models::Vae::build(model.vae, weights);
    const at::Tensor latents = at::randn({1, 4, kSide, kSide}).requires_grad_(true);
    (void)vae.decode(latents);  // makes what the libraries keep
    const tensor::TensorBytes made;
    const at::Tensor picture = vae.decode(latents);
    const double ratio = static_cast<double>(made.held()) / static_cast<double>(run::memoryParts(model, smallRun(), true).decoderGraph);
    QVERIFY2(std::abs(ratio - 1) < 0.02, qPrintable(QString::number(ratio)));
}

void TestMemory::chunksFollowTheMemoryLimit() {
    const auto planOf = [](double gib) {
        run::RunConfig config = smallRun();
        config.compute.memoryGib = gib;
        return QString::fromStdString(tools::benchRounds(config, 0, 1)["plan"].get<std::string>());
    };
    const QString large = planOf(4.0), small = planOf(0.02);
    QVERIFY2(large.contains(QStringLiteral("up to 32 rows")), qPrintable(large));
    QVERIFY2(!small.contains(QStringLiteral("up to 32 rows")), qPrintable(small));
    QVERIFY2(!large.contains(QStringLiteral("gradient checkpointing")), qPrintable(large));
}

void TestMemory::impossibleMemoryLimitIsExplained() {
    run::RunConfig config = smallRun();
    config.compute.memoryGib = 1e-4;
    const QString message = messageOf([&] { tools::benchRounds(config, 0, 1); });
    QVERIFY2(message.contains(QStringLiteral("compute.memory_gib")) && message.contains(QStringLiteral("GiB")), qPrintable(message));
}

void TestMemory::halfPrecisionWantsAGpu() {
    run::RunConfig config = smallRun();
    config.compute.dtype = run::Dtype::Fp16;
    QVERIFY(messageOf([&] { tools::benchRounds(config, 0, 1); }).contains(QStringLiteral("compute.dtype")));
    const QString message = messageOf([] { tools::benchShape({.device = "cpu", .dtype = run::Dtype::Fp16}); });
    QVERIFY2(message.contains(QStringLiteral("bf16")), qPrintable(message));
    QVERIFY(messageOf([] { tools::benchShape({.resolution = 500}); }).contains(QStringLiteral("500")));
}

void TestMemory::peakMemorySeesWhatWasFreed() {
    const at::Device cpu(at::kCPU);
    constexpr std::int64_t kBytes = std::int64_t{300} << 20;
    tensor::resetPeakMemory(cpu);
    at::ones({kBytes / 4});
    QVERIFY(tensor::peakMemory(cpu) >= kBytes);
    QVERIFY(tensor::freeMemory(cpu) > 0);
}

QTEST_GUILESS_MAIN(TestMemory)
#include "tst_memory.moc"
