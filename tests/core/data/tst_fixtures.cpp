// The parity runner itself: it must find the kind of a folder, and it must be able to fail.
#include <QtTest>

#include <QTemporaryDir>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/parity/parity.h"
#include "core/tensor/torch.h"

using rlcm::ErrorKind;
using rlcm::Json;
using rlcm::parity::Report;
namespace fs = std::filesystem;

namespace {

const fs::path kGolden = fs::path(RLCM_SOURCE_DIR) / "tests/golden";

Report run(const fs::path& folder) {
    return rlcm::parity::runFixture(folder, {at::kCPU});
}

int failures(const Report& report) {
    return static_cast<int>(std::count_if(report.quantities.begin(), report.quantities.end(), [](const auto& q) { return !q.passed; }));
}

ErrorKind kindOfFailure(const fs::path& folder, std::string& message) {
    try {
        run(folder);
    } catch (const rlcm::Error& problem) {
        message = problem.what();
        return problem.kind();
    }
    throw std::runtime_error("it was run");
}

}  // namespace

class TestFixtures : public QObject {
    Q_OBJECT
private:
    QTemporaryDir m_place;
    fs::path copyOf(const char* kind, const std::string& as) const {
        const fs::path target = fs::path(m_place.path().toStdString()) / as;
        fs::create_directories(target.parent_path());
        fs::copy(kGolden / kind, target, fs::copy_options::recursive);
        return target;
    }
    template <typename Change>
    static void edit(const fs::path& file, const Change& change) {
        Json json = rlcm::readJsonFile(file);
        change(json);
        rlcm::writeFileAtomically(file, json.dump());
    }

private Q_SLOTS:
    void dataFixturesAgree_data() {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<int>("quantities");
        QTest::newRow("safetensors") << QStringLiteral("safetensors") << 75;
        QTest::newRow("tokenizer_toy") << QStringLiteral("tokenizer_toy") << 4;
        QTest::newRow("a part of it") << QStringLiteral("tokenizer_toy/published_test") << 1;
        QTest::newRow("tokenizer_clip") << QStringLiteral("tokenizer_clip/") << 3;
        QTest::newRow("jpeg_sizes") << QStringLiteral("jpeg_sizes") << 26;
        QTest::newRow("resize") << QStringLiteral("resize") << 32;
    }
    void dataFixturesAgree() {
        QFETCH(QString, folder);
        QFETCH(int, quantities);
        const Report report = run(kGolden / folder.toStdString());
        for (const auto& quantity : report.quantities) {
            QVERIFY2(quantity.passed, (quantity.name + ": " + quantity.note).c_str());
        }
        QVERIFY(report.passed());
        QCOMPARE(report.quantities.size(), static_cast<std::size_t>(quantities));
    }

    void changedExpectationsAreReported() {
        const fs::path jpeg = copyOf("jpeg_sizes", "a/jpeg_sizes");
        edit(jpeg / "sizes.json", [](Json& json) { json["images"]["noise_64.png"]["q80_444"] = 1; });
        const Report sizes = run(jpeg);
        QCOMPARE(failures(sizes), 1);
        QVERIFY(!sizes.passed());

        const fs::path text = copyOf("tokenizer_toy", "a/tokenizer_other");
        edit(text / "encodings.json", [](Json& json) {
            json["encodings"][3]["ids"][1] = 7;
            json["encodings"][4]["prompt_key_50"] = "else";
        });
        const Report tokens = run(text);
        QCOMPARE(tokens.kind, std::string("tokenizer_other"));
        QCOMPARE(failures(tokens), 2);

        const fs::path files = copyOf("safetensors", "a/safetensors");
        edit(files / "cases.json", [](Json& json) {
            json["cases"][0]["tensors"]["t_F32"]["hex"] = "00";
            json["cases"][1]["recommended"] = "reject";
        });
        fs::remove(files / "good_empty.safetensors");
        fs::copy_file(files / "bad_hole.safetensors", files / "good_rank_0.safetensors", fs::copy_options::overwrite_existing);
        QCOMPARE(failures(run(files)), 4);
    }

    void changedImagesAreReported() {
        copyOf("jpeg_sizes", "b/jpeg_sizes");
        const fs::path folder = copyOf("resize", "b/resize");
        fs::copy_file(folder / "20x31_to_32_crop.png", folder / "37x53_to_32_crop.png", fs::copy_options::overwrite_existing);
        edit(folder / "cases.json", [](Json& json) { json["mean"][1] = 0.5; });
        const Report report = run(folder);
        // One cropped image, and the normalised values of eight images and two float cases.
        QCOMPARE(failures(report), 1 + 10);
    }

    void missingVocabularyIsOneFailureThatNamesThePlaces() {
        const fs::path folder = copyOf("tokenizer_clip", "c/golden/tokenizer_clip");
        const Report report = run(folder);
        QCOMPARE(report.quantities.size(), std::size_t{1});
        QVERIFY(!report.passed());
        QVERIFY2(report.quantities[0].note.find("c/tokenizer/clip") != std::string::npos, report.quantities[0].note.c_str());
    }

    void emptyFixturesDoNotPass() {
        const fs::path folder = fs::path(m_place.path().toStdString()) / "d/safetensors";
        fs::create_directories(folder);
        rlcm::writeFileAtomically(folder / "cases.json", R"({"cases":[]})");
        QVERIFY(!run(folder).passed());
    }

    void unknownBrokenAndAbsentFixturesAreErrors() {
        std::string message;
        for (const char* kind : {"later_kind", "later_kind/base"}) {
            QVERIFY(kindOfFailure(kGolden / kind, message) == ErrorKind::Config);
            QVERIFY2(message.find("unet_lcm") != std::string::npos, message.c_str());
        }
        QVERIFY(kindOfFailure(fs::path(RLCM_SOURCE_DIR) / "core", message) == ErrorKind::Config);
        QVERIFY(kindOfFailure(kGolden / "resize/absent", message) == ErrorKind::Io);
        const fs::path folder = fs::path(m_place.path().toStdString()) / "e/jpeg_sizes";
        fs::create_directories(folder);
        QVERIFY(kindOfFailure(folder, message) == ErrorKind::Io);
        rlcm::writeFileAtomically(folder / "sizes.json", R"({"images":{"x.png":{}}})");
        QVERIFY(kindOfFailure(folder, message) == ErrorKind::Io);
        rlcm::writeFileAtomically(folder / "sizes.json", R"({"pictures":{}})");
        QVERIFY(kindOfFailure(folder, message) == ErrorKind::Format);
    }
};

QTEST_GUILESS_MAIN(TestFixtures)
#include "tst_fixtures.moc"
