#pragma once
// Which images a reward likes more than those who judge without being trained on. source: GARDO (arXiv 2512.24138) eq. 7; tested against golden/rules.
#include <span>
#include <vector>

namespace rlcm::rl {

/// For each value the share of the others that it beats, ties by half, in [0, 1]. One value alone: 0.5.
std::vector<double> winRates(std::span<const double> values);
/// Win rate by the trained reward minus the mean win rate by the judges, in [-1, 1]: above 0, the reward ranks the image higher than they do. `judges`: one list
/// each, as long as `trained`; throws std::logic_error when there is none or a length differs.
std::vector<double> suspicions(std::span<const double> trained, std::span<const std::vector<double>> judges);

}  // namespace rlcm::rl
