#include "core/tools/bench.h"

#include <cstdio>
#include <stop_token>
#include <vector>

#include "core/base/error.h"
#include "core/base/order_statistics.h"
#include "core/nn/merged_projection.h"
#include "core/run/field_table.h"
#include "core/run/run.h"
#include "core/sampling/arithmetic.h"
#include "core/sampling/sampler.h"
#include "core/shapes/model_shape.h"
#include "core/tensor/device.h"
#include "core/tensor/memory.h"
#include "core/tensor/torch.h"
#include "core/tools/bench_rounds.h"

namespace rlcm::tools {

Json benchRounds(const run::RunConfig& config, int warmup, int rounds) {
    run::requireValid(config);
    ensure(rounds >= 1, "benchRounds wants at least one round");
    BenchRounds bench(config);
    std::vector<double> total, sample, decode, reward, update;
    learn::RoundResult last;
    for (int round = 0; round < warmup + rounds; ++round) {
        TimedRound timed = bench.next();
        last = std::move(timed.result);
        if (round < warmup) {
            continue;
        }
        total.push_back(timed.seconds);
        sample.push_back(last.sampleSeconds);
        decode.push_back(last.decodeSeconds);
        reward.push_back(last.rewardSeconds);
        update.push_back(last.update.seconds);
    }
    const auto images = static_cast<double>(config.training.imagesPerRound);
    return {
        {"images_per_s", images / median(total)},
        {"seconds", {{"sample", median(sample)}, {"decode", median(decode)}, {"reward", median(reward)}, {"update", median(update)}, {"total", median(total)}}},
        {"rounds", rounds},
        {"warmup", warmup},
        {"images_per_round", config.training.imagesPerRound},
        {"denoiser_evaluations", last.denoiserEvaluations},
        {"nominal_denoiser_evaluations", last.nominalDenoiserEvaluations},
        {"optimizer_steps", last.update.steps},
        {"grad_norm", last.update.measures.value(run::measure::kGradNorm)},
        {"ratio_max_deviation", last.update.measures.value(run::measure::kRatioMaxDeviation)},
        {"plan", bench.planText()},
        {"config", run::toJson(config)}};
}

namespace {

/// Plain sampling of one prompt with a loaded model.
class PlainSampling {
public:
    explicit PlainSampling(const run::RunConfig& config)
        : m_device(prepared(config)),
          m_pipeline(sampling::loadModel(config)),
          m_sampler(m_pipeline, sampling::makePolicy(config, m_pipeline, m_device), config.sampling.guidance, m_device),
          m_prompts(sampling::makePromptTable(m_pipeline, {"a cat"}, m_device)),
          m_projections(nn::withoutLora(m_pipeline.network->projections())),
          m_gate(std::stop_token{}, m_commands) {}
    /// Seconds of one call that samples and decodes `batch` images.
    double call(int batch) {
        const auto rows = static_cast<std::size_t>(batch);
        const sampling::Stopwatch watch;
        m_sampler.draw(
            m_prompts,
            {.prompts = std::vector<std::int64_t>(rows, 0),
             .noise = sampling::makeNoise({.streams = RandomStreams(0), .samples = std::vector<std::uint64_t>(rows, 0)}, m_sampler.latentShape(), m_device),
             .projections = m_projections},
            m_gate);
        return watch.seconds();
    }

private:
    static at::Device prepared(const run::RunConfig& config) {
        run::requireValid(config);
        tensor::keepFreedMemory();
        const at::Device device = tensor::parseDevice(config.compute.device);
        tensor::setIntraOpThreads(sampling::threadCount(config));
        return device;
    }

    at::Device m_device;
    models::Pipeline m_pipeline;
    sampling::Sampler m_sampler;
    sampling::PromptTable m_prompts;
    std::vector<nn::MergedProjection> m_projections;
    run::RunCommands m_commands;
    sampling::Gate m_gate;
};

}  // namespace

Json benchSampling(const run::RunConfig& config, const std::vector<int>& batches, int repeats) {
    PlainSampling plain(config);
    Json results = Json::array();
    for (const int batch : batches) {
        std::vector<double> seconds;
        for (int repeat = 0; repeat <= repeats; ++repeat) {
            const double one = plain.call(batch);
            if (repeat > 0) {  // the first call warms up
                seconds.push_back(one);
            }
        }
        results.push_back({{"batch", batch}, {"latency_ms", 1000.0 * median(seconds)}, {"images_per_s", batch / median(seconds)}});
    }
    return results;
}

std::vector<double> timeImages(const run::RunConfig& config, const TimedCalls& calls, const std::function<void(int)>& onCall) {
    ensure(calls.timed >= 1 && calls.batch >= 1, "timeImages wants a call and an image");
    PlainSampling plain(config);
    std::vector<double> seconds;
    for (int call = 0; call < calls.warmup + calls.timed; ++call) {
        const double one = plain.call(calls.batch);
        if (call >= calls.warmup) {
            seconds.push_back(one / calls.batch);
        }
        onCall(call + 1);
    }
    return seconds;
}

std::int64_t threadsOf(const run::RunConfig& config) {
    return sampling::threadCount(config);
}

}  // namespace rlcm::tools
