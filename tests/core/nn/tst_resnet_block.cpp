// Residual blocks as one function: the same as layer by layer, and of a skip beside the input as of both joined.
#include <array>
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

at::Tensor images(std::int64_t channels, at::ScalarType dtype, std::int64_t count = 3) {
    return at::randn({count, channels, 6, 5}).to(dtype).contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace

class TestResnetBlock : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(1); }
    void isAsLayerByLayer_data();
    void isAsLayerByLayer();
    void memoryOfWhatOthersHoldStays();
    void aSkipIsAsIfJoined_data();
    void aSkipIsAsIfJoined();
    void aFrozenSkipCostsNoProductOnTheWayBack();
    void aSkipNeedsNoShortcut();
};

void TestResnetBlock::isAsLayerByLayer_data() {
    QTest::addColumn<int>("in");     // another number of channels than come out: with a shortcut
    QTest::addColumn<int>("times");  // rows of the time embedding; fewer than images where guidance doubled those
    QTest::addColumn<bool>("isBf16");
    for (const bool isBf16 : {false, true}) {
        for (const int in : {12, static_cast<int>(kOut)}) {
            for (const int times : {0, 1, 2, 4}) {
                QTest::addRow("%d channels, %d times, %s", in, times, isBf16 ? "bf16" : "fp32") << in << times << isBf16;
            }
        }
    }
}

void TestResnetBlock::isAsLayerByLayer() {
    QFETCH(const int, in);
    QFETCH(const int, times);
    QFETCH(const bool, isBf16);
    const auto dtype = isBf16 ? at::kBFloat16 : at::kFloat;
    const double allowed = isBf16 ? 0.1 : 2e-5;
    const nn::ResnetBlock block = someBlock(in, 0, dtype);
    const at::Tensor x = images(in, dtype, 4).requires_grad_(true), up = images(kOut, dtype, 4) / 3;
    const at::Tensor time = times == 0 ? at::Tensor() : at::randn({times, kOut}).to(dtype);
    const auto run = [&](int threads) {
        at::set_num_threads(threads);
        x.mutable_grad() = at::Tensor();
        const at::Tensor y = block(x, time), before = up.clone();
        y.backward(up);
        at::set_num_threads(1);
        return std::array{y.detach(), x.grad(), (up - before).abs().max()};
    };
    const auto ours = run(1), layerByLayer = run(5);  // more threads than images
    for (std::size_t i = 0; i < ours.size(); ++i) {
        QVERIFY(largestDifference(ours.at(i), layerByLayer.at(i)) < allowed);
    }
    QCOMPARE(ours[2].item<float>(), 0.0F);  // the caller's own gradient is as it was
    const at::NoGradGuard noGrad;
    QCOMPARE(largestDifference(block(x, time), ours[0]), 0.0);
}

void TestResnetBlock::memoryOfWhatOthersHoldStays() {
    const nn::ResnetBlock block = someBlock(kOut, 0, at::kFloat);
    const at::NoGradGuard noGrad;
    at::Tensor x = images(kOut, at::kFloat);
    const at::Tensor before = x.clone(), held = block(x, {});
    QVERIFY(at::equal(x, before));
    const at::Tensor lent = block(std::move(x), {});
    QVERIFY(at::equal(lent, held));
}

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
    QCOMPARE(block.skipPass == nullptr, !tensor::onednn::takes(images(1, dtype)));
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
    if (block.skipPass) {
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
