#include "core/rewards/net_stream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

namespace rlcm::rewards {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kSlice{20};         // how soon a stop is seen
constexpr std::chrono::milliseconds kConnectTime{2000}; // a machine that is switched off does not answer at all

/// A look-up under way, which the system works on until it has an answer or its own time is over: if that is too long it is left behind.
struct Lookup {
    std::string host, port;
    addrinfo hints{};
    gaicb request{};
    ~Lookup() {
        if (request.ar_result != nullptr) {
            ::freeaddrinfo(request.ar_result);
        }
    }
};

std::unique_ptr<Lookup> lookUp(const std::string& host, const std::string& port, const TimeLimit& limit) {
    auto lookup = std::make_unique<Lookup>();
    lookup->host = host;
    lookup->port = port;
    lookup->hints.ai_socktype = SOCK_STREAM;
    lookup->request.ar_name = lookup->host.c_str();
    lookup->request.ar_service = lookup->port.c_str();
    lookup->request.ar_request = &lookup->hints;
    gaicb* list[] = {&lookup->request};
    int state = ::getaddrinfo_a(GAI_NOWAIT, list, 1, nullptr);
    try {
        while (state == 0 && (state = ::gai_error(list[0])) == EAI_INPROGRESS) {
            const std::chrono::nanoseconds slice = limit.slice();
            const timespec time{0, static_cast<long>(slice.count())};
            ::gai_suspend(list, 1, &time);
            state = 0;
        }
    } catch (const BrokenOff&) {
        if (::gai_cancel(list[0]) == EAI_NOTCANCELED) {
            lookup.release();
        }
        throw;
    }
    if (state != 0) {
        throw BrokenOff{std::string("no connection: its name cannot be looked up (") + ::gai_strerror(state) + ')'};
    }
    return lookup;
}

/// Host without brackets, port.
std::pair<std::string, std::string> hostAndPort(const std::string& origin) {
    const std::size_t begin = origin.find("://") + 3, colon = origin.rfind(':');
    std::string host = origin.substr(begin, colon - begin);
    if (host.starts_with('[')) {
        host = host.substr(1, host.size() - 2);
    }
    return {host, origin.substr(colon + 1)};
}

bool isNumeric(const std::string& host) {
    return host.find_first_not_of("0123456789.") == std::string::npos || host.find(':') != std::string::npos;
}

}  // namespace

std::chrono::milliseconds TimeLimit::slice() const {
    if (isStopped && isStopped()) {
        throw BrokenOff{"the run stopped"};
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) {
        throw BrokenOff{tooLate};
    }
    return std::min(left, kSlice);
}

struct NetStream::Tls {
    SSL_CTX* context = ::SSL_CTX_new(TLS_client_method());
    SSL* session = nullptr;
    ~Tls() {
        ::SSL_free(session);
        ::SSL_CTX_free(context);
    }
};

