#include <QtTest>

#include <atomic>
#include <set>
#include <thread>

#include <httplib.h>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/image/codec.h"
#include "core/rewards/http_protocol.h"
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

/// What a score request holds, read by another implementation than the one that wrote it.
struct Received {
    std::string id;
    std::vector<image::Rgb8Image> images;
    std::vector<std::string> prompts;
};

Received read(const httplib::Request& request) {
    const Json json = Json::parse(request.get_file_value("request").content);
    Received received{.id = json["request_id"], .images = {}, .prompts = {}};
    for (const Json& item : json["items"]) {
        received.prompts.push_back(item["prompt"]);
        received.images.push_back(image::decodePng(request.get_file_value(item["image"]).content));
    }
    return received;
}

double valueOf(const image::Rgb8Image& image, const std::string& prompt) {
    return image.pixels[0] + 256.0 * image.pixels[1] + static_cast<double>(prompt.size()) / 100;
}

/// A reward server in this process. `answer` decides every answer to /v1/score; without it the right scores are given.
class FakeServer {
public:
    using Handler = std::function<void(const httplib::Request&, httplib::Response&)>;
    explicit FakeServer(Handler answer = {}, Json info = {{"name", "fake"}, {"version", "1"}, {"max_batch", 16}})
        : m_answer(std::move(answer)), m_info(std::move(info)) {
        start();
    }
    ~FakeServer() { stop(); }

    void start() {
        m_server = std::make_unique<httplib::Server>();
        m_server->new_task_queue = [] { return new httplib::ThreadPool(16); };
        m_server->set_tcp_nodelay(true);
        m_server->set_keep_alive_timeout(1);
        m_server->Get("/v1/info", [this](const httplib::Request& request, httplib::Response& response) {
            if (infoFailures-- > 0) {
                response.status = 503;
                response.set_content(R"({"error":{"message":"loading"}})", "application/json");
                return;
            }
            authorization = request.get_header_value("Authorization");
            response.set_content(m_info.dump(), "application/json");
        });
        m_server->Post("/v1/score", [this](const httplib::Request& request, httplib::Response& response) {
            mostAtOnce = std::max<int>(mostAtOnce, ++m_now);
            ++attempts;
            m_answer ? m_answer(request, response) : good(request, response);
            --m_now;
        });
        m_port = m_port == 0 ? m_server->bind_to_any_port("127.0.0.1") : m_server->bind_to_port("127.0.0.1", m_port) ? m_port : -1;
        ensure(m_port > 0, "the fake server has a port");
        m_thread = std::thread([this] { m_server->listen_after_bind(); });
        while (!m_server->is_running()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
    void stop() {
        if (m_thread.joinable()) {
            m_server->stop();
            m_thread.join();
        }
    }
    void good(const httplib::Request& request, httplib::Response& response) {
        const Received received = read(request);
        Json scores = Json::array();
        for (std::size_t i = 0; i < received.images.size(); ++i) {
            scores.push_back(valueOf(received.images[i], received.prompts[i]));
        }
        {
            const std::lock_guard lock(m_mutex);
            ids.insert(received.id);
            sizes.push_back(received.images.size());
        }
        imagesScored += static_cast<int>(received.images.size());
        response.set_content(Json{{"request_id", received.id}, {"scores", scores}}.dump(), "application/json");
    }
    void setInfo(Json info) { m_info = std::move(info); }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(m_port); }

    std::atomic<int> attempts{0}, imagesScored{0}, mostAtOnce{0}, infoFailures{0};
    std::set<std::string> ids;
    std::vector<std::size_t> sizes;
    std::string authorization;

private:
    Handler m_answer;
    Json m_info;
    int m_port = 0;
    std::atomic<int> m_now{0};
    std::mutex m_mutex;
    std::unique_ptr<httplib::Server> m_server;
    std::thread m_thread;
};

/// Lines that a reward wants in the log.
struct Log {
    std::mutex mutex;
    std::vector<std::string> lines;
    NoticeSink sink() {
        return [this](log::Level, const std::string& text) {
            const std::lock_guard lock(mutex);
            lines.push_back(text);
        };
    }
    int count(const std::string& words) {
        const std::lock_guard lock(mutex);
        return static_cast<int>(std::count_if(lines.begin(), lines.end(), [&](const std::string& line) { return line.find(words) != std::string::npos; }));
    }
};

run::RewardConfig configFor(const std::string& url, double timeout = 5, double patience = 5) {
    run::RewardConfig config;
    config.terms = "server";
    config.serverUrl = url;
    config.serverTimeout = timeout;
    config.serverPatience = patience;
    return config;
}

struct Batch {
    std::vector<image::Rgb8Image> images;
    std::vector<std::string> prompts;
    std::vector<double> expected;
};

/// Images that all differ.
Batch batchOf(int count, int from = 0) {
    Batch batch;
    for (int i = from; i < from + count; ++i) {
        image::Rgb8Image image{.width = 8, .height = 4, .pixels = std::vector<std::uint8_t>(96, 7)};
        image.pixels[0] = static_cast<std::uint8_t>(i % 256);
        image.pixels[1] = static_cast<std::uint8_t>(i / 256);
        batch.images.push_back(image);
        batch.prompts.push_back("a \"fox\" \xC3\xA9 " + std::string(static_cast<std::size_t>(i % 5), 'x'));
        batch.expected.push_back(valueOf(image, batch.prompts.back()));
    }
    return batch;
}

FakeServer::Handler text(int status, const std::string& body, const std::string& type = "application/json") {
    return [=](const httplib::Request&, httplib::Response& response) {
        response.status = status;
        response.set_content(body, type);
    };
}

/// An answer whose JSON is changed before it is sent.
FakeServer::Handler changed(const std::function<void(Json&)>& change) {
    return [change](const httplib::Request& request, httplib::Response& response) {
        const Received received = read(request);
        Json json{{"request_id", received.id}, {"scores", std::vector<double>(received.images.size(), 1.0)}};
        change(json);
        response.set_content(json.dump(), "application/json");
    };
}

}  // namespace

