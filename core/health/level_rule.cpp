#include "core/health/level_rule.h"

#include <cmath>
#include <limits>

#include "core/base/number_text.h"

namespace rlcm::health {

Maybe Look::value(std::string_view name) const {
    const Maybe found = run::scalar(scalars, name);
    return found && std::isfinite(*found) ? found : std::nullopt;
}

LevelRule::LevelRule(Level level, const run::AlarmSetting& setting)
    : Rule(setting.action),
      m_level(std::move(level)),
      m_enter(setting.level),
      m_alarm({.side = m_level.side,
               .enter = m_enter,
               .leave = m_enter * m_level.leaveShare,
               .patience = m_level.patience,
               .release = m_level.release,
               .warmup = m_level.warmup}) {}

std::optional<run::AlertRaised> LevelRule::feed(const run::EpochDone& event) {
    return m_level.at == run::MeasuredAt::Epoch ? look(event.id, {event.counters.epoch, event.counters.optimizerSteps, event.scalars}) : std::nullopt;
}

std::optional<run::AlertRaised> LevelRule::feed(const run::EvaluationDone& event) {
    const bool isWatched = m_level.at == run::MeasuredAt::Evaluation && !event.isExtra;
    return isWatched ? look(event.id, {event.epoch, event.counters.optimizerSteps, event.scalars}) : std::nullopt;
}

std::optional<run::AlertRaised> LevelRule::look(const run::RunId& id, const Look& now) {
    m_base = m_base ? m_base : now;
    const Maybe value = m_level.number(*m_base, now);
    const AlarmChange change = m_alarm.feed(value);
    const bool isBeyond = value && (m_level.side == Side::Above ? *value > m_enter : *value < m_enter);
    if (!isBeyond && !m_alarm.isRaised()) {
        m_goodEpoch = now.epoch;
    }
    return change == AlarmChange::Raised ? std::optional(alert(id, now, *value)) : std::nullopt;
}

run::AlertRaised LevelRule::alert(const run::RunId& id, const Look& now, double value) const {
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    return {.id = id,
            .epoch = now.epoch,
            .rule = m_level.name,
            .measure = std::string(m_level.measure),
            .before = m_base->value(m_level.measure).value_or(kNone),
            .after = now.value(m_level.measure).value_or(kNone),
            .goodEpoch = m_goodEpoch,
            .text = "epoch " + std::to_string(now.epoch) + ": " + m_level.words + " is " + valueText(value) +
                    (m_level.side == Side::Above ? ", more than " : ", less than ") + valueText(m_enter) + ". " + m_level.advice};
}

}  // namespace rlcm::health
