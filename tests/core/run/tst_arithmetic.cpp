#include <QTest>

#include "core/run/arithmetic.h"

using namespace rlcm::run;

class TestArithmetic : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void autoIsTheFastestWhenItSavesATenth_data();
    void autoIsTheFastestWhenItSavesATenth();
    void itIsToldWhatAPrecisionTakes_data();
    void itIsToldWhatAPrecisionTakes();
};

void TestArithmetic::autoIsTheFastestWhenItSavesATenth_data() {
    QTest::addColumn<ArithmeticTimes>("times");
    QTest::addColumn<int>("chosen");
    QTest::newRow("processor with bf16") << ArithmeticTimes{0.29, {}} << static_cast<int>(Dtype::Bf16);
    QTest::newRow("processor without") << ArithmeticTimes{16.0, {}} << static_cast<int>(Dtype::Fp32);
    QTest::newRow("hardly faster") << ArithmeticTimes{0.95, {}} << static_cast<int>(Dtype::Fp32);
    QTest::newRow("card with both") << ArithmeticTimes{0.30, 0.29} << static_cast<int>(Dtype::Bf16);
    QTest::newRow("card without bf16") << ArithmeticTimes{1.8, 0.4} << static_cast<int>(Dtype::Fp16);
    QTest::newRow("small model on a card") << ArithmeticTimes{1.0, 0.98} << static_cast<int>(Dtype::Fp32);
}

void TestArithmetic::autoIsTheFastestWhenItSavesATenth() {
    QFETCH(ArithmeticTimes, times);
    QFETCH(int, chosen);
    QCOMPARE(static_cast<int>(fastestDtype(times)), chosen);
}

void TestArithmetic::itIsToldWhatAPrecisionTakes_data() {
    QTest::addColumn<int>("asked");
    QTest::addColumn<ArithmeticTimes>("times");
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("slow");
    const auto row = [](const char* name, Dtype asked, ArithmeticTimes times, const char* text, bool isSlow) {
        QTest::newRow(name) << static_cast<int>(asked) << times << QString::fromUtf8(text) << isSlow;
    };
    row("auto", Dtype::Auto, {0.29, {}}, "auto is bf16 on this device: bf16 takes 0.29 times as long as fp32", false);
    row("auto, slow", Dtype::Auto, {16.2, {}}, "auto is fp32 on this device: bf16 takes 16 times as long as fp32", false);
    row("auto, fp16", Dtype::Auto, {1.8, 0.4}, "auto is fp16 on this device: fp16 takes 0.4 times as long as fp32", false);
    row("fp32", Dtype::Fp32, {16.2, {}}, "fp32 is the fastest on this device: bf16 takes 16 times as long as fp32", false);
    row("fp32, though slower", Dtype::Fp32, {0.5, {}}, "bf16 would take 0.5 times as long on this device", false);
    row("bf16", Dtype::Bf16, {0.5, {}}, "bf16 takes 0.5 times as long as fp32 on this device", false);
    row("bf16, slow", Dtype::Bf16, {16.2, {}}, "bf16 takes 16 times as long as fp32 on this device: use auto or fp32 unless memory is short", true);
}

void TestArithmetic::itIsToldWhatAPrecisionTakes() {
    QFETCH(int, asked);
    QFETCH(ArithmeticTimes, times);
    QFETCH(QString, text);
    QFETCH(bool, slow);
    QCOMPARE(QString::fromStdString(arithmeticText(static_cast<Dtype>(asked), times)), text);
    QCOMPARE(isSlow(static_cast<Dtype>(asked), times), slow);
}

QTEST_GUILESS_MAIN(TestArithmetic)
#include "tst_arithmetic.moc"
