// The feed-forward part of a transformer block beside its definition: results, gradients, what is kept.
#include <QtTest>

#include "core/nn/feed_forward.h"
#include "core/tensor/torch.h"
#include "tests/support/largest_difference.h"

using namespace rlcm;
using rlcm::test::largestDifference;

namespace {

constexpr std::int64_t kWidth = 20;

nn::FeedForward someLayers(at::ScalarType dtype) {
    nn::RandomWeights weights(3, dtype, at::kCPU);
    nn::FeedForward layers = nn::FeedForward::take(weights, "norm3", "ff", kWidth, 1e-5);
    layers.in.weight = layers.in.weight * 12;  // gates from far below to far above zero, where the tails of the error function are
    layers.in.bias = at::randn({8 * kWidth}).to(dtype);
    return layers;
}

/// [2, 37, kWidth]: no multiple of what a processor does at once.
at::Tensor rows(at::ScalarType dtype) {
    return at::randn({2, 37, kWidth}).to(dtype);
}

/// By torch's operators in double.
at::Tensor plain(const nn::FeedForward& layers, const at::Tensor& h) {
    const auto wide = [](const at::Tensor& tensor) { return tensor.to(at::kDouble); };
    const at::Tensor normed = at::layer_norm(h, {kWidth}, wide(layers.norm.weight), wide(layers.norm.bias), layers.norm.eps);
    const at::Tensor both = at::linear(normed, wide(layers.in.weight), wide(layers.in.bias));
    const at::Tensor gated = both.narrow(-1, 0, 4 * kWidth) * at::gelu(both.narrow(-1, 4 * kWidth, 4 * kWidth));
    return h + at::linear(gated, wide(layers.out.weight), wide(layers.out.bias));
}

}  // namespace

class TestFeedForward : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(1); }
    void followsTheDefinition_data();
    void followsTheDefinition();
    void whatWasKeptIsReadOnce();
};

void TestFeedForward::followsTheDefinition_data() {
    QTest::addColumn<int>("dtype");
    QTest::addColumn<double>("allowed");
    QTest::addRow("fp64") << static_cast<int>(at::kDouble) << 1e-12;
    QTest::addRow("fp32") << static_cast<int>(at::kFloat) << 2e-5;
    QTest::addRow("bf16") << static_cast<int>(at::kBFloat16) << 0.15;
}

void TestFeedForward::followsTheDefinition() {
    QFETCH(const int, dtype);
    QFETCH(const double, allowed);
    const auto type = static_cast<at::ScalarType>(dtype);
    const nn::FeedForward layers = someLayers(type);
    const at::Tensor h = rows(type).requires_grad_(true), up = rows(type), before = up.clone();
    const at::Tensor theirs = h.detach().to(at::kDouble).requires_grad_(true), expected = plain(layers, theirs);
    const at::Tensor ours = layers(h);
    const auto close = [&](const at::Tensor& one, const at::Tensor& other) {
        return largestDifference(one, other) < allowed * std::max(1.0, other.abs().max().item<double>());
    };
    QVERIFY(close(ours, expected));
    ours.backward(up);
    expected.backward(up.to(at::kDouble));
    QVERIFY(close(h.grad(), theirs.grad()));
    QVERIFY(largestDifference(h.grad(), up) > 0.1);
    QVERIFY(at::equal(up, before));
    const at::NoGradGuard noGrad;
    QVERIFY(at::equal(layers(h), ours));
}

/// The way back overwrites what it has read: a second one must not go on with that.
void TestFeedForward::whatWasKeptIsReadOnce() {
    const nn::FeedForward layers = someLayers(at::kFloat);
    const at::Tensor h = rows(at::kFloat).requires_grad_(true), y = layers(h).sum();
    torch::autograd::grad({y}, {h}, {}, true);
    QVERIFY_THROWS_EXCEPTION(c10::Error, torch::autograd::grad({y}, {h}, {}, true));
}

QTEST_GUILESS_MAIN(TestFeedForward)
#include "tst_feed_forward.moc"
