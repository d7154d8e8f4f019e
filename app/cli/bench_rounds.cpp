#include "app/cli/bench_rounds.h"

#include <algorithm>

#include <unistd.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/tools/bench.h"
#include "core/tools/kernel_limit.h"
#include "core/tools/profile.h"

namespace rlcm::cli {

std::string BenchCase::title() const {
    return std::string(toString(method)) + (isRlcm() ? " H" : " T") + std::to_string(steps) + " " + std::string(toString(dtype)) + ", " +
           std::to_string(threads) + (threads == 1 ? " thread" : " threads");
}

BenchPrompts::BenchPrompts() {
    m_file = std::filesystem::temp_directory_path() / ("rlcm-bench-prompts-" + std::to_string(::getpid()) + ".txt");
    std::string text;
    for (const char* animal : {"cat", "dog", "horse", "monkey", "rabbit", "zebra", "spider", "bird", "sheep", "deer", "cow", "goat"}) {
        text += std::string("a ") + animal + "\n";
    }
    writeFileAtomically(m_file, text);
}

BenchPrompts::~BenchPrompts() {
    std::error_code ignored;
    std::filesystem::remove(m_file, ignored);
}

run::RunConfig benchConfig(const BenchCase& one, const std::filesystem::path& prompts) {
    const bool isRlcm = one.isRlcm();
    run::RunConfig config;
    config.model.path = isRlcm ? "emoji-lcm" : "emoji-sd";
    config.algorithm.method = one.method;
    config.sampling.steps = one.steps;
    config.sampling.guidance = isRlcm ? 8.0 : 5.0;
    config.prompts.train = prompts.string();
    config.training.imagesPerRound = one.images;
    config.training.updatesPerRound = isRlcm ? 1 : 2;
    config.training.learningRate = isRlcm ? 1e-4 : 3e-4;
    config.training.optimizer = isRlcm ? run::Optimizer::Adam : run::Optimizer::AdamW;
    config.training.weightDecay = isRlcm ? 0.0 : 1e-4;
    config.training.maxGradNorm = isRlcm ? 5.0 : 1.0;
    config.training.advantage = run::Advantage::PerPrompt;
    config.training.advantageClip = isRlcm ? 10.0 : 5.0;
    config.lora.rank = isRlcm ? 16 : 4;
    config.lora.alpha = isRlcm ? 32.0 : 4.0;
    config.compute.device = one.device;
    config.compute.recordCalls = one.recordCalls;
    config.compute.dtype = one.dtype;
    config.compute.threads = one.threads;
    return config;
}

int defaultRounds(const BenchCase& one) {
    return one.isRlcm() ? std::max<int>(4, static_cast<int>(48 / one.steps)) : 4;
}

Json timeRounds(const BenchCase& one, int rounds) {
    const BenchPrompts prompts;
    Json result = tools::benchRounds(benchConfig(one, prompts.file()), kWarmupRounds, rounds > 0 ? rounds : defaultRounds(one));
    result["case"] = one.title();
    return result;
}

Json profile(const BenchCase& one, int rounds) {
    const BenchPrompts prompts;
    constexpr std::size_t kRows = 40;
    Json result = tools::profileRounds(benchConfig(one, prompts.file()), rounds > 0 ? rounds : 2, kRows);
    result["case"] = one.title();
    return result;
}

Json timeLimit(const BenchCase& one, int rounds) {
    const BenchPrompts prompts;
    Json result = tools::benchLimit(benchConfig(one, prompts.file()), rounds > 0 ? rounds : defaultRounds(one));
    result["case"] = one.title();
    return result;
}

Json timeSampling(const BenchCase& one) {
    const BenchPrompts prompts;
    return {{"case", one.title()}, {"batches", tools::benchSampling(benchConfig(one, prompts.file()), {1, 4, 8, 16}, 7)}};
}

}  // namespace rlcm::cli
