#pragma once
// How the rewards of a round become advantages.
#include <memory>
#include <string>
#include <vector>

#include "core/rl/learner_state.h"
#include "core/run/measures.h"
#include "core/run/run_config.h"

namespace rlcm::rl {

/// Rewards of a round in the order of its samples.
struct RoundRewards {
    std::vector<std::string> prompts;  ///< [N] what statistics know them by
    std::vector<double> rewards;       ///< [N]
    /// [K][N] the terms that make up the rewards, without their weights, in the order of reward.terms; only rules that take them apart look.
    std::vector<std::vector<double>> terms{};
    std::vector<std::vector<double>> returns{};  ///< [N][H] of every step, where steps have rewards of their own
};

/// What the rewards of a round say of its samples, in their order.
struct Advantages {
    std::vector<double> values;                  ///< [N]
    std::vector<bool> counts;                    ///< [N] whether a sample enters the loss and what it is divided by; empty: all do
    std::vector<std::vector<double>> ofSteps{};  ///< [N][H] where steps have their own, of which `values` are the means; empty: all of a sample have its value
};

/// A rule may remember rounds; what it remembers is part of a checkpoint. Not thread safe.
class AdvantageRule {
public:
    virtual ~AdvantageRule() = default;
    /// In the same order. Adds what to watch about the rewards to `measures`: zero_std_ratio, the share of groups of several images whose rewards are
    /// all equal, and group_std_mean, the mean deviation within them, where there is such a group.
    virtual Advantages advantages(const RoundRewards& round, run::Measures& measures) = 0;
    virtual void save(LearnerState&) const {}
    /// throws: Format when the state has no such memory.
    virtual void restore(const LearnerState&) {}
};

/// The rule of a config: running statistics per prompt, the whole round, or groups of consecutive samples; of the rewards, or of each of their terms by itself.
/// `weights` [K] of the terms: needed where they are taken apart.
std::unique_ptr<AdvantageRule> makeAdvantageRule(const run::TrainingConfig& training, std::vector<double> weights = {});

}  // namespace rlcm::rl