class TestHttpReward : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void scoresKeepTheirOrderAndBatchesTheirLimit() {
        FakeServer server({}, {{"name", "fake"}, {"max_batch", 5}});
        Log log;
        const HttpReward reward(configFor(server.url()), "", log.sink());
        const Batch batch = batchOf(37);
        QCOMPARE(reward.score(batch.images, batch.prompts), batch.expected);
        QCOMPARE(server.imagesScored.load(), 37);
        QCOMPARE(server.ids.size(), std::size_t{8});
        QVERIFY(std::all_of(server.sizes.begin(), server.sizes.end(), [](std::size_t size) { return size <= 5; }));
        QCOMPARE(log.count("scores come from fake"), 1);
        QVERIFY(reward.score({}, {}).empty());
    }
    void nothingIsScoredTwice() {
        FakeServer server;
        Log log;
        const HttpReward reward(configFor(server.url()), "", log.sink());
        Batch batch = batchOf(10);
        batch.images.push_back(batch.images[3]);  // the same image and prompt
        batch.prompts.push_back(batch.prompts[3]);
        batch.images.push_back(batch.images[3]);  // the same image for another prompt
        batch.prompts.push_back("another");
        std::vector<double> expected = batch.expected;
        expected.push_back(batch.expected[3]);
        expected.push_back(valueOf(batch.images[3], "another"));
        QCOMPARE(reward.score(batch.images, batch.prompts), expected);
        QCOMPARE(server.imagesScored.load(), 11);
        QCOMPARE(reward.score(batch.images, batch.prompts), expected);
        QCOMPARE(server.imagesScored.load(), 11);
    }
    void asManyRequestsAsAllowedAreInFlight_data() {
        QTest::addColumn<int>("parallel");
        QTest::newRow("four") << 4;
        QTest::newRow("two") << 2;
    }
    void asManyRequestsAsAllowedAreInFlight() {
        QFETCH(int, parallel);
        FakeServer* self = nullptr;
        FakeServer server([&self](const httplib::Request& request, httplib::Response& response) {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            self->good(request, response);
        });
        self = &server;
        run::RewardConfig config = configFor(server.url());
        config.serverParallel = parallel;
        RewardPool pool(config);
        // Half a round in each of two batches, as the trainer's chunks come.
        const Batch first = batchOf(64), second = batchOf(64, 64);
        auto a = pool.submit(first.images, first.prompts), b = pool.submit(second.images, second.prompts);
        QCOMPARE(a.get().total, first.expected);
        QCOMPARE(b.get().total, second.expected);
        QCOMPARE(server.mostAtOnce.load(), parallel);
    }

    void brokenAnswersEndTheBatchAtOnce_data() {
        QTest::addColumn<int>("which");
        QTest::addColumn<QStringList>("words");
        const auto row = [](const char* name, int which, const QStringList& words) { QTest::newRow(name) << which << words; };
        row("400", 0, {QStringLiteral("HTTP 400"), QStringLiteral("your images are upside down")});
        row("422 names the item", 1, {QStringLiteral("HTTP 422"), QStringLiteral("image 2: too small")});
        row("401", 2, {QStringLiteral("HTTP 401"), QStringLiteral("RLCM_REWARD_TOKEN")});
        row("413", 3, {QStringLiteral("HTTP 413")});
        row("redirect", 4, {QStringLiteral("http://elsewhere/"), QStringLiteral("reward.server_url")});
        row("web page", 5, {QStringLiteral("text/html"), QStringLiteral("<h1>It works!</h1>")});
        row("garbage", 6, {QStringLiteral("the answer"), QStringLiteral("hello there")});
        row("NaN", 7, {QStringLiteral("NaN and Infinity are not JSON")});
        row("null", 8, {QStringLiteral("no score for image 1"), QStringLiteral("face not found")});
        row("null without reason", 9, {QStringLiteral("no score for image 0"), QStringLiteral("no reason")});
        row("wrong count", 10, {QStringLiteral("2 scores for 4 images")});
        row("another request's answer", 11, {QStringLiteral("\"someone-else\"")});
        row("no request id", 12, {QStringLiteral("none named")});
        row("text score", 13, {QStringLiteral("image 2"), QStringLiteral("\"high\"")});
        row("no scores", 14, {QStringLiteral("no list \"scores\"")});
        row("list", 15, {QStringLiteral("not a JSON object")});
        row("huge", 16, {QStringLiteral("larger than 4 MiB")});
        row("same key twice", 17, {QStringLiteral("scores")});
    }
    void brokenAnswersEndTheBatchAtOnce() {
        QFETCH(int, which);
        QFETCH(QStringList, words);
        const std::vector<FakeServer::Handler> answers{
            text(400, R"({"error":{"message":"your images are upside down"}})"),
            text(422, R"({"error":{"item":2,"message":"too small"}})"),
            text(401, "who are you?", "text/plain"),
            text(413, ""),
            [](const httplib::Request&, httplib::Response& response) { response.set_redirect("http://elsewhere/"); },
            text(200, "<h1>It works!</h1>", "text/html"),
            text(200, "hello there"),
            text(200, R"({"request_id":"x","scores":[NaN]})"),
            changed([](Json& json) { json["scores"][1] = nullptr, json["errors"] = {nullptr, "face not found", nullptr, nullptr}; }),
            changed([](Json& json) { json["scores"][0] = nullptr; }),
            changed([](Json& json) { json["scores"] = {1.0, 2.0}; }),
            changed([](Json& json) { json["request_id"] = "someone-else"; }),
            changed([](Json& json) { json.erase("request_id"); }),
            changed([](Json& json) { json["scores"][2] = "high"; }),
            changed([](Json& json) { json.erase("scores"); }),
            text(200, "[1, 2, 3, 4]"),
            text(200, std::string(std::size_t{5} << 20, ' ')),
            text(200, R"({"scores":[1],"scores":[2]})"),
        };
        FakeServer server(answers[static_cast<std::size_t>(which)]);
        Log log;
        const HttpReward reward(configFor(server.url()), "", log.sink());
        const Batch batch = batchOf(4);
        const std::string message = messageOf([&] { reward.score(batch.images, batch.prompts); });
        verifyHolds(message, {server.url()});
        for (const QString& word : words) {
            verifyHolds(message, {word.toStdString()});
        }
        QCOMPARE(server.attempts.load(), 1);
    }

    void passingFailuresAreRepeatedUnderTheSameName_data() {
        QTest::addColumn<int>("status");
        for (const int status : {408, 425, 429, 500, 502, 503, 504}) {
            QTest::newRow(std::to_string(status).c_str()) << status;
        }
    }
    void passingFailuresAreRepeatedUnderTheSameName() {
        QFETCH(int, status);
        FakeServer* self = nullptr;
        std::vector<std::string> ids;
        FakeServer server([&](const httplib::Request& request, httplib::Response& response) {
            ids.push_back(read(request).id);
            ids.size() < 3 ? text(status, "try later", "text/plain")(request, response) : self->good(request, response);
        });
        self = &server;
        Log log;
        const HttpReward reward(configFor(server.url()), "", log.sink());
        const Batch batch = batchOf(3);
        QCOMPARE(reward.score(batch.images, batch.prompts), batch.expected);
        QCOMPARE(ids.size(), std::size_t{3});
        QVERIFY(ids[0] == ids[1] && ids[1] == ids[2]);
        QCOMPARE(server.imagesScored.load(), 3);
        QCOMPARE(log.count("HTTP " + std::to_string(status) + ": try later"), 1);
        QCOMPARE(log.count("answers again"), 1);
    }
    void retryAfterIsObeyed() {
        FakeServer* self = nullptr;
        FakeServer server([&](const httplib::Request& request, httplib::Response& response) {
            self->good(request, response);
            if (self->attempts == 1) {
                response.status = 503;
                response.set_header("Retry-After", "1");
            }
        });
        self = &server;
        Log log;
        const HttpReward reward(configFor(server.url()), "", log.sink());
        const Batch batch = batchOf(1);
        const auto start = Clock::now();
        QCOMPARE(reward.score(batch.images, batch.prompts), batch.expected);
        QVERIFY(secondsSince(start) >= 0.99);
        QCOMPARE(server.attempts.load(), 2);
        QCOMPARE(log.count("HTTP 503"), 0);  // one hiccup is not worth a line
    }
    void retryAfterIsReadAsNumberAndDate() {
        const std::time_t now = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110
        QCOMPARE(retryAfterSeconds("120", now).value(), 120.0);
        QCOMPARE(retryAfterSeconds("-5", now).value(), 0.0);
        QCOMPARE(retryAfterSeconds("Sun, 06 Nov 1994 08:50:37 GMT", now).value(), 60.0);
        QCOMPARE(retryAfterSeconds("Sun, 06 Nov 1994 08:00:00 GMT", now).value(), 0.0);
        for (const char* bad : {"", "soon", "1e999", "Sun, 06 Nom 1994 08:50:37 GMT", "06/11/1994"}) {
            QVERIFY2(!retryAfterSeconds(bad, now), bad);
        }
    }

    void hangingServerEndsPatience() {
        std::promise<void> released;
        auto release = released.get_future().share();
        FakeServer server([release](const httplib::Request&, httplib::Response&) { release.wait(); });
        Log log;
        const HttpReward reward(configFor(server.url(), 0.3, 1.0), "", log.sink());
        const Batch batch = batchOf(2);
        const auto start = Clock::now();
        verifyHolds(messageOf([&] { reward.score(batch.images, batch.prompts); }),
                    {server.url(), "no answer within 0.3 s", "gave no scores for 1 s", "resume", "reward.server_patience"});
        QVERIFY(secondsSince(start) < kAtOnce);
        QVERIFY(server.attempts >= 2);
        released.set_value();
    }
    void slowFailureIsToldAtOnce() {
        std::promise<void> released;
        auto release = released.get_future().share();
        FakeServer* self = nullptr;
        FakeServer server([release, &self](const httplib::Request& request, httplib::Response& response) {
            self->attempts == 1 ? release.wait() : self->good(request, response);
        });
        self = &server;
        Log log;
        const HttpReward reward(configFor(server.url(), 2.1), "", log.sink());
        const Batch batch = batchOf(1);
        QCOMPARE(reward.score(batch.images, batch.prompts), batch.expected);
        QCOMPARE(log.count("no answer within 2.1 s. No scores since"), 1);
        QCOMPARE(log.count("answers again after"), 1);
        released.set_value();
    }
    void drippingServerIsLateToo() {
        FakeServer server([](const httplib::Request&, httplib::Response& response) {
            response.set_chunked_content_provider("application/json", [](std::size_t, httplib::DataSink& sink) {
                std::this_thread::sleep_for(std::chrono::milliseconds(50));
                return sink.write(" ", 1);
            });
        });
        Log log;
        const HttpReward reward(configFor(server.url(), 0.4, 0.5), "", log.sink());
        const Batch batch = batchOf(1);
        verifyHolds(messageOf([&] { reward.score(batch.images, batch.prompts); }), {"no answer within 0.4 s"});
    }
    void missingServerEndsPatienceAndSaysSoOnce() {
        FakeServer server;
        Log log;
        const HttpReward reward(configFor(server.url(), 5, 1.5), "", log.sink());
        server.stop();
        const Batch batch = batchOf(64);
        verifyHolds(messageOf([&] { reward.score(batch.images, batch.prompts); }), {server.url(), "no connection", "last checkpoint"});
        QCOMPARE(log.count("no connection. No scores since"), 1);
    }
    void serverThatComesBackGoesOn() {
        FakeServer server;
        Log log;
        const HttpReward reward(configFor(server.url(), 5, 20), "", log.sink());
        server.stop();
        const Batch batch = batchOf(64);
        auto scores = std::async(std::launch::async, [&] { return reward.score(batch.images, batch.prompts); });
        QTRY_COMPARE(log.count("no connection"), 1);
        server.start();
        QCOMPARE(scores.get(), batch.expected);
        QCOMPARE(server.imagesScored.load(), 64);
        QCOMPARE(log.count("answers again after"), 1);
    }
    void anotherServerAtTheSameAddressIsRefused() {
        FakeServer server;
        Log log;
        const HttpReward reward(configFor(server.url(), 5, 20), "", log.sink());
        const Batch batch = batchOf(1);
        reward.score(batch.images, batch.prompts);
        server.stop();
        server.setInfo({{"name", "fake"}, {"version", "2"}});
        const Batch next = batchOf(1, 1);
        auto message = std::async(std::launch::async, [&] { return messageOf([&] { reward.score(next.images, next.prompts); }); });
        QTRY_COMPARE(log.count("no connection"), 1);
        server.start();
        verifyHolds(message.get(), {"fake 1", "fake 2"});
        QCOMPARE(server.imagesScored.load(), 1);
    }

    void stopActsAtOnce_data() {
        QTest::addColumn<bool>("hangs");
        QTest::newRow("while the server is down") << false;
        QTest::newRow("while the server hangs") << true;
    }
    void stopActsAtOnce() {
        QFETCH(bool, hangs);
        std::promise<void> released;
        auto release = released.get_future().share();
        FakeServer server([release](const httplib::Request&, httplib::Response&) { release.wait(); });
        std::future<Scores> pending;
        Clock::time_point start;
        {
            RewardPool pool(configFor(server.url(), 60, 60));
            if (!hangs) {
                server.stop();
            }
            const Batch batch = batchOf(64);
            pending = pool.submit(batch.images, batch.prompts);
            if (hangs) {
                QTRY_COMPARE(server.attempts.load(), 4);
            } else {
                QTest::qWait(600);
            }
            start = Clock::now();
        }
        QVERIFY2(secondsSince(start) < kAtOnce, std::to_string(secondsSince(start)).c_str());
        verifyHolds(messageOf([&] { pending.get(); }), {"the run stopped"});
        released.set_value();
    }
    void pausedTimeDoesNotCount() {
        FakeServer server;
        Log log;
        HttpReward reward(configFor(server.url(), 5, 1.0), "", log.sink());
        server.stop();
        const Batch batch = batchOf(4);
        auto scores = std::async(std::launch::async, [&] { return reward.score(batch.images, batch.prompts); });
        QTRY_COMPARE(log.count("no connection"), 1);
        reward.demand(Demand::Hold);
        QTest::qWait(1500);
        server.start();
        QTest::qWait(200);
        QCOMPARE(server.attempts.load(), 0);  // nothing is asked of the server in a pause
        reward.demand(Demand::Go);
        QCOMPARE(scores.get(), batch.expected);
    }

    void serverThatIsNotThereIsSaidBeforeTheRunStarts() {
        std::string url;
        {
            FakeServer gone;
            url = gone.url();
        }
        Log log;
        verifyHolds(messageOf([&] { HttpReward(configFor(url), "", log.sink()); }), {url, "no connection", "Start it", "reward.server_url"});
        FakeServer stranger({}, {{"hello", "world"}});
        verifyHolds(messageOf([&] { HttpReward(configFor(stranger.url()), "", log.sink()); }), {"no \"name\""});
        verifyHolds(messageOf([&] { HttpReward(configFor(stranger.url() + "/api"), "", log.sink()); }), {"/api", "no reward server"});
        FakeServer demanding({}, {{"name", "fake"}, {"needs", {"image", "depth_map"}}});
        verifyHolds(messageOf([&] { HttpReward(configFor(demanding.url()), "", log.sink()); }), {"depth_map"});
        FakeServer none({}, {{"name", "fake"}, {"max_batch", 0}});
        verifyHolds(messageOf([&] { HttpReward(configFor(none.url()), "", log.sink()); }), {"max_batch 0"});
    }
    void loadingServerIsWaitedFor() {
        FakeServer server;
        server.infoFailures = 3;
        Log log;
        const HttpReward reward(configFor(server.url(), 5, 20), "", log.sink());
        QCOMPARE(log.count("is not ready yet (HTTP 503: loading)"), 1);
        const Batch batch = batchOf(20);
        QCOMPARE(reward.score(batch.images, batch.prompts), batch.expected);
        QCOMPARE(server.imagesScored.load(), 20);
    }
    void tokenIsSentAndNeverLogged() {
        FakeServer server;
        Log log;
        const HttpReward reward(configFor(server.url()), "sesame", log.sink());
        QCOMPARE(server.authorization, std::string("Bearer sesame"));
        QCOMPARE(log.count("sesame"), 0);
    }
    void proxiesOfTheEnvironmentAreNotUsed() {
        FakeServer server;
        Log log;
        for (const char* name : {"http_proxy", "all_proxy"}) {
            ::setenv(name, "http://127.0.0.1:1", 1);
        }
        const HttpReward reward(configFor(server.url()), "", log.sink());
        for (const char* name : {"http_proxy", "all_proxy"}) {
            ::unsetenv(name);
        }
        QCOMPARE(log.count("scores come from fake"), 1);
    }
    void imagesLeavingTheMachineAreSaid() {
        Log log;
        // 192.0.2.0/24 is set aside for documentation: nothing answers there.
        messageOf([&] { HttpReward(configFor("http://192.0.2.1:8085", 0.2), "sesame", log.sink()); });
        QCOMPARE(log.count("images and prompts leave this one, and the connection is not encrypted, nor is the token"), 1);
    }
    void addressesAreTakenApart() {
        QCOMPARE(parseServerAddress("http://127.0.0.1:8085"), (ServerAddress{"http://127.0.0.1:8085", "", false, true}));
        QCOMPARE(parseServerAddress("http://localhost/score/"), (ServerAddress{"http://localhost:80", "/score", false, true}));
        QCOMPARE(parseServerAddress("http://[::1]:9/"), (ServerAddress{"http://[::1]:9", "", false, true}));
        QCOMPARE(parseServerAddress("https://gpu7.example.org"), (ServerAddress{"https://gpu7.example.org:443", "", true, false}));
        QVERIFY(!parseServerAddress("http://127.0.0.1.example.org").isLoopback);
        for (const char* bad : {"", "127.0.0.1:8085", "ftp://127.0.0.1", "http://", "http://:80", "http://a:0", "http://a:99999", "http://a:8x",
                                "http://user:word@a", "http://a?x=1", "http://a b", "http://a/x#y", "http://[::1", "http://\xC3\xA9"}) {
            verifyHolds(messageOf([&] { parseServerAddress(bad); }, ErrorKind::Config), {"reward.server_url", "http://127.0.0.1:8085"});
        }
    }
    void textsStayOnOneLineAndWhole() {
        QCOMPARE(oneLine("  a\n\tb \r\n"), std::string("a  b"));
        QCOMPARE(oneLine("ab\xC3\xA9z", 3), std::string("ab..."));  // not half of a character
        // The test vectors of RFC 4648.
        QCOMPARE(base64("foobar"), std::string("Zm9vYmFy"));
        QCOMPARE(base64("fooba"), std::string("Zm9vYmE="));
        QCOMPARE(base64("foob"), std::string("Zm9vYg=="));
        QCOMPARE(base64(""), std::string());
    }
};

QTEST_GUILESS_MAIN(TestHttpReward)
#include "tst_http_reward.moc"
