#include <QtTest>

#include <algorithm>
#include <filesystem>
#include <set>

#include <QTemporaryDir>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/data/prompt_set.h"
#include "core/data/tokenizer.h"

namespace fs = std::filesystem;
using rlcm::data::loadPrompts;

class TestPromptSet : public QObject {
    Q_OBJECT
private:
    QTemporaryDir m_place;
    std::string file(const std::string& bytes) const {
        const fs::path path = fs::path(m_place.path().toStdString()) / "prompts.txt";
        rlcm::writeFileAtomically(path, bytes);
        return path.string();
    }

private Q_SLOTS:
    void bundledListsAreThereWithTheirSizes() {
        const std::vector<std::pair<std::string, std::size_t>> expected{{"animal-nouns", 45},
                                                                        {"animals-1", 1},
                                                                        {"animals-15", 15},
                                                                        {"animals-5", 5},
                                                                        {"animals-actions-backgrounds", 120},
                                                                        {"animals-with-actions", 135},
                                                                        {"held-out-combinations", 34},
                                                                        {"objects", 12},
                                                                        {"simple-animals", 45}};
        std::vector<std::string> names;
        for (const auto& [name, count] : expected) {
            names.push_back(name);
            QCOMPARE(loadPrompts(name).texts.size(), count);
        }
        QCOMPARE(rlcm::data::bundledPromptSets(), names);
        QCOMPARE(loadPrompts("simple-animals").texts.front(), std::string("an ant"));
    }

    void heldOutPairsAreNotAmongTheTrainedCombinations() {
        const auto trained = loadPrompts("animals-actions-backgrounds").texts;
        for (const std::string& pair : loadPrompts("held-out-combinations").texts) {
            const std::string animal = pair.substr(0, pair.find(' ', pair.find(' ') + 1) + 1);
            const std::string rest = pair.substr(animal.size());
            for (const std::string& prompt : trained) {
                QVERIFY2(!prompt.starts_with(animal) || prompt.find(rest) == std::string::npos, prompt.c_str());
            }
        }
    }

    void everyBundledPromptFitsTheBundledTextModel() {
        const auto tokenizer = rlcm::data::Tokenizer::load(rlcm::resourceFolder() / "models/emoji-lcm/tokenizer");
        for (const std::string& name : rlcm::data::bundledPromptSets()) {
            for (const std::string& prompt : loadPrompts(name).texts) {
                QVERIFY2(static_cast<std::int64_t>(tokenizer.encode(prompt).size()) <= tokenizer.maxLength(), prompt.c_str());
            }
        }
    }

    void filesAreReadWithoutCommentsAndBlanks() {
        const auto list = loadPrompts(file("\xEF\xBB\xBF# what it is\n a cat \r\n\n\t\na dog\n#\n#1 fox\nx # y\ncaf\xC3\xA9"));
        QCOMPARE(list.texts, (std::vector<std::string>{"a cat", "a dog", "#1 fox", "x # y", "caf\xC3\xA9"}));
        QVERIFY2(list.note.find("2 lines that start with #") != std::string::npos, list.note.c_str());
    }

    void everyLineEndEndsALine() {
        QCOMPARE(loadPrompts(file("a\rb\r\nc\nd\r\r\n\n\re")).texts, (std::vector<std::string>{"a", "b", "c", "d", "e"}));
        QVERIFY(loadPrompts(file("a\rb\r\nc\n\n")).note.empty());
    }

    void linesThatLookEmptyAreNoPrompts() {
        // No-break space, ideographic space, zero width space, word joiner, soft hyphen, a control character.
        const auto list =
            loadPrompts(file("a cat\n\xC2\xA0\n\xE3\x80\x80\xE3\x80\x80\n\xE2\x80\x8B\n \xE2\x81\xA0\n\xC2\xAD\n\x01\n\xE3\x80\x80"
                             "a dog\xC2\xA0\n"));
        QCOMPARE(list.texts, (std::vector<std::string>{"a cat", "a dog"}));
        QVERIFY2(list.note.find("6 lines that only look empty") != std::string::npos, list.note.c_str());
    }

    void repeatsAreWeightsAndSaid() {
        const auto list = loadPrompts(file("a cat\na dog\na cat\na cat\n"));
        QCOMPARE(list.texts, (std::vector<std::string>{"a cat", "a dog", "a cat", "a cat"}));
        QCOMPARE(list.distinct(), (std::vector<std::string>{"a cat", "a dog"}));
        QVERIFY2(list.note.find("2 lines repeat") != std::string::npos, list.note.c_str());
    }

    void uselessFilesAreRefused() {
        for (const std::string& bytes : {std::string(), std::string("# only a comment\n\n"), std::string("\xE2\x80\x8B\n"),
                                         std::string("version https://git-lfs.github.com/spec/v1\noid sha256:00\n"), std::string("a\xFF\n"),
                                         std::string("a\xED\xA0\x80\n"), std::string("a\0b\n", 4)}) {
            try {
                loadPrompts(file(bytes));
                QFAIL("accepted");
            } catch (const rlcm::Error& problem) {
                QVERIFY(problem.kind() == rlcm::ErrorKind::Format);
            }
        }
    }

    void tooLargeFilesAreRefused() { QVERIFY_THROWS_EXCEPTION(rlcm::Error, loadPrompts(file(std::string((16U << 20) + 1, 'a')))); }

    void unknownNamesNameTheNearestList() {
        try {
            loadPrompts("simple-anmals");
            QFAIL("accepted");
        } catch (const rlcm::Error& problem) {
            QVERIFY(problem.kind() == rlcm::ErrorKind::Config);
            QVERIFY2(std::string(problem.what()).find("did you mean \"simple-animals\"") != std::string::npos, problem.what());
        }
        for (const std::string name : {"", "../prompts/objects", "/", "objects.txt"}) {
            QVERIFY_THROWS_EXCEPTION(rlcm::Error, loadPrompts(name));
        }
    }
};

QTEST_GUILESS_MAIN(TestPromptSet)
#include "tst_prompt_set.moc"
