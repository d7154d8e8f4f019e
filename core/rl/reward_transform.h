#pragma once
// Rewards of a round as they are learned from, where that is not the reward itself: for questions of robustness. Tested against golden/rules (transforms).
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/base/random.h"
#include "core/run/run_config.h"

namespace rlcm::rl {

/// Which images are scored: what the noise of a transform depends on.
struct TransformKey {
    RandomStreams streams;
    std::uint64_t epoch = 0;
    std::span<const std::uint64_t> samples;  ///< [N] numbers of the images in their epoch
};

/// [N] what is learned from instead of `rewards` [N]. Pure; thread: any.
/// win_rate: share of the others beaten, ties by half. threshold: 1 for r >= threshold, else 0. top_share: 1 for the floor(share N) best, at least one, the
/// earlier first where rewards are equal. every_nth: r in epochs 0, n, 2n .., else 0. quantised: the nearest of `levels` from low to high, half-way up. noisy: r +
/// noise n, n standard normal. drifting: r - drift epoch. switching: r for `epochs` epochs, -r for as many, and so on. delayed: r, in another epoch.
std::vector<double> transformed(const run::TransformConfig& transform, std::span<const double> rewards, const TransformKey& key);
/// The epoch whose images are learned from in `epoch`: itself; with delayed rewards an earlier one; nothing when no reward arrives.
std::optional<std::uint64_t> rewardedEpoch(const run::TransformConfig& transform, std::uint64_t epoch);

}  // namespace rlcm::rl
