#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <filesystem>

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/sampling/arithmetic.h"

using namespace rlcm;

class TestArithmetic : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void aDeviceIsMeasuredOnceForEachNetwork();
    void whatIsRememberedDecides();
    void aDamagedOrForbiddenMemoryIsMeasuredAnew();

private:
    std::filesystem::path file() const { return std::filesystem::path(m_data->path().toStdString()) / "rlcm-workbench" / "arithmetic.json"; }
    Json remembered() const { return parseJson(readFile(file()), "arithmetic.json"); }
    void rememberInstead(double bf16) const {
        Json all = remembered();
        for (auto& [key, times] : all.items()) {
            times["bf16"] = bf16;
        }
        writeFileAtomically(file(), all.dump());
    }
    static bool isTime(double time) { return std::isfinite(time) && time > 0; }

    std::unique_ptr<QTemporaryDir> m_data;
    shapes::UNetShape m_shape = [] {
        shapes::UNetShape shape;
        shape.blockOutChannels = {32, 64};
        shape.sampleSize = 8;
        return shape;
    }();
};

void TestArithmetic::init() {
    m_data = std::make_unique<QTemporaryDir>();
    qputenv("XDG_DATA_HOME", m_data->path().toUtf8());
}

void TestArithmetic::aDeviceIsMeasuredOnceForEachNetwork() {
    const run::ArithmeticTimes times = sampling::arithmeticTimes(m_shape, "cpu");
    QVERIFY(isTime(times.bf16) && !times.fp16);
    QCOMPARE(remembered().size(), std::size_t{1});
    QVERIFY(sampling::arithmeticTimes(m_shape, "cpu") == times);  // to the last digit: not measured again
    m_shape.blockOutChannels = {32, 48};
    QVERIFY(isTime(sampling::arithmeticTimes(m_shape, "cpu").bf16));
    QCOMPARE(remembered().size(), std::size_t{2});
    m_shape.blockOutChannels = {32, 64};
}

void TestArithmetic::whatIsRememberedDecides() {
    run::RunConfig config;
    config.model.path = "emoji-lcm";
    config.compute.device = "cpu";
    config.compute.dtype = run::Dtype::Auto;
    QVERIFY(isTime(sampling::arithmeticTimes(config).bf16));
    rememberInstead(0.25);
    QCOMPARE(sampling::arithmeticTimes(config).bf16, 0.25);
    QVERIFY(sampling::decidedDtype(config) == run::Dtype::Bf16);
    rememberInstead(16);
    QVERIFY(sampling::decidedDtype(config) == run::Dtype::Fp32);
    config.compute.dtype = run::Dtype::Bf16;
    QVERIFY(sampling::decidedDtype(config) == run::Dtype::Bf16);
}

void TestArithmetic::aDamagedOrForbiddenMemoryIsMeasuredAnew() {
    const run::ArithmeticTimes first = sampling::arithmeticTimes(m_shape, "cpu");
    QVERIFY(isTime(first.bf16));
    const std::string key = remembered().begin().key();
    for (const std::string& content :
         {std::string("{"), std::string("[1]"), Json{{key, 5}}.dump(), Json{{key, {{"bf16", "fast"}}}}.dump(), Json{{key, {{"bf16", -1}}}}.dump()}) {
        writeFileAtomically(file(), content);
        QVERIFY2(isTime(sampling::arithmeticTimes(m_shape, "cpu").bf16), content.c_str());
        QVERIFY2(isTime(remembered()[key]["bf16"].get<double>()), content.c_str());
    }
    qputenv("XDG_DATA_HOME", "/proc/no-such-folder");
    QVERIFY(isTime(sampling::arithmeticTimes(m_shape, "cpu").bf16));
}

QTEST_GUILESS_MAIN(TestArithmetic)
#include "tst_arithmetic.moc"
