#pragma once
// A rule that is one number with a level.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/health/alarm.h"
#include "core/health/rule.h"
#include "core/run/measures.h"

namespace rlcm::health {

using Maybe = std::optional<double>;

/// What one epoch or evaluation measured.
struct Look {
    std::int64_t epoch = 0, updates = 0;  ///< finished when it was looked
    std::vector<std::pair<std::string, double>> scalars;

    /// Nothing for a measure that is not there or not finite.
    Maybe value(std::string_view name) const;
};

/// The watched number of a look; `base` is the first one. Nothing where it cannot be told. Called once for every look, in order: it may remember.
using Number = std::function<Maybe(const Look& base, const Look& now)>;

struct Level {
    const char* name;          ///< of the rule
    run::MeasuredAt at;        ///< whether epochs or evaluations are looked at
    std::string_view measure;  ///< the one that shows it
    Number number;
    const char* words;   ///< what the number is, for people
    const char* advice;  ///< what to do when it is beyond
    Side side = Side::Above;
    double leaveShare = 1;  ///< of the level of the settings: where the alarm is released
    int patience = 1, release = 1, warmup = 0;
};

/// Extra evaluations that were asked for by hand are not looked at.
class LevelRule : public Rule {
public:
    LevelRule(Level level, const run::AlarmSetting& setting);
    using Rule::feed;
    std::optional<run::AlertRaised> feed(const run::EpochDone& event) override;
    std::optional<run::AlertRaised> feed(const run::EvaluationDone& event) override;

private:
    std::optional<run::AlertRaised> look(const run::RunId& id, const Look& now);
    run::AlertRaised alert(const run::RunId& id, const Look& now, double value) const;

    Level m_level;
    double m_enter;
    Alarm m_alarm;
    std::optional<Look> m_base;
    std::int64_t m_goodEpoch = 0;
};

}  // namespace rlcm::health
