#include "core/health/alarm.h"

#include <cmath>

namespace rlcm::health {

AlarmChange Alarm::feed(std::optional<double> value) {
    if (m_seen++ < m_rule.warmup || !value || std::isnan(*value)) {
        return AlarmChange::None;
    }
    const bool counts = m_isRaised ? m_rule.release > 0 && !isBeyond(*value, m_rule.leave) : isBeyond(*value, m_rule.enter);
    m_row = counts ? m_row + 1 : 0;
    if (m_row < (m_isRaised ? m_rule.release : m_rule.patience) || m_row == 0) {
        return AlarmChange::None;
    }
    m_row = 0;
    m_isRaised = !m_isRaised;
    return m_isRaised ? AlarmChange::Raised : AlarmChange::Released;
}

}  // namespace rlcm::health
