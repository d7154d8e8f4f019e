#pragma once
// From the name of a term to the reward. Private to core/rewards.
#include <memory>
#include <string>

#include "core/rewards/reward.h"
#include "core/run/reward_catalogue.h"

namespace rlcm::rewards {

/// The reward of one term of config.terms, with the settings of its own. throws: Config for a kind without a maker; otherwise what loading it throws, the
/// message beginning with the setting that names the model or file.
std::unique_ptr<Reward> makeReward(const run::RewardTerm& term, const run::RewardConfig& config, const NoticeSink& notice, const Place& place,
                                   const StopQuery& isStopped);

}  // namespace rlcm::rewards
