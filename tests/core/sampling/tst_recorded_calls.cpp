// Calls that are recorded and replayed give what the plain ones give, with other inputs, weights and leaves; what cannot be recorded goes the plain way.
#include <QtTest>

#include "core/base/error.h"
#include "core/nn/merged_projection.h"
#include "core/sampling/recorded_calls.h"
#include "core/tensor/torch.h"

using namespace rlcm;
using sampling::CallInputs;
using sampling::RecordedCalls;

namespace {

/// What the tests see of a recorder.
struct Diary {
    int records = 0, replays = 0;
    bool fails = false;
    double off = 0;  // added to the first number that a replay writes
};

/// Does the work again instead of replaying it: what is not copied into the record's own tensors is missed as on a GPU.
class DoingAgain : public tensor::LaunchRecorder {
public:
    DoingAgain(Diary& diary, at::Tensor* spoilt) : m_diary(diary), m_spoilt(spoilt) {}
    void rehearse(const Work& work) override { work(); }
    Work record(const Work& work) override {
        if (m_diary.fails) {
            throw std::runtime_error("operation not permitted when stream is capturing\nand a stack");
        }
        ++m_diary.records;
        work();
        return [this, work] {
            ++m_diary.replays;
            if (m_spoilt != nullptr) {
                m_spoilt->add_(m_diary.off);
            }
            work();
        };
    }

private:
    Diary& m_diary;
    at::Tensor* m_spoilt;
};

/// A network of two projections, the first with an adapter.
struct Network {
    at::Tensor first = at::randn({6, 4}), second = at::randn({3, 6}), down = at::randn({2, 4}), up = at::randn({6, 2}), hidden = at::zeros({1});

