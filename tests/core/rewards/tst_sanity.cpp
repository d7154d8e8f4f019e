// What a reward says of nonsense and of next to nothing, with rewards that can be told by hand.
#include <QtTest>

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/image/picture_measures.h"
#include "core/rewards/sanity.h"

using namespace rlcm;
using image::Rgb8Image;

namespace {

using Score = double (*)(const Rgb8Image&);

/// A soft gradient whose brightness and slope are those of image `number`.
Rgb8Image picture(int number) {
    Rgb8Image result{16, 16, {}};
    for (int y = 0; y < 16; ++y) {
        for (int x = 0; x < 16; ++x) {
            result.pixels.insert(result.pixels.end(), 3, static_cast<std::uint8_t>(60 + 10 * number + 4 * x + 2 * y));
        }
    }
    return result;
}

double brightness(const Rgb8Image& image) {
    double sum = 0;
    for (const std::uint8_t value : image.pixels) {
        sum += value;
    }
    return sum / static_cast<double>(image.pixels.size());
}
double smoothness(const Rgb8Image& image) {
    return -image::laplacianVariance(image);
}
double constant(const Rgb8Image&) {
    return 0.5;
}

rewards::Sanity sanityOf(Score score, std::vector<std::string> prompts = {"a", "b", "c", "d"}) {
    std::vector<Rgb8Image> images;
    for (std::size_t i = 0; i < prompts.size(); ++i) {
        images.push_back(picture(static_cast<int>(i)));
    }
    return rewards::checkSanity({}, images, prompts, [&](const run::RewardConfig&, const std::vector<Rgb8Image>& all, const std::vector<std::string>& texts) {
        if (all.size() != texts.size() || texts.back() != prompts.back()) {
            throw std::logic_error("every picture has the prompt of its image");
        }
        run::RewardTrial trial;
        std::ranges::transform(all, std::back_inserter(trial.totals), score);
        return trial;
    });
}

const rewards::SanityKind& kind(const rewards::Sanity& sanity, std::string_view name) {
    return *std::ranges::find_if(sanity.kinds, [&](const auto& one) { return one.name == name; });
}

}  // namespace

class TestSanity : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void picturesThatShowNothingAreSetAgainstTheBase() {
        const rewards::Sanity sanity = sanityOf(&brightness);
        QCOMPARE(sanity.kinds.size(), std::size_t{5});
        // Base: 60 + 10 number + 4 * 7.5 + 2 * 7.5 = 105, 115, 125, 135.
        QVERIFY(sanity.baseLowest == 105 && sanity.baseHighest == 135 && sanity.baseMean == 120);
        QCOMPARE(sanity.baseTenth, 108.0);
        QVERIFY(kind(sanity, "black").isBelow && kind(sanity, "black").highest == 0);
        QVERIFY(!kind(sanity, "grey").isBelow && kind(sanity, "grey").mean == 128);
        QVERIFY(!kind(sanity, "inverted").isBelow && kind(sanity, "inverted").lowest == 120);
        QVERIFY(!kind(sanity, "shuffled").isBelow && std::abs(kind(sanity, "shuffled").mean - 120) < 1e-9);
        QVERIFY(std::abs(kind(sanity, "white noise").mean - 127.5) < 8);
    }
    void shuffledAndNoisyPicturesAreNotSmooth() {
        const rewards::Sanity sanity = sanityOf(&smoothness);
        QVERIFY(kind(sanity, "shuffled").isBelow && kind(sanity, "white noise").isBelow && !kind(sanity, "grey").isBelow);
    }
    /// A shift moves the mean of such a slope by 3.75 or 1.875 either way, a level by 1, JPEG and resizing by next to nothing: sqrt(37.2 / 8).
    void theFloorIsWhatChangesWithoutMeaning() {
        const rewards::Sanity sanity = sanityOf(&brightness);
        QVERIFY2(sanity.noiseFloor > 2.0 && sanity.noiseFloor < 2.4, qPrintable(QString::number(sanity.noiseFloor)));
        QVERIFY(sanity.isAboveFloor());
        const rewards::Sanity none = sanityOf(&constant);
        QVERIFY(none.noiseFloor == 0 && none.baseSpread == 0 && none.isAboveFloor());
    }
    void imagesOfOnePromptAreComparedWithEachOther() {
        QVERIFY(std::abs(sanityOf(&brightness).baseSpread - std::sqrt(125.0)) < 1e-9);         // of four prompts
        QVERIFY(std::abs(sanityOf(&brightness, {"a", "a", "b", "b"}).baseSpread - 5) < 1e-9);  // 105 and 115, 125 and 135
    }
    void changesKeepTheSize() {
        const std::vector<Rgb8Image> changed = rewards::unchangedInMeaning({15, 9, std::vector<std::uint8_t>(15 * 9 * 3, 255)});
        QCOMPARE(changed.size(), std::size_t{8});
        for (const Rgb8Image& one : changed) {
            QVERIFY(one.width == 15 && one.height == 9 && one.pixels.size() == 15 * 9 * 3);
        }
        QCOMPARE(changed[6].pixels.front(), std::uint8_t{255});  // no level above the highest
    }
    void noImageIsRefused() { QVERIFY_THROWS_EXCEPTION(Error, rewards::checkSanity({}, {}, {}, {})); }
};

QTEST_APPLESS_MAIN(TestSanity)
#include "tst_sanity.moc"
