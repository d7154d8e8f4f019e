// The chain from noise to pictures, and what its random numbers depend on.
#include <QtTest>

#include <array>

#include "core/nn/merged_projection.h"
#include "core/sampling/sampler.h"
#include "core/tensor/torch.h"

using namespace rlcm;

namespace {

sampling::NoiseKey keyOf(std::vector<std::uint64_t> samples) {
    return {.streams = RandomStreams(7), .epoch = 2, .samples = std::move(samples)};
}

}  // namespace

class TestSampler : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void noiseOfARowDependsOnItsSampleAlone() {
        const std::vector<std::int64_t> shape{4, 3, 5};
        const sampling::Noise all = sampling::makeNoise(keyOf({3, 9}), shape, at::kCPU), one = sampling::makeNoise(keyOf({9}), shape, at::kCPU);
        QVERIFY(at::equal(all.initial[1], one.initial[0]));
        QVERIFY(at::equal(all.atStep(2)[1], one.atStep(2)[0]));
        QVERIFY(!at::equal(one.atStep(2), one.atStep(1)));
        QVERIFY(!at::equal(one.atStep(0), one.initial));
        QVERIFY(one.initial.sizes() == (std::vector<std::int64_t>{1, 4, 3, 5}));
    }

    void aBatchBecomesAsManyPicturesAndLooksAtTheGate() {
        run::RunConfig config;
        config.compute.dtype = run::Dtype::Fp32;
        config.compute.device = "cpu";
        config.sampling.steps = 2;
        const models::Pipeline pipeline = sampling::loadModel(config);
        const sampling::Sampler sampler(pipeline, sampling::makePolicy(config, pipeline, at::kCPU), config.sampling.guidance, at::kCPU);
        const sampling::PromptTable prompts = sampling::makePromptTable(pipeline, {"a cat", "a dog"}, at::kCPU);
        const std::vector<nn::MergedProjection> projections = nn::withoutLora(pipeline.network->projections());
        const std::array<std::int64_t, 1> withGraph{0};
        const sampling::Batch batch{.prompts = {1, 0, 1},
                                    .noise = sampling::makeNoise(keyOf({0, 1, 0}), sampler.latentShape(), at::kCPU),
                                    .projections = projections,
                                    .scoredSteps = 2,
                                    .graphSteps = withGraph};
        run::RunCommands commands;
        sampling::Gate gate({}, commands);
        const sampling::Drawn drawn = sampler.draw(prompts, batch, gate);
        QCOMPARE(drawn.images.size(), std::size_t{3});
        QCOMPARE(drawn.trajectory.states.size(), std::size_t{3});
        QCOMPARE(drawn.trajectory.logProbs.size(), std::size_t{2});
        QCOMPARE(drawn.trajectory.predictions.size(), std::size_t{1});
        QVERIFY(drawn.images[0].pixels == drawn.images[2].pixels);  // same prompt and noise
        QVERIFY(drawn.images[0].pixels != drawn.images[1].pixels);
        QCOMPARE(sampler.denoiser().rowsDone(), std::int64_t{6});
        sampling::Sampler careful(pipeline, sampling::makePolicy(config, pipeline, at::kCPU), config.sampling.guidance, at::kCPU);
        careful.limitDecoding(2);
        const sampling::Drawn decodedApart = careful.draw(prompts, batch, gate);
        QCOMPARE(decodedApart.images.size(), std::size_t{3});
        for (std::size_t image = 0; image < 3; ++image) {
            const auto& apart = decodedApart.images[image].pixels;
            const auto& together = drawn.images[image].pixels;
            QCOMPARE(apart.size(), together.size());
            for (std::size_t i = 0; i < apart.size(); ++i) {
                QVERIFY(std::abs(int{apart[i]} - int{together[i]}) <= 1);  // batches of another size round differently
            }
        }
        commands.stopNow();
        QVERIFY_THROWS_EXCEPTION(sampling::Cancelled, sampler.draw(prompts, batch, gate));
        QCOMPARE(sampler.denoiser().rowsDone(), std::int64_t{6});
    }
};

QTEST_APPLESS_MAIN(TestSampler)
#include "tst_sampler.moc"
