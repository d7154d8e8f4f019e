// Strict JSON: what a lenient parser would take without a word is an error here.
#include <QtTest>

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

    void allowsOrdinaryDepth() {
        QVERIFY(rlcm::parseJson(std::string(60, '[') + std::string(60, ']'), "x").is_array());
    }

    void refusesMoreBytesThanAllowed() {
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, rlcm::parseJson("[1,2,3]", "x", 6));
        QCOMPARE(rlcm::parseJson("[1,2,3]", "x", 7).size(), std::size_t{3});
    }

    void keepsLargeWholeNumbersExact() {
        const auto json = rlcm::parseJson("[18446744073709551615]", "x");
        QCOMPARE(json[0].get<std::uint64_t>(), ~std::uint64_t{0});
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
