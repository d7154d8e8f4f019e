#pragma once
// A reward server over HTTP for tests, and what it is asked.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <httplib.h>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/image/codec.h"
#include "core/rewards/http_reward.h"

namespace rlcm::test {

/// What a score request holds, read by another implementation than the one that wrote it.
struct Received {
    std::string id;
    std::vector<image::Rgb8Image> images;
    std::vector<std::string> prompts;
};

inline Received read(const httplib::Request& request) {
    const Json json = Json::parse(request.get_file_value("request").content);
    Received received{.id = json["request_id"], .images = {}, .prompts = {}};
    for (const Json& item : json["items"]) {
        received.prompts.push_back(item["prompt"]);
        received.images.push_back(image::decodePng(request.get_file_value(item["image"]).content));
    }
    return received;
}

inline double valueOf(const image::Rgb8Image& image, const std::string& prompt) {
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
        // Without SO_REUSEPORT, by which two tests at once could share a port.
        m_server->set_socket_options([](socket_t socket) {
            const int yes = 1;
            ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
        });
        ensure(bind(), "the fake server has a port");
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
    /// Below the ports that the system hands out by itself: none is taken by another program while this server is stopped.
    bool bind() {
        std::random_device random;
        for (int attempt = 0; m_port == 0 && attempt < 100; ++attempt) {
            const int port = std::uniform_int_distribution(20000, 32000)(random);
            if (m_server->bind_to_port("127.0.0.1", port)) {
                m_port = port;
                return true;
            }
        }
        return m_port != 0 && m_server->bind_to_port("127.0.0.1", m_port);
    }

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
    rewards::NoticeSink sink() {
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

inline run::RewardConfig configFor(const std::string& url, double timeout = 5, double patience = 5) {
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
inline Batch batchOf(int count, int from = 0) {
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

inline FakeServer::Handler text(int status, const std::string& body, const std::string& type = "application/json") {
    return [=](const httplib::Request&, httplib::Response& response) {
        response.status = status;
        response.set_content(body, type);
    };
}

/// An answer whose JSON is changed before it is sent.
inline FakeServer::Handler changed(const std::function<void(Json&)>& change) {
    return [change](const httplib::Request& request, httplib::Response& response) {
        const Received received = read(request);
        Json json{{"request_id", received.id}, {"scores", std::vector<double>(received.images.size(), 1.0)}};
        change(json);
        response.set_content(json.dump(), "application/json");
    };
}
}  // namespace rlcm::test
