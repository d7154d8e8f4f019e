#include "core/sampling/gate.h"

namespace rlcm::sampling {

double Gate::pass(const std::function<void()>& tick) const {
    const Stopwatch watch;
    bool hasWaited = false;
    while (!isStopping() && m_commands.isPaused()) {
        hasWaited = true;
        if (tick) {
            tick();
            m_commands.waitWhilePaused(m_stop, kTickInterval);
        } else {
            ++m_waiting;
            m_commands.waitWhilePaused(m_stop, kTickInterval);
            --m_waiting;
        }
    }
    if (isStopping()) {
        throw Cancelled{};
    }
    return hasWaited ? watch.seconds() : 0.0;
}

void Gate::noteCall(double seconds) {
    double before = m_slowest.load();
    while (seconds > before && !m_slowest.compare_exchange_weak(before, seconds)) {
    }
}

}  // namespace rlcm::sampling
