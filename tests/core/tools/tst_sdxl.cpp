// SDXL shaped pipelines through the sampler and the trainer: pictures against diffusers, and both algorithms train.
#include <QTemporaryDir>
#include <QtTest>

#include <cmath>
#include <filesystem>

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/data/safetensors.h"
#include "core/run/run.h"
#include "core/tensor/torch.h"
#include "core/tools/sample.h"
#include "core/train/make_run.h"
#include "tests/core/train/small_run.h"

using namespace rlcm;
namespace fs = std::filesystem;

namespace {

const fs::path kTiny = fs::path(RLCM_SOURCE_DIR) / "tests/golden/pipeline_sdxl_tiny";

class Recorder : public run::RunObserver {
public:
    std::vector<run::EpochDone> epochs;
    std::vector<run::EvaluationDone> evaluations;
    run::RunFinished finished;

    void onEvent(const run::RunEvent& event) noexcept override {
        if (const auto* epoch = std::get_if<run::EpochDone>(&event)) {
            epochs.push_back(*epoch);
        } else if (const auto* evaluation = std::get_if<run::EvaluationDone>(&event)) {
            evaluations.push_back(*evaluation);
        } else if (const auto* end = std::get_if<run::RunFinished>(&event)) {
            finished = *end;
        }
    }
};

double value(const run::EpochDone& epoch, std::string_view name) {
    return run::scalar(epoch.scalars, name).value();
}

}  // namespace

