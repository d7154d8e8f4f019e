// The convolutions and products of some work, counted and called again alone.
#include <QTest>
#include <algorithm>

#include "core/tensor/device.h"
#include "core/tensor/operator_recorder.h"
#include "core/tensor/torch.h"

using namespace rlcm;
using tensor::RecordedOperator;

class TestOperatorRecorder : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void eachProductIsCountedOnceForItsShapes();
    void theWayBackIsThereToo();
    void whatIsNotAProductIsLeftOut();

private:
    static std::int64_t callsOf(const std::vector<RecordedOperator>& all, const std::string& name, const std::string& shapes = "") {
        std::int64_t calls = 0;
        for (const RecordedOperator& one : all) {
            calls += one.name == name && (shapes.empty() || one.shapes == shapes) ? one.calls : 0;
        }
        return calls;
    }
    static bool areTimed(const std::vector<RecordedOperator>& all) {
        return std::ranges::all_of(all, [](const RecordedOperator& one) { return one.secondsAlone > 0 && one.secondsAlone < 10 && one.seconds > 0; });
    }
};

void TestOperatorRecorder::eachProductIsCountedOnceForItsShapes() {
    const at::Tensor left = at::ones({3, 4}), right = at::ones({4, 5}), image = at::ones({2, 8, 6, 6}), kernel = at::ones({8, 8, 3, 3});
    tensor::OperatorRecorder recorder;
    for (int call = 0; call < 3; ++call) {
        at::matmul(left, right);  // calls mm
    }
    at::mm(right.t(), left.t());
    at::conv2d(image, kernel, {}, 1, 1);  // calls convolution, which calls others
    const auto all = recorder.timeAlone();
    QCOMPARE(callsOf(all, "aten::mm", "[3,4] [4,5]"), 3);
    QCOMPARE(callsOf(all, "aten::mm", "[5,4] [4,3]"), 1);
    QCOMPARE(callsOf(all, "aten::convolution", "[2,8,6,6] [8,8,3,3]"), 1);
    QCOMPARE(all.size(), std::size_t{3});
    QVERIFY(areTimed(all));
    at::mm(left, right);  // after its end
    QCOMPARE(callsOf(recorder.timeAlone(), "aten::mm"), 4);
}

void TestOperatorRecorder::theWayBackIsThereToo() {
    const tensor::GradMode grad(true);
    const at::Tensor image = at::ones({2, 8, 6, 6}).requires_grad_(true), kernel = at::ones({8, 8, 3, 3}), tokens = at::rand({1, 2, 7, 4}).requires_grad_(true);
    tensor::OperatorRecorder recorder;
    at::conv2d(image, kernel, {}, 1, 1).sum().backward();
    at::scaled_dot_product_attention(tokens, tokens, tokens).sum().backward();
    const auto all = recorder.timeAlone();
    QCOMPARE(callsOf(all, "aten::convolution"), 1);
    QCOMPARE(callsOf(all, "aten::convolution_backward"), 1);
    QCOMPARE(callsOf(all, "aten::_scaled_dot_product_flash_attention_for_cpu"), 1);
    QCOMPARE(callsOf(all, "aten::_scaled_dot_product_flash_attention_for_cpu_backward"), 1);
    QVERIFY(areTimed(all));
}

void TestOperatorRecorder::whatIsNotAProductIsLeftOut() {
    const at::Tensor some = at::ones({4, 4});
    tensor::OperatorRecorder recorder;
    at::softmax(some + some, 1);
    QVERIFY(recorder.timeAlone().empty());
}

QTEST_GUILESS_MAIN(TestOperatorRecorder)
#include "tst_operator_recorder.moc"
