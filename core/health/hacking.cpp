#include <cmath>
#include <string>

#include "core/base/number_text.h"
#include "core/health/alarm.h"
#include "core/health/rule.h"
#include "core/run/measures.h"

namespace rlcm::health {
namespace {

constexpr AlarmRule kGap{.side = Side::Above, .enter = 1.0, .leave = 0.7, .patience = 2, .release = 2, .warmup = 1};
constexpr double kStandardErrors = 2;

/// What one evaluation says.
struct Seen {
    std::int64_t epoch = 0;
    double reward = 0, rewardStd = 0, accuracy = 0, images = 0;

    /// Of one image, with a success and a failure more than were seen, so that 16 of 16 have a spread too (Agresti and Coull).
    double accuracyVariance() const {
        const double p = (accuracy * images + 1) / (images + 2);
        return p * (1 - p);
    }
};

std::optional<Seen> readSeen(const run::EvaluationDone& event) {
    const auto value = [&](std::string_view name) { return run::scalar(event.scalars, name).value_or(std::nan("")); };
    const Seen seen{event.epoch, value(run::measure::kEvalRewardMean), value(run::measure::kEvalRewardStd), value(run::measure::kEvalJudgeAccuracy),
                    value(run::measure::kEvalImages)};
    const bool isWhole = std::isfinite(seen.reward) && std::isfinite(seen.rewardStd) && std::isfinite(seen.accuracy) && seen.images > 0;
    return isWhole ? std::optional(seen) : std::nullopt;
}

/// Gain of the reward minus gain of the judge, both in deviations between images before training; nothing while the judge is within its noise.
double gapOf(const Seen& base, const Seen& now) {
    const double fall = base.accuracy - now.accuracy;
    const double standardError = std::sqrt(base.accuracyVariance() / base.images + now.accuracyVariance() / now.images);
    if (fall <= kStandardErrors * standardError || base.rewardStd <= 0) {
        return 0;
    }
    return (now.reward - base.reward) / base.rewardStd + fall / std::sqrt(base.accuracyVariance());
}

class Hacking : public Rule {
public:
    using Rule::feed;
    std::optional<run::AlertRaised> feed(const run::EvaluationDone& event) override {
        const std::optional<Seen> now = event.isExtra ? std::nullopt : readSeen(event);
        if (!now) {
            return std::nullopt;
        }
        m_base = m_base ? m_base : now;
        const double gap = gapOf(*m_base, *now);
        const AlarmChange change = m_alarm.feed(gap);
        if (gap <= kGap.enter && !m_alarm.isRaised()) {
            m_good = now;
        }
        if (change != AlarmChange::Raised) {
            return std::nullopt;
        }
        return run::AlertRaised{.id = event.id,
                                .epoch = now->epoch,
                                .rule = "hacking",
                                .measure = std::string(run::measure::kEvalJudgeAccuracy),
                                .before = m_base->accuracy,
                                .after = now->accuracy,
                                .goodEpoch = m_good->epoch,
                                .text = "reward hacking suspected at epoch " + std::to_string(now->epoch) +
                                        ": since the start the evaluation reward went from " + valueText(m_base->reward) + " to " + valueText(now->reward) +
                                        " while the judge's accuracy went from " + valueText(m_base->accuracy) + " to " + valueText(now->accuracy) +
                                        "; the last evaluation that looks honest is that of epoch " + std::to_string(m_good->epoch)};
    }

private:
    Alarm m_alarm{kGap};
    std::optional<Seen> m_base, m_good;
};

}  // namespace

std::unique_ptr<Rule> makeHacking() {
    return std::make_unique<Hacking>();
}

}  // namespace rlcm::health
