#pragma once
#include <csignal>
#include <ctime>

namespace rlcm::rewards {

/// Keeps SIGPIPE from this thread while alive: who is written to may go away. Private to core/rewards.
class NoPipeSignal {
public:
    NoPipeSignal() {
        sigemptyset(&m_pipe);
        sigaddset(&m_pipe, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &m_pipe, &m_before);
    }
    ~NoPipeSignal() {
        if (sigismember(&m_before, SIGPIPE) == 0) {
            const timespec none{};
            while (sigtimedwait(&m_pipe, nullptr, &none) >= 0) {
            }
        }
        pthread_sigmask(SIG_SETMASK, &m_before, nullptr);
    }
    NoPipeSignal(const NoPipeSignal&) = delete;
    NoPipeSignal& operator=(const NoPipeSignal&) = delete;

private:
    sigset_t m_pipe{}, m_before{};
};

}  // namespace rlcm::rewards
