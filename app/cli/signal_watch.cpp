#include "app/cli/signal_watch.h"

#include <cerrno>
#include <csignal>
#include <cstdint>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/base/error.h"

namespace rlcm::cli {
namespace {

sigset_t stopSignals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    struct sigaction hangUp{};
    if (::sigaction(SIGHUP, nullptr, &hangUp) == 0 && hangUp.sa_handler != SIG_IGN) {
        sigaddset(&set, SIGHUP);
    }
    return set;
}

}  // namespace

SignalWatch::SignalWatch(std::function<void(int, int)> onSignal) : m_onSignal(std::move(onSignal)) {
    const sigset_t set = stopSignals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    m_signals = ::signalfd(-1, &set, SFD_CLOEXEC);
    m_quit = ::eventfd(0, EFD_CLOEXEC);
    ensure(m_signals >= 0 && m_quit >= 0, "signals can be watched");
    m_thread = std::thread([this] { watch(); });
}

SignalWatch::~SignalWatch() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(m_quit, &one, sizeof(one));
    m_thread.join();
    ::close(m_signals);
    ::close(m_quit);
    const sigset_t set = stopSignals();
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void SignalWatch::watch() {
    pollfd waiting[2] = {{m_signals, POLLIN, 0}, {m_quit, POLLIN, 0}};
    int count = 0;
    bool isEnding = false;
    while (::poll(waiting, 2, -1) >= 0 || errno == EINTR) {
        if ((waiting[1].revents & POLLIN) != 0) {
            return;
        }
        signalfd_siginfo info{};
        if ((waiting[0].revents & POLLIN) == 0 || ::read(m_signals, &info, sizeof(info)) != sizeof(info)) {
            continue;
        }
        const int number = static_cast<int>(info.ssi_signo);
        if (isEnding) {
            ::_exit(128 + number);
        }
        ++count;
        isEnding = number != SIGINT || count > 1;
        m_onSignal(number, count);
    }
}

}  // namespace rlcm::cli
