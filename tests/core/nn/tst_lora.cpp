#include <array>

#include <QtTest>

#include "core/base/error.h"
#include "core/nn/attention.h"
#include "core/nn/layers.h"
#include "core/nn/lora.h"
#include "core/nn/merged_projection.h"
#include "core/nn/weights.h"
#include "core/tensor/torch.h"
#include "tests/support/largest_difference.h"
#include "tests/support/message_of.h"

using namespace rlcm;
using rlcm::test::largestDifference;
using rlcm::test::messageOf;

namespace {

constexpr const char* kAll = "to_q,to_k,to_v,to_out.0";

std::vector<nn::Projection> someProjections(at::ScalarType dtype) {
    at::manual_seed(3);
    std::vector<nn::Projection> list;
    // Unsorted paths and unequal widths: the flat order must come from the keys, not from the forward order.
    for (const auto& [path, out, in] : {std::tuple("up.attn1.to_q", 6, 6), std::tuple("up.attn1.to_k", 6, 10), std::tuple("down.attn2.to_v", 4, 10),
                                        std::tuple("down.attn2.to_out.0", 4, 4)}) {
        list.push_back({path, at::randn({out, in}).to(dtype)});
    }
    return list;
}

void fillFactors(const nn::LoraAdapter& adapter) {
    adapter.parameters().copy_(at::randn({adapter.parameters().numel()}));
}

}  // namespace

class TestLora : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(1); }  // before every test: torch starts from another number in every process
    void mergedWeightsEqualRuntimeAdapters();
    void gradientIsThatOfAdapterLayers();
    void projectionsPassTheGradientOn();
    void severalProjectionsOfOneAreAsOneByOne_data();
    void severalProjectionsOfOneAreAsOneByOne();
    void gradientInBf16FollowsThatInFloat32();
    void untrainedAdapterChangesNothing();
    void initialFactorsAreGaussianWithDeviationOneOverRank();
    void flatVectorFollowsByteOrderOfKeys();
    void onlyNamedTargetsAreAdapted();
    void wrongTargetsAndRanksAreRefused();
    void assignListsEveryProblem();
    void weightsListEverythingWrongInOneMessage();
    void attentionInBf16StaysCloseToFloat32();
    void siluNormShiftsChannelsBeforeNormalising();
    void plainNormAndItsGradientFollowTheDefinition();
};

void TestLora::mergedWeightsEqualRuntimeAdapters() {
    nn::LoraAdapter adapter(someProjections(at::kFloat), kAll, 3, 6.0, RandomStreams(1));
    fillFactors(adapter);
    const auto projections = someProjections(at::kFloat);
    const std::vector<nn::MergedProjection> merged = adapter.merged();
    for (std::size_t i = 0; i < projections.size(); ++i) {
        at::Tensor a, b;
        for (const auto& [key, view] : adapter.factors()) {
            if (key == projections[i].path + ".lora_A.weight") {
                a = view;
            }
            if (key == projections[i].path + ".lora_B.weight") {
                b = view;
            }
        }
        const at::Tensor x = at::randn({5, projections[i].weight.size(1)});
        const at::Tensor runtime = at::linear(x, projections[i].weight) + adapter.scale() * at::linear(at::linear(x, a), b);
        QVERIFY(largestDifference(nn::project(x, merged[i]), runtime) < 2e-5);
    }
}

void TestLora::gradientIsThatOfAdapterLayers() {
    const auto projections = someProjections(at::kFloat);
    nn::LoraAdapter adapter(projections, kAll, 3, 6.0, RandomStreams(1));
    fillFactors(adapter);
    std::vector<at::Tensor> inputs;
    for (const auto& projection : projections) {
        inputs.push_back(at::randn({5, projection.weight.size(1)}));
    }
    // Reference: adapter layers, autograd down to the factors.
    std::map<std::string, at::Tensor> leaves;
    for (const auto& [key, view] : adapter.factors()) {
        leaves[key] = view.detach().clone().set_requires_grad(true);
    }
    at::Tensor loss = at::zeros({});
    for (std::size_t i = 0; i < projections.size(); ++i) {
        const at::Tensor low = at::linear(inputs[i], leaves.at(projections[i].path + ".lora_A.weight"));
        loss =
            loss +
            (at::linear(inputs[i], projections[i].weight) + adapter.scale() * at::linear(low, leaves.at(projections[i].path + ".lora_B.weight"))).sin().sum();
    }
    std::vector<at::Tensor> factors, parts;
    for (const auto& [key, view] : adapter.factors()) {
        factors.push_back(leaves.at(key));
    }
    for (const at::Tensor& part : torch::autograd::grad({loss}, factors)) {
        parts.push_back(part.reshape(-1));
    }
    const at::Tensor expected = at::cat(parts);
    // Ours: one product forward, products of rank r on the way back.
    std::vector<at::Tensor> ours;
    const std::vector<nn::MergedProjection> merged = adapter.withLeaves(adapter.merged(), ours);
    at::Tensor mergedLoss = at::zeros({});
    for (std::size_t i = 0; i < projections.size(); ++i) {
        mergedLoss = mergedLoss + nn::project(inputs[i], merged[i]).sin().sum();
    }
    const auto grads = torch::autograd::grad({mergedLoss}, ours);
    QVERIFY(largestDifference(adapter.gradient(grads), expected) < 1e-4);
    // A factor that took no part has no gradient tensor.
    std::vector<at::Tensor> some(grads);
    some[0] = at::Tensor();
    QVERIFY(largestDifference(adapter.gradient(some), adapter.gradient(grads)) > 1e-3);
    QVERIFY(adapter.gradient(some).isfinite().all().item<bool>());
}

