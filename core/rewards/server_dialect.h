#pragma once
// What reward servers speak: the project's own protocol v1, and those of two public trainers. Bytes only, no sockets. thread: any.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/rewards/http_protocol.h"
#include "core/run/run_config.h"

namespace rlcm::rewards {

class ServerDialect {
public:
    ServerDialect() = default;
    virtual ~ServerDialect() = default;
    ServerDialect(const ServerDialect&) = delete;
    ServerDialect& operator=(const ServerDialect&) = delete;

    /// For people, as "protocol v1".
    virtual std::string_view name() const = 0;
    /// What is asked (GET) to learn who the server is, and who it then says that it is. throws: Reward when the text is no such answer, or the server
    /// cannot give the score that is wanted.
    virtual std::string_view meetingPath() const = 0;
    virtual ServerInfo readMeeting(std::string_view text) const = 0;
    /// Where a batch goes (POST), and how it travels.
    virtual std::string_view scorePath() const = 0;
    virtual HttpBody body(const ScoreRequest& request) const = 0;
    /// Scores in item order, all finite. throws: Reward for anything else.
    virtual std::vector<double> readScores(std::string_view text, const ScoreRequest& request) const = 0;
};

/// The one of reward.server_protocol, with reward.server_reward and reward.server_metric.
std::unique_ptr<ServerDialect> makeServerDialect(const run::RewardConfig& config);

/// RewardService of UniRL: GET /rewards, POST /score. A server holds several rewards, and a reward may have several numbers.
std::unique_ptr<ServerDialect> makeUniRlDialect(std::string reward, std::string metric);
/// The reward server of Flow-Factory: GET /health, POST /compute. Its rewards score images one by one, or compare those of a request.
std::unique_ptr<ServerDialect> makeFlowFactoryDialect();

}  // namespace rlcm::rewards
