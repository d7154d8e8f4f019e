// Group norms beside torch's: results, gradients, the head of a branch, and whose memory the result lies in.
#include <array>
#include <utility>
#include <vector>

#include <QtTest>

#include "core/nn/group_norm.h"
#include "core/nn/group_norm_pass.h"
#include "core/nn/layers.h"
#include "core/tensor/torch.h"
#include "tests/support/largest_difference.h"

using namespace rlcm;
using rlcm::test::largestDifference;

namespace {

constexpr std::int64_t kChannels = 24;

nn::GroupNorm someNorm() {
    return {.weight = at::randn({kChannels}), .bias = at::randn({kChannels}), .groups = 4, .eps = 1e-5};
}

at::Tensor images(at::ScalarType dtype) {
    return (at::randn({5, kChannels, 7, 6}) * 3 + 2).to(dtype).contiguous(at::MemoryFormat::ChannelsLast);
}

/// In f32, by torch's operators.
at::Tensor plain(const nn::GroupNorm& norm, const at::Tensor& x, nn::Activation activation) {
    const at::Tensor normed = at::group_norm(x, norm.groups, norm.weight, norm.bias, norm.eps);
    return activation == nn::Activation::Silu ? at::silu(normed) : normed;
}

double allowed(at::ScalarType dtype) {
    return dtype == at::kFloat ? 1e-5 : 0.06;
}

}  // namespace

class TestGroupNorm : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() {
        at::manual_seed(1);
        at::set_num_threads(1);  // with more threads than images torch's operator is taken
    }
    void branchesAddTheirGradients_data();
    void branchesAddTheirGradients();
    void aBranchThatIsNotTakenGivesNothing();
    void partsAreAsIfJoined_data();
    void partsAreAsIfJoined();
    void onlyWhatNobodyHoldsLendsItsMemory();
};

void TestGroupNorm::branchesAddTheirGradients_data() {
    QTest::addColumn<bool>("isBf16");
    QTest::addRow("fp32") << false;
    QTest::addRow("bf16") << true;
}

void TestGroupNorm::branchesAddTheirGradients() {
    QFETCH(const bool, isBf16);
    const auto dtype = isBf16 ? at::kBFloat16 : at::kFloat;
    const nn::GroupNorm norm = someNorm();
    const at::Tensor x = images(dtype), upNormed = images(dtype) / 3, upPast = images(dtype) / 3;
    const at::Tensor ours = x.detach().requires_grad_(true), theirs = x.to(at::kFloat).requires_grad_(true);
    const auto [normed, past] = nn::groupNormBranch(ours, norm);
    const at::Tensor expected = plain(norm, theirs, nn::Activation::None);
    QVERIFY(largestDifference(normed, expected) < allowed(dtype));
    QCOMPARE(largestDifference(past, x), 0.0);
    QCOMPARE(largestDifference(nn::groupNorm(ours, {}, norm, nn::Activation::None), normed), 0.0);
    torch::autograd::backward({normed, past}, {upNormed, upPast});
    torch::autograd::backward({expected, theirs * 1}, {upNormed.to(at::kFloat), upPast.to(at::kFloat)});
    QVERIFY(largestDifference(ours.grad(), theirs.grad()) < allowed(dtype));
    QVERIFY(largestDifference(ours.grad(), upPast) > 0.1);
}

void TestGroupNorm::aBranchThatIsNotTakenGivesNothing() {
    const nn::GroupNorm norm = someNorm();
    const at::Tensor x = images(at::kFloat), up = images(at::kFloat), before = up.clone(), expected = x.detach().requires_grad_(true);
    plain(norm, expected, nn::Activation::None).backward(up);
    const at::Tensor alone = x.detach().requires_grad_(true), past = x.detach().requires_grad_(true);
    nn::groupNormBranch(alone, norm).normed.backward(up);
    QVERIFY(at::equal(up, before));  // held here: its memory is not the gradient's
    QVERIFY(largestDifference(alone.grad(), expected.grad()) < allowed(at::kFloat));
    nn::groupNormBranch(past, norm).x.backward(up);
    QCOMPARE(largestDifference(past.grad(), up), 0.0);
}

