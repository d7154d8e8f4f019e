#include "core/rewards/http_connection.h"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <optional>

#include <curl/curl.h>

#include "core/base/error.h"
#include "core/rewards/no_pipe_signal.h"

namespace rlcm::rewards {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kSliceMs = 50;         // how soon a stop is seen
constexpr long kConnectSeconds = 8;  // a machine that is switched off does not answer at all; a name server may take 5 s to be given up
constexpr std::size_t kMaxWrappedBytes = 2 * kMaxReplyBytes;

/// What has come of an answer.
struct Incoming {
    std::string body;
    std::size_t headerBytes = 0;   // of interim answers (100 Continue) and trailers, too
    std::size_t wrappedBytes = 0;  // of the body as it travels, with the sizes and extensions of its chunks
};

std::size_t takeHeader(char*, std::size_t, std::size_t size, void* to) {
    Incoming& incoming = *static_cast<Incoming*>(to);
    incoming.headerBytes += size;
    return incoming.headerBytes > kMaxHeaderBytes ? CURL_WRITEFUNC_ERROR : size;
}

std::size_t takeBody(char* bytes, std::size_t, std::size_t size, void* to) {
    Incoming& incoming = *static_cast<Incoming*>(to);
    if (size > kMaxReplyBytes - incoming.body.size()) {
        return CURL_WRITEFUNC_ERROR;
    }
    incoming.body.append(bytes, size);
    return size;
}

/// No other callback is told of the bytes around the chunks of a body, which can go on for ever.
int countWrapped(CURL*, curl_infotype type, char*, std::size_t size, void* to) {
    static_cast<Incoming*>(to)->wrappedBytes += type == CURLINFO_DATA_IN ? size : 0;
    return 0;
}

std::string textOf(double seconds) {
    std::string text = std::to_string(std::round(seconds * 10) / 10);
    text.erase(text.find_last_not_of('0') + 1);
    return (text.ends_with('.') ? text.substr(0, text.size() - 1) : text) + " s";
}

HttpReply lost(const std::string& problem, bool isFinal = false) {
    HttpReply reply;
    reply.problem = problem;
    reply.isFinal = isFinal;
    return reply;
}

HttpReply tooLarge(const std::string& what, const std::string& limit) {
    return lost(what + " larger than " + limit + "; is it a reward server?", true);
}

using Handle = std::unique_ptr<CURL, decltype(&::curl_easy_cleanup)>;
using Multi = std::unique_ptr<CURLM, decltype(&::curl_multi_cleanup)>;
using Lines = std::unique_ptr<curl_slist, decltype(&::curl_slist_free_all)>;

Lines headerLines(const std::string& contentType, const std::string& token) {
    Lines lines(nullptr, &::curl_slist_free_all);
    const auto add = [&lines](const std::string& line) {
        curl_slist* const all = ::curl_slist_append(lines.get(), line.c_str());
        ensure(all != nullptr, "there is memory for a header");
        static_cast<void>(lines.release());  // `all` holds it
        lines.reset(all);
    };
    add("Accept: application/json");
    add("Accept-Encoding: identity");
    add("Expect:");  // that is, none: the body follows at once
    if (!contentType.empty()) {
        add("Content-Type: " + contentType);
    }
    if (!token.empty()) {
        add("Authorization: Bearer " + token);
    }
    return lines;
}

}  // namespace

struct HttpConnection::Session {
    // Once for the process; before `multi`.
    const bool isSetUp = [] {
        static const CURLcode code = ::curl_global_init(CURL_GLOBAL_DEFAULT);
        return code == CURLE_OK;
    }();
    const Multi multi{::curl_multi_init(), &::curl_multi_cleanup};
    const Handle easy{::curl_easy_init(), &::curl_easy_cleanup};
    Incoming incoming;
    std::array<char, CURL_ERROR_SIZE> error{};

    Session();
    template <typename Value>
    void set(CURLoption option, Value value);
    std::optional<CURLcode> step();
    HttpReply reply() const;
    HttpReply failure(CURLcode code) const;

private:
    std::string header(const char* name) const;
};

HttpConnection::Session::Session() {
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L);  // leaves a look-up behind that the system still works on
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
    set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});  // or later; peer and name are verified unless told otherwise
    set(CURLOPT_PROXY, "");
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    set(CURLOPT_MAXFILESIZE_LARGE, curl_off_t{kMaxReplyBytes});
    set(CURLOPT_USERAGENT, "rlcm");
    set(CURLOPT_ERRORBUFFER, error.data());
    set(CURLOPT_HEADERFUNCTION, &takeHeader);
    set(CURLOPT_HEADERDATA, &incoming);
    set(CURLOPT_WRITEFUNCTION, &takeBody);
    set(CURLOPT_WRITEDATA, &incoming);
    set(CURLOPT_DEBUGFUNCTION, &countWrapped);
    set(CURLOPT_DEBUGDATA, &incoming);
    set(CURLOPT_VERBOSE, 1L);  // calls countWrapped
    // What OpenSSL takes for the system's list, and libcurl alone does not.
    if (const char* file = std::getenv("SSL_CERT_FILE")) {
        set(CURLOPT_CAINFO, file);
    }
    if (const char* folder = std::getenv("SSL_CERT_DIR")) {
        set(CURLOPT_CAPATH, folder);
    }
}