    std::vector<nn::MergedProjection> projections(bool hasLeaves) const {
        std::vector<nn::MergedProjection> list(2);
        list[0].weight = nn::mergedWeight(first, down, up, 0.5);
        list[1].weight = second;
        if (hasLeaves) {
            list[0].down = down.detach().requires_grad_(true);
            list[0].up = up.detach().requires_grad_(true);
            list[0].scale = 0.5;
        }
        return list;
    }
    at::Tensor call(const CallInputs& in) const {
        const at::Tensor x = in.x * in.step.to(at::kFloat).unsqueeze(1) + in.context + (in.added.defined() ? in.added : at::zeros({1})) + hidden;
        return nn::project(nn::project(x, in.projections[0]).tanh(), in.projections[1]);
    }
};

struct Outcome {
    at::Tensor output, down, up;
};

class TestRecordedCalls : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        at::manual_seed(3);
        m_network = {};
        m_diary = {};
    }

    void replaysGiveWhatCallsGive_data() {
        QTest::addColumn<bool>("wantsGradient");
        QTest::addColumn<bool>("isAdded");
        QTest::newRow("sampling") << false << false;
        QTest::newRow("training") << true << false;
        QTest::newRow("training, with an added condition") << true << true;
    }
    void replaysGiveWhatCallsGive() {
        QFETCH(bool, wantsGradient);
        QFETCH(bool, isAdded);
        const auto calls = make();
        for (int round = 0; round < 6; ++round) {
            m_network.first.add_(0.1);  // weights and factors move, some in their place
            m_network.down = m_network.down * 1.1;
            m_network.up.mul_(0.9);
            const auto projections = m_network.projections(wantsGradient);
            for (int chunk = 0; chunk < 2; ++chunk) {
                const CallInputs inputs{.step = at::randint(1, 9, {5}, at::kLong),
                                        .x = at::randn({5, 4}),
                                        .context = at::randn({5, 4}),
                                        .added = isAdded ? at::randn({5, 4}) : at::Tensor(),
                                        .projections = projections};
                const at::AutoGradMode grad(wantsGradient);
                verifySame(outcome((*calls)(inputs), projections, wantsGradient), outcome(m_network.call(inputs), projections, wantsGradient));
            }
        }
        QCOMPARE(m_diary.records, wantsGradient ? 2 : 1);
        QVERIFY(m_diary.replays >= (wantsGradient ? 20 : 10));
    }
    void otherShapesHaveTheirOwnRecords() {
        const auto calls = make();
        const auto projections = m_network.projections(false);
        const at::NoGradGuard noGrad;
        for (int round = 0; round < 4; ++round) {
            for (const std::int64_t rows : {5, 3}) {
                const CallInputs inputs = inputsOf(rows, projections);
                QVERIFY(at::equal((*calls)(inputs), m_network.call(inputs)));
            }
        }
        QCOMPARE(m_diary.records, 2);
    }
    void aCallWhileAnotherWaitsForItsWayBackIsPlain() {
        const auto calls = make();
        const auto projections = m_network.projections(true);
        for (int round = 0; round < 3; ++round) {
            outcome((*calls)(inputsOf(5, projections)), projections, true);
        }
        const CallInputs one = inputsOf(5, projections), other = inputsOf(5, projections);
        const at::Tensor waiting = (*calls)(one);
        const int replays = m_diary.replays;
        const at::Tensor meanwhile = (*calls)(other);
        QCOMPARE(m_diary.replays, replays);
        verifySame(outcome(meanwhile, projections, true), outcome(m_network.call(other), projections, true));
        verifySame(outcome(waiting, projections, true), outcome(m_network.call(one), projections, true));
        // A graph that nobody goes back through blocks nothing once it is gone.
        at::Tensor dropped = (*calls)(one);
        dropped.reset();
        const int before = m_diary.replays;
        (*calls)(other);
        QCOMPARE(m_diary.replays, before + 1);
    }
    void whatCannotBeRecordedIsPlain() {
        m_diary.fails = true;
        const auto calls = make();
        const auto projections = m_network.projections(true);
        for (int round = 0; round < 5; ++round) {
            const CallInputs inputs = inputsOf(5, projections);
            verifySame(outcome((*calls)(inputs), projections, true), outcome(m_network.call(inputs), projections, true));
        }
        QCOMPARE(m_diary.records, 0);
    }
    void aRecordThatGivesOtherNumbersIsNotUsed() {
        m_diary.off = 1e-3;
        const auto calls = std::make_unique<RecordedCalls>(std::make_unique<DoingAgain>(m_diary, &m_network.hidden),
                                                           [this](const CallInputs& inputs) { return m_network.call(inputs); });
        const auto projections = m_network.projections(false);
        const at::NoGradGuard noGrad;
        for (int round = 0; round < 5; ++round) {
            const CallInputs inputs = inputsOf(5, projections);
            const at::Tensor ours = (*calls)(inputs);  // first: it moves the network once
            QVERIFY(at::equal(ours, m_network.call(inputs)));
        }
        QCOMPARE(m_diary.replays, 1);
    }

private:
    std::unique_ptr<RecordedCalls> make() {
        return std::make_unique<RecordedCalls>(std::make_unique<DoingAgain>(m_diary, nullptr),
                                               [this](const CallInputs& inputs) { return m_network.call(inputs); });
    }
    static CallInputs inputsOf(std::int64_t rows, const std::vector<nn::MergedProjection>& projections) {
        return {.step = at::randint(1, 9, {1}, at::kLong), .x = at::randn({rows, 4}), .context = at::randn({rows, 4}), .added = {}, .projections = projections};
    }
    static Outcome outcome(const at::Tensor& output, const std::vector<nn::MergedProjection>& projections, bool wantsGradient) {
        if (!wantsGradient) {
            return {output, {}, {}};
        }
        const auto gradients = torch::autograd::grad({output.square().sum()}, {projections[0].down, projections[0].up});
        return {output.detach(), gradients[0], gradients[1]};
    }
    static void verifySame(const Outcome& ours, const Outcome& plain) {
        QVERIFY(at::equal(ours.output, plain.output));
        if (plain.down.defined()) {
            QVERIFY(at::equal(ours.down, plain.down) && at::equal(ours.up, plain.up));
        }
    }

    Network m_network;
    Diary m_diary;
};

}  // namespace

QTEST_GUILESS_MAIN(TestRecordedCalls)
#include "tst_recorded_calls.moc"
