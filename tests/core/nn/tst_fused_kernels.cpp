// The loops themselves, beside their formulas in double: over the whole range of values, and with what is no number.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include <QtTest>

#include "core/nn/fused_kernels.h"

using namespace rlcm::nn;

namespace {

constexpr std::int64_t kChannels = 24, kArea = 35;  // no multiple of what a processor does at once
constexpr float kReach = 120.0F;                    // e^120 has no place in a float, e^-100 none as a normal one

/// Even steps between the ends, normalised to mean 0 and deviation 1 but for rounding, so that weight and bias decide the values.
std::vector<float> spread(std::size_t count) {
    std::vector<float> values;
    for (std::size_t i = 0; i < count; ++i) {
        values.push_back(std::sqrt(3.0F) * (2.0F * static_cast<float>(i) / static_cast<float>(count - 1) - 1.0F));
    }
    return values;
}

/// One image [kArea, kChannels] in one group; what silu gets reaches from -kReach to kReach.
struct SiluImage {
    std::vector<float> x = spread(kArea * kChannels), weight = std::vector<float>(kChannels, kReach / std::sqrt(3.0F)),
                       bias = std::vector<float>(kChannels, 0.0F);
    std::vector<float> stats = std::vector<float>(2), room;

    kernels::NormImage image() {
        kernels::NormImage one{.channels = kChannels,
                               .groups = 1,
                               .area = kArea,
                               .hasSilu = true,
                               .weight = weight.data(),
                               .bias = bias.data(),
                               .shift = nullptr,
                               .eps = 0.0,
                               .stats = stats.data(),
                               .room = nullptr};
        room.resize(static_cast<std::size_t>(std::max(kernels::normRoom(one), kernels::normBackwardRoom<float>(one))));
        one.room = room.data();
        return one;
    }
    std::vector<float> forward() {
        std::vector<float> y(x.size());
        const std::array parts{kernels::NormPart<float>{x.data(), kChannels}};
        kernels::normForward(image(), parts, y.data());
        return y;
    }
    std::vector<float> backward(const std::vector<float>& dy) {
        std::vector<float> dx(x.size());
        const std::array parts{kernels::NormPart<float>{x.data(), kChannels, nullptr, dx.data()}};
        kernels::normBackward(image(), parts, dy.data());
        return dx;
    }
    /// What silu gets, by the statistics that the forward pass left.
    double value(std::size_t i) const { return (static_cast<double>(x[i]) - stats[0]) * stats[1] * weight[0]; }
};

double gelu(double x) {
    return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
}
double geluSlope(double x) {
    return 0.5 * std::erfc(-x / std::sqrt(2.0)) + x * std::exp(-0.5 * x * x) / std::sqrt(2.0 * M_PI);
}

bool isNear(double ours, double expected, double scale) {
    return std::abs(ours - expected) <= 4e-7 * scale;
}

}  // namespace

class TestFusedKernels : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void siluIsRightFarFromZero();
    void siluOfNoNumberIsNone();
    void gradientOfSiluIsRightFarFromZero();
    void gatesAreRightFarFromZero();
    void gatesOfNoNumberAreNone();
};

void TestFusedKernels::siluIsRightFarFromZero() {
    SiluImage image;
    const std::vector<float> y = image.forward();
    double lowest = 0, highest = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double value = image.value(i), expected = value / (1.0 + std::exp(-value));
        // e^value makes much of the rounding of a large value.
        QVERIFY2(std::abs(y[i] - expected) <= 1e-5 * std::abs(expected) + 1e-20, qPrintable(QString::number(value)));
        lowest = std::min(lowest, value);
        highest = std::max(highest, value);
    }
    QVERIFY(lowest < -100 && highest > 100);
}

void TestFusedKernels::siluOfNoNumberIsNone() {
    SiluImage image;
    image.bias[3] = std::numeric_limits<float>::quiet_NaN();
    const std::vector<float> y = image.forward();
    for (std::size_t i = 0; i < y.size(); ++i) {
        QCOMPARE(std::isnan(y[i]), i % kChannels == 3);
    }
    const std::vector<float> dx = image.backward(std::vector<float>(image.x.size(), 1.0F));
    QVERIFY(std::ranges::all_of(dx, [](float value) { return std::isnan(value); }));  // all channels are one group
}

void TestFusedKernels::gradientOfSiluIsRightFarFromZero() {
    SiluImage image;
    image.forward();
    const std::vector<float> dx = image.backward(std::vector<float>(image.x.size(), 1.0F));
    // dx = (d - mean d - z mean(d z)) / deviation, d the gradient of what is weighted, z what is normalised
    std::vector<double> d, z;
    double mean = 0, along = 0;
    for (std::size_t i = 0; i < dx.size(); ++i) {
        const double value = image.value(i), gate = 1.0 / (1.0 + std::exp(-value));
        z.push_back(value / image.weight[0]);
        d.push_back(image.weight[0] * gate * (1.0 + value * (1.0 - gate)));
        mean += d.back() / static_cast<double>(dx.size());
        along += d.back() * z.back() / static_cast<double>(dx.size());
    }
    for (std::size_t i = 0; i < dx.size(); ++i) {
        const double expected = image.stats[1] * (d[i] - mean - z[i] * along);
        QVERIFY2(std::abs(dx[i] - expected) < 1e-4, qPrintable(QStringLiteral("%1: %2, wanted %3").arg(i).arg(dx[i]).arg(expected)));
    }
}

void TestFusedKernels::gatesAreRightFarFromZero() {
    constexpr std::size_t width = 81;
    std::vector<float> x(2 * width, 1.5F), y(width), dx(2 * width);
    for (std::size_t i = 0; i < width; ++i) {
        x[width + i] = static_cast<float>(i) - 40.0F;  // e^(-x^2 / 2) is no normal float beyond 13
    }
    const std::vector<float> dy(width, 2.0F);
    kernels::gegluForward(1, width, x.data(), y.data());
    kernels::gegluBackward(1, width, x.data(), dy.data(), dx.data());
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double gate = x[width + i];
        const double size = 2.0 + 2.0 * std::abs(gate);  // the error function is good to 2e-7 of 1
        QVERIFY2(isNear(y[i], 1.5 * gelu(gate), size), qPrintable(QString::number(gate)));
        QVERIFY2(isNear(dx[i], 2.0 * gelu(gate), size), qPrintable(QString::number(gate)));
        QVERIFY2(isNear(dx[width + i], 3.0 * geluSlope(gate), size), qPrintable(QString::number(gate)));
    }
}

void TestFusedKernels::gatesOfNoNumberAreNone() {
    constexpr std::size_t width = 40;
    constexpr float none = std::numeric_limits<float>::quiet_NaN();
    std::vector<float> x(2 * width, 1.5F), y(width), dx(2 * width);
    x[5] = x[width + 9] = none;  // a value, a gate
    const std::vector<float> dy(width, 2.0F);
    kernels::gegluForward(1, width, x.data(), y.data());
    kernels::gegluBackward(1, width, x.data(), dy.data(), dx.data());
    for (std::size_t i = 0; i < width; ++i) {
        QCOMPARE(std::isnan(y[i]), i == 5 || i == 9);
        QCOMPARE(std::isnan(dx[i]), i == 9);
        QCOMPARE(std::isnan(dx[width + i]), i == 5 || i == 9);
    }
}

QTEST_GUILESS_MAIN(TestFusedKernels)
#include "tst_fused_kernels.moc"
