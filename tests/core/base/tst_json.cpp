// Strict JSON: what a lenient parser would take without a word is an error here.
#include <QtTest>

#include <algorithm>
#include <ctime>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"

using rlcm::ErrorKind;

class TestJson : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void refusesWhatIsNotStrictJson_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("duplicate key") << QByteArray(R"({"a":1,"a":1})");
        QTest::newRow("duplicate key inside") << QByteArray(R"({"x":[{"a":1,"b":2,"a":3}]})");
        QTest::newRow("trailing comma") << QByteArray(R"({"a":1,})");
        QTest::newRow("comment") << QByteArray("{} // no");
        QTest::newRow("text after the end") << QByteArray("{} {}");
        QTest::newRow("not a number") << QByteArray("[NaN]");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("cut off") << QByteArray(R"({"a":)");
        QTest::newRow("broken UTF-8") << QByteArray("[\"\xFF\"]");
        QTest::newRow("too deep") << QByteArray(70, '[') + QByteArray(70, ']');
        QTest::newRow("far too deep") << QByteArray(1000000, '[');
    }
    void refusesWhatIsNotStrictJson() {
        QFETCH(QByteArray, text);
        try {
            rlcm::parseJson(text.toStdString(), "place.json");
            QFAIL("accepted");
        } catch (const rlcm::Error& problem) {
            QVERIFY(problem.kind() == ErrorKind::Format);
            QVERIFY2(std::string(problem.what()).find("place.json") != std::string::npos, problem.what());
        }
    }

    void namesTheRepeatedKey() {
        try {
            rlcm::parseJson(R"({"epochs":1,"seed":2,"epochs":3})", "x");
            QFAIL("accepted");
        } catch (const rlcm::Error& problem) {
            QVERIFY2(std::string(problem.what()).find("\"epochs\"") != std::string::npos, problem.what());
        }
    }

    void allowsTheSameKeyInDifferentObjects() {
        const auto json = rlcm::parseJson(R"([{"a":1},{"a":2,"b":{"a":3}}])", "x");
        QCOMPARE(json[1]["b"]["a"].get<int>(), 3);
    }

    void allowsOrdinaryDepth() { QVERIFY(rlcm::parseJson(std::string(60, '[') + std::string(60, ']'), "x").is_array()); }

    void refusesMoreBytesThanAllowed() {
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, rlcm::parseJson("[1,2,3]", "x", 6));
        QCOMPARE(rlcm::parseJson("[1,2,3]", "x", 7).size(), std::size_t{3});
    }

    void keepsLargeWholeNumbersExact() {
        const auto json = rlcm::parseJson("[18446744073709551615]", "x");
        QCOMPARE(json[0].get<std::uint64_t>(), ~std::uint64_t{0});
    }

    /// Ten times the objects in far less than the hundred times of a parser that looks at the parent again for each.
    void timeGrowsWithTheNumberOfObjects() {
        bool isWhole = true;
        const auto seconds = [&isWhole](int objects) {
            std::string text = "[{}";
            for (int i = 1; i < objects; ++i) {
                text += R"(,{"a":1,"b":[]})";
            }
            text += "]";
            double best = 1e9;
            for (int i = 0; i < 5; ++i) {
                const std::clock_t start = std::clock();  // of this process: what others take meanwhile does not count
                const auto json = rlcm::parseJson(text, "x");
                best = std::min(best, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
                isWhole = isWhole && json.size() == static_cast<std::size_t>(objects);
            }
            return best;
        };
        const double few = seconds(10000), many = seconds(100000);
        QVERIFY(isWhole);
        QVERIFY2(many < 40 * few, qPrintable(QStringLiteral("10,000 objects take %1 s, 100,000 take %2 s").arg(few).arg(many)));
    }

    void refusesMoreValuesThanMemoryShouldBeSpentOn() {
        std::string text = "[0";
        for (int i = 0; i < (1 << 21); ++i) {
            text += ",0";
        }
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, rlcm::parseJson(text + "]", "x"));
    }

    void readsTheNumbersOfPython() {
        const auto json = rlcm::parsePythonJson("{\"a\":-Infinity,\"b\":[1,2.5,NaN,-3,Infinity,1e3],\"c\":\"NaN \\\" Infinity\",\"d\":0.0}", "x");
        QCOMPARE(json["a"].get<double>(), -std::numeric_limits<double>::infinity());
        QVERIFY(std::isnan(json["b"][2].get<double>()));
        QCOMPARE(json["b"][3].get<int>(), -3);
        QCOMPARE(json["b"][4].get<double>(), std::numeric_limits<double>::infinity());
        QCOMPARE(json["b"][5].get<double>(), 1000.0);
        QCOMPARE(json["c"].get<std::string>(), std::string("NaN \" Infinity"));
        QCOMPARE(json["d"].get<double>(), 0.0);
        for (const char* text : {"[NaN5]", "[5NaN]", "[-NaN]", "[nan]", "[--Infinity]", "\"NaN", "[Infinityx]", "{\"a\":NaN,\"a\":1}"}) {
            QVERIFY_THROWS_EXCEPTION(rlcm::Error, rlcm::parsePythonJson(text, "x"));
        }
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, rlcm::parseJson("[Infinity]", "x"));
    }

    void namesGitLfs() {
        try {
            rlcm::parseJson("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n", "place.json");
            QFAIL("accepted");
        } catch (const rlcm::Error& problem) {
            QVERIFY2(std::string(problem.what()).find("git-lfs") != std::string::npos, problem.what());
        }
    }

    void editDistanceCountsEveryKindOfSlipOnce() {
        QCOMPARE(rlcm::editDistance("horizon", "horizon"), std::size_t{0});
        QCOMPARE(rlcm::editDistance("horizon", "horzon"), std::size_t{1});
        QCOMPARE(rlcm::editDistance("horizon", "horizzon"), std::size_t{1});
        QCOMPARE(rlcm::editDistance("horizon", "horison"), std::size_t{1});
        QCOMPARE(rlcm::editDistance("horizon", "hroizon"), std::size_t{1});
        QCOMPARE(rlcm::editDistance("", "abc"), std::size_t{3});
        QCOMPARE(rlcm::editDistance("kitten", "sitting"), std::size_t{3});
    }

    void nearestNameFindsTyposAndStaysSilentOtherwise() {
        const std::vector<std::string> names{"epochs", "horizon", "learning_rate"};
        QCOMPARE(rlcm::nearestName("horzion", names), std::string("horizon"));
        QCOMPARE(rlcm::nearestName("learning-rate", names), std::string("learning_rate"));
        QCOMPARE(rlcm::nearestName("zebra", names), std::string());
    }
};

QTEST_GUILESS_MAIN(TestJson)
#include "tst_json.moc"
