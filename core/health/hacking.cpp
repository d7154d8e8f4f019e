#include <cmath>
#include <map>
#include <string>
#include <string_view>

#include "core/base/number_text.h"
#include "core/health/alarm.h"
#include "core/health/rule.h"
#include "core/run/measures.h"

namespace rlcm::health {
namespace {

constexpr double kLeaveShare = 0.7;

AlarmRule gapRule(double level) {
    return {.side = Side::Above, .enter = level, .leave = kLeaveShare * level, .patience = 2, .release = 2, .warmup = 1};
}

constexpr double kStandardErrors = 2;

/// What one judge says of one evaluation, beside the reward. Higher values are better.
struct Seen {
    std::int64_t epoch = 0;
    double reward = 0, rewardStd = 0, images = 0, judge = 0, judgeVariance = 0;

    bool isWhole() const { return std::isfinite(reward) && std::isfinite(rewardStd) && std::isfinite(judge) && std::isfinite(judgeVariance) && images > 0; }
};

double valueOf(const run::EvaluationDone& event, std::string_view name) {
    return run::scalar(event.scalars, name).value_or(std::nan(""));
}

/// Variance of one image's being recognised, with a success and a failure more than were seen, so that 16 of 16 have a spread too (Agresti and Coull).
double recognisedVariance(double accuracy, double images) {
    const double p = (accuracy * images + 1) / (images + 2);
    return p * (1 - p);
}

/// `measure`: the accuracy of the judge model, or the mean of a judge of evaluation.judges.
Seen readSeen(const run::EvaluationDone& event, const std::string& measure) {
    Seen seen{event.epoch,
              valueOf(event, run::measure::kEvalRewardMean),
              valueOf(event, run::measure::kEvalRewardStd),
              valueOf(event, run::measure::kEvalImages),
              valueOf(event, measure),
              0};
    if (measure == run::measure::kEvalJudgeAccuracy) {
        seen.judgeVariance = recognisedVariance(seen.judge, seen.images);
    } else {
        const double spread = valueOf(event, std::string(run::measure::kEvalJudgeStdPrefix) + measure.substr(run::measure::kEvalJudgePrefix.size()));
        seen.judgeVariance = spread * spread;
    }
    return seen;
}

/// Gain of the reward minus gain of the judge, both in deviations between images before training; nothing while the judge is within its noise.
double gapOf(const Seen& base, const Seen& now) {
    const double fall = base.judge - now.judge;
    const double standardError = std::sqrt(base.judgeVariance / base.images + now.judgeVariance / now.images);
    if (fall <= kStandardErrors * standardError || base.rewardStd <= 0 || base.judgeVariance <= 0) {
        return 0;
    }
    return (now.reward - base.reward) / base.rewardStd + fall / std::sqrt(base.judgeVariance);
}

/// The alarm of one judge.
class Watched {
public:
    explicit Watched(double level) : m_level(level), m_alarm(gapRule(level)) {}
    /// True when it raises. An evaluation without the judge says nothing.
    bool feed(const Seen& now) {
        if (!now.isWhole()) {
            return false;
        }
        m_base = m_base ? m_base : now;
        m_now = now;
        const double gap = gapOf(*m_base, now);
        const AlarmChange change = m_alarm.feed(gap);
        if (gap <= m_level && !m_alarm.isRaised()) {
            m_good = now;
        }
        return change == AlarmChange::Raised;
    }
    run::AlertRaised alert(const run::RunId& id, const std::string& measure) const {
        const std::string who = measure == run::measure::kEvalJudgeAccuracy ? "the judge's accuracy" : run::measureTitle(measure);
        return {.id = id,
                .epoch = m_now.epoch,
                .rule = "hacking",
                .measure = measure,
                .before = m_base->judge,
                .after = m_now.judge,
                .goodEpoch = m_good->epoch,
                .text = "reward hacking suspected at epoch " + std::to_string(m_now.epoch) + ": since " +
                        (m_base->epoch == 0 ? "the start" : "epoch " + std::to_string(m_base->epoch)) + " the evaluation reward went from " +
                        valueText(m_base->reward) + " to " + valueText(m_now.reward) + " while " + who + " went from " + valueText(m_base->judge) + " to " +
                        valueText(m_now.judge) + "; the last evaluation that looks honest is that of epoch " + std::to_string(m_good->epoch)};
    }

private:
    double m_level;
    Alarm m_alarm;
    std::optional<Seen> m_base, m_good;
    Seen m_now;
};

class Hacking : public Rule {
public:
    explicit Hacking(const run::AlarmSetting& setting) : Rule(setting.action), m_level(setting.level) {}
    using Rule::feed;
    /// When several judges raise at once, the first one speaks.
    std::optional<run::AlertRaised> feed(const run::EvaluationDone& event) override {
        std::optional<run::AlertRaised> alert;
        for (const auto& [name, value] : event.scalars) {
            if (event.isExtra || (name != run::measure::kEvalJudgeAccuracy && !name.starts_with(run::measure::kEvalJudgePrefix))) {
                continue;
            }
            Watched& judge = m_judges.try_emplace(name, m_level).first->second;
            if (judge.feed(readSeen(event, name)) && !alert) {
                alert = judge.alert(event.id, name);
            }
        }
        return alert;
    }

private:
    double m_level;
    std::map<std::string, Watched> m_judges;  // by measure
};

}  // namespace

std::unique_ptr<Rule> makeHacking(const run::AlarmSetting& setting) {
    return std::make_unique<Hacking>(setting);
}

}  // namespace rlcm::health
