#pragma once
// Sizes that follow from a config, computed in one place, and the forecast shown before a run starts.
#include <cstdint>
#include <string>
#include <vector>

#include "core/run/memory_estimate.h"
#include "core/run/needs.h"
#include "core/run/run_config.h"

namespace rlcm::run {

/// Numbers that follow from a valid config.
struct Derived {
    std::int64_t imagesPerUpdate = 0;
    std::int64_t imagesPerEpoch = 0;
    std::int64_t updatesPerEpoch = 0;
    std::int64_t trainedSteps = 0;  ///< transitions of a trajectory that enter the loss of a round
    std::int64_t evaluationImages = 0;
    std::int64_t evaluations = 0;             ///< in the whole run, the one before training included
    std::int64_t imagesTotal = 0;             ///< training images of the run
    std::int64_t rewardQueriesTotal = 0;      ///< of training, as Counters counts them: one an image, or one for each of its predictions that is scored
    std::int64_t evaluationQueriesTotal = 0;  ///< reward queries of all evaluations
    std::int64_t nominalDenoiserEvaluationsTotal = 0;  ///< sampled and trained rows, guidance by doubling counted twice; a kept graph takes fewer
    std::int64_t optimizerStepsTotal = 0;
};
/// Rows of the denoiser for one step of one image: guidance by doubling takes two.
std::int64_t rowsPerStep(const RunConfig& config);
/// Transitions of a trajectory that are random, so have a log-probability. RLCM with a deterministic last step has one
/// fewer than steps.
std::int64_t stochasticSteps(const RunConfig& config);
/// Of those the ones that may enter the loss, 0 .. n-1: not the final ones that are left out.
std::int64_t trainableSteps(const RunConfig& config);
/// How many of those a round trains.
std::int64_t trainedSteps(const RunConfig& config);
/// Rows of the denoiser for one training image, sampled and trained on, with an update rule that needs so much.
std::int64_t nominalRowsPerImage(const RunConfig& config, const Needs& needs);
/// The same of a round: its images, and what an update rule asks once for all of an update.
std::int64_t nominalRowsPerRound(const RunConfig& config, const Needs& needs);
/// Whether an evaluation follows after `epochsFinished` epochs: before training, every evaluation.every and at the end.
bool isEvaluationDue(const RunConfig& config, std::int64_t epochsFinished);

/// The step counts of evaluation.steps, in their order. throws: Config for what is no list of different whole numbers.
std::vector<std::int64_t> evaluationSteps(const RunConfig& config);
/// Denoiser steps of one image in an evaluation: the horizon, again with averaged weights, and the other step counts together.
std::int64_t stepsOfEvaluation(const RunConfig& config);

/// throws: Config when the config is not valid.
Derived derive(const RunConfig& config);

struct Estimate {
    Derived derived;
    double seconds = 0;
    std::int64_t diskBytes = 0;
    MemoryEstimate memory;
};
/// Time as a typical machine of the kind takes: two cores of a 2024 server, or the GPU of the RLCM authors' runs.
Estimate estimate(const RunConfig& config);

/// "rlcm H4 compressibility s0": the name of a run whose config has none.
std::string defaultName(const RunConfig& config);

}  // namespace rlcm::run
