#include <QTest>

#include "core/base/combinations.h"
#include "core/base/plain_text.h"

using namespace rlcm;
using Choices = std::vector<std::vector<std::size_t>>;

class TestCombinations : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theLastPlaceTurnsFastest() {
        QVERIFY((combinationsOf({2, 3}) == Choices{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}}));
        QVERIFY((combinationsOf({1, 1, 2}) == Choices{{0, 0, 0}, {0, 0, 1}}));
    }
    void noPlaceIsOneChoiceAndAnEmptyPlaceNone() {
        QVERIFY((combinationsOf({}) == Choices{{}}));
        QVERIFY(combinationsOf({3, 0, 2}).empty());
    }
    void whatIsReplacedIsNotLookedAtAgain() {
        QCOMPARE(replaced("a|b|", "|", "\\|"), std::string("a\\|b\\|"));
        QCOMPARE(replaced("url(#a) url(#b)", "url(#", "url(#x-"), std::string("url(#x-a) url(#x-b)"));
        QCOMPARE(replaced("none", "|", "!"), std::string("none"));
    }
};

QTEST_GUILESS_MAIN(TestCombinations)
#include "tst_combinations.moc"
