#pragma once
// Which images a reward likes more than those who judge without being trained on. source: GARDO (arXiv 2512.24138) eq. 7; tested against golden/rules.
#include <cstddef>
#include <deque>
#include <span>
#include <vector>

#include "core/rl/learner_state.h"

namespace rlcm::rl {

/// For each value the share of the others that it beats, ties by half, in [0, 1]. One value alone: 0.5.
std::vector<double> winRates(std::span<const double> values);
/// Win rate by the trained reward minus the mean win rate by the judges, in [-1, 1]: above 0, the reward ranks the image higher than they do. `judges`: one list
/// each, as long as `trained`; throws std::logic_error when there is none or a length differs.
std::vector<double> suspicions(std::span<const double> trained, std::span<const std::vector<double>> judges);
/// Places of the floor(share n) largest values, at least one, the earlier first where values are equal.
std::vector<std::size_t> largestShare(std::span<const double> values, double share);
/// Which of n images are the most suspicious share, by suspicions [n]: of its largest those above 0.
std::vector<bool> mostSuspicious(std::span<const double> suspicions, double share);
/// Mean of those above 0; 0 for none.
double meanSuspicion(std::span<const double> suspicions);

/// The share that is held near the reference where it follows the suspicion: 1.1 times what it was after a round whose mean suspicion is above every one of the 20
/// before, 0.9 times below every one, between 0.02 and 0.2. source: GARDO; tested against golden/rules. Not thread safe.
class AdaptiveShare {
public:
    explicit AdaptiveShare(double start) : m_share(start) {}
    /// The share of a round with this mean suspicion.
    double update(double suspicion);
    void save(LearnerState& state) const;
    /// throws: Format when the state has no such memory.
    void restore(const LearnerState& state);

private:
    double m_share;
    std::deque<double> m_seen;
};

}  // namespace rlcm::rl