void TestLora::projectionsPassTheGradientOn() {
    const auto projections = someProjections(at::kDouble);
    nn::LoraAdapter adapter(projections, kAll, 3, 6.0, RandomStreams(1));
    fillFactors(adapter);
    std::vector<at::Tensor> leaves;
    const nn::MergedProjection projection = adapter.withLeaves(adapter.merged(), leaves)[1];
    const at::Tensor x = at::randn({2, 5, 10}, at::kDouble).set_requires_grad(true), bias = at::randn({6}, at::kDouble);
    const at::Tensor y = nn::project(x, projection, bias);
    QVERIFY(largestDifference(y, at::linear(x, projection.weight, bias)) == 0);
    const at::Tensor upstream = at::randn(y.sizes(), at::kDouble);
    const auto grads = torch::autograd::grad({y}, {x, projection.down, projection.up}, {upstream});
    QVERIFY(largestDifference(grads[0], at::matmul(upstream, projection.weight)) < 1e-12);
    QVERIFY(grads[1].scalar_type() == at::kFloat && grads[1].sizes() == projection.down.sizes() && grads[2].sizes() == projection.up.sizes());
    // An input that wants no gradient still gives the factors theirs.
    const auto alone = torch::autograd::grad({nn::project(x.detach(), projection)}, {projection.down, projection.up}, {upstream});
    QVERIFY(at::equal(alone[0], grads[1]) && at::equal(alone[1], grads[2]));
    // What is added gets what comes back, and changes no other gradient.
    const at::Tensor added = at::randn(y.sizes(), at::kDouble).set_requires_grad(true);
    const at::Tensor sum = nn::project(x, projection, bias, added);
    QVERIFY(largestDifference(sum, y + added) < 1e-14);
    const auto both = torch::autograd::grad({sum}, {x, projection.down, projection.up, added}, {upstream});
    QVERIFY(at::equal(both[0], grads[0]) && at::equal(both[1], grads[1]) && at::equal(both[2], grads[2]) && at::equal(both[3], upstream));
}

void TestLora::severalProjectionsOfOneAreAsOneByOne_data() {
    QTest::addColumn<int>("dtype");
    QTest::addColumn<QString>("targets");  // what is not adapted goes one by one
    QTest::addColumn<double>("allowed");
    for (const char* targets : {"to_q,to_k,to_v", "to_q,to_v"}) {
        QTest::addRow("fp64, %s", targets) << static_cast<int>(at::kDouble) << targets << 1e-6;  // the factors are f32
        QTest::addRow("fp32, %s", targets) << static_cast<int>(at::kFloat) << targets << 1e-5;
        QTest::addRow("bf16, %s", targets) << static_cast<int>(at::kBFloat16) << targets << 0.03;
    }
}

