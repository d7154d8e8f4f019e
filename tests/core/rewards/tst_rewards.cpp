#include <QtTest>

#include <atomic>
#include <cmath>
#include <limits>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/rewards/reward.h"
#include "tests/core/rewards/patterns.h"

using namespace rlcm;
using rlcm::test::kPrompts;
using rlcm::test::pattern;
using rlcm::test::patterns;
using namespace rlcm::rewards;

namespace {

/// Gives what a function makes of (image, prompt).
class Scripted : public Reward {
public:
    using Function = std::function<double(const image::Rgb8Image&, const std::string&)>;
    Scripted(std::string name, Function function) : m_name(std::move(name)), m_function(std::move(function)) {}
    std::string_view name() const override { return m_name; }
    std::vector<double> score(const std::vector<image::Rgb8Image>& images, const std::vector<std::string>& prompts) const override {
        std::vector<double> scores;
        for (std::size_t i = 0; i < images.size(); ++i) {
            scores.push_back(m_function(images[i], prompts[i]));
        }
        return scores;
    }

private:
    std::string m_name;
    Function m_function;
};

RewardPool poolOf(Scripted::Function function, int workers = 1) {
    std::vector<std::pair<double, std::unique_ptr<Reward>>> terms;
    terms.emplace_back(1.0, std::make_unique<Scripted>("scripted", std::move(function)));
    return RewardPool(std::move(terms), workers);
}

std::string rewardMessage(std::future<Scores> future) {
    try {
        future.get();
    } catch (const Error& error) {
        return error.kind() == ErrorKind::Reward ? error.what() : "wrong kind";
    }
    return "no error";
}

void compareLists(const std::vector<double>& ours, const std::vector<double>& expected, double tolerance) {
    QCOMPARE(ours.size(), expected.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
        QVERIFY2(std::abs(ours[i] - expected[i]) <= tolerance,
                 qPrintable(QStringLiteral("entry %1: %2 instead of %3").arg(i).arg(ours[i], 0, 'g', 12).arg(expected[i], 0, 'g', 12)));
    }
}

}  // namespace

class TestRewards : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void jpegRewardsAreTheFileSizeOfPillowInKilobytes() {
        // Image.save(..., "JPEG", quality=95) of Pillow 13.0.0.
        compareLists(makeIncompressibility()->score(patterns(), kPrompts), {2.283, 2.656, 2.661}, 1e-12);
        compareLists(makeCompressibility()->score(patterns(), kPrompts), {-2.283, -2.656, -2.661}, 1e-12);
    }
    void colourfulnessMatchesAnIndependentComputation() {
        // numpy 2.4.6: std() and mean() of r-g and (r+g)/2-b in float64.
        compareLists(makeColourfulness()->score(patterns(), kPrompts), {0.9990316979249694, 1.343462328698869, 1.4073301288165792}, 1e-12);
    }
    void greyImagesHaveNoColourfulness() {
        const image::Rgb8Image grey{.width = 4, .height = 4, .pixels = std::vector<std::uint8_t>(48, 77)};
        QCOMPARE(makeColourfulness()->score({grey}, {"x"})[0], 0.0);
    }
    void alignmentMatchesTheLibrary() {
        // CLIPModel and CLIPProcessor (Pillow) of transformers 5.23.0 on the bundled emoji-clip, float32; the
        // cosine of row i with prompt i. 2e-5 is twice the tolerance of golden/clip_model: a deeper network.
        const auto reward = makeAlignment((resourceFolder() / "models" / "emoji-clip").string());
        const std::vector<double> expected{-0.17460620403289795, -0.35246312618255615, 0.2102746218442917};
        compareLists(reward->score(patterns(), kPrompts), expected, 2e-5);
        // Cached texts, another order of prompts: the same cosines for the same pairs, to the last bit per
        // text.
        const auto again = reward->score({patterns()[2], patterns()[0]}, {kPrompts[2], kPrompts[0]});
        compareLists(again, {expected[2], expected[0]}, 2e-5);
    }

    void poolAddsWeightedTermsAndKeepsThemApart() {
        run::RewardConfig config;
        config.terms = "colourfulness - 2*compressibility";
        RewardPool pool(config);
        const Scores scores = pool.submit(patterns(), kPrompts).get();
        QCOMPARE(scores.terms.size(), std::size_t{2});
        QCOMPARE(scores.terms[0].first, std::string("colourfulness"));
        QCOMPARE(scores.terms[1].first, std::string("compressibility"));
        compareLists(scores.terms[1].second, {-2.283, -2.656, -2.661}, 1e-12);
        compareLists(scores.total, {0.9990316979249694 + 4.566, 1.343462328698869 + 5.312, 1.4073301288165792 + 5.322}, 1e-12);
    }
    void batchesOfSeveralWorkersKeepTheirOwnScores() {
        RewardPool pool =
            poolOf([](const image::Rgb8Image& image, const std::string& prompt) { return image.pixels[0] + static_cast<double>(prompt.size()); }, 3);
        std::vector<std::future<Scores>> futures;
        for (std::uint8_t i = 0; i < 200; ++i) {
            futures.push_back(pool.submit({{.width = 1, .height = 1, .pixels = {i, 0, 0}}}, {std::string(i % 7, 'x')}));
        }
        for (std::size_t i = 0; i < futures.size(); ++i) {
            QCOMPARE(futures[i].get().total, std::vector<double>{static_cast<double>(i + i % 7)});
        }
    }
    void notFiniteScoreNamesRewardImageAndPrompt() {
        RewardPool pool =
            poolOf([](const image::Rgb8Image&, const std::string& prompt) { return prompt == "fish" ? std::numeric_limits<double>::quiet_NaN() : 1.0; });
        const std::string message = rewardMessage(pool.submit(patterns(), kPrompts));
        QVERIFY2(message.find("scripted") != std::string::npos && message.find("image 2") != std::string::npos && message.find("\"fish\"") != std::string::npos,
                 message.c_str());
        // The pool survives a bad batch.
        QCOMPARE(pool.submit({pattern(1, 1, 1)}, {"cat"}).get().total, std::vector<double>{1.0});
    }
    void failingRewardBecomesARewardError() {
        RewardPool pool = poolOf([](const image::Rgb8Image&, const std::string&) -> double { throw std::runtime_error("no answer"); });
        const std::string message = rewardMessage(pool.submit(patterns(), kPrompts));
        QVERIFY2(message.find("scripted") != std::string::npos && message.find("no answer") != std::string::npos, message.c_str());
    }
    void closingThePoolAnswersWaitingBatches() {
        std::future<Scores> waiting;
        {
            std::promise<void> started;
            std::atomic<bool> isFirst{true};
            RewardPool pool = poolOf([&](const image::Rgb8Image&, const std::string&) {
                if (isFirst.exchange(false)) {
                    started.set_value();
                    std::this_thread::sleep_for(std::chrono::milliseconds(50));
                }
                return 1.0;
            });
            const auto running = pool.submit({pattern(1, 1, 1)}, {"a"});
            started.get_future().wait();
            waiting = pool.submit({pattern(1, 1, 1)}, {"b"});
        }
        QVERIFY(rewardMessage(std::move(waiting)).find("stopped") != std::string::npos);
    }
    void unknownRewardIsRefused() {
        run::RewardConfig config;
        config.terms = "prettiness";
        QVERIFY_THROWS_EXCEPTION(Error, RewardPool{config});
    }
};

QTEST_GUILESS_MAIN(TestRewards)
#include "tst_rewards.moc"
