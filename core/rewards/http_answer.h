#pragma once
// Reading the answers of an HTTP/1 server, within limits. Knows no sockets. Private to core/rewards.
#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

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

/// Reads one answer: status line, headers, a body of known length, in chunks or until the end. Interim answers (100 Continue) are
/// passed over. Takes kMaxHeaderBytes of headers and kMaxReplyBytes of body at most.
class HttpAnswer {
public:
    /// `source`: puts at least one byte into the buffer, or returns 0 at the end.
    using Source = std::function<std::size_t(char* into, std::size_t size)>;
    explicit HttpAnswer(Source source) : m_source(std::move(source)) {}
    /// throws: BrokenOff.
    HttpReply read();
    /// After read(): another request may go over the same connection.
    bool canGoOn() const { return m_canGoOn; }

private:
    struct Header;
    bool fill();
    std::string line(std::size_t& budget);
    int statusLine();
    Header headers(HttpReply& reply);
    void body(std::string& into, std::size_t size);
    void chunks(std::string& into);
    void rest(std::string& into);

    Source m_source;
    std::array<char, 16384> m_buffer{};
    std::string_view m_waiting;  // of the buffer, not read yet
    std::size_t m_headerBudget = 0;
    bool m_canGoOn = false;
};

}  // namespace rlcm::rewards
