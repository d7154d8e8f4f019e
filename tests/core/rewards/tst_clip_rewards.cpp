// Rewards over CLIP networks, on the bundled emoji-clip and on folders made broken.
#include <QtTest>

#include <cmath>
#include <filesystem>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/data/safetensors.h"
#include "core/models/clip.h"
#include "core/rewards/clip_scorer.h"
#include "core/rewards/reward.h"
#include "core/rewards/trial.h"
#include "core/run/model_registry.h"
#include "core/run/reward_graph.h"
#include "core/tensor/tensor_bytes.h"
#include "core/tensor/torch.h"
#include "tests/core/rewards/patterns.h"
#include "tests/support/message_of.h"
#include "tests/support/score_head.h"

using namespace rlcm;
using rlcm::test::kPrompts;
using rlcm::test::messageOf;
using rlcm::test::pattern;
using rlcm::test::patterns;
using rlcm::test::writeHead;
using namespace rlcm::rewards;
namespace fs = std::filesystem;

namespace {

std::string emojiClip() {
    return (resourceFolder() / "models" / "emoji-clip").string();
}

void compareLists(const std::vector<double>& ours, const std::vector<double>& expected, double tolerance) {
    QCOMPARE(ours.size(), expected.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
        QVERIFY2(std::abs(ours[i] - expected[i]) <= tolerance,
                 qPrintable(QStringLiteral("entry %1: %2 instead of %3").arg(i).arg(ours[i], 0, 'g', 12).arg(expected[i], 0, 'g', 12)));
    }
}

void verifySays(const QString& message, std::initializer_list<const char*> words) {
    for (const char* word : words) {
        QVERIFY2(message.contains(QLatin1String(word)), qPrintable(QLatin1String(word) + QStringLiteral(" is not in: ") + message));
    }
}

}  // namespace

