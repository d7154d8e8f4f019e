#include "core/run/best_evaluation.h"

#include <cmath>

#include "core/run/measures.h"
#include "core/run/run_event.h"

namespace rlcm::run {
namespace {

using Scalars = const std::vector<std::pair<std::string, double>>&;

std::optional<double> valueOf(BestRule rule, Scalars before, Scalars now) {
    switch (rule) {
        case BestRule::Last:
            return std::nullopt;
        case BestRule::Judge:
            return scalar(now, measure::kEvalJudgeCosine);
        case BestRule::Reward:
            return scalar(now, measure::kEvalRewardMean);
        case BestRule::JudgedReward: {
            const std::optional<double> was = scalar(before, measure::kEvalJudgeAccuracy), is = scalar(now, measure::kEvalJudgeAccuracy);
            return was && is && *is >= kRecognisedShare * *was ? scalar(now, measure::kEvalRewardMean) : std::nullopt;
        }
    }
    return std::nullopt;
}

}  // namespace

bool takeIfBetter(std::optional<BestEvaluation>& best, BestRule rule, std::int64_t epoch, Scalars before, Scalars now) {
    const std::optional<double> value = valueOf(rule, before, now);
    if (!value || !std::isfinite(*value) || (best && best->rule == rule && *value <= best->value)) {
        return false;
    }
    best = {.rule = rule, .epoch = epoch, .value = *value};
    return true;
}

}  // namespace rlcm::run
