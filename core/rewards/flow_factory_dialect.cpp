#include "core/base/base64.h"
#include "core/base/json.h"
#include "core/rewards/server_dialect.h"

namespace rlcm::rewards {
namespace {

class FlowFactoryDialect : public ServerDialect {
public:
    std::string_view name() const override { return "Flow-Factory's reward server"; }
    std::string_view meetingPath() const override { return "/health"; }
    std::string_view scorePath() const override { return "/compute"; }

    /// The server has no name: whoever set the address knows what it scores.
    ServerInfo readMeeting(std::string_view text) const override {
        parseReply(text, "the answer to /health");
        return {.name = std::string(name()), .version = "", .maxBatch = kImagesPerRequest};
    }

    HttpBody body(const ScoreRequest& request) const override {
        Json images = Json::array();
        for (const std::string& png : request.pngs) {
            images.push_back(base64(png));
        }
        const Json json{
            {"prompt", request.prompts}, {"image", std::move(images)}, {"video", nullptr}, {"condition_images", nullptr}, {"condition_videos", nullptr}};
        return {"application/json", json.dump(-1, ' ', false, Json::error_handler_t::replace)};
    }

    std::vector<double> readScores(std::string_view text, const ScoreRequest& request) const override {
        const Json reply = parseReply(text, "the answer");
        if (reply.contains("error")) {
            failReply("it says: " + errorText(text));
        }
        const Json& rewards = listOfReply(reply, "rewards", request);
        std::vector<double> scores;
        for (std::size_t i = 0; i < rewards.size(); ++i) {
            scores.push_back(finiteScore(rewards[i], imageText(i, request)));
        }
        return scores;
    }
};

}  // namespace

std::unique_ptr<ServerDialect> makeFlowFactoryDialect() {
    return std::make_unique<FlowFactoryDialect>();
}

}  // namespace rlcm::rewards
