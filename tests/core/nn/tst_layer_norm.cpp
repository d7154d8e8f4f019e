// Layer norms beside torch's: results, gradients, the head of a branch.
#include <limits>

#include <QtTest>

#include "core/nn/layer_norm.h"
#include "core/nn/layers.h"
#include "core/tensor/torch.h"
#include "tests/support/largest_difference.h"

using namespace rlcm;
using rlcm::test::largestDifference;

namespace {

constexpr std::int64_t kWidth = 41;  // no multiple of what a processor does at once

nn::LayerNorm someNorm(at::ScalarType dtype) {
    return {.weight = at::randn({kWidth}).to(dtype), .bias = at::randn({kWidth}).to(dtype), .eps = 1e-5};
}

/// [3, 7, kWidth], far from 0 and of unequal size.
at::Tensor rows(at::ScalarType dtype) {
    return (at::randn({3, 7, kWidth}) * (at::rand({3, 7, 1}) * 9 + 1) + 5).to(dtype);
}

at::Tensor plain(const nn::LayerNorm& norm, const at::Tensor& x) {
    return at::layer_norm(x, {kWidth}, norm.weight.to(at::kFloat), norm.bias.to(at::kFloat), norm.eps);
}

double allowed(at::ScalarType dtype) {
    return dtype == at::kFloat ? 1e-5 : 0.06;
}

}  // namespace

class TestLayerNorm : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(1); }
    void isTorchs_data();
    void isTorchs();
    void aBranchThatIsNotTakenGivesNothing();
    void rowsNeedNotLieSideBySide();
    void ofNoNumberIsNone();
};

void TestLayerNorm::isTorchs_data() {
    QTest::addColumn<bool>("isBf16");
    QTest::addRow("fp32") << false;
    QTest::addRow("bf16") << true;
}

void TestLayerNorm::isTorchs() {
    QFETCH(const bool, isBf16);
    const auto dtype = isBf16 ? at::kBFloat16 : at::kFloat;
    const nn::LayerNorm norm = someNorm(dtype);
    const at::Tensor x = rows(dtype), upNormed = rows(dtype) / 5, upPast = rows(dtype) / 5;
    const at::Tensor ours = x.detach().requires_grad_(true), theirs = x.to(at::kFloat).requires_grad_(true);
    const auto [normed, past] = norm.branch(ours);
    const at::Tensor expected = plain(norm, theirs);
    QVERIFY(largestDifference(normed, expected) < allowed(dtype));
    QCOMPARE(largestDifference(past, x), 0.0);
    QCOMPARE(largestDifference(norm(x), normed), 0.0);
    torch::autograd::backward({normed, past}, {upNormed, upPast});
    torch::autograd::backward({expected, theirs * 1}, {upNormed.to(at::kFloat), upPast.to(at::kFloat)});
    QVERIFY(largestDifference(ours.grad(), theirs.grad()) < allowed(dtype));
    QVERIFY(largestDifference(ours.grad(), upPast) > 0.1);
}

void TestLayerNorm::aBranchThatIsNotTakenGivesNothing() {
    const nn::LayerNorm norm = someNorm(at::kFloat);
    const at::Tensor x = rows(at::kFloat), up = rows(at::kFloat) / 5, expected = x.detach().requires_grad_(true);
    plain(norm, expected).backward(up);
    const at::Tensor alone = x.detach().requires_grad_(true), past = x.detach().requires_grad_(true);
    norm.branch(alone).normed.backward(up);
    QVERIFY(largestDifference(alone.grad(), expected.grad()) < allowed(at::kFloat));
    norm.branch(past).x.backward(up);
    QCOMPARE(largestDifference(past.grad(), up), 0.0);
}

void TestLayerNorm::rowsNeedNotLieSideBySide() {
    const nn::LayerNorm norm = someNorm(at::kFloat);
    const at::Tensor x = rows(at::kFloat), strided = x.transpose(0, 1).contiguous().transpose(0, 1);
    QVERIFY(!strided.is_contiguous());
    QVERIFY(at::equal(norm(strided), norm(x)));
}

void TestLayerNorm::ofNoNumberIsNone() {
    const nn::LayerNorm norm = someNorm(at::kFloat);
    at::Tensor x = rows(at::kFloat);
    x[1][2][3] = std::numeric_limits<float>::quiet_NaN();
    const at::Tensor isNone = norm(x).isnan();
    QCOMPARE(isNone.sum().item<std::int64_t>(), kWidth);
    QVERIFY(isNone[1][2].all().item<bool>());
}

QTEST_GUILESS_MAIN(TestLayerNorm)
#include "tst_layer_norm.moc"
