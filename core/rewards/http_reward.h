#pragma once
// The term "server": a reward behind HTTP.
#include <atomic>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

#include "core/rewards/http_connection.h"
#include "core/rewards/http_protocol.h"
#include "core/rewards/patience.h"
#include "core/rewards/reward.h"
#include "core/rewards/score_cache.h"
#include "core/rewards/server_dialect.h"

namespace rlcm::rewards {

/// Sends batches over reward.server_parallel connections, each with a thread of its own. Failed requests are
/// sent again under the same request id until patience ends; answers that break the protocol end the batch at
/// once.
class HttpReward : public Reward {
public:
    /// throws: as makeServerReward.
    HttpReward(const run::RewardConfig& config, const std::string& token, NoticeSink notice, const StopQuery& isStopped = {});
    ~HttpReward() override;
    std::string_view name() const override { return "server"; }
    bool isGroupWise() const override { return m_isGroupWise; }
    std::vector<double> score(const std::vector<image::Rgb8Image>& images, const std::vector<std::string>& prompts) const override;
    void demand(Demand demand) override;

private:
    /// What the requests of one score() share.
    struct Batch {
        const std::vector<image::Rgb8Image>& images;
        const std::vector<std::string>& prompts;
        std::atomic<bool> isLost{false};  ///< one request failed for good: the others need no answer
    };
    /// One request; without rows it only asks who the server is.
    struct Part {
        Batch* batch = nullptr;
        std::vector<std::size_t> rows;
        std::promise<std::vector<double>> scores;
    };

    void meetServer(const run::RewardConfig& config, const std::string& token, const StopQuery& isStopped);
    std::vector<double> ask(Batch& batch, const std::vector<std::size_t>& rows) const;
    /// Asks with one request for each part, in their order. Returns the scores of all rows of the first part, then of the second ...
    std::vector<double> askParts(Batch& batch, std::vector<std::vector<std::size_t>> parts) const;
    std::vector<double> scoreGroups(Batch& batch) const;
    std::future<std::vector<double>> enqueue(Batch& batch, std::vector<std::size_t> rows) const;
    void work(HttpConnection& connection, const std::stop_token& stop);
    std::vector<double> request(HttpConnection& connection, const Part& part);
    std::vector<double> attempts(HttpConnection& connection, const Part& part, Patience::Trouble& trouble);
    ScoreRequest encode(const Part& part);
    void recognise(const ServerInfo& info);
    std::optional<ServerInfo> info() const;

    const ServerAddress m_address;
    const std::unique_ptr<ServerDialect> m_dialect;
    const bool m_isGroupWise;    ///< all images of a prompt go in one request, and no score is remembered
    const std::string m_who;     ///< "reward server http://..."
    const std::string m_idBase;  ///< random, so that no two runs share a request id
    const NoticeSink m_notice;
    Patience m_patience;
    mutable ScoreCache m_cache;
    std::atomic<bool> m_isStopped{false};
    mutable std::mutex m_mutex;
    mutable std::condition_variable_any m_filled;
    mutable std::deque<Part> m_queue;  // guarded by m_mutex
    std::optional<ServerInfo> m_info;  // guarded by m_mutex; empty while the server has only said that it is busy
    std::uint64_t m_requests = 0;      // guarded by m_mutex
    std::vector<std::unique_ptr<HttpConnection>> m_connections;
    std::vector<std::jthread> m_threads;  // last: they end before anything that they use goes away
};

}  // namespace rlcm::rewards
