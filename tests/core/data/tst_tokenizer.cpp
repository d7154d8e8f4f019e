#include <QtTest>

#include <QElapsedTimer>
#include <QTemporaryDir>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/base/random.h"
#include "core/data/tokenizer.h"

using rlcm::Json;
using rlcm::data::Tokenizer;
namespace fs = std::filesystem;
using Ids = std::vector<std::int64_t>;

namespace {

const fs::path kTests = fs::path(RLCM_SOURCE_DIR) / "tests";
const fs::path kToy = kTests / "golden/tokenizer_toy";
const fs::path kReal = kTests / "tokenizer/clip";

/// The toy vocabulary in the newer single-file form.
Json asSingleFile(bool hasPairs) {
    Json merges = Json::array();
    const std::string text = rlcm::readFile(kToy / "vocab/merges.txt");
    for (const QByteArray& line : QByteArray::fromStdString(text).split('\n')) {
        if (line.isEmpty() || line.startsWith("#version")) {
            continue;
        }
        const qsizetype space = line.indexOf(' ');
        merges.push_back(hasPairs ? Json{line.left(space).toStdString(), line.mid(space + 1).toStdString()} : Json(line.toStdString()));
    }
    return {{"added_tokens", {{{"id", 717}, {"content", "<|startoftext|>"}, {"special", true}}}},
            {"model", {{"type", "BPE"}, {"end_of_word_suffix", "</w>"}, {"merges", merges}, {"vocab", rlcm::readJsonFile(kToy / "vocab/vocab.json")}}}};
}

Json addedTokenCases() {
    return rlcm::readJsonFile(kTests / "golden/added_tokens/cases.json");
}

/// The bundled vocabulary with small files of its own.
void writeTokenizer(const fs::path& folder, const Json& files) {
    const fs::path bundled = fs::path(RLCM_SOURCE_DIR) / "resources/models/emoji-lcm/tokenizer";
    for (const char* name : {"vocab.json", "merges.txt"}) {
        fs::copy(bundled / name, folder / name);
    }
    for (const auto& [name, content] : files.items()) {
        rlcm::writeFileAtomically(folder / name, content.dump());
    }
}

}  // namespace