void TestLora::severalProjectionsOfOneAreAsOneByOne() {
    QFETCH(const int, dtype);
    QFETCH(const QString, targets);
    QFETCH(const double, allowed);
    const auto type = static_cast<at::ScalarType>(dtype);
    std::vector<nn::Projection> projections;
    for (const char* name : {"block.to_q", "block.to_k", "block.to_v"}) {
        projections.push_back({name, at::randn({6, 10}).to(type)});
    }
    nn::LoraAdapter adapter(projections, targets.toStdString(), 3, 6.0, RandomStreams(1));
    fillFactors(adapter);
    const at::Tensor x = at::randn({2, 5, 10}).to(type).set_requires_grad(true);
    std::vector<at::Tensor> upstream;
    for (int i = 0; i < 3; ++i) {
        upstream.push_back(at::randn({2, 5, 6}).to(type));
    }
    const auto gradients = [&](auto read) {
        std::vector<at::Tensor> wanted, results = read(adapter.withLeaves(adapter.merged(), wanted));
        const at::Tensor factors = adapter.gradient(torch::autograd::grad(results, wanted, upstream, true));
        wanted = {x};
        return std::array{factors, torch::autograd::grad(read(adapter.withLeaves(adapter.merged(), wanted)), {x}, upstream)[0], at::stack(results).detach()};
    };
    const auto together = gradients([&](const auto& merged) { return nn::projectAll(x, merged); });
    const auto apart = gradients([&](const auto& merged) {
        std::vector<at::Tensor> results;
        for (const nn::MergedProjection& projection : merged) {
            results.push_back(nn::project(x, projection));
        }
        return results;
    });
    for (std::size_t i = 0; i < together.size(); ++i) {
        const double largest = apart.at(i).abs().max().item<double>();
        QVERIFY(largest > 0.5);
        QVERIFY(largestDifference(together.at(i), apart.at(i)) < allowed * largest);
    }
}

/// Small weights sum up the gradient of the whole matrix, large ones that of the factors; both over two calls here.
void TestLora::gradientInBf16FollowsThatInFloat32() {
    for (const std::int64_t width : {24, 256}) {
        const at::Tensor weight = at::randn({width, width}).to(at::kBFloat16) / 16;
        nn::LoraAdapter adapter({{"block.to_q", weight}}, "to_q", 3, 6.0, RandomStreams(1));
        fillFactors(adapter);
        std::vector<at::Tensor> leaves, exactLeaves;
        const nn::MergedProjection projection = adapter.withLeaves(adapter.merged(), leaves)[0];
        QCOMPARE(projection.whole.defined(), width == 24);
        nn::MergedProjection exact = projection;
        exact.weight = projection.weight.to(at::kFloat);
        exact.whole = at::Tensor();
        at::Tensor ours = at::zeros({}), expected = at::zeros({});
        for (int call = 0; call < 2; ++call) {
            const at::Tensor x = at::randn({4, 9, width}).to(at::kBFloat16), mask = at::randn({4, 9, width}).to(at::kBFloat16);
            ours = ours + (nn::project(x, projection) * mask).to(at::kFloat).sum();
            expected = expected + (nn::project(x.to(at::kFloat), exact) * mask.to(at::kFloat)).sum();
        }
        const at::Tensor found = adapter.gradient(torch::autograd::grad({ours}, leaves));
        const at::Tensor wanted = adapter.gradient(torch::autograd::grad({expected}, leaves));
        QVERIFY(at::cosine_similarity(found, wanted, 0).item<double>() > 0.9999);
        QVERIFY(std::abs(found.norm().item<double>() / wanted.norm().item<double>() - 1) < 2e-3);
    }
}

void TestLora::untrainedAdapterChangesNothing() {
    for (const auto dtype : {at::kFloat, at::kBFloat16}) {
        const auto projections = someProjections(dtype);
        nn::LoraAdapter adapter(projections, kAll, 2, 4.0, RandomStreams(7));
        const auto merged = adapter.merged();
        for (std::size_t i = 0; i < projections.size(); ++i) {
            QVERIFY(at::equal(merged[i].weight, projections[i].weight));
            QVERIFY(!merged[i].weight.requires_grad() && !merged[i].down.defined());
        }
    }
}

void TestLora::initialFactorsAreGaussianWithDeviationOneOverRank() {
    std::vector<nn::Projection> wide{{"a.to_q", at::zeros({8, 4000})}};
    nn::LoraAdapter adapter(wide, "to_q", 4, 8.0, RandomStreams(5));
    const at::Tensor a = adapter.factors()[0].second, b = adapter.factors()[1].second;
    QVERIFY(std::abs(a.std().item<double>() - 0.25) < 0.01);
    QVERIFY(std::abs(a.mean().item<double>()) < 0.01);
    QCOMPARE(b.abs().max().item<double>(), 0.0);
    nn::LoraAdapter again(wide, "to_q", 4, 8.0, RandomStreams(5)), other(wide, "to_q", 4, 8.0, RandomStreams(6));
    QVERIFY(at::equal(again.parameters(), adapter.parameters()));
    QVERIFY(!at::equal(other.parameters(), adapter.parameters()));
}

