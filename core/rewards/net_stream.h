#pragma once
// A TCP connection, plain or TLS, every wait of which ends in time. Private to core/rewards.
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "core/rewards/descriptor.h"
#include "core/rewards/http_protocol.h"
#include "core/rewards/reward.h"

namespace rlcm::rewards {

/// Thrown where an exchange ends without a whole answer.
struct BrokenOff {
    std::string problem;   ///< for people
    bool isFinal = false;  ///< asking again cannot help
};

/// How long an exchange may go on, all of its waits together.
struct TimeLimit {
    std::chrono::steady_clock::time_point deadline;
    std::string tooLate;          ///< the problem when the deadline has passed
    const StopQuery& isStopped;   ///< may be empty
    /// A moment to wait for at most. throws: BrokenOff after the deadline or a stop.
    std::chrono::milliseconds slice() const;
};

/// thread: one at a time. All calls throw BrokenOff.
class NetStream {
public:
    /// Looks the name up, connects (a few seconds at most for each of its addresses) and, for https, checks the certificate
    /// against the system's list.
    NetStream(const ServerAddress& address, const TimeLimit& limit);
    ~NetStream();
    void write(std::string_view bytes, const TimeLimit& limit);
    /// At least one byte; 0 at the end.
    std::size_t read(char* into, std::size_t size, const TimeLimit& limit);
    /// False when the other side has closed it or speaks without being asked.
    bool isQuiet() const;

private:
    struct Tls;
    void startTls(const std::string& host, const TimeLimit& limit);
    bool wait(short events, const TimeLimit& limit) const;
    template <typename Action>
    std::size_t transfer(const Action& action, short events, const char* problem, const TimeLimit& limit);

    Descriptor m_socket;
    std::unique_ptr<Tls> m_tls;  // none for http
};

}  // namespace rlcm::rewards
