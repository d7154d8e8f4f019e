// Size and place of a picture's subject.
#include <QtTest>

#include <cmath>
#include <filesystem>

#include "core/base/files.h"
#include "core/image/codec.h"
#include "core/image/subject.h"

using namespace rlcm::image;

namespace {

void paint(Rgb8Image& picture, int x, int y, std::array<std::uint8_t, 3> colour) {
    std::ranges::copy(colour, picture.pixels.begin() + 3 * (y * picture.width + x));
}

/// Sky over sand, with a red block of 8 x 4 pixels whose corner lies at `left`, `top`.
Rgb8Image scene(int left, int top) {
    Rgb8Image picture{32, 32, std::vector<std::uint8_t>(32 * 32 * 3)};
    for (int y = 0; y < 32; ++y) {
        for (int x = 0; x < 32; ++x) {
            const bool isBlock = x >= left && x < left + 8 && y >= top && y < top + 4;
            paint(picture, x, y,
                  isBlock  ? std::array<std::uint8_t, 3>{220, 20, 20}
                  : y < 16 ? std::array<std::uint8_t, 3>{120, 180, 250}
                           : std::array<std::uint8_t, 3>{230, 200, 120});
        }
    }
    return picture;
}

void compareSubjects(const Subject& ours, const Subject& expected, double tolerance) {
    QVERIFY2(std::abs(ours.size - expected.size) <= tolerance, qPrintable(QString::number(ours.size, 'g', 12)));
    QVERIFY2(std::abs(ours.x - expected.x) <= tolerance, qPrintable(QString::number(ours.x, 'g', 12)));
    QVERIFY2(std::abs(ours.y - expected.y) <= tolerance, qPrintable(QString::number(ours.y, 'g', 12)));
}

}  // namespace

class TestSubject : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aHorizonIsNoSubjectAndABlockIsOne() {
        compareSubjects(subjectOf(scene(12, 4)), {32.0 / 1024, 16.0 / 32, 6.0 / 32}, 1e-12);
        compareSubjects(subjectOf(scene(4, 20)), {32.0 / 1024, 8.0 / 32, 22.0 / 32}, 1e-12);
        compareSubjects(subjectOf(scene(100, 0)), {0, 0.5, 0.5}, 0);
    }
    void onePixelIsAPicture() {
        compareSubjects(subjectOf({1, 1, {9, 9, 9}}), {0, 0.5, 0.5}, 0);
        QVERIFY_EXCEPTION_THROWN(subjectOf({}), std::logic_error);
    }
    // Expected numbers: the definition in NumPy, in double.
    void picturesAreMeasuredAsInNumPy_data() {
        QTest::addColumn<double>("size");
        QTest::addColumn<double>("x");
        QTest::addColumn<double>("y");
        QTest::newRow("face") << 0.605468750000 << 0.499993197764 << 0.499622558931;
        QTest::newRow("face_half_black") << 0.302734375000 << 0.499985611739 << 0.695192327698;
        QTest::newRow("photo") << 0.223876953125 << 0.522707909920 << 0.564686726226;
        QTest::newRow("rings") << 0.501464843750 << 0.499519820345 << 0.499995449050;
        QTest::newRow("odd_size") << 0.215556330659 << 0.510420834006 << 0.621134693003;
        QTest::newRow("grey") << 0.0 << 0.5 << 0.5;
    }
    void picturesAreMeasuredAsInNumPy() {
        QFETCH(double, size);
        QFETCH(double, x);
        QFETCH(double, y);
        const std::filesystem::path folder = std::filesystem::path(RLCM_SOURCE_DIR) / "tests/golden/measures";
        compareSubjects(subjectOf(decodePng(rlcm::readFile(folder / (std::string(QTest::currentDataTag()) + ".png")))), {size, x, y}, 1e-11);
    }
};

QTEST_APPLESS_MAIN(TestSubject)
#include "tst_subject.moc"
