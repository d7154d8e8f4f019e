#include <QtTest>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/data/safetensors.h"
#include "core/models/score_head.h"
#include "core/tensor/torch.h"

using namespace rlcm;
using models::ScoreHead;

namespace {

/// Linear layers of the widths 6, 5, 4, 3, 2, 1 under the given numbers, with weights from a seed.
data::NamedTensors layersAt(std::initializer_list<int> numbers) {
    at::manual_seed(4);
    data::NamedTensors tensors;
    std::int64_t width = 6;
    for (const int number : numbers) {
        const std::string prefix = "layers." + std::to_string(number) + ".";
        tensors.emplace_back(prefix + "weight", at::randn({width - 1, width}));
        tensors.emplace_back(prefix + "bias", at::randn({width - 1}));
        --width;
    }
    return tensors;
}

QString refusal(const data::NamedTensors& tensors) {
    try {
        ScoreHead::fromTensors(tensors, "some.pth");
    } catch (const Error& error) {
        return error.kind() == ErrorKind::Format ? QString::fromUtf8(error.what()) : QStringLiteral("wrong kind");
    }
    return QStringLiteral("no error");
}

}  // namespace

class TestScoreHead : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(1); }  // before every test: torch starts from another number in every process
    void linearLayersCollapseToOneVector() {
        const auto head = ScoreHead::fromTensors(layersAt({0, 2, 4, 6, 7}), "linear");
        QCOMPARE(head.width(), std::int64_t{6});
        const auto [weight, bias] = head.collapsed();
        const at::Tensor x = at::randn({9, 6});
        const at::Tensor expected = x.to(at::kDouble).matmul(weight) + bias;
        QVERIFY((head.score(x).to(at::kDouble) - expected).abs().max().item<double>() < 1e-4);
    }
    void reluHeadsBendAndDoNotCollapse() {
        const auto bent = ScoreHead::fromTensors(layersAt({0, 3, 6, 9, 11}), "relu");
        const data::NamedTensors layers = layersAt({0, 3, 6, 9, 11});
        at::Tensor x = at::randn({9, 6});
        const at::Tensor ours = bent.score(x);
        for (std::size_t i = 0; i < layers.size(); i += 2) {
            x = x.matmul(layers[i].second.t()) + layers[i + 1].second;
            x = i + 2 < layers.size() ? at::where(x > 0, x, at::zeros_like(x)) : x;
        }
        QVERIFY((ours - x.squeeze(1)).abs().max().item<double>() < 1e-5);
        QVERIFY_THROWS_EXCEPTION(Error, bent.collapsed());
    }
    void oneLinearLayerIsAHeadInEverySpelling() {
        const at::Tensor w = at::arange(3, at::kFloat);
        for (const data::NamedTensors& tensors : {data::NamedTensors{{"weight", w.unsqueeze(0)}, {"bias", at::full({1}, 2.0)}},
                                                  data::NamedTensors{{"weight", w.to(at::kHalf)}, {"bias", at::scalar_tensor(2.0)}}}) {
            QCOMPARE(ScoreHead::fromTensors(tensors, "one").score(at::ones({1, 3})).item<double>(), 5.0);
        }
    }
    void filesAreKnownByTheirContent() {
        const std::string golden = RLCM_SOURCE_DIR "/tests/golden/aesthetic/";
        QTemporaryDir place;
        const std::filesystem::path copy = std::filesystem::path(place.path().toStdString()) / "head.pth";
        std::filesystem::copy(golden + "head_small.safetensors", copy);
        QCOMPARE(ScoreHead::load(copy).width(), std::int64_t{24});
        QCOMPARE(ScoreHead::load(golden + "head_small.pth").width(), std::int64_t{24});
        QVERIFY_THROWS_EXCEPTION(Error, ScoreHead::load(copy.parent_path() / "absent.safetensors"));
        writeFileAtomically(copy, "");
        QVERIFY_THROWS_EXCEPTION(Error, ScoreHead::load(copy));
    }
    void whatIsNoHeadIsExplained() {
        const at::Tensor one = at::ones({1}), row = at::ones({1, 3});
        QVERIFY(refusal({{"weight", row}}).contains(QLatin1String("it has weight")));
        QVERIFY(refusal({}).contains(QLatin1String("it has nothing")));
        QVERIFY(refusal({{"weight", row}, {"bias", at::ones({2})}}).contains(QLatin1String("do not fit")));
        QVERIFY(refusal({{"weight", at::ones({2, 3})}, {"bias", at::ones({2})}}).contains(QLatin1String("[2, 3]")));
        QVERIFY(refusal({{"weight", at::ones({1, 1, 3})}, {"bias", one}}).contains(QLatin1String("[1, 1, 3]")));
        QVERIFY(refusal({{"weight", row.to(at::kLong)}, {"bias", one}}).contains(QLatin1String("whole numbers")));
        QVERIFY(refusal({{"weight", row}, {"bias", at::full({1}, NAN)}}).contains(QLatin1String("not finite")));
        data::NamedTensors broken = layersAt({0, 2, 4, 6, 7});
        broken[4].second = at::ones({3, 9});
        QVERIFY(refusal(broken).contains(QLatin1String("layers.4.weight")));
    }
};

QTEST_GUILESS_MAIN(TestScoreHead)
#include "tst_score_head.moc"