void TestLora::flatVectorFollowsByteOrderOfKeys() {
    nn::LoraAdapter adapter(someProjections(at::kFloat), kAll, 3, 6.0, RandomStreams(1));
    std::int64_t offset = 0;
    std::string before;
    for (const auto& [key, view] : adapter.factors()) {
        QVERIFY(before < key);
        before = key;
        QVERIFY(at::equal(view.reshape(-1), adapter.parameters().narrow(0, offset, view.numel())));
        offset += view.numel();
    }
    QCOMPARE(offset, adapter.parameters().numel());
    adapter.parameters().fill_(2.0);
    QCOMPARE(adapter.factors().back().second.min().item<double>(), 2.0);
}

void TestLora::onlyNamedTargetsAreAdapted() {
    nn::LoraAdapter adapter(someProjections(at::kFloat), "to_v, to_out.0", 1, 1.0, RandomStreams(1));
    std::vector<at::Tensor> leaves;
    const auto merged = adapter.withLeaves(adapter.merged(), leaves);
    QCOMPARE(leaves.size(), std::size_t{4});
    QVERIFY(!merged[0].down.defined() && !merged[1].down.defined());
    QVERIFY(merged[2].down.requires_grad() && merged[3].up.requires_grad());
}

void TestLora::wrongTargetsAndRanksAreRefused() {
    const auto make = [](const char* targets, std::int64_t rank) {
        return messageOf([=] { nn::LoraAdapter(someProjections(at::kFloat), targets, rank, 1.0, RandomStreams(1)); });
    };
    QVERIFY(make("to_q,to_x", 2).contains(QLatin1String("\"to_x\"")));
    QVERIFY(make("to_q,,to_k", 2).contains(QLatin1String("empty name")));
    QVERIFY(make("o_q", 2).contains(QLatin1String("\"o_q\"")));
    QVERIFY(make("to_q", 0).contains(QLatin1String("at least 1")));
}

void TestLora::assignListsEveryProblem() {
    nn::LoraAdapter adapter(someProjections(at::kFloat), "to_v,to_out.0", 2, 2.0, RandomStreams(1));
    auto factors = adapter.factors();
    for (auto& [key, tensor] : factors) {
        tensor = at::randn(tensor.sizes());
    }
    adapter.assign(factors);
    QVERIFY(at::equal(adapter.factors()[1].second, factors[1].second));
    factors[0].second = at::zeros({3, 3});
    factors[1].first = "nobody.lora_B.weight";
    const QString message = messageOf([&] { adapter.assign(factors); });
    QVERIFY2(message.contains(QLatin1String("missing: down.attn2.to_out.0.lora_B.weight")), qPrintable(message));
    QVERIFY2(message.contains(QLatin1String("misshaped: down.attn2.to_out.0.lora_A.weight [3, 3], wanted [2, 4]")), qPrintable(message));
    QVERIFY2(message.contains(QLatin1String("unexpected: nobody.lora_B.weight")), qPrintable(message));
}

void TestLora::weightsListEverythingWrongInOneMessage() {
    nn::StoredWeights weights("model.safetensors",
                              std::map<std::string, at::Tensor>{{"good", at::ones({2, 3}, at::kHalf)},
                                                                {"turned", at::ones({3, 2})},
                                                                {"counted", at::ones({2}, at::kLong)},
                                                                {"skipped", at::ones({1})},
                                                                {"model.diffusion_model.x", at::ones({1})}},
                              at::kFloat, at::kCPU);
    QVERIFY(weights.take("good", {2, 3}).scalar_type() == at::kFloat);
    weights.take("turned", {2, 3});
    weights.take("counted", {2});
    weights.ignore("skipped");
    // A hostile config may ask for any size; nothing may be allocated for it.
    weights.take("absent", {65536, 65536, 3, 3});
    const QString message = messageOf([&] { weights.finish(); });
    for (const char* part : {"model.safetensors", "1 missing: absent", "turned (file [3, 2], config [2, 3])", "counted (holds Long",
                             "1 unexpected: model.diffusion_model.x", "single-file checkpoint"}) {
        QVERIFY2(message.contains(QLatin1String(part)), qPrintable(message));
    }
    QVERIFY(!message.contains(QLatin1String("skipped")) && !message.contains(QLatin1String("good")));
}

