// Differences and mixtures of two pictures.
#include <QTest>
#include <random>

#include "core/base/error.h"
#include "core/image/pixel_arithmetic.h"

using namespace rlcm;
using image::Rgb8Image;

namespace {

Rgb8Image noise(unsigned seed, int width = 7, int height = 5) {
    std::mt19937 random(seed);
    Rgb8Image picture{width, height, {}};
    for (int i = 0; i < width * height * 3; ++i) {
        picture.pixels.push_back(static_cast<std::uint8_t>(random() & 255));
    }
    return picture;
}

}  // namespace

class TestPixelArithmetic : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void differencesAreAbsoluteAndHaveAGain() {
        const Rgb8Image a{2, 1, {10, 200, 0, 255, 7, 7}}, b{2, 1, {20, 100, 0, 0, 8, 7}};
        QCOMPARE(image::absoluteDifference(a, b).pixels, (std::vector<std::uint8_t>{10, 100, 0, 255, 1, 0}));
        QCOMPARE(image::absoluteDifference(a, b, 4).pixels, (std::vector<std::uint8_t>{40, 255, 0, 255, 4, 0}));
        QCOMPARE(image::absoluteDifference(b, a, 4), image::absoluteDifference(a, b, 4));
    }
    void theMeanDifferenceIsAShareOfTheWholeRange() {
        const Rgb8Image black{1, 1, {0, 0, 0}}, white{1, 1, {255, 255, 255}}, red{1, 1, {255, 0, 0}};
        QCOMPARE(image::meanAbsoluteDifference(black, white), 1.0);
        QCOMPARE(image::meanAbsoluteDifference(black, red), 1.0 / 3);
        const Rgb8Image a = noise(1), b = noise(2), c = noise(3);
        QCOMPARE(image::meanAbsoluteDifference(a, a), 0.0);
        QVERIFY(image::meanAbsoluteDifference(a, c) <= image::meanAbsoluteDifference(a, b) + image::meanAbsoluteDifference(b, c) + 1e-12);
    }
    void aBlendGoesFromOneToTheOther() {
        const Rgb8Image a = noise(1), b = noise(2);
        QCOMPARE(image::blended(a, b, 0), a);
        QCOMPARE(image::blended(a, b, 1), b);
        const Rgb8Image quarter = image::blended(a, b, 0.25);
        for (std::size_t i = 0; i < a.pixels.size(); ++i) {
            QVERIFY(std::abs(quarter.pixels[i] - (0.75 * a.pixels[i] + 0.25 * b.pixels[i])) <= 0.5 + 1e-9);
        }
    }
    void unlikeSizesAreRefusedWithBoth() {
        try {
            image::absoluteDifference(noise(1), noise(1, 6, 5));
            QFAIL("taken");
        } catch (const Error& problem) {
            const QString text = QString::fromUtf8(problem.what());
            QVERIFY2(text.contains(QStringLiteral("7 x 5")) && text.contains(QStringLiteral("6 x 5")), problem.what());
        }
    }
};

QTEST_APPLESS_MAIN(TestPixelArithmetic)
#include "tst_pixel_arithmetic.moc"
