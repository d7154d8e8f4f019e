// Servers that keep a run waiting or fill its memory: whatever they send, and however slowly, a request ends in time.
#include <QtTest>

#include <array>
#include <atomic>
#include <list>
#include <thread>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/rewards/http_reward.h"
#include "tests/core/rewards/reward_errors.h"
#include "tests/support/waiting.h"

using namespace rlcm;
using rlcm::test::Clock;
using rlcm::test::kAtOnce;
using rlcm::test::messageOf;
using rlcm::test::secondsSince;
using rlcm::test::verifyHolds;
using namespace rlcm::rewards;

namespace {

constexpr const char* kInfo =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 42\r\n\r\n{\"name\":\"h\",\"version\":\"1\",\"max_batch\":16 }";

/// Sends `start` once and `repeated` for ever, `pause` after each piece, to whoever connects. With `isKind` it first says who it is, to the
/// first one. With `isShort` it ends the connection after `start`.
class HostileServer {
public:
    struct Script {
        std::string start, repeated;
        int pauseMs = 0;
        bool isKind = false;
        bool isShort = false;
    };
    explicit HostileServer(Script script) : m_script(std::move(script)), m_listener(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        auto* plain = reinterpret_cast<sockaddr*>(&address);
        ensure(::bind(m_listener, plain, size) == 0 && ::listen(m_listener, 16) == 0 && ::getsockname(m_listener, plain, &size) == 0, "the server has a port");
        m_port = ntohs(address.sin_port);
        m_acceptor = std::thread([this] { accept(); });
    }
    ~HostileServer() {
        m_isOver = true;
        ::shutdown(m_listener, SHUT_RDWR);
        m_acceptor.join();
        for (std::thread& thread : m_talks) {
            thread.join();
        }
        ::close(m_listener);
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(m_port); }
    std::atomic<std::int64_t> bytesSent{0};
    std::atomic<int> connections{0};

private:
    void accept() {
        for (int socket = 0; (socket = ::accept(m_listener, nullptr, nullptr)) >= 0;) {
            const bool isKind = connections++ == 0 && m_script.isKind;
            const timeval limit{0, 100000};
            ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
            m_talks.emplace_back([this, socket, isKind] { talk(socket, isKind); });
        }
    }
    bool send(int socket, const std::string& text) {
        const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
        bytesSent += std::max<ssize_t>(0, sent);
        return sent >= 0 || errno == EAGAIN || errno == EWOULDBLOCK;
    }
    void talk(int socket, bool isKind) {
        std::array<char, 4096> request{};
        [[maybe_unused]] const ssize_t asked = ::recv(socket, request.data(), request.size(), 0);
        bool isOpen = !isKind || (send(socket, kInfo) && ::recv(socket, request.data(), request.size(), 0) > 0);
        isOpen = isOpen && send(socket, m_script.start);
        if (isOpen && m_script.isShort) {
            // What came unread turns a plain close into a reset, which can overtake the answer.
            ::shutdown(socket, SHUT_WR);
            for (pollfd gone{socket, POLLRDHUP, 0}; !m_isOver && ::poll(&gone, 1, 50) == 0;) {
            }
            isOpen = false;
        }
        while (isOpen && !m_isOver) {
            isOpen = send(socket, m_script.repeated);
            std::this_thread::sleep_for(std::chrono::milliseconds(m_script.pauseMs));
        }
        ::close(socket);
    }

    const Script m_script;
    const int m_listener;
    int m_port = 0;
    std::atomic<bool> m_isOver{false};
    std::thread m_acceptor;
    std::list<std::thread> m_talks;
};

run::RewardConfig configFor(const std::string& url, double timeout, double patience) {
    run::RewardConfig config;
    config.terms = "server";
    config.serverUrl = url;
    config.serverTimeout = timeout;
    config.serverPatience = patience;
    return config;
}

/// Of 12 MB, as PNG, too: more than a socket takes unread.
image::Rgb8Image largeImage() {
    image::Rgb8Image image{.width = 2048, .height = 2048, .pixels = std::vector<std::uint8_t>(std::size_t{3} * 2048 * 2048)};
    std::uint32_t noise = 1;  // that PNG cannot make small
    for (std::uint8_t& value : image.pixels) {
        noise = noise * 1664525 + 1013904223;
        value = static_cast<std::uint8_t>(noise >> 24);
    }
    return image;
}

const std::string kHead = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
const std::string kChunked = kHead + "Transfer-Encoding: chunked\r\n\r\n";

std::vector<std::pair<const char*, HostileServer::Script>> slowScripts() {
    return {
        {"silence", {"", ""}},
        {"a status line letter by letter", {"HTTP/1.1 200 ", "O", 30}},
        {"one header letter by letter", {kHead + "X-Long: ", "x", 30}},
        {"header after header", {kHead, "X-More: 1\r\n", 30}},
        {"continue without end", {"", "HTTP/1.1 100 Continue\r\n\r\n", 30}},
        {"a body letter by letter", {kHead + "Content-Length: 1000\r\n\r\n", " ", 30}},
        {"a chunk size digit by digit", {kChunked, "0", 60}},
        {"a chunk extension letter by letter", {kChunked + "1;", "x", 30}},
        {"chunk after chunk", {kChunked, "1\r\n \r\n", 30}},
        {"trailer after trailer", {kChunked + "0\r\n", "X-More: 1\r\n", 30}},
    };
}

struct Broken {
    const char* name;
    std::string answer;
    const char* words;
};

std::vector<Broken> brokenAnswers() {
    const char* const cut = "no whole answer came";
    const char* const noHttp = "it does not answer in HTTP there";
    return {
        {"nothing", "", cut},
        {"half a body", kHead + "Content-Length: 1000\r\n\r\n{\"name\":", cut},
        {"half a chunk", kChunked + "100\r\n{\"name\":", cut},
        {"no last chunk", kChunked + "2\r\n{}\r\n", cut},
        {"a body of unknown length that is cut off", kHead + "\r\n{\"name\":", "its answer was cut off"},
        {"a chunk size that is none", kChunked + "zwei\r\n", cut},
        {"a chunk size of many digits", kChunked + std::string(100, '0') + "2\r\n", cut},
        {"another protocol", "SSH-2.0-server\r\n", noHttp},
        {"a status that is none", "HTTP/1.1 fine\r\n\r\n", noHttp},
        {"a length that is none", kHead + "Content-Length: two\r\n\r\n{}", noHttp},
        {"a length beyond all numbers", kHead + "Content-Length: 99999999999999999999999\r\n\r\n", "larger than 4 MiB"},
    };
}

std::vector<std::pair<const char*, HostileServer::Script>> floods() {
    const auto times = [](const std::string& text) {
        std::string all;
        while (all.size() < 60000) {
            all += text;
        }
        return all;
    };
    return {
        {"headers", {kHead, times("X-More: 1\r\n")}},
        {"one header", {kHead + "X-Long: ", times("x")}},
        {"a status line", {"HTTP/1.1 200 ", times("O")}},
        {"continues", {"", times("HTTP/1.1 100 Continue\r\n\r\n")}},
        {"a body", {kHead + "Content-Length: 9000000000\r\n\r\n", times(" ")}},
        {"chunks", {kChunked, times("1\r\n \r\n")}},
        {"a chunk extension", {kChunked + "1;", times("x")}},
        {"trailers", {kChunked + "0\r\n", times("X-More: 1\r\n")}},
    };
}

}  // namespace

class TestHostileServer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void slowAnswersEndWithTheTimeOfTheRequest_data() {
        QTest::addColumn<int>("which");
        for (int i = 0; const auto& [name, script] : slowScripts()) {
            QTest::newRow(name) << i++;
        }
    }
    void slowAnswersEndWithTheTimeOfTheRequest() {
        QFETCH(int, which);
        HostileServer::Script script = slowScripts()[static_cast<std::size_t>(which)].second;
        {
            const HostileServer server(script);
            verifyHolds(messageOf([&] { HttpReward(configFor(server.url(), 0.4, 1), "", [](log::Level, const std::string&) {}); }),
                        {server.url(), "does not answer: no answer within 0.4 s"});
        }
        script.isKind = true;
        const HostileServer server(script);
        const HttpReward reward(configFor(server.url(), 0.4, 0.5), "", [](log::Level, const std::string&) {});
        const image::Rgb8Image image{.width = 8, .height = 4, .pixels = std::vector<std::uint8_t>(96, 7)};
        const Clock::time_point start = Clock::now();
        verifyHolds(messageOf([&] { reward.score({image}, {"a fox"}); }), {server.url(), "gave no scores", "within 0.4 s"});
        QVERIFY(secondsSince(start) < kAtOnce);
    }

