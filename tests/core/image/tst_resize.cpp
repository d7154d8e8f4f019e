#include <QtTest>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/image/codec.h"
#include "core/image/resize.h"

using rlcm::image::Rgb8Image;
namespace image = rlcm::image;
namespace fs = std::filesystem;

namespace {

const fs::path kFixture = fs::path(RLCM_SOURCE_DIR) / "tests/golden/resize";

Rgb8Image readPng(const fs::path& file) {
    return image::decodePng(rlcm::readFile(file));
}

}  // namespace

class TestResize : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyByteEqualsPillows_data() {
        QTest::addColumn<int>("index");
        int index = 0;
        const rlcm::Json whole = rlcm::readJsonFile(kFixture / "cases.json").at("cases");
        for (const auto& item : whole) {
            QTest::newRow(item.at("name").get<std::string>().c_str()) << index++;
        }
    }
    void everyByteEqualsPillows() {
        QFETCH(int, index);
        const auto item = rlcm::readJsonFile(kFixture / "cases.json").at("cases").at(static_cast<std::size_t>(index));
        const auto name = item.at("name").get<std::string>();
        const Rgb8Image input = readPng(kFixture / item.at("input").get<std::string>());
        const Rgb8Image resized = readPng(kFixture / (name + "_resized.png"));
        const Rgb8Image ours = image::resizeBicubic(input, resized.width, resized.height);
        QCOMPARE(ours.width, resized.width);
        QCOMPARE(ours.height, resized.height);
        QVERIFY(ours.pixels == resized.pixels);
        const fs::path cropFile = kFixture / (name + "_crop.png");
        QVERIFY(image::resizeAndCrop(input, item.at("crop").get<int>()) == (fs::exists(cropFile) ? readPng(cropFile) : resized));
    }

    void sameSizeChangesNothingAndFlatStaysFlat() {
        const Rgb8Image photo = readPng(kFixture / "37x53_to_32_in.png");
        QVERIFY(image::resizeBicubic(photo, photo.width, photo.height) == photo);
        const Rgb8Image flat{9, 5, std::vector<std::uint8_t>(9 * 5 * 3, 201)};
        const Rgb8Image grown = image::resizeBicubic(flat, 31, 2);
        QCOMPARE(grown.pixels, std::vector<std::uint8_t>(31 * 2 * 3, 201));
    }

    void sizesBelowOneAreRefused() {
        const Rgb8Image flat{2, 2, std::vector<std::uint8_t>(12)};
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, image::resizeBicubic(flat, 0, 4));
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, image::resizeBicubic(flat, 4, -1));
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, image::resizeAndCrop(flat, 0));
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, image::resizeAndCrop(Rgb8Image{}, 8));
    }
};

QTEST_GUILESS_MAIN(TestResize)
#include "tst_resize.moc"
