#include <QTest>

#include "core/base/error.h"
#include "core/image/codec.h"
#include "core/image/png_text.h"

using namespace rlcm;

class TestPngText : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void entriesComeBackAsTheyWereWritten() {
        const image::Rgb8Image picture{2, 2, std::vector<std::uint8_t>(12, 7)};
        const std::vector<std::pair<std::string, std::string>> text{{"rlcm:run", "r0001"}, {"rlcm:name", "a caf\u00e9"}, {"Empty", ""}};
        const auto entries = image::pngText(image::encodePng(picture, text, 300));
        QCOMPARE(entries.size(), std::size_t{3});
        for (const auto& [key, value] : text) {
            QCOMPARE(entries.at(key), value);
        }
        QVERIFY(image::pngText(image::encodePng(picture)).empty());
    }
    void damageEndsTheEntries() {
        const image::Rgb8Image picture{2, 2, std::vector<std::uint8_t>(12, 7)};
        const std::string bytes = image::encodePng(picture, {{"a", "first"}, {"b", "second"}});
        for (std::size_t size = 8; size < bytes.size(); ++size) {
            QVERIFY(image::pngText(bytes.substr(0, size)).size() <= 2);  // and reads nothing behind the end
        }
        std::string longer = bytes;
        longer[8] = '\x7f';  // a first chunk of two gigabytes
        QVERIFY(image::pngText(longer).empty());
        QVERIFY_EXCEPTION_THROWN(image::pngText("no picture"), Error);
        QVERIFY_EXCEPTION_THROWN(image::pngText(""), Error);
    }
};

QTEST_GUILESS_MAIN(TestPngText)
#include "tst_png_text.moc"
