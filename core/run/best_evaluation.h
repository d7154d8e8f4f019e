#pragma once
// The best checkpoint of a run by a rule that was declared before it.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/run/choices.h"

namespace rlcm::run {

struct BestEvaluation {
    BestRule rule = BestRule::Last;
    std::int64_t epoch = 0;  ///< finished then
    double value = 0;        ///< of what the rule looks at
    bool operator==(const BestEvaluation&) const = default;
};

/// Share of what the judge model recognised before training from which on an image set counts as recognised.
inline constexpr double kRecognisedShare = 0.8;

/// Whether the evaluation of an epoch is better than `best`, the best one before, which it then becomes; the earlier one of equals stays. Never for the rule
/// last, without the measures that the rule needs, or where they are no numbers. `before`: scalars of the evaluation before training.
bool takeIfBetter(std::optional<BestEvaluation>& best, BestRule rule, std::int64_t epoch, const std::vector<std::pair<std::string, double>>& before,
                  const std::vector<std::pair<std::string, double>>& now);

}  // namespace rlcm::run