void TestGroupNorm::partsAreAsIfJoined_data() {
    QTest::addColumn<bool>("isBf16");
    QTest::addColumn<bool>("isSecondFrozen");
    for (const bool isBf16 : {false, true}) {
        for (const bool isSecondFrozen : {false, true}) {
            QTest::addRow("%s, %s", isBf16 ? "bf16" : "fp32", isSecondFrozen ? "frozen" : "live") << isBf16 << isSecondFrozen;
        }
    }
}

void TestGroupNorm::partsAreAsIfJoined() {
    QFETCH(const bool, isBf16);
    QFETCH(const bool, isSecondFrozen);
    constexpr std::int64_t kFirst = 9;  // within the second of the groups of 6 channels
    const auto dtype = isBf16 ? at::kBFloat16 : at::kFloat;
    const nn::GroupNorm norm = someNorm();
    const at::Tensor x = images(dtype), upNormed = images(dtype) / 3, upPast = images(dtype) / 3;
    const auto part = [](const at::Tensor& whole, int i) {
        return whole.narrow(1, i == 0 ? 0 : kFirst, i == 0 ? kFirst : kChannels - kFirst).contiguous(at::MemoryFormat::ChannelsLast);
    };
    const at::Tensor theirs = x.to(at::kFloat).requires_grad_(true), expected = plain(norm, theirs, nn::Activation::Silu);
    torch::autograd::backward({expected, theirs * 1}, {upNormed.to(at::kFloat), upPast.to(at::kFloat)});
    const std::array ours{part(x, 0), part(x, 1)}, past{part(upPast, 0), part(upPast, 1)};
    const std::array gradients{at::empty_like(ours[0]), isSecondFrozen ? at::Tensor() : at::empty_like(ours[1])};
    const nn::GroupNormPass pass({}, norm, nn::Activation::Silu);
    const at::Tensor normed = nn::emptyJoined(ours), stats = pass.emptyStats(x.size(0));
    pass.forward(ours, normed, stats);
    QVERIFY(largestDifference(normed, expected) < allowed(dtype));
    pass.backward(ours, stats, {.y = nn::asChannelsLast(upNormed), .past = past, .xs = gradients});
    for (int i = 0; i < (isSecondFrozen ? 1 : 2); ++i) {
        QVERIFY(largestDifference(gradients.at(i), part(theirs.grad(), i)) < allowed(dtype));
    }
}

void TestGroupNorm::onlyWhatNobodyHoldsLendsItsMemory() {
    const nn::GroupNorm norm = someNorm();
    const at::Tensor before = images(at::kFloat), expected = plain(norm, before, nn::Activation::Silu);
    at::Tensor x = before.clone();
    const void* memory = x.data_ptr();
    const at::Tensor ofHeld = norm.silu(x);
    QVERIFY(ofHeld.data_ptr() != memory && at::equal(x, before));
    const at::Tensor ofViewed = norm.silu(std::exchange(x, x.alias()));
    QVERIFY(ofViewed.data_ptr() != memory && at::equal(x, before));
    at::Tensor alone = before.clone();
    memory = alone.data_ptr();
    const at::Tensor ofAlone = norm.silu(std::move(alone));
    QVERIFY(ofAlone.data_ptr() == memory);
    for (const at::Tensor& result : {ofHeld, ofViewed, ofAlone}) {
        QVERIFY(largestDifference(result, expected) < allowed(at::kFloat));
    }
    // What a graph keeps stays as it was.
    const at::Tensor leaf = before.clone().requires_grad_(true);
    at::Tensor kept = leaf * 1;
    const at::Tensor graph = kept.square().sum();
    {
        const at::NoGradGuard noGrad;
        norm.silu(std::move(kept));
    }
    graph.backward();
    QVERIFY(largestDifference(leaf.grad(), 2 * before) < 1e-6);
}

QTEST_GUILESS_MAIN(TestGroupNorm)
#include "tst_group_norm.moc"
