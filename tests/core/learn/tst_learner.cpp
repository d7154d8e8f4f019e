// One round of the learner alone: its forecast, its gradients over several processes.
#include <QtTest>

#include "core/learn/learner.h"
#include "core/tensor/device.h"
#include "core/tensor/torch.h"
#include "tests/core/train/small_run.h"

using namespace rlcm;

namespace {

/// A second process that has the same rows, so the same gradient.
class Mirror final : public sampling::Collective {
public:
    int size() const override { return 2; }
    void sum(at::Tensor& values) override {
        values.mul_(2.0);
        ++calls;
    }
    int calls = 0;
};

run::RunConfig smallConfig() {
    run::RunConfig config = test::smallTraining(run::Advantage::PerPrompt, "", 1);
    config.training.updatesPerRound = 2;
    config.training.innerEpochs = 2;
    return config;
}

/// A learner with all that it stands on.
struct Workbench {
    explicit Workbench(const run::RunConfig& config, std::unique_ptr<sampling::Collective> processes = std::make_unique<sampling::Alone>())
        : session(gate, 1, [] {}, std::move(processes)), pipeline(sampling::loadModel(config)), learner(config, pipeline, {}, session) {}

    run::RunCommands commands;
    sampling::Gate gate{{}, commands};
    sampling::Session session;
    models::Pipeline pipeline;
    learn::Learner learner;
};

}  // namespace

class TestLearner : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { tensor::setDeterministic(); }

    /// Two processes with the same rows take the step that one takes.
    void gradientsAreAddedOverTheProcesses() {
        const run::RunConfig config = smallConfig();
        auto mirror = std::make_unique<Mirror>();
        const Mirror& other = *mirror;
        Workbench one(config), two(config, std::move(mirror));
        one.learner.round({0, 0}, config.training.learningRate);
        two.learner.round({0, 0}, config.training.learningRate);
        QCOMPARE(other.calls, 4);  // one for each update
        QVERIFY(at::equal(two.learner.lora().parameters(), one.learner.lora().parameters()));
    }

    /// The learner refuses to start when the forecast counts other rows than it: these must all start.
    void theForecastCountsWhatTheLearnerDoes_data() {
        QTest::addColumn<run::Method>("method");
        QTest::addColumn<double>("guidance");
        QTest::addColumn<run::LastStep>("lastStep");
        QTest::addColumn<int>("skipped");
        QTest::newRow("rlcm") << run::Method::Rlcm << 6.0 << run::LastStep::Faithful << 0;
        QTest::newRow("rlcm, fixed last step") << run::Method::Rlcm << 6.0 << run::LastStep::Deterministic << 1;
        QTest::newRow("ddpo with guidance") << run::Method::Ddpo << 5.0 << run::LastStep::Faithful << 0;
        QTest::newRow("ddpo without") << run::Method::Ddpo << 1.0 << run::LastStep::Faithful << 2;
    }
    void theForecastCountsWhatTheLearnerDoes() {
        QFETCH(run::Method, method);
        QFETCH(double, guidance);
        QFETCH(run::LastStep, lastStep);
        QFETCH(int, skipped);
        run::RunConfig config = smallConfig();
        config.algorithm.method = method;
        config.model.path = method == run::Method::Ddpo ? "emoji-sd" : "emoji-lcm";
        config.sampling.steps = 4;
        config.sampling.guidance = guidance;
        config.sampling.lastStep = lastStep;
        config.training.skipLastSteps = skipped;
        config.compute.keepGraph = run::Switch::Off;
        const learn::RoundResult round = Workbench(config).learner.round({0, 0}, config.training.learningRate);
        // Without a kept graph every nominal row is computed.
        QCOMPARE(round.denoiserEvaluations, round.nominalDenoiserEvaluations);
    }
};

QTEST_APPLESS_MAIN(TestLearner)
#include "tst_learner.moc"
