#include "core/rewards/http_connection.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <httplib.h>

namespace rlcm::rewards {
namespace {

constexpr double kConnectSeconds = 2.0;  // also bounds how late a stop acts

std::string textOf(double seconds) {
    std::string text = std::to_string(std::round(seconds * 10) / 10);
    text.erase(text.find_last_not_of('0') + 1);
    return (text.ends_with('.') ? text.substr(0, text.size() - 1) : text) + " s";
}

}  // namespace

struct HttpConnection::Impl {
    explicit Impl(const std::string& origin) : client(origin) {}
    httplib::Client client;
    httplib::Headers headers;
};

HttpConnection::HttpConnection(const ServerAddress& address, const std::string& token, double timeout)
    : m_impl(std::make_unique<Impl>(address.origin)), m_timeout(timeout), m_prefix(address.path) {
    const auto limit = std::chrono::milliseconds(std::llround(1000 * timeout));
    const auto connectLimit =
        std::chrono::milliseconds(std::llround(1000 * std::min(kConnectSeconds, timeout)));
    m_impl->client.set_connection_timeout(connectLimit);
    m_impl->client.set_read_timeout(limit);
    m_impl->client.set_write_timeout(limit);
    m_impl->client.set_keep_alive(true);
    m_impl->client.set_tcp_nodelay(true);
    m_impl->client.set_decompress(false);
    m_impl->headers.emplace("Accept", "application/json");
    m_impl->headers.emplace("Accept-Encoding", "identity");
    if (!token.empty()) {
        m_impl->headers.emplace("Authorization", "Bearer " + token);
    }
}

HttpConnection::~HttpConnection() = default;

HttpReply HttpConnection::get(const std::string& path) {
    return exchange("GET", path, nullptr);
}

HttpReply HttpConnection::post(const std::string& path, const HttpBody& body) {
    return exchange("POST", path, &body);
}

bool HttpConnection::stop() {
    m_isStopped = true;
    if (!m_isBusy) {
        return false;
    }
    m_impl->client.stop();
    return true;
}

HttpReply HttpConnection::exchange(const char* method, const std::string& path, const HttpBody* body) {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point start = Clock::now();
    const auto isLate = [&] {
        return std::chrono::duration<double>(Clock::now() - start).count() >= m_timeout;
    };
    HttpReply reply;
    bool isTooLarge = false;
    httplib::Request request;
    request.method = method;
    request.path = m_prefix + path;
    request.headers = m_impl->headers;
    if (body != nullptr) {
        request.set_header("Content-Type", body->contentType);
        request.body = body->bytes;
    }
    request.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
        isTooLarge = reply.body.size() + size > kMaxReplyBytes;
        if (isTooLarge || isLate()) {
            return false;
        }
        reply.body.append(data, size);
        return true;
    };
    m_isBusy = true;
    httplib::Response response;
    httplib::Error error = httplib::Error::Success;
    const bool isDone = !m_isStopped && m_impl->client.send(request, response, error);
    m_isBusy = false;
    if (isDone) {
        reply.status = response.status;
        reply.contentType = response.get_header_value("Content-Type");
        reply.retryAfter = response.get_header_value("Retry-After");
        reply.location = response.get_header_value("Location");
        reply.isLengthKnown =
            response.has_header("Content-Length") || response.has_header("Transfer-Encoding");
        return reply;
    }
    reply.body.clear();
    if (isTooLarge) {
        reply.problem = "its answer is larger than " + std::to_string(kMaxReplyBytes >> 20) + " MiB";
        reply.isFinal = true;
    } else if (error == httplib::Error::SSLServerVerification || error == httplib::Error::SSLLoadingCerts) {
        reply.problem = "its TLS certificate is not trusted by this system";
        reply.isFinal = true;
    } else if (error == httplib::Error::SSLConnection) {
        reply.problem = "it does not speak TLS (https) there";
    } else if (error == httplib::Error::Connection || error == httplib::Error::ConnectionTimeout) {
        reply.problem = "no connection";
    } else if (isLate()) {
        reply.problem = "no answer within " + textOf(m_timeout);
    } else if (error == httplib::Error::Write) {
        reply.problem = "the connection broke off while images were sent";
    } else {
        reply.problem = "the connection broke off before the whole answer was there";
    }
    return reply;
}

}  // namespace rlcm::rewards
