#pragma once
// Images of a round at its steps, as one call of the network takes them.
#include <cstdint>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/learn/policy_gradient.h"
#include "core/learn/rollout.h"

namespace rlcm::learn {

/// A transition: row of the round and step.
struct Pair {
    std::int64_t row = 0, step = 0;
};

/// Each row at each of the steps, those of a row together.
std::vector<Pair> pairsOf(std::span<const std::int64_t> rows, std::span<const std::int64_t> steps);

/// What the network is asked for pairs; Transitions::next stays undefined.
Transitions startsOf(const RoundParts& parts, const Rollouts& round, std::span<const Pair> pairs);

/// Pairs of steps that have a log-probability, with what was stored of them.
struct PairRows {
    Transitions transitions;
    at::Tensor oldLogProb;  ///< [N]
    at::Tensor oldMean{};   ///< [N,C,h,w]; undefined where none were kept
};
PairRows gather(const RoundParts& parts, const Rollouts& round, std::span<const Pair> pairs);

}  // namespace rlcm::learn
