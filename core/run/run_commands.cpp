#include "core/run/run.h"

#include <utility>

namespace rlcm::run {

void ObserverFanout::onEvent(const RunEvent& event) noexcept {
    for (RunObserver* observer : m_observers) {
        observer->onEvent(event);
    }
}

void RunCommands::pause() {
    const std::lock_guard lock(m_mutex);
    m_paused = !m_stopNow && !m_stopAfterEpoch;
}

void RunCommands::resume() {
    const std::lock_guard lock(m_mutex);
    m_paused = false;
    m_changed.notify_all();
}

// A stop ends a pause. The flags change under the mutex, so that a trainer about to wait cannot miss the
// wake-up.
void RunCommands::stopAfterEpoch() {
    const std::lock_guard lock(m_mutex);
    m_stopAfterEpoch = true;
    m_paused = false;
    m_changed.notify_all();
}

void RunCommands::goOnAfterEpoch() {
    m_stopAfterEpoch = false;
}

void RunCommands::stopNow() {
    const std::lock_guard lock(m_mutex);
    m_stopNow = true;
    m_paused = false;
    m_changed.notify_all();
}

void RunCommands::failNow(const std::string& why) {
    {
        const std::lock_guard lock(m_mutex);
        if (!m_failure) {
            m_failure = why;
        }
    }
    stopNow();
}

std::optional<std::string> RunCommands::failure() const {
    const std::lock_guard lock(m_mutex);
    return m_failure;
}

void RunCommands::sampleNow() {
    m_sampleNow = true;
}

void RunCommands::checkpointNow() {
    m_checkpointNow = true;
}

void RunCommands::edit(const LiveEdit& edit) {
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_edits, [&edit](const LiveEdit& one) { return one.path == edit.path; });
    m_edits.push_back(edit);
}

std::vector<LiveEdit> RunCommands::takeEdits() {
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_edits, {});
}

bool RunCommands::isPaused() const {
    const std::lock_guard lock(m_mutex);
    return m_paused;
}

void RunCommands::waitWhilePaused(std::stop_token token, std::chrono::milliseconds longest) {
    std::unique_lock lock(m_mutex);
    m_changed.wait_for(lock, token, longest, [this] { return !m_paused; });
}

}  // namespace rlcm::run
