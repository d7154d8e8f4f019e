#include "core/rewards/http_connection.h"

#include <chrono>
#include <cmath>
#include <optional>

#include "core/rewards/net_stream.h"
#include "core/rewards/no_pipe_signal.h"

namespace rlcm::rewards {
namespace {

std::string textOf(double seconds) {
    std::string text = std::to_string(std::round(seconds * 10) / 10);
    text.erase(text.find_last_not_of('0') + 1);
    return (text.ends_with('.') ? text.substr(0, text.size() - 1) : text) + " s";
}

}  // namespace

HttpConnection::HttpConnection(const ServerAddress& address, const std::string& token, double timeout, StopQuery isStopped)
    : m_address(address), m_token(token), m_timeout(timeout), m_isStopped(std::move(isStopped)) {}

HttpConnection::~HttpConnection() = default;

HttpReply HttpConnection::get(const std::string& path) {
    return exchange(head("GET", path) + "\r\n", "");
}

HttpReply HttpConnection::post(const std::string& path, const HttpBody& body) {
    return exchange(head("POST", path) + "Content-Type: " + body.contentType + "\r\nContent-Length: " + std::to_string(body.bytes.size()) + "\r\n\r\n", body.bytes);
}

std::string HttpConnection::head(const char* method, const std::string& path) const {
    const std::string host = m_address.origin.substr(m_address.origin.find("://") + 3);
    return std::string(method) + ' ' + m_address.path + path + " HTTP/1.1\r\nHost: " + host +
           "\r\nUser-Agent: rlcm\r\nAccept: application/json\r\nAccept-Encoding: identity\r\n" +
           (m_token.empty() ? "" : "Authorization: Bearer " + m_token + "\r\n");
}

HttpReply HttpConnection::exchange(const std::string& head, const std::string& body) {
    const NoPipeSignal guard;  // TLS writes without a flag that says so
    const TimeLimit limit{std::chrono::steady_clock::now() + std::chrono::milliseconds(std::llround(1000 * m_timeout)),
                          "no answer within " + textOf(m_timeout), m_isStopped};
    try {
        limit.slice();
        return ask(head, body, limit);
    } catch (const BrokenOff& end) {
        m_stream.reset();
        HttpReply reply;
        reply.problem = end.problem;
        reply.isFinal = end.isFinal;
        return reply;
    }
}

HttpReply HttpConnection::ask(const std::string& head, const std::string& body, const TimeLimit& limit) {
    if (!m_stream || !m_stream->isQuiet()) {
        m_stream.reset();
        m_stream = std::make_unique<NetStream>(m_address, limit);
    }
    std::optional<BrokenOff> unsent;
    try {
        m_stream->write(head, limit);
        m_stream->write(body, limit);
    } catch (const BrokenOff& end) {
        limit.slice();
        unsent = end;  // a server that refuses a request need not read it: what it says comes first
    }
    HttpAnswer answer([this, &limit](char* into, std::size_t size) { return m_stream->read(into, size, limit); });
    try {
        HttpReply reply = answer.read();
        if (unsent || !answer.canGoOn()) {
            m_stream.reset();
        }
        return reply;
    } catch (const BrokenOff& end) {
        throw unsent ? *unsent : end;
    }
}

}  // namespace rlcm::rewards
