// Scores over HTTP when the server fails, is slow or is not there: what is repeated, for how long, and how a stop or a pause acts.
#include <QtTest>

#include <thread>

#include "core/rewards/http_protocol.h"
#include "core/rewards/http_reward.h"
#include "tests/core/rewards/fake_server.h"
#include "tests/core/rewards/reward_errors.h"
#include "tests/support/waiting.h"

using namespace rlcm;
using namespace rlcm::rewards;
using rlcm::test::Batch;
using rlcm::test::batchOf;
using rlcm::test::Clock;
using rlcm::test::configFor;
using rlcm::test::FakeServer;
using rlcm::test::kAtOnce;
using rlcm::test::Log;
using rlcm::test::messageOf;
using rlcm::test::read;
using rlcm::test::secondsSince;
using rlcm::test::text;
using rlcm::test::verifyHolds;

class TestHttpPatience : public QObject {
    Q_OBJECT

private Q_SLOTS:
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
        const auto stop = [](HttpReward* held) { held->demand(Demand::Stop); };
        const std::unique_ptr<HttpReward, decltype(stop)> ended(&reward, stop);  // a failure in the pause must not wait for scores
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
};

QTEST_GUILESS_MAIN(TestHttpPatience)
#include "tst_http_patience.moc"
