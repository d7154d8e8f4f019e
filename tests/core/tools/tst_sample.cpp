// Sampling under scheduler settings that the bundled models do not have, against pictures of diffusers.
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/image/codec.h"
#include "core/tools/sample.h"

using namespace rlcm;
namespace fs = std::filesystem;

namespace {

const fs::path kGolden = fs::path(RLCM_SOURCE_DIR) / "tests/golden/samplers";
const fs::path kModels = fs::path(RLCM_SOURCE_DIR) / "resources/models";

/// A copy of emoji-sd with other scheduler settings; null takes a key out.
class Model {
public:
    explicit Model(const Json& changes) : folder(fs::path(m_place.path().toStdString()) / "m") {
        fs::copy(kModels / "emoji-sd", folder, fs::copy_options::recursive);
        const fs::path file = folder / "scheduler/scheduler_config.json";
        Json json = readJsonFile(file);
        json.merge_patch(changes);
        writeFileAtomically(file, json.dump());
        Json index = readJsonFile(folder / "model_index.json");
        index["scheduler"][1] = json["_class_name"];
        writeFileAtomically(folder / "model_index.json", index.dump());
    }

private:
    QTemporaryDir m_place;

public:
    const fs::path folder;
};

image::Rgb8Image sampled(const fs::path& model, std::int64_t steps, double guidance) {
    tools::SampleRequest request;
    request.model = model.string();
    request.prompts = {"a cat riding a bike on grass"};
    request.steps = steps;
    request.guidance = guidance;
    request.latents = kGolden / "latents.safetensors";
    request.device = "cpu";
    request.threads = 1;
    return tools::sampleImages(request).images.front();
}

int largestDifference(const image::Rgb8Image& a, const image::Rgb8Image& b) {
    int worst = a.width == b.width && a.height == b.height ? 0 : 256;
    for (std::size_t i = 0; worst < 256 && i < a.pixels.size(); ++i) {
        worst = std::max(worst, std::abs(int{a.pixels[i]} - int{b.pixels[i]}));
    }
    return worst;
}

image::Rgb8Image golden(const char* name) {
    return image::decodePng(readFile(kGolden / name));
}

}  // namespace

class TestSample : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theLastStepEndsCleanWhereTheSchedulerSaysSo() {
        const Model set(Json{{"set_alpha_to_one", true}}), absent(Json{{"set_alpha_to_one", nullptr}}), unset(Json{{"set_alpha_to_one", false}});
        const image::Rgb8Image wanted = golden("ddim_ends_clean.png");
        QVERIFY(largestDifference(sampled(set.folder, 4, 4), wanted) <= 2);
        QVERIFY(largestDifference(sampled(absent.folder, 4, 4), wanted) <= 2);
        QVERIFY(largestDifference(sampled(unset.folder, 4, 4), wanted) > 10);
    }

    void lcmSchedulerIsFollowedOnAnyUnet() {
        const Json lcm = readJsonFile(kModels / "emoji-lcm/scheduler/scheduler_config.json");
        const Model model(lcm);
        QVERIFY(largestDifference(sampled(model.folder, 1, 1.5), golden("lcm_with_classifier_free_guidance.png")) <= 2);
    }

    void settingsThatThePipelineCorrectsChangeNothing() {
        const image::Rgb8Image plain = sampled(kModels / "emoji-sd", 4, 4);
        for (const Json& changes : {Json{{"steps_offset", 0}}, Json{{"steps_offset", nullptr}}, Json{{"clip_sample", true}}, Json{{"clip_sample", nullptr}}}) {
            const Model model(changes);
            QVERIFY2(sampled(model.folder, 4, 4) == plain, changes.dump().c_str());
        }
    }

    void otherSamplersOfTheSameScheduleGiveDdim() {
        const Model model(Json{{"_class_name", "DPMSolverMultistepScheduler"}, {"algorithm_type", "dpmsolver++"}});
        // As diffusers writes it.
        const fs::path file = model.folder / "scheduler/scheduler_config.json";
        std::string text = readFile(file);
        text.insert(1, "\"lambda_min_clipped\": -Infinity, ");
        writeFileAtomically(file, text);
        QVERIFY(sampled(model.folder, 4, 4) == sampled(kModels / "emoji-sd", 4, 4));
        const Model unknown(Json{{"_class_name", "TCDScheduler"}});
        QVERIFY_THROWS_EXCEPTION(Error, sampled(unknown.folder, 4, 4));
        fs::copy_file(kModels / "emoji-lcm/scheduler/scheduler_config.json", file, fs::copy_options::overwrite_existing);
        QVERIFY_THROWS_EXCEPTION(Error, sampled(model.folder, 4, 4));  // model_index.json says another rule
    }
};

QTEST_GUILESS_MAIN(TestSample)
#include "tst_sample.moc"
