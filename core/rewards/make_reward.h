#pragma once
// From the name of a term to the reward. Private to core/rewards.
#include <memory>
#include <string>

#include "core/rewards/reward.h"

namespace rlcm::rewards {

/// The reward of one term of config.terms. throws: Config for an unknown term; otherwise what loading it throws, the
/// message beginning with the setting that names the model or file.
std::unique_ptr<Reward> makeReward(const std::string& term, const run::RewardConfig& config, const NoticeSink& notice, const Place& place,
                                   const StopQuery& isStopped);

}  // namespace rlcm::rewards
