#pragma once
// One connection to an HTTP server: a request at a time, whole answers, limits on time and size.
#include <memory>
#include <string>

#include "core/rewards/http_protocol.h"
#include "core/rewards/reward.h"

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

/// libcurl, told to trust, follow and keep no more than a reward server needs: no redirects, proxies or cookies, certificates of
/// the system only (or of SSL_CERT_FILE and SSL_CERT_DIR), kMaxHeaderBytes of headers and kMaxReplyBytes of body. thread: one at a time.
class HttpConnection {
public:
    /// Nothing is connected yet. `token` (may be empty) is sent as a bearer token; `timeout` in seconds, for a whole request from
    /// the look-up of the server's name to the last byte of the answer. Once `isStopped` says so, a request under way is broken
    /// off and no other is begun: they have status 0. throws: Reward when libcurl cannot be set up.
    HttpConnection(const ServerAddress& address, const std::string& token, double timeout, StopQuery isStopped);
    ~HttpConnection();
    HttpReply get(const std::string& path);
    HttpReply post(const std::string& path, const HttpBody& body);

private:
    struct Session;
    HttpReply exchange(const std::string& path, const std::string& contentType);

    const std::string m_url;  // before the path of a request
    const std::string m_token;
    const double m_timeout;
    const StopQuery m_isStopped;
    std::unique_ptr<Session> m_session;  // keeps the connection between requests
};

}  // namespace rlcm::rewards
