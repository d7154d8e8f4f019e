#include "core/rewards/patience.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <random>

#include "core/base/error.h"

namespace rlcm::rewards {
namespace {

constexpr double kFirstDelay = 0.25;
constexpr double kLongestDelay = 5.0;        // a server that comes back is noticed within this time
constexpr double kLongestRetryAfter = 60.0;  // a server that asks for more is asked earlier
constexpr double kSlowFailure = 2.0;         // one that took this long is told at once
constexpr int kAttemptsBeforeTelling = 2;    // one hiccup is not worth a line

/// Doubles with every attempt; between half and all of it, so that many requests do not come back at once.
double backoff(int attempts) {
    thread_local std::minstd_rand generator{std::random_device{}()};
    const double longest = std::min(kLongestDelay, kFirstDelay * std::ldexp(1.0, std::min(attempts - 1, 10)));
    return std::uniform_real_distribution<double>(0.5, 1.0)(generator) * longest;
}

std::string clockText(std::chrono::system_clock::time_point when) {
    const std::time_t time = std::chrono::system_clock::to_time_t(when);
    std::tm local{};
    ::localtime_r(&time, &local);
    std::array<char, 16> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%H:%M:%S", &local)};
}

std::chrono::milliseconds wholeMs(double seconds) {
    return std::chrono::milliseconds(std::llround(1000 * seconds));
}

std::string secondsText(double seconds) {
    return std::to_string(std::llround(seconds)) + " s";
}

}  // namespace

Patience::Patience(std::string server, double seconds, NoticeSink notice) : m_server(std::move(server)), m_seconds(seconds), m_notice(std::move(notice)) {}

void Patience::waitAfter(const Failure& failure, Trouble& trouble) {
    std::unique_lock lock(m_mutex);
    const double now = secondsCounted();
    if (++trouble.m_attempts == 1) {
        trouble.m_since = now;
        trouble.m_lastGood = std::chrono::system_clock::now() - wholeMs(now - trouble.m_begun);
    }
    const double left = trouble.m_since + m_seconds - now;
    if (m_demand != Demand::Stop && left <= 0) {
        giveUp(failure, trouble);
    }
    if (trouble.m_attempts >= kAttemptsBeforeTelling || now - trouble.m_begun >= kSlowFailure) {
        tell(failure, trouble);
    }
    const double wanted = failure.retryAfter ? std::min(*failure.retryAfter, kLongestRetryAfter) : 0.0;
    waitUntil(lock, now + std::min(std::max(backoff(trouble.m_attempts), wanted), left));
}

void Patience::overcome(Trouble& trouble) {
    const std::lock_guard lock(m_mutex);
    if (trouble.m_isTold && --m_inTrouble == 0) {
        m_notice(log::Level::Info, m_server + " answers again after " + secondsText(secondsCounted() - m_toldSince));
    }
    trouble = {};
}

void Patience::abandon(Trouble& trouble) {
    const std::lock_guard lock(m_mutex);
    m_inTrouble -= trouble.m_isTold ? 1 : 0;
    trouble = {};
}

void Patience::pass(Trouble& trouble) {
    std::unique_lock lock(m_mutex);
    waitUntil(lock, 0);
    trouble.m_begun = secondsCounted();
}

void Patience::demand(Demand demand) {
    const std::lock_guard lock(m_mutex);
    if (m_demand == demand || m_demand == Demand::Stop) {
        return;
    }
    if (demand == Demand::Hold) {
        m_heldSince = Clock::now();
    } else if (m_demand == Demand::Hold) {
        m_held += std::chrono::duration<double>(Clock::now() - m_heldSince).count();
    }
    m_demand = demand;
    m_changed.notify_all();
}

double Patience::secondsCounted() const {
    const Clock::time_point now = m_demand == Demand::Hold ? m_heldSince : Clock::now();
    return std::chrono::duration<double>(now - m_start).count() - m_held;
}

/// A line when a first request is in trouble, and when the reason changes.
void Patience::tell(const Failure& failure, Trouble& trouble) {
    if (!trouble.m_isTold) {
        trouble.m_isTold = true;
        if (++m_inTrouble == 1) {
            m_toldSince = trouble.m_since;
            m_toldReason.clear();
        }
    }
    if (m_toldReason == failure.reason) {
        return;
    }
    m_toldReason = failure.reason;
    const double left = std::max(0.0, trouble.m_since + m_seconds - secondsCounted());
    m_notice(log::Level::Warning, m_server + ": " + failure.reason + ". No scores since " + clockText(trouble.m_lastGood) + "; it is asked again until " +
                                      clockText(std::chrono::system_clock::now() + wholeMs(left)) + ", then the run stops with its last checkpoint kept");
}

void Patience::giveUp(const Failure& failure, const Trouble& trouble) const {
    throw Error(ErrorKind::Reward, m_server + " gave no scores for " + secondsText(secondsCounted() - trouble.m_since) + " (" +
                                       std::to_string(trouble.m_attempts) + " attempts, the last: " + failure.reason +
                                       "). Start it again, then resume the run from its last checkpoint; "
                                       "reward.server_patience sets how long a run waits");
}

/// Until the counted time `until`; on hold longer.
void Patience::waitUntil(std::unique_lock<std::mutex>& lock, double until) {
    while (m_demand != Demand::Stop) {
        const double left = until - secondsCounted();
        if (m_demand == Demand::Hold) {
            m_changed.wait(lock);
        } else if (left > 0) {
            m_changed.wait_for(lock, std::chrono::duration<double>(left));
        } else {
            return;
        }
    }
    throw Error(ErrorKind::Reward, "the run stopped before " + m_server + " gave scores");
}

}  // namespace rlcm::rewards
