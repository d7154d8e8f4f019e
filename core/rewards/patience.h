#pragma once
// How long a reward waits for a server that fails, and what it tells the run meanwhile.
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

#include "core/rewards/reward.h"

namespace rlcm::rewards {

/// What went wrong with an attempt that may be made again.
struct Failure {
    std::string reason;                ///< for people, "HTTP 503: loading"
    std::optional<double> retryAfter;  ///< seconds that the server asked for
};

/// Shared by all requests to one server. Time counts only while the run goes on. thread: any.
class Patience {
public:
    /// `server` names it in messages; `seconds` is how long one request may keep failing.
    Patience(std::string server, double seconds, NoticeSink notice);

    /// The failures of one request in a row.
    class Trouble {
        friend class Patience;
        int m_attempts = 0;
        double m_begun = 0;  // of the attempt under way
        double m_since = 0;  // of the first failure
        std::chrono::system_clock::time_point m_lastGood;
        bool m_isTold = false;
    };

    /// Waits before the next attempt: ever longer with some randomness, or as the server asked.
    /// throws: Reward when patience has ended or Stop was demanded.
    void waitAfter(const Failure& failure, Trouble& trouble);
    /// The request succeeded: tells the run when the last one in trouble is through.
    void overcome(Trouble& trouble);
    /// The request failed for good; says nothing.
    void abandon(Trouble& trouble);
    /// To be called before every attempt. throws: Reward after Stop; blocks while on hold.
    void pass(Trouble& trouble);
    void demand(Demand demand);

private:
    double secondsCounted() const;
    void tell(const Failure& failure, Trouble& trouble);
    [[noreturn]] void giveUp(const Failure& failure, const Trouble& trouble) const;
    void waitUntil(std::unique_lock<std::mutex>& lock, double until);

    using Clock = std::chrono::steady_clock;
    const std::string m_server;
    const double m_seconds;
    const NoticeSink m_notice;
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    // Guarded by m_mutex:
    Demand m_demand = Demand::Go;
    const Clock::time_point m_start = Clock::now();
    Clock::time_point m_heldSince;
    double m_held = 0;
    int m_inTrouble = 0;     // requests whose trouble was told
    double m_toldSince = 0;  // of the first of them
    std::string m_toldReason;
};

}  // namespace rlcm::rewards
