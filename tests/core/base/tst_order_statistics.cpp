#include <cmath>
#include <limits>
#include <stdexcept>

#include <QTest>

#include "core/base/order_statistics.h"

using namespace rlcm;

class TestOrderStatistics : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void quantilesInterpolateBetweenOrderStatistics() {
        constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
        QCOMPARE(quantile({4, 1, 3, 2, kNan}, 0.5), 2.5);
        QCOMPARE(quantile({4, 1, 3, 2}, 1), 4.0);
        QCOMPARE(quantile({4, 1, 3, 2}, 0.1), 1.0 + (0.1 * 3) * 1.0);
        QVERIFY(std::isnan(quantile({kNan}, 0.5)));
    }
    void theMedianOfAnEvenCountLiesBetweenTheMiddleTwo() {
        QCOMPARE(median({9, 1, 5}), 5.0);
        QCOMPARE(median({9, 1, 5, 6}), 5.5);
        QVERIFY_THROWS_EXCEPTION(std::logic_error, median({}));
    }
};

QTEST_GUILESS_MAIN(TestOrderStatistics)
#include "tst_order_statistics.moc"
