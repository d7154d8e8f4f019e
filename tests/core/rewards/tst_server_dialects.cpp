// The reward servers of public trainers: what they are sent, and which of their answers count.
#include <QtTest>

#include <algorithm>
#include <mutex>
#include <vector>

#include <httplib.h>

#include "core/rewards/http_reward.h"
#include "core/run/field_table.h"
#include "tests/core/rewards/fake_server.h"
#include "tests/core/rewards/reward_errors.h"

using namespace rlcm;
using namespace rlcm::rewards;
using rlcm::test::Batch;
using rlcm::test::batchOf;
using rlcm::test::configFor;
using rlcm::test::Log;
using rlcm::test::messageOf;
using rlcm::test::valueOf;
using rlcm::test::verifyHolds;

namespace {

using Handler = std::function<void(const httplib::Request&, httplib::Response&)>;

/// A server with one page to GET and one to POST to.
class TwoPages {
public:
    TwoPages(const std::string& getPath, const Json& meeting, const std::string& postPath, Handler answer) {
        m_server.Get(getPath, [meeting](const httplib::Request&, httplib::Response& response) { response.set_content(meeting.dump(), "application/json"); });
        m_server.Post(postPath, [this, answer = std::move(answer)](const httplib::Request& request, httplib::Response& response) {
            ++attempts;
            answer(request, response);
        });
        m_port = m_server.bind_to_any_port("127.0.0.1");
        m_thread = std::thread([this] { m_server.listen_after_bind(); });
        while (!m_server.is_running()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
    ~TwoPages() {
        m_server.stop();
        m_thread.join();
    }
    run::RewardConfig config(run::ServerProtocol protocol, const std::string& reward = "", const std::string& metric = "") const {
        run::RewardConfig config = configFor("http://127.0.0.1:" + std::to_string(m_port));
        config.serverProtocol = protocol;
        config.serverReward = reward;
        config.serverMetric = metric;
        return config;
    }
    std::atomic<int> attempts{0};

private:
    httplib::Server m_server;
    int m_port = 0;
    std::thread m_thread;
};

const Json kRewards{{"rewards", {"clip", "unified_reward"}}};

image::Rgb8Image imageOf(const Json& text) {
    return image::decodePng(QByteArray::fromBase64(QByteArray::fromStdString(text.get<std::string>())).toStdString());
}

/// What UniRL's server sends for a batch; `change` alters it before.
Handler uniRl(const std::function<void(Json&)>& change = {}) {
    return [change](const httplib::Request& request, httplib::Response& response) {
        Json answer{{"results", Json::array()}, {"errors", Json::array()}};
        const Json asked = Json::parse(request.body);
        for (const Json& one : asked["requests"]) {
            const Json& turn = one["history"].back();
            const double value = valueOf(imageOf(turn["image_b64"]), turn["text"]);
            Json result;
            for (const std::string reward : one["required_rewards"]) {
                result[reward] = reward == "clip" ? Json{{"clip", value}} : Json{{"alignment", value}, {"coherence", -1.0}, {"style", -2.0}};
            }
            answer["results"].push_back(result);
            answer["errors"].push_back(Json::object());
        }
        if (change) {
            change(answer);
        }
        response.set_content(answer.dump(), "application/json");
    };
}

Handler flowFactory(const std::function<void(Json&)>& change = {}) {
    return [change](const httplib::Request& request, httplib::Response& response) {
        const Json json = Json::parse(request.body);
        Json answer{{"rewards", Json::array()}};
        for (std::size_t i = 0; i < json["prompt"].size(); ++i) {
            answer["rewards"].push_back(valueOf(imageOf(json["image"][i]), json["prompt"][i]));
        }
        if (change) {
            change(answer);
        }
        response.set_content(answer.dump(), "application/json");
    };
}

Handler status(int code, const std::string& body, const std::string& type = "application/json") {
    return [=](const httplib::Request&, httplib::Response& response) {
        response.status = code;
        response.set_content(body, type);
    };
}

}  // namespace

class TestServerDialects : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void uniRlScoresKeepTheirOrder() {
        TwoPages server("/rewards", kRewards, "/score", uniRl());
        Log log;
        const Batch batch = batchOf(37);
        const HttpReward clip(server.config(run::ServerProtocol::UniRl, "clip"), "", log.sink());
        QCOMPARE(clip.score(batch.images, batch.prompts), batch.expected);
        QCOMPARE(log.count("scores come from UniRL reward clip"), 1);
        const HttpReward unified(server.config(run::ServerProtocol::UniRl, "unified_reward", "alignment"), "", log.sink());
        QCOMPARE(unified.score(batch.images, batch.prompts), batch.expected);
    }

