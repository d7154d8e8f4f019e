#pragma once
// An observer that keeps everything it hears.
#include <mutex>
#include <vector>

#include "core/run/run.h"

namespace rlcm::test {

/// thread: any.
class RecordingObserver : public run::RunObserver {
public:
    void onEvent(const run::RunEvent& event) noexcept override;
    std::vector<run::RunEvent> events() const;
    /// All events of one kind, in order.
    template <typename Event>
    std::vector<Event> all() const {
        std::vector<Event> found;
        for (const run::RunEvent& event : events()) {
            if (const auto* match = std::get_if<Event>(&event)) {
                found.push_back(*match);
            }
        }
        return found;
    }

private:
    mutable std::mutex m_mutex;
    std::vector<run::RunEvent> m_events;  // guarded by m_mutex
};

}  // namespace rlcm::test