class TestTokenizer : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void awkwardTextsEncodeAsInTransformers_data() {
        QTest::addColumn<QString>("fixture");
        QTest::addColumn<QString>("vocabulary");
        QTest::newRow("toy vocabulary") << QString::fromStdString(kToy) << QString::fromStdString(kToy / "vocab");
        QTest::newRow("real vocabulary") << QString::fromStdString(kTests / "golden/tokenizer_clip") << QString::fromStdString(kReal);
    }
    void awkwardTextsEncodeAsInTransformers() {
        QFETCH(QString, fixture);
        QFETCH(QString, vocabulary);
        const auto tokenizer = Tokenizer::load(vocabulary.toStdString());
        const Json json = rlcm::readJsonFile(fs::path(fixture.toStdString()) / "encodings.json");
        int longOnes = 0;
        for (const Json& row : json.at("encodings")) {
            const auto text = row.at("text").get<std::string>();
            QVERIFY2(tokenizer.encode(text) == row.at("ids").get<Ids>(), Json(text).dump().c_str());
            QCOMPARE(tokenizer.promptKey(text), row.at("prompt_key_50").get<std::string>());
            if (row.contains("ids_77")) {
                QCOMPARE(tokenizer.encodePadded(text, 77), row.at("ids_77").get<Ids>());
                ++longOnes;
            }
        }
        QVERIFY(longOnes > 0);
        const Json& example = json.at("padded_example");
        QCOMPARE(tokenizer.encodePadded(example.at("text").get<std::string>(), 77), example.at("ids_77").get<Ids>());
        QCOMPARE(tokenizer.maxLength(), std::int64_t{77});
    }

    void publishedExampleGivesItsIds() {
        const Json json = rlcm::readJsonFile(kToy / "published_test/expected.json");
        const auto tokenizer = Tokenizer::load(kToy / "published_test");
        QCOMPARE(tokenizer.encode(json.at("text").get<std::string>()), json.at("ids").get<Ids>());
    }

    void bundledModelsHaveShorterTexts() {
        const auto tokenizer = Tokenizer::load(fs::path(RLCM_SOURCE_DIR) / "resources/models/emoji-lcm/tokenizer");
        QCOMPARE(tokenizer.maxLength(), std::int64_t{16});
        // From transformers 5.23 with the same files.
        QCOMPARE(tokenizer.encode("a cat!"), (Ids{742, 320, 694, 256, 743}));
    }

    void singleFileFormGivesTheSameIds_data() {
        QTest::addColumn<bool>("hasPairs");
        QTest::newRow("merges as texts") << false;
        QTest::newRow("merges as pairs") << true;
    }
    void singleFileFormGivesTheSameIds() {
        QFETCH(bool, hasPairs);
        const QTemporaryDir place;
        const fs::path folder = place.path().toStdString();
        rlcm::writeFileAtomically(folder / "tokenizer.json", asSingleFile(hasPairs).dump());
        const auto single = Tokenizer::load(folder), usual = Tokenizer::load(kToy / "vocab");
        const Json whole = rlcm::readJsonFile(kToy / "encodings.json").at("encodings");
        for (const Json& row : whole) {
            const auto text = row.at("text").get<std::string>();
            QCOMPARE(single.encode(text), usual.encode(text));
        }
    }

    void anotherPadTokenPadsAndIsCutOutOfTexts() {
        const QTemporaryDir place;
        const fs::path folder = place.path().toStdString();
        fs::copy(kToy / "vocab/vocab.json", folder / "vocab.json");
        fs::copy(kToy / "vocab/merges.txt", folder / "merges.txt");
        rlcm::writeFileAtomically(folder / "special_tokens_map.json", R"({"pad_token":{"content":"!"}})");
        const auto tokenizer = Tokenizer::load(folder);
        QCOMPARE(tokenizer.encodePadded("a", 5), (Ids{717, 320, 718, 0, 0}));
        // From transformers 5.23: a pad token is special, so it is found inside words and keeps its own id.
        QCOMPARE(tokenizer.encode("a !!cat"), (Ids{717, 320, 0, 0, 587, 718}));
    }

    void addedTokensAreFoundAsInTransformers_data() {
        QTest::addColumn<int>("number");
        for (int i = 0; i < static_cast<int>(addedTokenCases().size()); ++i) {
            QTest::addRow("mixture %d", i) << i;
        }
    }
    void addedTokensAreFoundAsInTransformers() {
        QFETCH(int, number);
        const Json mixture = addedTokenCases().at(static_cast<std::size_t>(number));
        const QTemporaryDir place;
        const fs::path folder = place.path().toStdString();
        writeTokenizer(folder, mixture.at("files"));
        const auto tokenizer = Tokenizer::load(folder);
        for (const Json& row : mixture.at("encodings")) {
            const auto text = row.at("text").get<std::string>();
            QVERIFY2(tokenizer.encode(text) == row.at("ids").get<Ids>(), (Json(text).dump() + " gives " + Json(tokenizer.encode(text)).dump()).c_str());
            QCOMPARE(tokenizer.promptKey(text), row.at("prompt_key_50").get<std::string>());
        }
    }

    void settingsThatAreNotHonouredAreRefusedByName_data() {
        QTest::addColumn<QByteArray>("file");
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QByteArray>("word");
        QTest::newRow("hidden token") << QByteArray("added_tokens.json") << QByteArray(R"({"<dog>":744})") << QByteArray("<dog>");
        QTest::newRow("left padding") << QByteArray("tokenizer_config.json") << QByteArray(R"({"padding_side":"left"})") << QByteArray("padding_side");
        QTest::newRow("left cut") << QByteArray("tokenizer_config.json") << QByteArray(R"({"truncation_side":"left"})") << QByteArray("truncation_side");
        QTest::newRow("other class") << QByteArray("tokenizer_config.json") << QByteArray(R"({"tokenizer_class":"GPT2Tokenizer"})")
                                     << QByteArray("GPT2Tokenizer");
        QTest::newRow("id with a gap") << QByteArray("tokenizer_config.json") << QByteArray(R"({"added_tokens_decoder":{"750":{"content":"<dog>"}}})")
                                       << QByteArray("750");
        QTest::newRow("id of another") << QByteArray("tokenizer_config.json") << QByteArray(R"({"added_tokens_decoder":{"5":{"content":"a"}}})")
                                       << QByteArray("\"a\"");
        QTest::newRow("flag") << QByteArray("tokenizer_config.json") << QByteArray(R"({"added_tokens_decoder":{"744":{"content":"a b","lstrip":"no"}}})")
                              << QByteArray("lstrip");
        QTest::newRow("length") << QByteArray("tokenizer_config.json") << QByteArray(R"({"model_max_length":"long"})") << QByteArray("model_max_length");
    }
    void settingsThatAreNotHonouredAreRefusedByName() {
        QFETCH(QByteArray, file);
        QFETCH(QByteArray, content);
        QFETCH(QByteArray, word);
        const QTemporaryDir place;
        const fs::path folder = place.path().toStdString();
        // A config that lists its added tokens hides those of the older files.
        writeTokenizer(folder, {{"tokenizer_config.json", {{"added_tokens_decoder", Json::object()}}}});
        rlcm::writeFileAtomically(folder / file.toStdString(), content.toStdString());
        try {
            Tokenizer::load(folder);
            QFAIL("accepted");
        } catch (const rlcm::Error& problem) {
            QVERIFY2(QByteArray(problem.what()).contains(word), problem.what());
        }
    }

    void infinityInASettingThatDoesNotMatterIsRead() {
        const QTemporaryDir place;
        const fs::path folder = place.path().toStdString();
        writeTokenizer(folder, Json::object());
        rlcm::writeFileAtomically(folder / "tokenizer_config.json", R"({"model_max_length":Infinity,"other":NaN})");
        QCOMPARE(Tokenizer::load(folder).maxLength(), std::int64_t{77});
    }

    void lengthsAreExactAndTooShortOnesRefused() {
        const auto tokenizer = Tokenizer::load(kToy / "vocab");
        const std::string text = "a photo of a cat";
        QCOMPARE(tokenizer.encodePadded(text, 2), (Ids{717, 718}));
        QCOMPARE(tokenizer.encodePadded(text, 4), (Ids{717, 320, 688, 718}));
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, tokenizer.encodePadded(text, 1));
    }

    void brokenBytesNeverCrash() {
        const auto tokenizer = Tokenizer::load(kToy / "vocab");
        rlcm::Random random(4);
        for (int round = 0; round < 500; ++round) {
            std::string text;
            for (std::uint64_t i = random.below(60); i > 0; --i) {
                text.push_back(static_cast<char>(random.below(256)));
            }
            const Ids ids = tokenizer.encode(text);
            QVERIFY(ids.size() >= 2 && ids.front() == 717 && ids.back() == 718);
            QVERIFY(QString::fromStdString(tokenizer.promptKey(text)).isValidUtf16());
        }
    }

    void brokenFoldersAreRefused_data() {
        QTest::addColumn<QByteArray>("vocabulary");
        QTest::addColumn<QByteArray>("merges");
        const QByteArray good(R"({"a":0,"b":1,"ab":2,"<|startoftext|>":3,"<|endoftext|>":4})");
        QTest::newRow("merge of three") << good << QByteArray("#version: 0.2\na b ab\n");
        QTest::newRow("merge of one") << good << QByteArray("a\n");
        QTest::newRow("unknown part") << good << QByteArray("a c\n");
        QTest::newRow("unknown result") << good << QByteArray("b a\n");
        QTest::newRow("no end token") << QByteArray(R"({"a":0,"<|startoftext|>":1})") << QByteArray();
        QTest::newRow("negative id") << QByteArray(R"({"a":-1,"<|startoftext|>":3,"<|endoftext|>":4})") << QByteArray();
        QTest::newRow("huge id") << QByteArray(R"({"a":99999999999,"<|startoftext|>":3,"<|endoftext|>":4})") << QByteArray();
        QTest::newRow("list") << QByteArray("[1]") << QByteArray();
    }
    void brokenFoldersAreRefused() {
        QFETCH(QByteArray, vocabulary);
        QFETCH(QByteArray, merges);
        const QTemporaryDir place;
        const fs::path folder = place.path().toStdString();
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, Tokenizer::load(folder));
        rlcm::writeFileAtomically(folder / "vocab.json", vocabulary.toStdString());
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, Tokenizer::load(folder));  // without merges.txt
        rlcm::writeFileAtomically(folder / "merges.txt", merges.toStdString());
        try {
            Tokenizer::load(folder);
            QFAIL("accepted");
        } catch (const rlcm::Error& problem) {
            QVERIFY(problem.kind() == rlcm::ErrorKind::Format);
        }
    }

    void realVocabularyLoadsQuicklyAndLongWordsAreCheap() {
        QElapsedTimer timer;
        timer.start();
        const auto tokenizer = Tokenizer::load(kReal);
        qInfo("loaded in %lld ms", static_cast<long long>(timer.elapsed()));
        QVERIFY2(timer.elapsed() < 30000, "a hundred times the usual time, to bear a busy machine");
        timer.restart();
        std::string word;
        rlcm::Random random(8);
        for (int i = 0; i < 300000; ++i) {
            word.push_back(static_cast<char>('a' + random.below(26)));
        }
        QVERIFY(tokenizer.encode(word).size() > 50000);
        QVERIFY2(timer.elapsed() < 30000, "merging must not be quadratic");
    }
};

QTEST_GUILESS_MAIN(TestTokenizer)
#include "tst_tokenizer.moc"
