#include <QtTest>

#include <thread>

#include <QCryptographicHash>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/base/random.h"
#include "core/image/codec.h"

using rlcm::image::Chroma;
using rlcm::image::Rgb8Image;
namespace image = rlcm::image;

namespace {

const std::filesystem::path kFixture = std::filesystem::path(RLCM_SOURCE_DIR) / "tests/golden/jpeg_sizes";

Rgb8Image noise(int width, int height, std::uint64_t seed) {
    rlcm::Random random(seed);
    Rgb8Image picture{width, height, {}};
    for (int i = 0; i < width * height * 3; ++i) {
        picture.pixels.push_back(static_cast<std::uint8_t>(random.below(256)));
    }
    return picture;
}

QByteArray bytesOf(const std::string& text) {
    return QByteArray(text.data(), static_cast<qsizetype>(text.size()));
}

std::uint32_t bigEndian(std::string_view bytes) {
    std::uint32_t value = 0;
    for (const char c : bytes.substr(0, 4)) {
        value = value << 8 | static_cast<unsigned char>(c);
    }
    return value;
}

/// The published bitwise definition, independent of zlib.
std::uint32_t crc32(std::string_view bytes) {
    std::uint32_t crc = ~std::uint32_t{0};
    for (const char c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc >> 1) ^ (0xEDB88320U & (~(crc & 1U) + 1U));
        }
    }
    return ~crc;
}

struct Chunk {
    std::string type, data;
};
/// Chunks of a PNG after its signature; one with the type "broken" where lengths or checksums are wrong.
std::vector<Chunk> chunksOf(std::string_view png) {
    std::vector<Chunk> chunks;
    png.remove_prefix(8);
    while (!png.empty()) {
        const std::size_t length = bigEndian(png);
        if (png.size() < length + 12 || crc32(png.substr(4, length + 4)) != bigEndian(png.substr(8 + length))) {
            chunks.push_back({"broken", ""});
            break;
        }
        chunks.push_back({std::string(png.substr(4, 4)), std::string(png.substr(8, length))});
        png.remove_prefix(length + 12);
    }
    return chunks;
}

constexpr const char* kGrey16 = "iVBORw0KGgoAAAANSUhEUgAAAAQAAAABEAAAAACMx4xSAAAAEUlEQVR4nGNgYBAyafj//z8ACXMDxJ6NQS8AAAAASUVORK5CYII=";
constexpr const char* kLargeHeader = "iVBORw0KGgoAAAANSUhEUgAAIAEAACABCAIAAADZVuWVAAAAAElEQVQ1rwYe";

}  // namespace

