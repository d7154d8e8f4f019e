// Measures of pictures where their form is unusual; their numbers are compared in tests/core/parity (golden/measures).
#include <QtTest>

#include <cmath>
#include <complex>
#include <numbers>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/image/fourier.h"
#include "core/image/picture_measures.h"

using namespace rlcm::image;

namespace {

Rgb8Image plain(int width, int height, std::uint8_t level) {
    return {width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width * height * 3), level)};
}

}  // namespace

class TestPictureMeasures : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aTransformOfAnyLengthIsTheSumThatDefinesIt_data() {
        QTest::addColumn<int>("length");
        for (const int length : {1, 2, 7, 12, 48, 61, 64, 94}) {
            QTest::newRow(std::to_string(length).c_str()) << length;
        }
    }
    void aTransformOfAnyLengthIsTheSumThatDefinesIt() {
        QFETCH(int, length);
        rlcm::Random random(5);
        std::vector<std::complex<double>> values(static_cast<std::size_t>(length));
        for (auto& value : values) {
            value = {random.uniform(), random.uniform()};
        }
        std::vector<std::complex<double>> ours = values;
        Fourier(values.size()).transform(ours);
        for (int k = 0; k < length; ++k) {
            std::complex<double> sum = 0;
            for (int i = 0; i < length; ++i) {
                sum += values[static_cast<std::size_t>(i)] * std::polar(1.0, -2 * std::numbers::pi * k * i / length);
            }
            QVERIFY(std::abs(sum - ours[static_cast<std::size_t>(k)]) < 1e-11);
        }
    }
    void theSmallestPicturesHaveMeasures() {
        const Rgb8Image dot = plain(1, 1, 90), line = plain(5, 1, 90);
        for (const Rgb8Image& picture : {dot, line}) {
            QVERIFY(laplacianVariance(picture) == 0 && highFrequencyShare(picture) == 0 && contrast(picture) == 0);
            QVERIFY(flatShare(picture) == 1 && saturation(picture) == 0);
        }
        QVERIFY(!gridShare(line, 4) && gridShare(plain(4, 8, 3), 4) == 0.0);
    }
    void aPictureWithoutPixelsIsRefused() {
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, laplacianVariance({}));
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, flatShare({}));
    }
    void equalBytesOfAnotherSizeAreAnotherPicture() {
        QCOMPARE(distinctPictures(std::vector{plain(2, 3, 1), plain(3, 2, 1), plain(2, 3, 1)}), std::size_t{2});
        QCOMPARE(distinctPictures({}), std::size_t{0});
    }
};

QTEST_GUILESS_MAIN(TestPictureMeasures)
#include "tst_picture_measures.moc"
