#pragma once
// Rounds whose rewards have not arrived.
#include <cstddef>
#include <deque>
#include <optional>

#include "core/learn/rollout.h"
#include "core/rl/learner_state.h"

namespace rlcm::learn {

/// Not thread safe.
class WaitingRounds {
public:
    /// Takes a round that holds no graph: that of the sampling network would be of a policy that is gone.
    void add(Rollouts round);
    /// The round of this key, if it waits; it does no longer.
    std::optional<Rollouts> take(RoundKey key);
    /// Everything that is needed to train on them later, in entries that begin with "waiting".
    void save(rl::LearnerState& state) const;
    /// In place of those that wait; their prompts are of a list of so many. throws: Format when the state lacks something, Config when the list has become shorter.
    void restore(const rl::LearnerState& state, std::size_t prompts, at::Device device);

private:
    std::deque<Rollouts> m_rounds;  // the oldest first
};

}  // namespace rlcm::learn
