// Residual blocks that read a skip beside their input: the same as of both joined.
#include <utility>

#include <QtTest>

#include "core/nn/resnet_block.h"
#include "core/tensor/onednn.h"
#include "core/tensor/operator_recorder.h"
#include "core/tensor/torch.h"
#include "tests/support/largest_difference.h"

using namespace rlcm;
using rlcm::test::largestDifference;

namespace {

constexpr std::int64_t kOut = 16, kTime = 12;

nn::ResnetBlock someBlock(std::int64_t in, std::int64_t skip, at::ScalarType dtype) {
    nn::RandomWeights weights(3, dtype, at::kCPU);
    return nn::ResnetBlock::take(weights, "block", {.in = in, .out = kOut, .groups = 4, .timeWidth = kTime, .skip = skip});
}

at::Tensor images(std::int64_t channels, at::ScalarType dtype) {
    return at::randn({3, channels, 6, 5}).to(dtype).contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace

class TestResnetBlock : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(1); }
    void aSkipIsAsIfJoined_data();
    void aSkipIsAsIfJoined();
    void aFrozenSkipCostsNoProductOnTheWayBack();
    void aSkipNeedsNoShortcut();
};

void TestResnetBlock::aSkipIsAsIfJoined_data() {
    QTest::addColumn<int>("threads");  // more than images: the norms are torch's, and the two are joined
    QTest::addColumn<bool>("isBf16");
    for (const bool isBf16 : {false, true}) {
        QTest::addRow("one thread, %s", isBf16 ? "bf16" : "fp32") << 1 << isBf16;
        QTest::addRow("more threads than images, %s", isBf16 ? "bf16" : "fp32") << 4 << isBf16;
    }
}

void TestResnetBlock::aSkipIsAsIfJoined() {
    QFETCH(const int, threads);
    QFETCH(const bool, isBf16);
    const auto dtype = isBf16 ? at::kBFloat16 : at::kFloat;
    const double allowed = isBf16 ? 0.1 : 2e-5;
    at::set_num_threads(threads);
    const nn::ResnetBlock block = someBlock(20, 8, dtype);
    QCOMPARE(block.shortcuts.empty(), !tensor::onednn::takes(images(1, dtype)));
    const at::Tensor time = at::randn({1, kOut}).to(dtype), up = images(kOut, dtype) / 3;
    const at::Tensor x = images(12, dtype).requires_grad_(true), skip = images(8, dtype).requires_grad_(true);
    const at::Tensor joined = at::cat({x, skip}, 1).detach().requires_grad_(true);
    const at::Tensor ours = block.withSkip(x, skip, time), expected = block(joined, time);
    QVERIFY(largestDifference(ours, expected) < allowed);
    ours.backward(up);
    expected.backward(up);
    QVERIFY(largestDifference(x.grad(), joined.grad().narrow(1, 0, 12)) < allowed);
    QVERIFY(largestDifference(skip.grad(), joined.grad().narrow(1, 12, 8)) < allowed);
    const at::NoGradGuard noGrad;
    QVERIFY(largestDifference(block.withSkip(x, skip, time), ours) < allowed);
    at::set_num_threads(1);
}

void TestResnetBlock::aFrozenSkipCostsNoProductOnTheWayBack() {
    at::set_num_threads(1);
    const nn::ResnetBlock block = someBlock(20, 8, at::kFloat);
    const at::Tensor time = at::randn({1, kOut}), up = images(kOut, at::kFloat) / 3;
    const auto gradientAndProducts = [&](bool isFrozen) {
        at::manual_seed(2);
        const at::Tensor x = images(12, at::kFloat).requires_grad_(true), skip = images(8, at::kFloat).requires_grad_(!isFrozen);
        const at::Tensor result = block.withSkip(x, skip, time);
        tensor::OperatorRecorder recorder;
        result.backward(up);
        std::int64_t products = 0;
        for (const tensor::RecordedOperator& product : recorder.timeAlone()) {
            products += product.calls;
        }
        return std::pair{x.grad(), products};
    };
    const auto [gradient, products] = gradientAndProducts(false);
    const auto [frozenGradient, frozenProducts] = gradientAndProducts(true);
    QVERIFY(at::equal(gradient, frozenGradient));
    if (!block.shortcuts.empty()) {
        QCOMPARE(frozenProducts, products - 1);
    }
}

void TestResnetBlock::aSkipNeedsNoShortcut() {
    const nn::ResnetBlock block = someBlock(kOut, 4, at::kFloat);
    QVERIFY(!block.shortcut);
    const at::Tensor x = images(kOut - 4, at::kFloat), skip = images(4, at::kFloat), time = at::randn({1, kOut});
    QVERIFY(at::equal(block.withSkip(x, skip, time), block(at::cat({x, skip}, 1), time)));
}

QTEST_GUILESS_MAIN(TestResnetBlock)
#include "tst_resnet_block.moc"
