#pragma once
// Trying a reward on a few images before a run is started with it.
#include <string>
#include <vector>

#include "core/image/rgb8_image.h"
#include "core/rewards/reward.h"
#include "core/run/reward_trial.h"

namespace rlcm::rewards {

/// Loads the rewards of a config, scores the images as one batch and lets go of everything again. Only the reward part of a
/// run's settings counts. Blocks; thread: any. An empty `device` means "auto", `threads` 0 all cores.
/// throws: Config for settings that a run would refuse, Io, Format, Device, Reward.
run::RewardTrial tryReward(const run::RewardConfig& config, const std::vector<image::Rgb8Image>& images, const std::vector<std::string>& prompts,
                           const std::string& device = {}, int threads = 0);

}  // namespace rlcm::rewards
