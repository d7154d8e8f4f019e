#include "tests/support/recording_observer.h"

namespace rlcm::test {

void RecordingObserver::onEvent(const run::RunEvent& event) noexcept {
    const std::lock_guard lock(m_mutex);
    m_events.push_back(event);
}

std::vector<run::RunEvent> RecordingObserver::events() const {
    const std::lock_guard lock(m_mutex);
    return m_events;
}

}  // namespace rlcm::test
