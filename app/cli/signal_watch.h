#pragma once
// Ctrl+C and termination of a training process.
#include <atomic>
#include <functional>
#include <thread>

namespace rlcm::cli {

/// While alive, the first SIGINT or SIGTERM calls `onFirst` on a thread of its own and the second ends the process at once with
/// 128 + its number. Make it before any other thread, so that all of them leave the signals to it.
class SignalWatch {
public:
    explicit SignalWatch(std::function<void()> onFirst);
    ~SignalWatch();
    SignalWatch(const SignalWatch&) = delete;
    SignalWatch& operator=(const SignalWatch&) = delete;

    /// True once a signal has come.
    bool isRaised() const { return m_isRaised.load(); }

private:
    void watch();

    std::function<void()> m_onFirst;
    std::atomic<bool> m_isRaised{false};
    int m_signals = -1;  // readable when a signal is waiting
    int m_quit = -1;     // readable when the watch ends
    std::thread m_thread;
};

}  // namespace rlcm::cli