    void uniRlWantsToKnowWhichNumber() {
        TwoPages server("/rewards", kRewards, "/score", uniRl());
        Log log;
        const auto meet = [&](const std::string& reward) {
            return messageOf([&] { HttpReward(server.config(run::ServerProtocol::UniRl, reward), "", log.sink()); });
        };
        verifyHolds(meet(""), {"reward.server_reward is empty", "clip, unified_reward"});
        verifyHolds(meet("hpsv3"), {"no reward \"hpsv3\"", "clip, unified_reward"});
        const Batch batch = batchOf(2);
        for (const char* metric : {"", "beauty"}) {
            const HttpReward reward(server.config(run::ServerProtocol::UniRl, "unified_reward", metric), "", log.sink());
            verifyHolds(messageOf([&] { reward.score(batch.images, batch.prompts); }), {"alignment, coherence, style", "reward.server_metric"});
        }
    }

    void uniRlAnswersWithoutAScoreEndTheBatch_data() {
        QTest::addColumn<int>("which");
        QTest::addColumn<QString>("words");
        const char* kWords[] = {"image 1 (prompt \"a \"fox\" \xC3\xA9 x\"): TimeoutError()",
                                "no reason was given",
                                "the score of image 0",
                                "the score of image 2",
                                "3 results for 4 images",
                                "no list \"results\"",
                                "HTTP 400: unknown reward: clip",
                                "HTTP 422: body.requests.0.history: Field required",
                                "NaN and Infinity are not JSON",
                                "pickles"};
        for (int which = 0; which < 10; ++which) {
            QTest::addRow("%d", which) << which << QString::fromUtf8(kWords[which]);
        }
    }
    void uniRlAnswersWithoutAScoreEndTheBatch() {
        QFETCH(int, which);
        QFETCH(QString, words);
        const std::vector<Handler> answers{
            uniRl([](Json& json) { json["results"][1] = Json::object(), json["errors"][1]["clip"] = "TimeoutError()"; }),
            uniRl([](Json& json) { json["results"][3] = nullptr, json.erase("errors"); }),
            uniRl([](Json& json) { json["results"][0]["clip"]["clip"] = nullptr; }),
            uniRl([](Json& json) { json["results"][2]["clip"]["clip"] = "0.5"; }),
            uniRl([](Json& json) { json["results"].erase(0); }),
            uniRl([](Json& json) { json.erase("results"); }),
            status(400, R"({"detail":"unknown reward: clip"})"),
            status(422, R"({"detail":[{"loc":["body","requests",0,"history"],"msg":"Field required","type":"missing"}]})"),
            status(200, R"({"results":[{"clip":{"clip":NaN}}],"errors":[{}]})"),
            status(200, "\x80\x04\x95", "application/octet-stream"),
        };
        TwoPages server("/rewards", kRewards, "/score", answers[static_cast<std::size_t>(which)]);
        Log log;
        const HttpReward reward(server.config(run::ServerProtocol::UniRl, "clip"), "", log.sink());
        const Batch batch = batchOf(4);
        verifyHolds(messageOf([&] { reward.score(batch.images, batch.prompts); }), {words.toStdString(), "http://127.0.0.1"});
        QCOMPARE(server.attempts.load(), 1);
    }

    void flowFactoryScoresKeepTheirOrder() {
        TwoPages server("/health", {{"status", "ok"}}, "/compute", flowFactory());
        Log log;
        const HttpReward reward(server.config(run::ServerProtocol::FlowFactory), "", log.sink());
        const Batch batch = batchOf(37);
        QCOMPARE(reward.score(batch.images, batch.prompts), batch.expected);
    }