template <typename Value>
void HttpConnection::Session::set(CURLoption option, Value value) {
    if (!isSetUp || !multi || !easy || ::curl_easy_setopt(easy.get(), option, value) != CURLE_OK) {
        throw Error(ErrorKind::Reward, "libcurl, which speaks to reward servers, cannot be set up on this system (option " + std::to_string(option) + ')');
    }
}

/// Goes on with the exchange, or waits a moment for it. Its end, if it came to one.
std::optional<CURLcode> HttpConnection::Session::step() {
    int count = 0;
    ::curl_multi_perform(multi.get(), &count);
    if (const CURLMsg* message = ::curl_multi_info_read(multi.get(), &count)) {
        return message->data.result;
    }
    ::curl_multi_poll(multi.get(), nullptr, 0, kSliceMs, nullptr);
    return std::nullopt;
}

std::string HttpConnection::Session::header(const char* name) const {
    curl_header* found = nullptr;
    return ::curl_easy_header(easy.get(), name, 0, CURLH_HEADER, -1, &found) == CURLHE_OK ? found->value : "";
}

HttpReply HttpConnection::Session::reply() const {
    long status = 0;
    curl_off_t length = -1;
    ::curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    ::curl_easy_getinfo(easy.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    HttpReply reply;
    reply.status = static_cast<int>(status);
    reply.body = incoming.body;
    reply.contentType = header("Content-Type");
    reply.retryAfter = header("Retry-After");
    reply.location = header("Location");
    reply.isLengthKnown = length >= 0 || !header("Transfer-Encoding").empty();
    return reply;
}

HttpReply HttpConnection::Session::failure(CURLcode code) const {
    const std::string detail = oneLine(error[0] != '\0' ? error.data() : ::curl_easy_strerror(code));
    // One line that is too long for libcurl itself comes as the second.
    if (incoming.headerBytes > kMaxHeaderBytes || code == CURLE_OUT_OF_MEMORY) {
        return tooLarge("the headers of its answer are", std::to_string(kMaxHeaderBytes >> 10) + " KiB");
    }
    switch (code) {
        case CURLE_WRITE_ERROR:
        case CURLE_FILESIZE_EXCEEDED:
            return tooLarge("its answer is", std::to_string(kMaxReplyBytes >> 20) + " MiB");
        case CURLE_COULDNT_RESOLVE_HOST:
            return lost("no connection: its name cannot be looked up");
        case CURLE_COULDNT_CONNECT:
            return lost("no connection");
        case CURLE_OPERATION_TIMEDOUT:
            return lost("no connection within " + std::to_string(kConnectSeconds) + " s");
        case CURLE_PEER_FAILED_VERIFICATION:
            return lost("its TLS certificate is not trusted by this system: " + detail, true);
        case CURLE_SSL_CONNECT_ERROR:
            return lost("it does not speak TLS (https) there");
        case CURLE_SSL_CACERT_BADFILE:
            return lost("the certificates that this system trusts cannot be read: " + detail, true);
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_WEIRD_SERVER_REPLY:
            return lost("it does not answer in HTTP there: " + detail);
        default:
            return lost("no whole answer came: " + detail);
    }
}

HttpConnection::HttpConnection(const ServerAddress& address, const std::string& token, double timeout, StopQuery isStopped)
    : m_url(address.origin + address.path), m_token(token), m_timeout(timeout), m_isStopped(std::move(isStopped)), m_session(std::make_unique<Session>()) {}

HttpConnection::~HttpConnection() {
    const NoPipeSignal guard;  // TLS says goodbye
    m_session.reset();
}

HttpReply HttpConnection::get(const std::string& path) {
    m_session->set(CURLOPT_HTTPGET, 1L);
    return exchange(path, "");
}

HttpReply HttpConnection::post(const std::string& path, const HttpBody& body) {
    m_session->set(CURLOPT_POST, 1L);
    m_session->set(CURLOPT_POSTFIELDS, body.bytes.data());
    m_session->set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.bytes.size()));
    return exchange(path, body.contentType);
}

HttpReply HttpConnection::exchange(const std::string& path, const std::string& contentType) {
    const NoPipeSignal guard;
    const auto deadline = Clock::now() + std::chrono::milliseconds(std::llround(1000 * m_timeout));
    const Lines lines = headerLines(contentType, m_token);
    m_session->set(CURLOPT_HTTPHEADER, lines.get());
    m_session->set(CURLOPT_URL, (m_url + path).c_str());
    m_session->incoming = {};
    m_session->error[0] = '\0';

    // The connection stays with `multi`, unless the exchange is taken from it before its end.
    CURLM* const multi = m_session->multi.get();
    CURL* const easy = m_session->easy.get();
    const auto end = [multi](CURL* one) { ::curl_multi_remove_handle(multi, one); };
    ::curl_multi_add_handle(multi, easy);
    const std::unique_ptr<CURL, decltype(end)> underWay(easy, end);
    std::optional<CURLcode> result;
    while (!result) {
        if (m_isStopped && m_isStopped()) {
            return lost("the run stopped");
        }
        if (Clock::now() >= deadline) {
            return lost("no answer within " + textOf(m_timeout));
        }
        result = m_session->incoming.wrappedBytes > kMaxWrappedBytes ? CURLE_FILESIZE_EXCEEDED : m_session->step();
    }
    return *result == CURLE_OK ? m_session->reply() : m_session->failure(*result);
}

}  // namespace rlcm::rewards