void TestLora::attentionInBf16StaysCloseToFloat32() {
    const at::Tensor q = at::randn({2, 5, 12}), k = at::randn({2, 7, 12}), v = at::randn({2, 7, 12});
    // Reference: one head at a time, straight from the formula.
    std::vector<at::Tensor> heads;
    for (std::int64_t h = 0; h < 3; ++h) {
        const auto part = [&](const at::Tensor& x) { return x.narrow(2, 4 * h, 4).to(at::kDouble); };
        heads.push_back(at::matmul(at::softmax(at::matmul(part(q), part(k).transpose(1, 2)) / 2.0, -1), part(v)));
    }
    const at::Tensor expected = at::cat(heads, 2);
    QVERIFY(largestDifference(nn::attention(q, k, v, 3), expected) < 1e-5);
    const at::Tensor low = nn::attention(q.to(at::kBFloat16), k.to(at::kBFloat16), v.to(at::kBFloat16), 3);
    QVERIFY(low.scalar_type() == at::kBFloat16);
    QVERIFY(largestDifference(low, expected) < 0.05);
    // Causal: the first row sees the first key only.
    const at::Tensor causal = nn::attention(q, k.narrow(1, 0, 5), v.narrow(1, 0, 5), 3, true);
    QVERIFY(largestDifference(causal.select(1, 0), v.select(1, 0)) < 1e-6);
}

void TestLora::siluNormShiftsChannelsBeforeNormalising() {
    // Double takes torch's operators, the others our own kernel; the larger image is added up in several blocks of rows.
    for (const auto& [dtype, height, width] : {std::tuple(at::kDouble, 5, 3), std::tuple(at::kFloat, 5, 3), std::tuple(at::kFloat, 19, 23),
                                               std::tuple(at::kBFloat16, 5, 3), std::tuple(at::kBFloat16, 19, 23)}) {
        const nn::GroupNorm norm{at::randn({12}).to(dtype), at::randn({12}).to(dtype), 3, 1e-5};
        const at::Tensor x = (3.0 * at::randn({4, 12, height, width}) + 5.0).to(dtype).set_requires_grad(true);
        // Two rows of shifts for four rows of pixels: guidance repeats the batch.
        for (const at::Tensor& shift : {at::Tensor(), at::randn({1, 12}).to(dtype), at::randn({4, 12}).to(dtype), at::randn({2, 12}).to(dtype)}) {
            const at::Tensor wide = x.detach().to(at::kDouble).set_requires_grad(true);
            at::Tensor shifted = wide;
            if (shift.defined()) {
                const at::Tensor rows = shift.size(0) == 2 ? at::cat({shift, shift}) : shift;
                shifted = wide + rows.to(at::kDouble).unsqueeze(-1).unsqueeze(-1);
            }
            const at::Tensor expected = at::silu(at::group_norm(shifted, 3, norm.weight.to(at::kDouble), norm.bias.to(at::kDouble), 1e-5));
            const at::Tensor ours = norm.silu(x, shift);
            const at::Tensor upstream = at::randn({4, 12, height, width}).to(dtype);
            const at::Tensor grad = torch::autograd::grad({ours}, {x}, {upstream})[0];
            const at::Tensor expectedGrad = torch::autograd::grad({expected}, {wide}, {upstream.to(at::kDouble)})[0];
            const double tolerance = dtype == at::kBFloat16 ? 0.1 : dtype == at::kFloat ? 2e-5 : 1e-12;
            QVERIFY2(largestDifference(ours, expected) < tolerance, qPrintable(QString::number(largestDifference(ours, expected))));
            QVERIFY2(largestDifference(grad, expectedGrad) < tolerance, qPrintable(QString::number(largestDifference(grad, expectedGrad))));
            const at::NoGradGuard noGrad;
            QVERIFY(at::equal(norm.silu(x, shift), ours));
        }
    }
}

void TestLora::plainNormAndItsGradientFollowTheDefinition() {
    const nn::GroupNorm norm{at::randn({12}), at::randn({12}), 4, 1e-6};
    const at::Tensor x = (3.0 * at::randn({2, 12, 19, 23}) + 5.0).set_requires_grad(true);
    const at::Tensor wide = x.detach().to(at::kDouble).set_requires_grad(true);
    const at::Tensor expected = at::group_norm(wide, 4, norm.weight.to(at::kDouble), norm.bias.to(at::kDouble), 1e-6);
    const at::Tensor upstream = at::randn(x.sizes());
    const at::Tensor ours = norm(x);
    QVERIFY(largestDifference(ours, expected) < 2e-5);
    QVERIFY(largestDifference(torch::autograd::grad({ours}, {x}, {upstream})[0], torch::autograd::grad({expected}, {wide}, {upstream.to(at::kDouble)})[0]) <
            2e-5);
}

QTEST_GUILESS_MAIN(TestLora)
#include "tst_lora.moc"
