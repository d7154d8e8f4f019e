// How many labels an axis has, and which.
#include <QTest>

#include "ui/charts/chart_ticks.h"

using namespace rlcm::ui;

class TestChartTicks : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void wholeNumbersAreFewEnoughToStandApart_data() {
        QTest::addColumn<double>("last");
        QTest::addColumn<QString>("labels");
        QTest::newRow("a step") << 1.0 << QStringLiteral("0 1");
        QTest::newRow("few") << 4.0 << QStringLiteral("0 1 2 3 4");
        QTest::newRow("a half in the step") << 20.0 << QStringLiteral("0 5 10 15 20");  // 2.5 would be nearest
        QTest::newRow("many") << 200.0 << QStringLiteral("0 50 100 150 200");
    }
    void wholeNumbersAreFewEnoughToStandApart() {
        QFETCH(double, last);
        WholeTicker ticker;
        ticker.setTickCount(6);
        QVector<double> ticks;
        QVector<QString> labels;
        ticker.generate(QCPRange(-0.02 * last, 1.02 * last), QLocale::c(), QLatin1Char('g'), 6, ticks, nullptr, &labels);
        QStringList inside;
        for (qsizetype i = 0; i < ticks.size(); ++i) {
            inside << (ticks[i] >= 0 && ticks[i] <= last ? QStringList{labels[i]} : QStringList());
        }
        QTEST(inside.join(QLatin1Char(' ')), "labels");
    }
};

QTEST_GUILESS_MAIN(TestChartTicks)
#include "tst_chart_ticks.moc"
