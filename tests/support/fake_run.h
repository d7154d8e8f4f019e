#pragma once
// A run without networks: the events, curves and images of a training run within milliseconds.
#include <chrono>
#include <memory>
#include <string>

#include "core/run/run.h"

namespace rlcm::test {

/// How a fake run behaves.
struct FakeScript {
    std::chrono::milliseconds epochTime{0};  ///< spent waiting in each epoch; commands act within 5 ms
    std::int64_t failAtEpoch = -1;           ///< fails with this many epochs finished
    bool hasNanLoss = false;                 ///< "loss" is NaN in every odd epoch
    int imageSize = 16;                      ///< pixels
};

/// Emits what a real run emits, in its order: RunStarted, states, progress, epochs, evaluations when due,
/// checkpoints (real folders), RunFinished. The reward rises along a curve that depends only on the config
/// and the epoch.
std::unique_ptr<run::Run> makeFakeRun(const run::RunRequest& request, run::RunObserver& observer, const FakeScript& script = {});
/// The same as a factory for code that starts runs.
run::RunFactory fakeRunFactory(const FakeScript& script = {});

/// The reward that a fake run reports after `epochs` epochs.
double fakeReward(const run::RunConfig& config, std::int64_t epochs);

}  // namespace rlcm::test