class TestSdxl : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        m_lcm = fs::path(m_dir.path().toStdString()) / "lcm-sdxl";
        fs::copy(kTiny, m_lcm, fs::copy_options::recursive);
        fs::remove_all(m_lcm / "unet");
        fs::rename(m_lcm / "unet_lcm", m_lcm / "unet");
        writeFileAtomically(m_lcm / "scheduler/scheduler_config.json", R"({"_class_name": "LCMScheduler"})");
        Json lcmIndex = readJsonFile(m_lcm / "model_index.json");
        lcmIndex["scheduler"][1] = "LCMScheduler";
        writeFileAtomically(m_lcm / "model_index.json", lcmIndex.dump());
        m_noZeros = fs::path(m_dir.path().toStdString()) / "no-zeros";
        fs::copy(kTiny, m_noZeros, fs::copy_options::recursive);
        Json index = readJsonFile(m_noZeros / "model_index.json");
        index["force_zeros_for_empty_prompt"] = false;
        writeFileAtomically(m_noZeros / "model_index.json", index.dump());
    }

    void picturesEqualTheReferencePipelines_data() {
        QTest::addColumn<QString>("reference");
        QTest::newRow("classifier-free guidance against zeros") << QStringLiteral("base");
        QTest::newRow("classifier-free guidance against the empty prompt") << QStringLiteral("empty");
        QTest::newRow("consistency model") << QStringLiteral("lcm");
    }
    void picturesEqualTheReferencePipelines() {
        QFETCH(QString, reference);
        const bool isLcm = reference == QLatin1String("lcm");
        const Json expected = readJsonFile(kTiny / "expected.json");
        tools::SampleRequest request;
        request.model = (isLcm ? m_lcm : reference == QLatin1String("base") ? kTiny : m_noZeros).string();
        request.prompts = expected["prompts"].get<std::vector<std::string>>();
        request.steps = expected[isLcm ? "lcm_steps" : "steps"].get<std::int64_t>();
        request.guidance = expected["guidance"].get<double>();
        request.latents = kTiny / "latents.safetensors";
        request.device = "cpu";
        request.threads = 1;
        const tools::SampleResult result = tools::sampleImages(request);
        const at::Tensor wanted = data::SafetensorsFile(kTiny / "io.safetensors").tensor(reference.toStdString() + ".u8").permute({0, 2, 3, 1}).contiguous();
        QCOMPARE(static_cast<std::int64_t>(result.images.size()), wanted.size(0));
        int worst = 0;
        for (std::int64_t i = 0; i < wanted.size(0); ++i) {
            const image::Rgb8Image& picture = result.images[static_cast<std::size_t>(i)];
            QCOMPARE(picture.width, 24);
            QCOMPARE(picture.height, 16);
            const auto* bytes = wanted[i].data_ptr<std::uint8_t>();
            for (std::size_t k = 0; k < picture.pixels.size(); ++k) {
                worst = std::max(worst, std::abs(int{picture.pixels[k]} - int{bytes[k]}));
            }
        }
        QVERIFY2(worst <= 1, qPrintable(QString::number(worst)));
    }

    void bothAlgorithmsTrain_data() {
        QTest::addColumn<bool>("isLcm");
        QTest::newRow("RLCM") << true;
        QTest::newRow("DDPO with classifier-free guidance") << false;
    }
    void bothAlgorithmsTrain() {
        QFETCH(bool, isLcm);
        const run::RunConfig config = trainConfig(isLcm);
        const Recorder kept = execute(config, run::Switch::On), recomputed = execute(config, run::Switch::Off);
        QVERIFY2(kept.finished.state == run::RunState::Finished, kept.finished.error.c_str());
        QVERIFY2(recomputed.finished.state == run::RunState::Finished, recomputed.finished.error.c_str());
        // The first update goes through the graph of sampling (rows of one step), or through rows of mixed steps: the same gradient.
        const double norm = value(kept.epochs[0], "grad_norm"), other = value(recomputed.epochs[0], "grad_norm");
        QVERIFY2(norm > 0 && std::abs(norm - other) <= 1e-3 * norm, qPrintable(QStringLiteral("%1 %2").arg(norm).arg(other)));
        QVERIFY2(value(recomputed.epochs[0], "ratio_max_deviation") < 1e-4, qPrintable(QString::number(value(recomputed.epochs[0], "ratio_max_deviation"))));
        QCOMPARE(kept.evaluations.size(), std::size_t{2});
        QVERIFY(*kept.evaluations[0].images[0].png != *kept.evaluations[1].images[0].png);
        QCOMPARE(kept.evaluations[0].images[0].width, 16);
    }

    void theOtherAlgorithmIsRefusedWithTheReason() {
        run::RunConfig config = trainConfig(true);
        config.model.path = kTiny.string();
        QVERIFY(QString::fromStdString(execute(config, run::Switch::Off).finished.error).contains(QLatin1String("RLCM needs a consistency model")));
        config = trainConfig(false);
        config.model.path = m_lcm.string();
        QVERIFY(QString::fromStdString(execute(config, run::Switch::Off).finished.error).contains(QLatin1String("DDPO needs an ordinary diffusion model")));
    }

private:
    run::RunConfig trainConfig(bool isLcm) const {
        run::RunConfig config = test::smallTraining(run::Advantage::Batch, "", 2);
        config.seed = 0;
        config.model.path = (isLcm ? m_lcm : kTiny).string();
        config.algorithm.method = isLcm ? run::Method::Rlcm : run::Method::Ddpo;
        config.sampling.steps = 3;
        config.sampling.guidance = 3.0;
        config.training.epochs = 2;
        config.training.imagesPerRound = 6;
        config.training.learningRate = 0.02;
        config.evaluation.heldOutPrompts = 0;
        return config;
    }
    Recorder execute(run::RunConfig config, run::Switch keepGraph) const {
        config.compute.keepGraph = keepGraph;
        const QTemporaryDir dir;
        Recorder recorder;
        run::RunCommands commands;
        train::makeRun(test::requestFor(config, dir), recorder)->execute({}, commands);
        return recorder;
    }

    QTemporaryDir m_dir;
    fs::path m_lcm, m_noZeros;
};

QTEST_GUILESS_MAIN(TestSdxl)
#include "tst_sdxl.moc"
