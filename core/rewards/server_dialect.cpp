#include "core/rewards/server_dialect.h"

namespace rlcm::rewards {
namespace {

/// resources/reward_servers/README.md
class ProtocolV1 : public ServerDialect {
public:
    std::string_view name() const override { return "protocol v1"; }
    std::string_view meetingPath() const override { return "/v1/info"; }
    ServerInfo readMeeting(std::string_view text) const override { return parseServerInfo(text); }
    std::string_view scorePath() const override { return "/v1/score"; }
    HttpBody body(const ScoreRequest& request) const override { return multipartBody(request); }
    std::vector<double> readScores(std::string_view text, const ScoreRequest& request) const override { return parseScores(text, request); }
};

}  // namespace

std::unique_ptr<ServerDialect> makeServerDialect(const run::RewardConfig& config) {
    switch (config.serverProtocol) {
        case run::ServerProtocol::V1:
            return std::make_unique<ProtocolV1>();
        case run::ServerProtocol::UniRl:
            return makeUniRlDialect(config.serverReward, config.serverMetric);
        case run::ServerProtocol::FlowFactory:
            return makeFlowFactoryDialect();
    }
    return nullptr;
}

}  // namespace rlcm::rewards
