#include "core/train/gate.h"

namespace rlcm::train {

double Gate::pass() const {
    if (isStopping()) {
        throw Cancelled{};
    }
    if (!m_commands.isPaused()) {
        return 0.0;
    }
    const Stopwatch watch;
    m_commands.waitWhilePaused(m_stop);
    if (isStopping()) {
        throw Cancelled{};
    }
    return watch.seconds();
}

void Gate::noteCall(double seconds) {
    double before = m_slowest.load();
    while (seconds > before && !m_slowest.compare_exchange_weak(before, seconds)) {
    }
}

}  // namespace rlcm::train