    void floodsEndEarly_data() {
        QTest::addColumn<int>("which");
        for (int i = 0; const auto& [name, script] : floods()) {
            QTest::newRow(name) << i++;
        }
    }
    void floodsEndEarly() {
        QFETCH(int, which);
        const HostileServer server(floods()[static_cast<std::size_t>(which)].second);
        const Clock::time_point start = Clock::now();
        verifyHolds(messageOf([&] { HttpReward(configFor(server.url(), 60, 60), "", [](log::Level, const std::string&) {}); }), {server.url(), "larger than"});
        QVERIFY(secondsSince(start) < kAtOnce);
        QCOMPARE(server.connections.load(), 1);  // asking again cannot help
        const std::int64_t sent = server.bytesSent;
        QVERIFY2(sent < (std::int64_t{256} << 20), std::to_string(sent).c_str());
    }

    void brokenAnswersAreSaid_data() {
        QTest::addColumn<int>("which");
        for (int i = 0; const Broken& broken : brokenAnswers()) {
            QTest::newRow(broken.name) << i++;
        }
    }
    void brokenAnswersAreSaid() {
        QFETCH(int, which);
        const Broken broken = brokenAnswers()[static_cast<std::size_t>(which)];
        const HostileServer server({.start = broken.answer, .repeated = "", .isShort = true});
        std::string said;
        said += messageOf([&] { HttpReward(configFor(server.url(), 60, 60), "", [&said](log::Level, const std::string& notice) { said += notice; }); });
        verifyHolds(said, {server.url(), broken.words});
    }

