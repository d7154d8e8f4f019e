#pragma once
// A run on the bundled models that ends within seconds.
#include <QTemporaryDir>

#include "core/run/run.h"

namespace rlcm::test {

/// Two steps, four epochs of four images, measured after every second; `judgeModel` "" for none.
inline run::RunConfig smallTraining(run::Advantage advantage, const std::string& judgeModel, int threads) {
    run::RunConfig config;
    config.seed = 3;
    config.compute.dtype = run::Dtype::Fp32;
    config.sampling.steps = 2;
    config.training.epochs = 4;
    config.training.imagesPerRound = 4;
    config.training.advantage = advantage;
    config.lora.rank = 2;
    config.lora.alpha = 2;
    config.evaluation = {.every = 2, .trainPrompts = 2, .heldOutPrompts = 1, .seedsPerPrompt = 1, .judgeModel = judgeModel};
    config.compute.device = "cpu";
    config.compute.threads = threads;
    return config;
}

inline run::RunRequest requestFor(const run::RunConfig& config, const QTemporaryDir& dir) {
    return {.id = "r0001", .config = config, .folder = dir.path().toStdString(), .resumeFrom = {}, .resumedCounters = {}, .allowsChangedInputs = false};
}

}  // namespace rlcm::test