    /// A server that ranks what one request holds: every request is one prompt's, whole, and asked for anew each time.
    void imagesOfAPromptAreComparedInOneRequest() {
        constexpr int kImages = 40;
        std::mutex mutex;
        std::vector<int> sizes;
        TwoPages server("/health", {{"status", "ok"}}, "/compute", [&](const httplib::Request& request, httplib::Response& response) {
            const Json json = Json::parse(request.body);
            Json answer{{"rewards", Json::array()}};
            for (std::size_t i = 0; i < json["prompt"].size(); ++i) {
                answer["rewards"].push_back(json["prompt"][i] == json["prompt"][0] ? static_cast<double>(i) : -1.0);
            }
            const std::lock_guard lock(mutex);
            sizes.push_back(static_cast<int>(json["prompt"].size()));
            response.set_content(answer.dump(), "application/json");
        });
        Log log;
        run::RewardConfig config = server.config(run::ServerProtocol::FlowFactory);
        config.serverGroupWise = true;
        const HttpReward reward(config, "", log.sink());
        QVERIFY(reward.isGroupWise());
        Batch batch = batchOf(kImages);
        std::vector<double> expected;
        for (int i = 0; i < kImages; ++i) {
            batch.prompts[static_cast<std::size_t>(i)] = i % 4 == 0 ? "a cat" : "a dog";
            expected.push_back(i % 4 == 0 ? i / 4 : i - 1 - i / 4);
        }
        for (int again = 0; again < 2; ++again) {
            QCOMPARE(reward.score(batch.images, batch.prompts), expected);
        }
        std::ranges::sort(sizes);
        QCOMPARE(sizes, (std::vector<int>{10, 10, 30, 30}));
    }
    void onlyOneProtocolComparesImages() {
        run::RunConfig config;
        config.reward.terms = "server[server_group_wise=true]";
        const auto isRefused = [&](const char* path) {
            const auto problems = run::validate(config);
            return std::ranges::any_of(problems, [&](const run::Problem& problem) { return problem.path == path; });
        };
        QVERIFY(isRefused("reward.server_group_wise"));
        config.reward.serverProtocol = run::ServerProtocol::FlowFactory;
        QVERIFY(run::validate(config).empty());
        config.training.objective = run::Objective::Stepwise;
        QVERIFY(isRefused("training.objective"));
    }
    void flowFactoryAnswersWithoutAScoreEndTheBatch_data() {
        QTest::addColumn<int>("which");
        QTest::addColumn<QString>("words");
        const char* kWords[] = {"3 rewards for 4 images", "the score of image 1", "it says: no face in sight", "no list \"rewards\""};
        for (int which = 0; which < 4; ++which) {
            QTest::addRow("%d", which) << which << QString::fromUtf8(kWords[which]);
        }
    }
    void flowFactoryAnswersWithoutAScoreEndTheBatch() {
        QFETCH(int, which);
        QFETCH(QString, words);
        const std::vector<Handler> answers{
            flowFactory([](Json& json) { json["rewards"].erase(0); }),
            flowFactory([](Json& json) { json["rewards"][1] = nullptr; }),
            status(200, R"({"error":"no face in sight"})"),
            status(200, "{}"),
        };
        TwoPages server("/health", {{"status", "ok"}}, "/compute", answers[static_cast<std::size_t>(which)]);
        Log log;
        const HttpReward reward(server.config(run::ServerProtocol::FlowFactory), "", log.sink());
        const Batch batch = batchOf(4);
        verifyHolds(messageOf([&] { reward.score(batch.images, batch.prompts); }), {words.toStdString()});
        QCOMPARE(server.attempts.load(), 1);
    }

    void aFaultOfTheServerIsAskedAgain() {
        int calls = 0;
        TwoPages server("/health", {{"status", "ok"}}, "/compute", [&](const httplib::Request& request, httplib::Response& response) {
            ++calls == 1 ? status(500, R"({"detail":"CUDA out of memory"})")(request, response) : flowFactory()(request, response);
        });
        Log log;
        const HttpReward reward(server.config(run::ServerProtocol::FlowFactory), "", log.sink());
        const Batch batch = batchOf(3);
        QCOMPARE(reward.score(batch.images, batch.prompts), batch.expected);
        QCOMPARE(server.attempts.load(), 2);
    }

    void aServerOfAnotherProtocolIsNamed() {
        TwoPages server("/health", {{"status", "ok"}}, "/compute", flowFactory());
        Log log;
        for (const run::ServerProtocol protocol : {run::ServerProtocol::V1, run::ServerProtocol::UniRl}) {
            verifyHolds(messageOf([&] { HttpReward(server.config(protocol, "clip"), "", log.sink()); }), {"it is no reward server", "reward.server_protocol"});
        }
    }
};

QTEST_GUILESS_MAIN(TestServerDialects)
#include "tst_server_dialects.moc"
