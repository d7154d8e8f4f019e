// Convolutions that keep nothing of their input beside torch's own: results, gradients, and what a graph holds.
#include <QtTest>

#include "core/nn/frozen_conv.h"
#include "core/tensor/tensor_bytes.h"
#include "core/tensor/torch.h"
#include "tests/support/largest_difference.h"

using namespace rlcm;
using rlcm::test::largestDifference;

class TestFrozenConv : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void isTorchsConvolution_data();
    void isTorchsConvolution();
    void itsGraphHoldsNoInput();
};

void TestFrozenConv::isTorchsConvolution_data() {
    QTest::addColumn<int>("kernel");
    QTest::addColumn<int>("stride");
    QTest::addColumn<int>("height");
    QTest::addColumn<bool>("isTransposed");
    QTest::addRow("1 x 1") << 1 << 1 << 6 << false;
    QTest::addRow("3 x 3") << 3 << 1 << 6 << false;
    QTest::addRow("3 x 3, halving an even side") << 3 << 2 << 6 << false;
    QTest::addRow("3 x 3, halving an odd side") << 3 << 2 << 7 << false;
    QTest::addRow("4 x 4, doubling") << 4 << 2 << 5 << true;
}

void TestFrozenConv::isTorchsConvolution() {
    QFETCH(const int, kernel);
    QFETCH(const int, stride);
    QFETCH(const int, height);
    QFETCH(const bool, isTransposed);
    constexpr std::int64_t kIn = 5, kOut = 3;
    const std::int64_t padding = isTransposed ? 1 : kernel / 2;
    at::manual_seed(1);
    for (const auto dtype : {at::kFloat, at::kDouble}) {
        const at::Tensor weight = at::randn({isTransposed ? kIn : kOut, isTransposed ? kOut : kIn, kernel, kernel}).to(dtype);
        const at::Tensor bias = at::randn({kOut}).to(dtype), x = at::randn({2, kIn, height, 8}).to(dtype).requires_grad_(true);
        const at::Tensor expected = isTransposed ? at::conv_transpose2d(x, weight, bias, {stride, stride}, {padding, padding})
                                                 : at::conv2d(x, weight, bias, {stride, stride}, {padding, padding});
        const at::Tensor found = nn::frozenConv(x, {weight, bias, stride, padding, isTransposed});
        QCOMPARE(largestDifference(found, expected), 0.0);
        const at::Tensor weighing = at::randn(expected.sizes()).to(dtype);
        const auto gradientOf = [&](const at::Tensor& result) { return torch::autograd::grad({(result * weighing).sum()}, {x})[0]; };
        const at::Tensor gradient = gradientOf(found);
        QVERIFY(gradient.sizes() == x.sizes());
        QVERIFY(largestDifference(gradient, gradientOf(expected)) < (dtype == at::kFloat ? 1e-5 : 1e-13));
        const at::NoGradGuard none;
        QVERIFY(!nn::frozenConv(x, {weight, bias, stride, padding, isTransposed}).requires_grad());
    }
}

void TestFrozenConv::itsGraphHoldsNoInput() {
    constexpr std::int64_t kChannels = 8, kSide = 32;
    const at::Tensor weight = at::randn({kChannels, kChannels, 3, 3}), bias = at::randn({kChannels});
    const at::Tensor start = at::randn({1, kChannels, kSide, kSide}).requires_grad_(true);
    const tensor::TensorBytes made;
    at::Tensor result;
    {
        const at::Tensor input = start * 2.0;
        result = nn::frozenConv(input, {weight, bias});
    }
    QCOMPARE(made.held(), std::int64_t{4} * kChannels * kSide * kSide);  // the result alone
}

QTEST_GUILESS_MAIN(TestFrozenConv)
#include "tst_frozen_conv.moc"
