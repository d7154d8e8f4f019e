// Convolutions with packed kernels beside plain ones: results, gradients, and inputs of several sizes.
#include <array>
#include <thread>
#include <utility>
#include <vector>

#include <QtTest>

#include "core/nn/packed_conv.h"
#include "core/tensor/onednn.h"
#include "core/tensor/torch.h"
#include "tests/support/largest_difference.h"

using namespace rlcm;
using rlcm::test::largestDifference;

namespace {

struct Plain {
    at::Tensor weight, bias;

    Plain(std::int64_t in, std::int64_t out, std::int64_t kernel, at::ScalarType dtype)
        : weight((at::randn({out, in, kernel, kernel}) / static_cast<double>(in)).to(dtype)), bias(at::randn({out}).to(dtype)) {}
    at::Tensor operator()(const at::Tensor& x) const { return at::conv2d(x, weight, bias, 1, weight.size(2) / 2); }
};

at::Tensor image(std::int64_t rows, std::int64_t channels, std::int64_t side, at::ScalarType dtype) {
    return at::randn({rows, channels, side, side}).to(dtype).contiguous(at::MemoryFormat::ChannelsLast);
}

double allowed(at::ScalarType dtype) {
    return dtype == at::kFloat ? 2e-5 : 0.04;  // bf16 has eight bits
}

}  // namespace

class TestPackedConv : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(1); }
    void isTheConvolution_data();
    void isTheConvolution();
    void servesSeveralSizesAndThreads();
    void largeKernelsAndOtherTypesStayPlain();
    void livesAsLongAsItsGraph();
    void addsWhatIsGiven_data() { isTheConvolution_data(); }
    void addsWhatIsGiven();
};

void TestPackedConv::isTheConvolution_data() {
    QTest::addColumn<int>("kernel");
    QTest::addColumn<bool>("isBf16");
    for (const int kernel : {1, 3}) {
        for (const bool isBf16 : {false, true}) {
            QTest::addRow("%d x %d, %s", kernel, kernel, isBf16 ? "bf16" : "fp32") << kernel << isBf16;
        }
    }
}

void TestPackedConv::isTheConvolution() {
    QFETCH(const int, kernel);
    QFETCH(const bool, isBf16);
    const auto dtype = isBf16 ? at::kBFloat16 : at::kFloat;
    const Plain plain(12, 20, kernel, dtype);
    const auto packed = nn::PackedConv::of(plain.weight, plain.bias);
    if (!packed) {
        QSKIP("oneDNN has no such products here");
    }
    const at::Tensor x = image(3, 12, 9, dtype);
    const at::Tensor ours = x.detach().requires_grad_(true), theirs = x.detach().requires_grad_(true);
    const at::Tensor out = nn::PackedConv::apply(packed, ours), expected = plain(theirs);
    QVERIFY(out.is_contiguous(at::MemoryFormat::ChannelsLast));
    QVERIFY(largestDifference(out, expected) < allowed(dtype));
    {
        const at::NoGradGuard noGrad;
        QCOMPARE(largestDifference(nn::PackedConv::apply(packed, x), out), 0.0);
    }
    const at::Tensor back = image(3, 20, 9, dtype);
    out.backward(back);
    expected.backward(back);
    QVERIFY(largestDifference(ours.grad(), theirs.grad()) < allowed(dtype));
}

void TestPackedConv::servesSeveralSizesAndThreads() {
    const Plain plain(8, 8, 3, at::kFloat);
    const auto packed = nn::PackedConv::of(plain.weight, plain.bias);
    if (!packed) {
        QSKIP("oneDNN has no such products here");
    }
    std::array<double, 4> differences{};
    std::vector<std::jthread> threads;
    for (std::size_t thread = 0; thread < differences.size(); ++thread) {
        threads.emplace_back([&, thread] {
            const at::NoGradGuard noGrad;
            for (std::int64_t side = 4; side < 18; ++side) {
                const at::Tensor x = image(1 + side % 3, 8, side, at::kFloat);
                differences[thread] = std::max(differences[thread], largestDifference(nn::PackedConv::apply(packed, x), plain(x)));
            }
        });
    }
    threads.clear();
    for (const double difference : differences) {
        QVERIFY(difference < 2e-5);
    }
}

void TestPackedConv::largeKernelsAndOtherTypesStayPlain() {
    QVERIFY(!nn::PackedConv::of(at::zeros({512, 512, 3, 3}), at::zeros({512})));
    QVERIFY(!nn::PackedConv::of(at::zeros({4, 4, 3, 3}, at::kDouble), at::zeros({4}, at::kDouble)));
}

void TestPackedConv::livesAsLongAsItsGraph() {
    const Plain plain(4, 4, 3, at::kFloat);
    auto packed = nn::PackedConv::of(plain.weight, plain.bias);
    if (!packed) {
        QSKIP("oneDNN has no such products here");
    }
    const at::Tensor x = image(2, 4, 6, at::kFloat).requires_grad_(true);
    const at::Tensor out = nn::PackedConv::apply(packed, x);
    packed.reset();
    out.sum().backward();
    QVERIFY(x.grad().defined());
}

void TestPackedConv::addsWhatIsGiven() {
    QFETCH(const int, kernel);
    QFETCH(const bool, isBf16);
    const auto dtype = isBf16 ? at::kBFloat16 : at::kFloat;
    const Plain plain(12, 20, kernel, dtype);
    const auto packed = nn::PackedConv::of(plain.weight, plain.bias);
    if (!packed) {
        QSKIP("oneDNN has no such products here");
    }
    const at::Tensor x = image(3, 12, 9, dtype), added = image(3, 20, 9, dtype), expected = plain(x) + added;
    const at::Tensor before = added.clone();
    const at::Tensor leaf = x.detach().requires_grad_(true), addedLeaf = added.detach().requires_grad_(true);
    const at::Tensor out = nn::PackedConv::apply(packed, leaf, addedLeaf);
    QVERIFY(largestDifference(out, expected) < allowed(dtype));
    const at::Tensor back = image(3, 20, 9, dtype);
    out.backward(back);
    QCOMPARE(largestDifference(addedLeaf.grad(), back), 0.0);
    const at::Tensor alone = x.detach().requires_grad_(true);
    nn::PackedConv::apply(packed, alone).backward(back);
    QCOMPARE(largestDifference(leaf.grad(), alone.grad()), 0.0);

    const at::NoGradGuard noGrad;
    QCOMPARE(largestDifference(nn::PackedConv::apply(packed, x, added), out), 0.0);  // what is held stays, what is not lends its memory
    QVERIFY(at::equal(added, before));
    at::Tensor lent = added.clone();
    const void* memory = lent.data_ptr();
    const at::Tensor into = nn::PackedConv::apply(packed, x, std::move(lent));
    QCOMPARE(into.data_ptr() == memory, tensor::onednn::convolvesIntoExactly(added));
    QCOMPARE(largestDifference(into, out), 0.0);
    const at::Tensor otherOrder = nn::PackedConv::apply(packed, x, added.contiguous());
    QCOMPARE(largestDifference(otherOrder, out), 0.0);
}

QTEST_GUILESS_MAIN(TestPackedConv)
#include "tst_packed_conv.moc"
