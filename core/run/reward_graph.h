#pragma once
// What memory the gradient of a reward takes, by arithmetic over the sizes of its networks.
#include <cstdint>

#include "core/run/run_config.h"

namespace rlcm::run {

/// Bytes of the backward graph of scoring one picture of so many pixels by all terms that are differentiable, which are alive together; f32, as rewards compute.
/// 0 where no term is, or the reward cannot be read; a network whose config.json cannot be read is not counted (who makes the reward says why). thread: any.
std::int64_t rewardGraphBytes(const RewardConfig& reward, std::int64_t pixels);

}  // namespace rlcm::run
