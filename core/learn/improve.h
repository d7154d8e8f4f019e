#pragma once
// The learning half of a round: policy gradient steps on the adapter.
#include <cstdint>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/learn/rollout.h"
#include "core/nn/lora.h"
#include "core/rl/advantage_rule.h"
#include "core/rl/ema.h"
#include "core/rl/objective.h"
#include "core/rl/optimizer.h"
#include "core/run/measures.h"
#include "core/run/run_config.h"

namespace rlcm::learn {

class RewardAscent;

/// What the updates of a round showed.
struct UpdateStats {
    run::Measures measures;  ///< of the advantage rule and the objective, and grad_norm
    std::int64_t steps = 0;
    double seconds = 0;
};

/// Learner state that updates change.
struct LearnerParts {
    nn::LoraAdapter& lora;
    rl::Adam& optimizer;
    const rl::Objective& objective;
    const run::TrainingConfig& training;
    const RoundPlan& plan;
    double lossScale = 1.0;  ///< power of two that keeps small gradients inside a network's fp16; taken out of the result
    double learningRate = 0;
    rl::Ema* average = nullptr;  ///< nullptr: none is kept
    /// What the divergence of the loss is measured from; empty where the objective does not ask.
    std::span<const nn::MergedProjection> reference = {};
    RewardAscent* rewardAscent = nullptr;  ///< nullptr: the reward's own gradient is not followed
    bool hasMoved = false;                 ///< whether the policy is another than the one that drew the round
};

/// All passes and updates over one round. The first update goes backward through the kept sampling graph where there is one (its ratio is 1 by
/// construction and its gradient is the configured one); the others recompute. The graph is freed on the way.
/// `advantages` in row order; an update in which no row counts is left out, here as in every other process. throws: Cancelled (parameters of finished updates stay changed), Numeric when a gradient is
/// not finite (parameters untouched by that update).
UpdateStats improve(const RoundParts& parts, const LearnerParts& learner, Rollouts& round, const rl::Advantages& advantages);

/// Largest |ratio - 1| when the first rows of an unchanged policy are scored again by the recomputing path: the precision
/// self-check before the first update. throws: Numeric when it is no number. thread: trainer.
double replayDeviation(const RoundParts& parts, const nn::LoraAdapter& lora, const Rollouts& round, const RoundPlan& plan);

}  // namespace rlcm::learn
