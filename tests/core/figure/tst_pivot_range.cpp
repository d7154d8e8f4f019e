// Ranges of an axis as people type them.
#include <QTest>
#include <algorithm>
#include <random>

#include "core/base/error.h"
#include "core/figure/pivot_range.h"

using namespace rlcm;
using figure::PivotAxis;
using figure::PivotValues;
using Numbers = std::vector<std::int64_t>;

namespace {

PivotValues epochs() {
    return {PivotAxis::Epoch, {0, 10, 20, 30, 40, 50, 60, 70, 80}};
}
PivotValues horizons() {
    return {PivotAxis::Horizon, {2, 4, 8, 16}};
}
PivotValues prompts() {
    return {PivotAxis::Prompt, {1, 2, 3, 4}, {"an ant", "A bee, flying", "last year's camel", "80"}};
}

QString refusal(const std::string& text, const PivotValues& values) {
    try {
        figure::chosenValues(text, values);
    } catch (const Error& problem) {
        return QString::fromUtf8(problem.what());
    }
    return {};
}

}  // namespace

class TestPivotRange : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void rangesNameValuesInTheirOrder_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QList<int>>("wanted");
        QTest::newRow("nothing") << QString() << QList<int>{0, 10, 20, 30, 40, 50, 60, 70, 80};
        QTest::newRow("all") << QStringLiteral(" All ") << QList<int>{0, 10, 20, 30, 40, 50, 60, 70, 80};
        QTest::newRow("last") << QStringLiteral("last") << QList<int>{80};
        QTest::newRow("first and last") << QStringLiteral("first,last") << QList<int>{0, 80};
        QTest::newRow("range") << QStringLiteral("15-40") << QList<int>{20, 30, 40};
        QTest::newRow("downwards") << QStringLiteral("40-15") << QList<int>{40, 30, 20};
        QTest::newRow("step") << QStringLiteral("0-80 (+20)") << QList<int>{0, 20, 40, 60, 80};
        QTest::newRow("step that is not evaluated") << QStringLiteral("0-20(+8)") << QList<int>{0, 8, 16};
        QTest::newRow("step downwards") << QStringLiteral("last-0 (+40)") << QList<int>{80, 40, 0};
        QTest::newRow("number of values") << QStringLiteral("0-80 [3]") << QList<int>{0, 40, 80};
        QTest::newRow("more than there are") << QStringLiteral("0-20 [30]") << QList<int>{0, 10, 20};
        QTest::newRow("one of them") << QStringLiteral("10-80 [1]") << QList<int>{10};
        QTest::newRow("an epoch without images") << QStringLiteral("45") << QList<int>{45};
        QTest::newRow("each once") << QStringLiteral("20, 0-30, last, 80,") << QList<int>{20, 0, 10, 30, 80};
    }
    void rangesNameValuesInTheirOrder() {
        QFETCH(QString, text);
        QFETCH(QList<int>, wanted);
        QCOMPARE(figure::chosenValues(text.toStdString(), epochs()), Numbers(wanted.begin(), wanted.end()));
    }
    void namesAreFoundByAPartOfThem() {
        QCOMPARE(figure::chosenValues("BEE, ant", prompts()), (Numbers{2, 1}));
        QCOMPARE(figure::chosenValues("\"bee, fly\"", prompts()), (Numbers{2}));
        QCOMPARE(figure::chosenValues("last year", prompts()), (Numbers{3}));
        QCOMPARE(figure::chosenValues("\"80\"", prompts()), (Numbers{4}));
        QCOMPARE(figure::chosenValues("2-3, a", prompts()), (Numbers{2, 3, 1}));
        QCOMPARE(figure::chosenValues("last", prompts()), (Numbers{4}));
    }
    void badRangesAreRefusedWithWhatMayBeWritten_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("word");
        QTest::newRow("word") << QStringLiteral("lots") << QStringLiteral("0-80 (+20)");
        QTest::newRow("open") << QStringLiteral("0-") << QStringLiteral("no range");
        QTest::newRow("step without a bracket") << QStringLiteral("0-80 (+20") << QStringLiteral("no range");
        QTest::newRow("step of nothing") << QStringLiteral("2-8 (+0)") << QStringLiteral("1 or more");
        QTest::newRow("number of nothing") << QStringLiteral("2-8 [0]") << QStringLiteral("1 or more");
        QTest::newRow("not there") << QStringLiteral("3") << QStringLiteral("there are 2, 4, 8, 16");
        QTest::newRow("nothing between") << QStringLiteral("9-15") << QStringLiteral("no H 9 to 15");
        QTest::newRow("negative") << QStringLiteral("-4") << QStringLiteral("no range");
        QTest::newRow("too large") << QStringLiteral("99999999999999999999") << QStringLiteral("no range");
        QTest::newRow("too many") << QStringLiteral("0-900000000000 (+1)") << QStringLiteral("larger step");
    }
    void badRangesAreRefusedWithWhatMayBeWritten() {
        QFETCH(QString, text);
        QFETCH(QString, word);
        const QString told = refusal(text.toStdString(), horizons());
        QVERIFY2(told.contains(word), qPrintable(told));
    }
    void wordsInNoNameAreRefused() { QVERIFY(refusal("zebra", prompts()).contains(QStringLiteral("zebra"))); }
    void whateverIsTypedGivesValuesThatAreThereOrARefusal() {
        std::mt19937 random(7);
        const std::string letters = "0123456789-()+[], \"alfirstx";
        for (int trial = 0; trial < 20000; ++trial) {
            std::string text;
            for (auto length = static_cast<unsigned>(random() % 12); length > 0; --length) {
                text += letters[random() % letters.size()];
            }
            const PivotValues values = trial % 2 == 0 ? horizons() : prompts();
            try {
                Numbers chosen = figure::chosenValues(text, values);
                std::sort(chosen.begin(), chosen.end());
                QVERIFY2(!chosen.empty() && std::adjacent_find(chosen.begin(), chosen.end()) == chosen.end(), text.c_str());
                QVERIFY2(std::includes(values.numbers.begin(), values.numbers.end(), chosen.begin(), chosen.end()), text.c_str());
            } catch (const Error& problem) {
                QVERIFY2(problem.kind() == ErrorKind::Config, text.c_str());
            }
        }
    }
    void anAxisWithoutValuesHasNone() { QVERIFY(figure::chosenValues("0-80 (+20)", {PivotAxis::Epoch, {}}).empty()); }
};

QTEST_APPLESS_MAIN(TestPivotRange)
#include "tst_pivot_range.moc"
