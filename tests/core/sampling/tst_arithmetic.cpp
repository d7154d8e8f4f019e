#include <QTest>

#include "core/base/error.h"
#include "core/sampling/arithmetic.h"
#include "core/tensor/torch.h"

using namespace rlcm;

class TestArithmetic : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyPrecisionOfTheDeviceIsMeasured();
    void aPrecisionThatTheDeviceLacksIsRefused();
    void slowPrecisionsAreAdvisedAgainst();

private:
    shapes::UNetShape m_shape = [] {
        shapes::UNetShape shape;
        shape.blockOutChannels = {32, 64};
        shape.sampleSize = 8;
        return shape;
    }();
};

void TestArithmetic::everyPrecisionOfTheDeviceIsMeasured() {
    for (const run::Dtype dtype : {run::Dtype::Fp32, run::Dtype::Bf16}) {
        const double ratio = sampling::timeAgainstFp32(m_shape, dtype, at::kCPU);
        QVERIFY(std::isfinite(ratio) && ratio > 0);
    }
}

void TestArithmetic::aPrecisionThatTheDeviceLacksIsRefused() {
    QVERIFY_THROWS_EXCEPTION(Error, sampling::timeAgainstFp32(m_shape, run::Dtype::Fp16, at::kCPU));
}

void TestArithmetic::slowPrecisionsAreAdvisedAgainst() {
    QVERIFY(sampling::adviceAgainst(run::Dtype::Bf16, 0.5).empty());
    QVERIFY(sampling::adviceAgainst(run::Dtype::Bf16, 1.0).empty());
    const std::string advice = sampling::adviceAgainst(run::Dtype::Bf16, 16.2);
    for (const char* words : {"compute.dtype bf16", "16 times", "use fp32"}) {
        QVERIFY2(advice.find(words) != std::string::npos, advice.c_str());
    }
}

QTEST_GUILESS_MAIN(TestArithmetic)
#include "tst_arithmetic.moc"