class TestCodec : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void jpegSizesEqualPillows_data() {
        QTest::addColumn<QString>("file");
        const rlcm::Json whole = rlcm::readJsonFile(kFixture / "sizes.json").at("images");
        for (const auto& [file, item] : whole.items()) {
            QTest::newRow(file.c_str()) << QString::fromStdString(file);
        }
    }
    void jpegSizesEqualPillows() {
        QFETCH(QString, file);
        const auto want = rlcm::readJsonFile(kFixture / "sizes.json").at("images").at(file.toStdString());
        const Rgb8Image picture = image::decodePng(rlcm::readFile(kFixture / file.toStdString()));
        const QByteArray raw(reinterpret_cast<const char*>(picture.pixels.data()), static_cast<qsizetype>(picture.pixels.size()));
        QCOMPARE(QCryptographicHash::hash(raw, QCryptographicHash::Sha256).toHex(), bytesOf(want.at("rgb_sha256").get<std::string>()));
        for (const int quality : {95, 80}) {
            std::string key("q");
            key += std::to_string(quality);
            QCOMPARE(image::jpegSize(picture, quality), want.at(key).get<std::size_t>());
            QCOMPARE(image::jpegSize(picture, quality, Chroma::Yuv444), want.at(key + "_444").get<std::size_t>());
            QCOMPARE(image::encodeJpeg(picture, quality).size(), want.at(key).get<std::size_t>());
        }
    }

    void jpegBytesAreOneBaselineImageOfThatSize() {
        const std::string bytes = image::encodeJpeg(noise(300, 7, 4), 95);
        QVERIFY(bytes.starts_with("\xFF\xD8") && bytes.ends_with("\xFF\xD9"));
        const std::size_t frame = bytes.find("\xFF\xC0");  // baseline; progressive would be FFC2
        QVERIFY(frame != std::string::npos);
        // Length 17, 8 bits, height 7, width 300, 3 components, the first sampled 2 x 2 (4:2:0).
        QCOMPARE(bytesOf(bytes.substr(frame + 2, 10)).toHex(), QByteArray("0011080007012c030122"));
    }

    void jpegSizesAreTheSameOnEveryThread() {
        std::vector<Rgb8Image> pictures;
        std::vector<std::size_t> alone;
        for (int i = 0; i < 12; ++i) {
            pictures.push_back(noise(20 + 17 * i, 90 - 7 * i, static_cast<std::uint64_t>(i)));
            alone.push_back(image::jpegSize(pictures.back(), 95));
        }
        std::vector<std::vector<std::size_t>> found(4);
        std::vector<std::thread> threads;
        for (auto& sizes : found) {
            threads.emplace_back([&] {
                for (int repeat = 0; repeat < 20; ++repeat) {
                    sizes.clear();
                    for (const Rgb8Image& picture : pictures) {
                        sizes.push_back(image::jpegSize(picture, 95));
                    }
                }
            });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        for (const auto& sizes : found) {
            QCOMPARE(sizes, alone);
        }
    }

    void pngComesBackUnchanged() {
        for (const auto& [width, height] : {std::pair{1, 1}, {2, 1}, {1, 3}, {63, 65}, {300, 7}}) {
            const Rgb8Image picture = noise(width, height, 77);
            QVERIFY(image::decodePng(image::encodePng(picture)) == picture);
            QVERIFY(image::decodePng(image::encodePngFast(picture)) == picture);
        }
    }

    void pngTextEntriesAreStoredAndDoNotDisturbTheImage() {
        const Rgb8Image picture = noise(5, 4, 1);
        const std::string special = "caf\xC3\xA9 \xE2\x88\x9E";
        const std::string bytes = image::encodePng(picture, {{"prompt", "a cat"}, {"note", special}});
        QVERIFY(image::decodePng(bytes) == picture);
        const auto chunks = chunksOf(bytes);
        QCOMPARE(chunks.at(0).type, std::string("IHDR"));
        QCOMPARE(chunks.at(1).type, std::string("tEXt"));
        QCOMPARE(chunks.at(1).data, std::string("prompt\0a cat", 12));
        QCOMPARE(chunks.at(2).type, std::string("iTXt"));
        QCOMPARE(chunks.at(2).data, std::string("note\0\0\0\0\0", 9) + special);
        QCOMPARE(chunks.back().type, std::string("IEND"));
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, image::encodePng(picture, {{"", "x"}}));
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, image::encodePng(picture, {{std::string(80, 'k'), "x"}}));
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, image::encodePng(picture, {{"k", std::string("a\0b", 3)}}));
    }

    void greyPaletteAndAlphaBecomeTheStoredColours_data() {
        QTest::addColumn<QByteArray>("base64");
        QTest::addColumn<QByteArray>("rgb");
        QTest::newRow("grey") << QByteArray(
                                     "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAAAAADRSSBWAAAAC0lEQVR42mPgOgEAAN8A09i"
                                     "F0q4AAAAASUVORK5CYII=")
                              << QByteArray("0a0a0ac8c8c8");
        QTest::newRow("alpha") << QByteArray(
                                      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAYAAAD0In+"
                                      "KAAAAEUlEQVR42mPkEpFjkJOTawAAAzABGBr1k2UAAAAASUVORK5CYII=")
                               << QByteArray("0a141e28323c");
        QTest::newRow("palette") << QByteArray(
                                        "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABAQMAAADO7O3JAAAABlBMVEUBAgP6+/"
                                        "z9XuajAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg==")
                                 << QByteArray("fafbfc010203");
        QTest::newRow("grey with alpha") << QByteArray(
                                                "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAQAAABeK7cBAAAADUlEQVR42mPg"
                                                "Yj3xHwACywHXgNRoZwAAAABJRU5ErkJggg==")
                                         << QByteArray("0a0a0ac8c8c8");
    }
    void greyPaletteAndAlphaBecomeTheStoredColours() {
        QFETCH(QByteArray, base64);
        QFETCH(QByteArray, rgb);
        const Rgb8Image picture = image::decodePng(QByteArray::fromBase64(base64).toStdString());
        QCOMPARE(picture.width, 2);
        const QByteArray raw(reinterpret_cast<const char*>(picture.pixels.data()), static_cast<qsizetype>(picture.pixels.size()));
        QCOMPARE(raw.toHex(), rgb);
    }

    void everyPngIsReadAsPillowReadsIt() {
        const rlcm::Json cases = rlcm::readJsonFile(std::filesystem::path(RLCM_SOURCE_DIR) / "tests/golden/png/cases.json");
        QVERIFY(cases.size() > 50);
        for (const rlcm::Json& one : cases) {
            const Rgb8Image picture = image::decodePng(QByteArray::fromBase64(QByteArray::fromStdString(one.at("png").get<std::string>())).toStdString());
            QCOMPARE(picture.width, one.at("width").get<int>());
            QCOMPARE(picture.height, one.at("height").get<int>());
            const QByteArray raw(reinterpret_cast<const char*>(picture.pixels.data()), static_cast<qsizetype>(picture.pixels.size()));
            QVERIFY2(raw.toHex().toStdString() == one.at("rgb").get<std::string>(), one.at("what").get<std::string>().c_str());
        }
    }

    void greyOf16BitsGivesItsUpper8() {
        // 0x0000, 0x1234, 0x80FF, 0xFFFF.
        const Rgb8Image picture = image::decodePng(QByteArray::fromBase64(kGrey16).toStdString());
        QCOMPARE(picture.pixels, (std::vector<std::uint8_t>{0, 0, 0, 0x12, 0x12, 0x12, 0x80, 0x80, 0x80, 0xFF, 0xFF, 0xFF}));
    }

    void largePicturesAreRefusedBeforeMemoryIsTaken() {
        // A header of 8193 x 8193 pixels, and nothing behind it.
        try {
            image::decodePng(QByteArray::fromBase64(kLargeHeader).toStdString());
            QFAIL("accepted");
        } catch (const rlcm::Error& problem) {
            QVERIFY2(std::string(problem.what()).find("2^26") != std::string::npos, problem.what());
        }
    }

    void gitLfsIsNamed() {
        try {
            image::decodeImage("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n");
            QFAIL("accepted");
        } catch (const rlcm::Error& problem) {
            QVERIFY2(std::string(problem.what()).find("git-lfs") != std::string::npos, problem.what());
        }
    }

    void damagedPngsAreRefusedOrReadButNeverCrash() {
        const std::string good = image::encodePng(noise(16, 16, 5));
        rlcm::Random random(6);
        for (int round = 0; round < 2000; ++round) {
            std::string bad = good;
            bad[random.below(bad.size())] ^= static_cast<char>(1 + random.below(255));
            try {
                const Rgb8Image picture = image::decodePng(bad);
                QCOMPARE(picture.pixels.size(), static_cast<std::size_t>(picture.width * picture.height * 3));
            } catch (const rlcm::Error& problem) {
                QVERIFY(problem.kind() == rlcm::ErrorKind::Format);
            }
        }
        for (std::size_t length = 0; length + 12 < good.size(); length += 3) {  // the last 12 bytes are IEND
            QVERIFY_THROWS_EXCEPTION(rlcm::Error, image::decodePng(std::string_view(good).substr(0, length)));
        }
    }

    void jpegIsReadAsPillowReadsIt() {
        // sha256 of Image.open(...).convert("RGB").tobytes() of Pillow 13.0.0 for its own file of quality 80.
        const std::vector<std::tuple<const char*, Chroma, const char*>> cases{
            {"photo_97x131.png", Chroma::Yuv420, "9a537606c1864287201b51b39fe4b115c68cb6a6e0854a1c9368f8c0ff522eae"},
            {"photo_97x131.png", Chroma::Yuv444, "5cf2d048ec7f24a943285c2d03996429cef8bfb2bd922d974b34b954ed05c001"},
            {"noise_63x65.png", Chroma::Yuv420, "c9c15ca40e060e632086cee0facd0d66e6633f5afc45bdbfb90105e4c6fc95ac"}};
        for (const auto& [file, chroma, hash] : cases) {
            const Rgb8Image picture = image::decodePng(rlcm::readFile(kFixture / file));
            const Rgb8Image read = image::decodeImage(image::encodeJpeg(picture, 80, chroma));
            QVERIFY(read.width == picture.width && read.height == picture.height);
            const QByteArray raw(reinterpret_cast<const char*>(read.pixels.data()), static_cast<qsizetype>(read.pixels.size()));
            QCOMPARE(QCryptographicHash::hash(raw, QCryptographicHash::Sha256).toHex(), QByteArray(hash));
        }
    }

    void damagedJpegsAreRefusedOrReadButNeverCrash() {
        const std::string good = image::encodeJpeg(noise(40, 24, 5), 90);
        rlcm::Random random(6);
        for (int round = 0; round < 2000; ++round) {
            std::string bad = good;
            bad[random.below(bad.size())] ^= static_cast<char>(1 + random.below(255));
            try {
                const Rgb8Image picture = image::decodeJpeg(bad);
                QCOMPARE(picture.pixels.size(), static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height) * 3);
            } catch (const rlcm::Error& problem) {
                QVERIFY(problem.kind() == rlcm::ErrorKind::Format);
            }
        }
        for (std::size_t length = 0; length + 8 < good.size(); length += 3) {
            QVERIFY_THROWS_EXCEPTION(rlcm::Error, image::decodeJpeg(std::string_view(good).substr(0, length)));
        }
    }

    void imagesAreKnownByTheirFirstBytes() {
        const Rgb8Image picture = noise(9, 5, 8);
        QVERIFY(image::decodeImage(image::encodePng(picture)) == picture);
        for (const char* other : {"", "GIF89a...", "\x89P", "text"}) {
            QVERIFY_THROWS_EXCEPTION(rlcm::Error, image::decodeImage(other));
        }
    }

    void impossibleImagesAndQualitiesAreRefused() {
        const Rgb8Image picture = noise(4, 4, 2);
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, image::jpegSize(picture, 0));
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, image::jpegSize(picture, 101));
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, image::jpegSize(Rgb8Image{}, 95));
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, image::jpegSize(Rgb8Image{4, 4, {1, 2, 3}}, 95));
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, image::encodePng(Rgb8Image{-4, -4, {}}));
    }
};

QTEST_GUILESS_MAIN(TestCodec)
#include "tst_codec.moc"
