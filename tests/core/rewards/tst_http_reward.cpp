// Scores over HTTP: what is sent, and which answers count.
#include <QtTest>

#include <thread>

#include <httplib.h>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/rewards/http_protocol.h"
#include "core/rewards/http_reward.h"
#include "tests/core/rewards/fake_server.h"
#include "tests/core/rewards/reward_errors.h"

using namespace rlcm;
using namespace rlcm::rewards;
using rlcm::test::Batch;
using rlcm::test::batchOf;
using rlcm::test::changed;
using rlcm::test::configFor;
using rlcm::test::FakeServer;
using rlcm::test::Log;
using rlcm::test::messageOf;
using rlcm::test::text;
using rlcm::test::valueOf;
using rlcm::test::verifyHolds;

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
    }
};

QTEST_GUILESS_MAIN(TestHttpReward)
#include "tst_http_reward.moc"
