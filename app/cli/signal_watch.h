#pragma once
// Ctrl+C, termination and a lost terminal of a training process.
#include <functional>
#include <thread>

namespace rlcm::cli {

/// While alive, SIGINT, SIGTERM and SIGHUP (unless it was ignored, as by nohup) call `onSignal` with the signal and how many have come, on a thread of its
/// own. The one after a stop that was to be at once - a SIGTERM, a SIGHUP or the second of any - ends the process with 128 + its number. Make it before any
/// other thread, so that all of them leave the signals to it.
class SignalWatch {
public:
    explicit SignalWatch(std::function<void(int number, int count)> onSignal);
    ~SignalWatch();
    SignalWatch(const SignalWatch&) = delete;
    SignalWatch& operator=(const SignalWatch&) = delete;

private:
    void watch();

    std::function<void(int, int)> m_onSignal;
    int m_signals = -1;  // readable when a signal is waiting
    int m_quit = -1;     // readable when the watch ends
    std::thread m_thread;
};

}  // namespace rlcm::cli
