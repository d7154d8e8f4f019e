#include <QtTest>

#include <cmath>
#include <limits>
#include <set>

#include "core/base/base64.h"
#include "core/base/number_text.h"

using namespace rlcm;

namespace {

QString text(const std::string& bytes) {
    return QString::fromStdString(bytes);
}

}  // namespace

class TestNumberText : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void valuesHaveFourDigits() {
        QCOMPARE(text(valueText(-0.943)), QStringLiteral("−0.9430"));
        QCOMPARE(text(valueText(-12.3456)), QStringLiteral("−12.35"));
        QCOMPARE(text(valueText(0.99999)), QStringLiteral("1.000"));
        QCOMPARE(text(valueText(123456)), QStringLiteral("123456"));
        QCOMPARE(text(valueText(0.00012345)), QStringLiteral("0.0001234"));
        QCOMPARE(text(valueText(1.5e20)), QStringLiteral("1.5e+20"));
        QCOMPARE(text(valueText(0)), QStringLiteral("0"));
        QCOMPARE(text(valueText(std::nan(""))), QStringLiteral("NaN"));
        QCOMPARE(text(valueText(-std::numeric_limits<double>::infinity())), QStringLiteral("−∞"));
    }
    void bytesBecomeTextAsInTheStandard() {
        // The test vectors of RFC 4648.
        QCOMPARE(base64("foobar"), std::string("Zm9vYmFy"));
        QCOMPARE(base64("fooba"), std::string("Zm9vYmE="));
        QCOMPARE(base64("foob"), std::string("Zm9vYg=="));
        QCOMPARE(base64(""), std::string());
        QCOMPARE(base64(std::string_view("\xff\x00\xfe", 3)), std::string("/wD+"));
    }
    void changesAreAsExactAsTheValuesThatTheyComeFrom() {
        QCOMPARE(text(changeText(0.03, -2.418)), QStringLiteral("+0.030"));
        QCOMPARE(text(changeText(-0.0001, -2.418)), QStringLiteral("±0"));
        QCOMPARE(text(changeText(-0.5234, 5.1234)), QStringLiteral("−0.523"));
        QCOMPARE(text(changeText(0.5, 0)), QStringLiteral("+0.5000"));
        QCOMPARE(text(changeText(std::nan(""), 1)), QStringLiteral("–"));
    }
    /// Whatever the range, no two neighbours read alike, and each reads back to where it stands.
    void ticksAreToldApart_data() {
        QTest::addColumn<double>("low");
        QTest::addColumn<double>("step");
        for (const auto& [low, step] : std::initializer_list<std::pair<double, double>>{
                 {1e-5, 5e-8}, {1e9, 1}, {1e9, 2.5e5}, {-2.41, 2.5e-3}, {0, 0.2}, {0, 5000}, {1e6, 0.5}, {123456, 0.01}, {-1e-9, 2e-10}, {2e12, 1e9}}) {
            QTest::addRow("%g by %g", low, step) << low << step;
        }
    }
    void ticksAreToldApart() {
        QFETCH(double, low);
        QFETCH(double, step);
        std::set<std::string> seen;
        for (int i = 0; i < 9; ++i) {
            const double tick = low + i * step;
            const std::string label = tickText(tick, step, std::abs(low) + 8 * step);
            QVERIFY2(seen.insert(label).second, label.c_str());
            QString number = text(label).replace(QChar(0x2212), QLatin1Char('-'));
            const double unit = number.endsWith(QLatin1Char('k')) ? 1e3 : number.endsWith(QLatin1Char('M')) ? 1e6 : number.endsWith(QLatin1Char('G')) ? 1e9 : 1;
            if (unit > 1) {
                number.chop(1);
            }
            QVERIFY2(std::abs(number.toDouble() * unit - tick) < step * 0.01, label.c_str());
        }
    }
    void ticksAreShort() {
        QCOMPARE(text(tickText(15000, 5000, 20000)), QStringLiteral("15k"));
        QCOMPARE(text(tickText(2000, 500, 3000)), QStringLiteral("2000"));
        QCOMPARE(text(tickText(-2.4075, 0.0025, 2.41)), QStringLiteral("−2.4075"));
        QCOMPARE(text(tickText(1e-17, 0.2, 1)), QStringLiteral("0.0"));
        QCOMPARE(text(tickText(0, 5000, 20000)), QStringLiteral("0"));
    }
};

QTEST_GUILESS_MAIN(TestNumberText)
#include "tst_number_text.moc"