class TestClipRewards : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(m_place.isValid()); }

    void theGraphOfAScoreTakesWhatTheArithmeticSays_data() {
        QTest::addColumn<QString>("terms");
        QTest::newRow("a network") << QStringLiteral("alignment");
        QTest::newRow("no network") << QStringLiteral("colourfulness");
        QTest::newRow("two terms") << QStringLiteral("alignment + 0.1*colourfulness");
    }
    void theGraphOfAScoreTakesWhatTheArithmeticSays() {
        QFETCH(QString, terms);
        constexpr std::int64_t kPictures = 8, kSide = 128;
        run::RewardConfig config;
        config.terms = terms.toStdString();
        config.clipModel = "emoji-clip";
        const RewardPool pool(config);
        const at::Tensor pictures = at::rand({kPictures, 3, kSide, kSide}).requires_grad_(true);
        const std::vector<std::string> prompts(kPictures, "a cat");
        at::Tensor rewards = pool.scorePictures(pictures, prompts);  // makes what the libraries keep
        rewards.reset();
        const tensor::TensorBytes made;
        rewards = pool.scorePictures(pictures, prompts);
        const auto kept = static_cast<double>(made.held()) / kPictures;
        const double ratio = kept / static_cast<double>(run::rewardGraphBytes(config, kSide * kSide));
        qInfo("measured / computed %.3f, %.0f bytes a picture", ratio, kept);
        QVERIFY2(std::abs(ratio - 1) < 0.15, qPrintable(QString::number(ratio)));
    }

    // Expected numbers: CLIPModel, CLIPTokenizer and the Pillow image processor of transformers 5.23.0 on emoji-clip, float32; the
    // tolerance is that of alignment (tst_rewards) times the factor on the cosine.
    void clipScoreMatchesTheLibrary() {
        const auto reward = makeClipScore(emojiClip());
        const std::vector<image::Rgb8Image> images{patterns()[0], patterns()[0], patterns()[1]};
        compareLists(reward->score(images, {"fish", "zebra", "cat"}), {2.5 * 0.10941117256879807, 2.5 * 0.05359130725264549, 0}, 5e-5);
    }
    void aContrastIsTheDifferenceOfTwoAgreements() {
        const std::vector<image::Rgb8Image> images{patterns()[0], patterns()[1]};
        const auto alignment = makeAlignment(emojiClip());
        const std::vector<double> beach = alignment->score(images, {"a fish on a beach", "a cat on a beach"}),
                                  snow = alignment->score(images, {"snow", "snow"});
        compareLists(makeContrast(emojiClip(), "a {} on a beach", "snow")->score(images, {"fish", "cat"}), {beach[0] - snow[0], beach[1] - snow[1]}, 1e-6);
    }
    void pickScoreMatchesTheLibrary() {
        compareLists(makePickScore(emojiClip())->score(patterns(), kPrompts), {-3.0056111812591553, -6.0671796798706055, 3.6195952892303467}, 4e-4);
    }
    void hpsIsTheCosine() {
        const auto hps = makeHpsV2(emojiClip());
        QCOMPARE(hps->name(), std::string_view("hpsv2"));
        compareLists(hps->score(patterns(), kPrompts), {-0.17460618913173676, -0.35246312618255615, 0.2102746218442917}, 2e-5);
    }
    // Images of other shapes than the square that the network sees, which the authors prepare in two ways.
    void everyScorePreparesImagesAsItsAuthorsDo_data() {
        QTest::addColumn<double>("tolerance");
        QTest::newRow("hpsv2") << 2e-5;
        QTest::newRow("alignment") << 2e-5;
        QTest::newRow("clipscore") << 5e-5;
        QTest::newRow("pickscore") << 4e-4;
    }
    void everyScorePreparesImagesAsItsAuthorsDo() {
        QFETCH(double, tolerance);
        const fs::path golden = fs::path(RLCM_SOURCE_DIR) / "tests/golden/hpsv2";
        const data::SafetensorsFile io(golden / "io.safetensors");
        const Json expected = Json::parse(readFile(golden / "expected.json"));
        std::vector<image::Rgb8Image> images;
        for (const Json& name : expected.at("cases")) {
            const at::Tensor bytes = io.tensor(name.get<std::string>() + ".image");
            const auto* first = bytes.const_data_ptr<std::uint8_t>();
            images.push_back({static_cast<int>(bytes.size(1)), static_cast<int>(bytes.size(0)), {first, first + bytes.numel()}});
        }
        run::RewardConfig config;
        config.terms = QTest::currentDataTag();
        config.clipModel = config.hpsModel = config.pickscoreModel = "emoji-clip";
        const auto prompts = expected.at("prompts").get<std::vector<std::string>>();
        compareLists(tryReward(config, images, prompts).totals, expected.at("scores").at(config.terms).get<std::vector<double>>(), tolerance);
    }
    void aestheticIsTheHeadOnTheUnitLengthEmbedding() {
        const auto clip = models::ClipModel::load(emojiClip(), at::kCPU);
        const at::Tensor embeds = clip.embedImages(patterns());
        const fs::path head = writeHead(folder() / "head.safetensors", embeds.size(1));
        const at::Tensor weight = at::arange(embeds.size(1), at::kDouble).remainder(5).sub(2);
        const at::Tensor expected = embeds.to(at::kDouble).matmul(weight) + 5.0;
        const std::vector<double> wanted(expected.const_data_ptr<double>(), expected.const_data_ptr<double>() + 3);
        compareLists(makeAesthetic(emojiClip(), head.string())->score(patterns(), kPrompts), wanted, 1e-5);
    }

    void longBatchesAreScoredInPartsThatStayAsTheyAre() {
        const auto reward = makeAlignment(emojiClip());
        std::vector<image::Rgb8Image> images;
        std::vector<std::string> prompts;
        for (int i = 0; i < 70; ++i) {
            images.push_back(pattern(i, i % 7, 3));
            prompts.push_back(kPrompts[static_cast<std::size_t>(i % 3)]);
        }
        const std::vector<double> all = reward->score(images, prompts);
        QCOMPARE(all.size(), std::size_t{70});
        for (const std::size_t i : {std::size_t{0}, std::size_t{63}, std::size_t{64}, std::size_t{69}}) {
            compareLists(reward->score({images[i]}, {prompts[i]}), {all[i]}, 1e-5);
        }
        QVERIFY(reward->score({}, {}).empty());
        shapes::ClipVisionShape huge;  // ViT-H/14
        huge.hidden = 1280, huge.intermediate = 5120, huge.patchSize = 14;
        QCOMPARE(models::imagesAtOnce(huge), std::size_t{12});
        huge.imageSize = 14000;
        QCOMPARE(models::imagesAtOnce(huge), std::size_t{1});
    }
    void scoringLeavesTheCallersThreadsAlone() {
        at::set_num_threads(2);
        makeAlignment(emojiClip())->score(patterns(), kPrompts);
        QCOMPARE(at::get_num_threads(), 2);
    }
    void onlyTheNewestTextsAreKept() {
        TextCache cache(2);
        const at::Tensor row = at::ones({1, 3});
        cache.keep("a", row);
        cache.keep("b", 2 * row);
        QVERIFY(cache.find("a").defined());  // newer than b now
        cache.keep("c", 3 * row);
        QCOMPARE(cache.size(), std::size_t{2});
        QVERIFY(!cache.find("b").defined());
        QCOMPARE(cache.find("a").sum().item<double>(), 3.0);
        QCOMPARE(cache.find("c").sum().item<double>(), 9.0);
        cache.keep("c", row);  // the first one stays
        QCOMPARE(cache.find("c").sum().item<double>(), 9.0);
    }

    void modelsAndHeadsThatDoNotFitAreExplained() {
        run::RewardConfig config;
        config.terms = "aesthetic";
        config.aestheticModel = "emoji-clip";
        const auto load = [&] { return messageOf([&] { RewardPool pool(config); }); };
        config.aestheticHead = (folder() / "none.pth").string();
        verifySays(load(), {"reward.aesthetic_head", "none.pth"});
        // A name of the model list will do.
        qputenv("XDG_DATA_HOME", (folder() / "data").c_str());
        run::rememberModel({"laion-head", writeHead(folder() / "wide.safetensors", 768), false, false});
        config.aestheticHead = "laion-head";
        verifySays(load(), {"wide.safetensors", "768", "emoji-clip", "clip-vit-large-patch14"});
        config.aestheticModel = "emoji-clib";
        verifySays(load(), {"reward.aesthetic_model", "emoji-clip"});

        config.terms = "pickscore";
        config.pickscoreModel = copyOfEmojiClip("bare");
        fs::remove(fs::path(config.pickscoreModel) / "preprocessor_config.json");
        verifySays(load(), {"reward.pickscore_model", "preprocessor_config.json", "laion/CLIP-ViT-H-14-laion2B-s32B-b79K"});

        config.terms = "hpsv2";
        config.hpsModel = (folder() / "HPS_v2.1_compressed.pt").string();
        verifySays(load(), {"reward.hps_model", "HPS_v2.1_compressed.pt"});
        writeFileAtomically(config.hpsModel, "PK");
        verifySays(load(), {"open_clip", "resources/convert/open_clip_to_transformers.py"});
        QVERIFY(fs::exists(resourceFolder() / "convert/open_clip_to_transformers.py"));
        fs::create_directories(folder() / "checkpoint");
        fs::rename(config.hpsModel, folder() / "checkpoint/HPS_v2.1_compressed.pt");
        config.hpsModel = (folder() / "checkpoint").string();
        verifySays(load(), {"open_clip_to_transformers.py"});
    }
    void brokenWeightsAreFoundWhenTheyAreLoaded() {
        run::RewardConfig config;
        config.terms = "clipscore";
        config.clipModel = copyOfEmojiClip("cut");
        const fs::path weights = fs::path(config.clipModel) / "model.safetensors";
        fs::resize_file(weights, fs::file_size(weights) / 2);
        verifySays(messageOf([&] { RewardPool pool(config); }), {"reward.clip_model", "model.safetensors"});
        fs::remove(weights);
        verifySays(messageOf([&] { RewardPool pool(config); }), {"reward.clip_model", "model.safetensors"});
    }
    void weightedSumsThatOverflowAreErrors() {
        run::RewardConfig config;
        config.terms = "1.5e308*compressibility";
        RewardPool pool(config);
        verifySays(messageOf([&] { pool.submit(patterns(), kPrompts).get(); }), {"reward.terms", "-inf", "image 0", "\"cat\""});
    }

    void trialReportsTermsTotalsAndTimes() {
        run::RewardConfig config;
        config.terms = "alignment - 2*compressibility";
        const run::RewardTrial trial = tryReward(config, patterns(), kPrompts, "cpu", 1);
        QCOMPARE(trial.terms.size(), std::size_t{2});
        QCOMPARE(trial.terms[0].first, std::string("alignment"));
        compareLists(trial.terms[1].second, {-2.283, -2.656, -2.661}, 1e-12);
        compareLists(trial.totals, {4.566 - 0.174606, 5.312 - 0.352463, 5.322 + 0.210275}, 2e-5);
        QVERIFY(trial.loadSeconds > 0 && trial.millisecondsPerImage > 0);
    }
    void trialRefusesWhatARunWouldRefuse() {
        run::RewardConfig config;
        config.terms = "aesthetic";
        verifySays(messageOf([&] { tryReward(config, patterns(), kPrompts); }), {"reward.aesthetic_model", "reward.aesthetic_head"});
        config.terms = "colourfulness";
        verifySays(messageOf([&] { tryReward(config, patterns(), {"one"}); }), {"3 images", "1 prompts"});
        verifySays(messageOf([&] { tryReward(config, {}, {}); }), {"at least one image"});
    }

private:
    fs::path folder() const { return m_place.path().toStdString(); }
    std::string copyOfEmojiClip(const char* name) const {
        fs::copy(emojiClip(), folder() / name);
        return (folder() / name).string();
    }
    QTemporaryDir m_place;
};

QTEST_GUILESS_MAIN(TestClipRewards)
#include "tst_clip_rewards.moc"
