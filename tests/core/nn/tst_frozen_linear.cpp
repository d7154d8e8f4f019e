// A frozen linear layer beside torch's, with and without a bias and a gradient.
#include <QtTest>

#include "core/nn/frozen_linear.h"
#include "core/tensor/torch.h"
#include "tests/support/largest_difference.h"

using namespace rlcm;
using rlcm::test::largestDifference;

class TestFrozenLinear : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(1); }
    void isTheLinearLayer_data();
    void isTheLinearLayer();
    void addsWhatIsGiven_data() { isTheLinearLayer_data(); }
    void addsWhatIsGiven();
};

void TestFrozenLinear::isTheLinearLayer_data() {
    QTest::addColumn<bool>("isBf16");
    QTest::addColumn<bool>("hasBias");
    for (const bool isBf16 : {false, true}) {
        for (const bool hasBias : {false, true}) {
            QTest::addRow("%s, %s", isBf16 ? "bf16" : "fp32", hasBias ? "bias" : "none") << isBf16 << hasBias;
        }
    }
}

void TestFrozenLinear::isTheLinearLayer() {
    QFETCH(const bool, isBf16);
    QFETCH(const bool, hasBias);
    const auto dtype = isBf16 ? at::kBFloat16 : at::kFloat;
    const double allowed = isBf16 ? 0.04 : 1e-5;
    const at::Tensor weight = (at::randn({10, 24}) / 5).to(dtype), bias = hasBias ? at::randn({10}).to(dtype) : at::Tensor();
    const at::Tensor x = at::randn({3, 7, 24}).to(dtype), back = at::randn({3, 7, 10}).to(dtype);
    const at::Tensor ours = x.detach().requires_grad_(true), theirs = x.detach().requires_grad_(true);
    const at::Tensor out = nn::frozenLinear(ours, weight, bias), expected = at::linear(theirs, weight, bias);
    QVERIFY(out.scalar_type() == dtype && out.sizes() == expected.sizes());
    QVERIFY(largestDifference(out, expected) < allowed);
    QCOMPARE(largestDifference(nn::frozenLinear(x, weight, bias), out), 0.0);
    out.backward(back);
    expected.backward(back);
    QVERIFY(largestDifference(ours.grad(), theirs.grad()) < allowed);
}

void TestFrozenLinear::addsWhatIsGiven() {
    QFETCH(const bool, isBf16);
    QFETCH(const bool, hasBias);
    const auto dtype = isBf16 ? at::kBFloat16 : at::kFloat;
    const double allowed = isBf16 ? 0.04 : 1e-5;
    const at::Tensor weight = (at::randn({10, 24}) / 5).to(dtype), bias = hasBias ? at::randn({10}).to(dtype) : at::Tensor();
    const at::Tensor x = at::randn({3, 7, 24}).to(dtype), added = at::randn({3, 7, 10}).to(dtype), back = at::randn({3, 7, 10}).to(dtype);
    const at::Tensor leaf = x.detach().requires_grad_(true), addedLeaf = added.detach().requires_grad_(true);
    const at::Tensor out = nn::frozenLinear(leaf, weight, bias, addedLeaf);
    QVERIFY(largestDifference(out, at::linear(x, weight, bias) + added) < allowed);
    QCOMPARE(largestDifference(nn::frozenLinear(x, weight, bias, added), out), 0.0);
    out.backward(back);
    QCOMPARE(largestDifference(addedLeaf.grad(), back), 0.0);
    QVERIFY(largestDifference(leaf.grad(), at::matmul(back, weight)) < allowed);
}

QTEST_GUILESS_MAIN(TestFrozenLinear)
#include "tst_frozen_linear.moc"
