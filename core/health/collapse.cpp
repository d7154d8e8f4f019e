#include "core/health/collapse.h"

#include <cmath>

namespace rlcm::health {
namespace {

constexpr double kJudgeErrors = 2, kLeastPairwise = 0.75, kLeastSharpness = 0.75, kMostSharpness = 2;

bool isDamaged(const CollapseEvidence& first, const CollapseEvidence& now) {
    const double error = std::hypot(first.judgeError, now.judgeError);
    const bool isUnrecognised = now.judge < first.judge - kJudgeErrors * error;
    const bool isOdd =
        now.pairwise < kLeastPairwise * first.pairwise || now.sharpness < kLeastSharpness * first.sharpness || now.sharpness > kMostSharpness * first.sharpness;
    return isUnrecognised && isOdd;
}

std::optional<double> share(int part, int rest) {
    return part + rest > 0 ? std::optional(static_cast<double>(part) / (part + rest)) : std::nullopt;
}

}  // namespace

std::optional<std::size_t> findCollapse(std::span<const CollapseEvidence> evaluations) {
    for (std::size_t i = 1; i + 1 < evaluations.size(); ++i) {
        if (isDamaged(evaluations[0], evaluations[i]) && isDamaged(evaluations[0], evaluations[i + 1])) {
            return i;
        }
    }
    return std::nullopt;
}

std::optional<double> AlarmScore::precision() const {
    return share(right, wrong);
}

std::optional<double> AlarmScore::recall() const {
    return share(right, missed);
}

AlarmScore scoreAlarms(std::span<const LabelledRun> runs, int lead, int lag) {
    AlarmScore score;
    for (const LabelledRun& run : runs) {
        const int early = run.collapse && run.alarm ? static_cast<int>(*run.collapse) - static_cast<int>(*run.alarm) : 0;
        if (run.collapse && run.alarm && early <= lead && early >= -lag) {
            ++score.right;
            score.leads.push_back(early);
            continue;
        }
        score.missed += run.collapse ? 1 : 0;
        score.wrong += run.alarm ? 1 : 0;
    }
    return score;
}

}  // namespace rlcm::health
