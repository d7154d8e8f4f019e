#pragma once
// One connection to an HTTP server: a request at a time, whole answers, limits on time and size.
#include <atomic>
#include <memory>
#include <string>

#include "core/rewards/http_protocol.h"

namespace rlcm::rewards {

/// What came back, or why nothing did.
struct HttpReply {
    int status = 0;  ///< 0: no whole answer
    std::string body;
    std::string contentType, retryAfter, location;
    bool isLengthKnown = false;  ///< false: an answer that was cut off looks whole
    std::string problem;         ///< status 0: why, for people
    bool isFinal = false;        ///< status 0: asking again cannot help
};

/// thread: exchange() one at a time; stop() from any.
class HttpConnection {
public:
    /// Nothing is connected yet. `token` (may be empty) is sent as a bearer token; `timeout` in seconds, for
    /// a whole request.
    HttpConnection(const ServerAddress& address, const std::string& token, double timeout);
    ~HttpConnection();
    HttpReply get(const std::string& path);
    HttpReply post(const std::string& path, const HttpBody& body);
    /// Breaks off a request under way, which then has status 0 as every later one. A request that is only
    /// just connecting cannot be broken off yet: call again while this returns true.
    bool stop();

private:
    struct Impl;
    HttpReply exchange(const char* method, const std::string& path, const HttpBody* body);

    std::unique_ptr<Impl> m_impl;
    double m_timeout;
    std::string m_prefix;
    std::atomic<bool> m_isBusy{false}, m_isStopped{false};
};

}  // namespace rlcm::rewards