    void aServerThatReadsNothingIsLateToo() {
        const HostileServer server({.start = "", .repeated = "", .isKind = true});
        const HttpReward reward(configFor(server.url(), 0.4, 0.5), "", [](log::Level, const std::string&) {});
        verifyHolds(messageOf([&] { reward.score({largeImage()}, {"a fox"}); }), {"within 0.4 s"});
    }
    void aRefusalIsHeardBeforeAllIsSent() {
        const HostileServer server({.start = "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", .repeated = "", .isKind = true, .isShort = true});
        const HttpReward reward(configFor(server.url(), 10, 2), "", [](log::Level, const std::string&) {});
        verifyHolds(messageOf([&] { reward.score({largeImage()}, {"a fox"}); }), {"HTTP 413"});
        QCOMPARE(server.connections.load(), 2);  // the first contact, and one request
    }

    void aStopEndsTheFirstContact_data() { slowAnswersEndWithTheTimeOfTheRequest_data(); }
    void aStopEndsTheFirstContact() {
        QFETCH(int, which);
        const HostileServer server(slowScripts()[static_cast<std::size_t>(which)].second);
        const Clock::time_point start = Clock::now();
        const auto isStopped = [&] { return secondsSince(start) > 0.2; };
        messageOf([&] { RewardPool(configFor(server.url(), 60, 60), {}, isStopped); });
        QVERIFY2(secondsSince(start) < 5, std::to_string(secondsSince(start)).c_str());  // the first contact alone may take 10 s
    }
};

QTEST_GUILESS_MAIN(TestHostileServer)
#include "tst_hostile_server.moc"