NetStream::NetStream(const ServerAddress& address, const TimeLimit& limit) {
    const auto [host, port] = hostAndPort(address.origin);
    const std::unique_ptr<Lookup> lookup = lookUp(host, port, limit);
    bool isConnected = false;
    for (const addrinfo* one = lookup->request.ar_result; one != nullptr && !isConnected; one = one->ai_next) {
        m_socket.reset(::socket(one->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        const Clock::time_point latest = Clock::now() + kConnectTime;
        bool isOver = !m_socket.isOpen() || (::connect(m_socket.get(), one->ai_addr, one->ai_addrlen) != 0 && errno != EINPROGRESS);
        while (!isOver && !isConnected && Clock::now() < latest) {
            if (wait(POLLOUT, limit)) {
                int problem = 0;
                socklen_t size = sizeof(problem);
                isOver = ::getsockopt(m_socket.get(), SOL_SOCKET, SO_ERROR, &problem, &size) != 0 || problem != 0;
                isConnected = !isOver;
            }
        }
    }
    if (!isConnected) {
        throw BrokenOff{"no connection"};
    }
    const int on = 1;
    ::setsockopt(m_socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (address.isTls) {
        startTls(host, limit);
    }
}

NetStream::~NetStream() = default;

void NetStream::startTls(const std::string& host, const TimeLimit& limit) {
    m_tls = std::make_unique<Tls>();
    bool isReady = m_tls->context != nullptr && ::SSL_CTX_set_default_verify_paths(m_tls->context) == 1 &&
                   ::SSL_CTX_set_min_proto_version(m_tls->context, TLS1_2_VERSION) == 1;
    if (isReady) {
        ::SSL_CTX_set_verify(m_tls->context, SSL_VERIFY_PEER, nullptr);
        m_tls->session = ::SSL_new(m_tls->context);
    }
    isReady = m_tls->session != nullptr && ::SSL_set_fd(m_tls->session, m_socket.get()) == 1;
    if (isReady && isNumeric(host)) {
        isReady = ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(m_tls->session), host.c_str()) == 1;
    } else if (isReady) {
        isReady = ::SSL_set1_host(m_tls->session, host.c_str()) == 1 &&
                  ::SSL_ctrl(m_tls->session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(host.c_str())) == 1;
    }
    if (!isReady) {
        throw BrokenOff{"TLS cannot be set up on this system", true};
    }
    try {
        transfer([this] { return ::SSL_connect(m_tls->session); }, 0, "it does not speak TLS (https) there", limit);
    } catch (const BrokenOff&) {
        if (const long verdict = ::SSL_get_verify_result(m_tls->session); verdict != X509_V_OK) {
            throw BrokenOff{std::string("its TLS certificate is not trusted by this system: ") + ::X509_verify_cert_error_string(verdict), true};
        }
        throw;
    }
}

/// Whether it is ready now, after waiting a moment.
bool NetStream::wait(short events, const TimeLimit& limit) const {
    pollfd one{m_socket.get(), events, 0};
    return ::poll(&one, 1, static_cast<int>(limit.slice().count())) > 0;
}

/// Repeats `action`, a call of the system or of TLS, until it has moved something; 0 at the end. `events`: what a plain one waits for.
template <typename Action>
std::size_t NetStream::transfer(const Action& action, short events, const char* problem, const TimeLimit& limit) {
    while (true) {
        limit.slice();  // a flood never waits, and must end all the same
        ::ERR_clear_error();
        const auto moved = action();
        if (moved > 0) {
            return static_cast<std::size_t>(moved);
        }
        short wanted = events;
        if (m_tls) {
            const int reason = ::SSL_get_error(m_tls->session, static_cast<int>(moved));
            if (reason == SSL_ERROR_ZERO_RETURN) {
                return 0;
            }
            wanted = reason == SSL_ERROR_WANT_READ ? POLLIN : reason == SSL_ERROR_WANT_WRITE ? POLLOUT : 0;
        } else if (moved == 0) {
            return 0;
        } else if (errno == EINTR) {
            continue;
        } else if (errno != EAGAIN) {
            wanted = 0;
        }
        if (wanted == 0) {
            throw BrokenOff{problem};
        }
        wait(wanted, limit);
    }
}

void NetStream::write(std::string_view bytes, const TimeLimit& limit) {
    constexpr std::size_t kPiece = std::size_t{1} << 16;
    while (!bytes.empty()) {
        const std::size_t size = std::min(bytes.size(), kPiece);
        const auto some = [&]() -> ssize_t {
            return m_tls ? ::SSL_write(m_tls->session, bytes.data(), static_cast<int>(size)) : ::send(m_socket.get(), bytes.data(), size, MSG_NOSIGNAL);
        };
        bytes.remove_prefix(std::max<std::size_t>(1, transfer(some, POLLOUT, "the connection broke off while images were sent", limit)));
    }
}

std::size_t NetStream::read(char* into, std::size_t size, const TimeLimit& limit) {
    const auto some = [&]() -> ssize_t {
        return m_tls ? ::SSL_read(m_tls->session, into, static_cast<int>(size)) : ::recv(m_socket.get(), into, size, 0);
    };
    return transfer(some, POLLIN, "the connection broke off before the whole answer was there", limit);
}

bool NetStream::isQuiet() const {
    pollfd one{m_socket.get(), POLLIN, 0};
    return ::poll(&one, 1, 0) == 0;
}

}  // namespace rlcm::rewards
