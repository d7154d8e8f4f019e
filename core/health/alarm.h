#pragma once
// The one state machine of all alarms: a value beyond `enter` for some time raises, one inside `leave` for some time releases.
#include <optional>

namespace rlcm::health {

enum class Side { Above, Below };

struct AlarmRule {
    Side side = Side::Above;
    double enter = 0;  ///< beyond it counts towards raising
    double leave = 0;  ///< at it or on its other side counts towards releasing
    int patience = 1;  ///< so many in a row raise
    int release = 1;   ///< so many in a row release; 0: never
    int warmup = 0;    ///< so many values are looked at without a consequence
};

enum class AlarmChange { None, Raised, Released };

/// Feed it in order. A missing value (nothing or NaN) neither continues nor breaks a row. Not thread safe.
class Alarm {
public:
    explicit Alarm(const AlarmRule& rule) : m_rule(rule) {}
    AlarmChange feed(std::optional<double> value);
    bool isRaised() const { return m_isRaised; }

private:
    bool isBeyond(double value, double limit) const { return m_rule.side == Side::Above ? value > limit : value < limit; }

    AlarmRule m_rule;
    int m_seen = 0, m_row = 0;
    bool m_isRaised = false;
};

}  // namespace rlcm::health
