#pragma once
// A learner with all that it stands on, on the bundled models.
#include <memory>
#include <utility>

#include "core/learn/learner.h"
#include "tests/core/train/small_run.h"

namespace rlcm::test {

inline run::RunConfig smallConfig() {
    run::RunConfig config = smallTraining(run::Advantage::PerPrompt, "", 1);
    config.training.updatesPerRound = 2;
    config.training.innerEpochs = 2;
    return config;
}

/// One round is two prompts with two images each, and one update.
inline run::RunConfig groupConfig() {
    run::RunConfig config = smallTraining(run::Advantage::Group, "", 1);
    config.training.groupSize = 2;
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

}  // namespace rlcm::test
