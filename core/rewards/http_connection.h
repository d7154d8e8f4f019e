#pragma once
// One connection to an HTTP server: a request at a time, whole answers, limits on time and size.
#include <memory>
#include <string>

#include "core/rewards/http_answer.h"
#include "core/rewards/http_protocol.h"
#include "core/rewards/reward.h"

namespace rlcm::rewards {

class NetStream;
struct TimeLimit;

/// thread: one at a time.
class HttpConnection {
public:
    /// Nothing is connected yet. `token` (may be empty) is sent as a bearer token; `timeout` in seconds, for a whole request from
    /// the look-up of the server's name to the last byte of the answer. Once `isStopped` says so, a request under way is broken
    /// off and no other is begun: they have status 0.
    HttpConnection(const ServerAddress& address, const std::string& token, double timeout, StopQuery isStopped);
    ~HttpConnection();
    HttpReply get(const std::string& path);
    HttpReply post(const std::string& path, const HttpBody& body);

private:
    std::string head(const char* method, const std::string& path) const;
    HttpReply exchange(const std::string& head, const std::string& body);
    HttpReply ask(const std::string& head, const std::string& body, const TimeLimit& limit);

    const ServerAddress m_address;
    const std::string m_token;
    const double m_timeout;
    const StopQuery m_isStopped;
    std::unique_ptr<NetStream> m_stream;  // kept between requests
};

}  // namespace rlcm::rewards
