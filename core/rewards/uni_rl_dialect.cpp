#include <algorithm>
#include <utility>

#include "core/base/base64.h"
#include "core/base/json.h"
#include "core/rewards/server_dialect.h"

namespace rlcm::rewards {
namespace {

/// Names as "clip, hpsv2".
std::string listOf(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) {
        list += (list.empty() ? "" : ", ") + oneLine(name, 40);
    }
    return list.empty() ? "none" : list;
}

class UniRlDialect : public ServerDialect {
public:
    UniRlDialect(std::string reward, std::string metric) : m_reward(std::move(reward)), m_metric(std::move(metric)) {}

    std::string_view name() const override { return "UniRL's RewardService"; }
    std::string_view meetingPath() const override { return "/rewards"; }
    std::string_view scorePath() const override { return "/score"; }

    ServerInfo readMeeting(std::string_view text) const override {
        const Json reply = parseReply(text, "the answer to /rewards");
        const auto rewards = reply.find("rewards");
        if (rewards == reply.end() || !rewards->is_array() || !std::all_of(rewards->begin(), rewards->end(), [](const Json& one) { return one.is_string(); })) {
            failReply("the answer to /rewards has no list \"rewards\" of names: is this UniRL's RewardService?");
        }
        const auto names = rewards->get<std::vector<std::string>>();
        if (std::find(names.begin(), names.end(), m_reward) == names.end()) {
            failReply((m_reward.empty() ? "reward.server_reward is empty" : "it has no reward \"" + oneLine(m_reward, 40) + '"') +
                      "; set reward.server_reward to one that it has: " + listOf(names));
        }
        return {.name = "UniRL reward " + oneLine(m_reward, 40), .version = "", .maxBatch = kImagesPerRequest};
    }

    HttpBody body(const ScoreRequest& request) const override {
        Json requests = Json::array();
        for (std::size_t i = 0; i < request.prompts.size(); ++i) {
            requests.push_back({{"history", {{{"text", request.prompts[i]}, {"image_b64", base64(request.pngs[i])}}}},
                                {"required_rewards", {m_reward}},
                                {"metadata", nullptr}});
        }
        return {"application/json", Json{{"requests", std::move(requests)}}.dump(-1, ' ', false, Json::error_handler_t::replace)};
    }

    std::vector<double> readScores(std::string_view text, const ScoreRequest& request) const override {
        const Json reply = parseReply(text, "the answer");
        const Json& results = listOfReply(reply, "results", request);
        std::vector<double> scores;
        for (std::size_t i = 0; i < results.size(); ++i) {
            scores.push_back(finiteScore(metricOf(results[i], reasonOf(reply, i), imageText(i, request)), imageText(i, request)));
        }
        return scores;
    }

private:
    /// The number that is wanted among those of the reward.
    Json metricOf(const Json& result, const std::string& reason, const std::string& image) const {
        const auto found = result.is_object() ? result.find(m_reward) : result.end();
        if (!result.is_object() || found == result.end() || !found->is_object() || found->empty()) {
            failReply("there is no score of \"" + oneLine(m_reward, 40) + "\" for " + image + ": " + reason);
        }
        if (m_metric.empty() && found->size() == 1) {
            return found->front();
        }
        const auto metric = found->find(m_metric);
        if (metric == found->end()) {
            std::vector<std::string> names;
            for (const auto& [key, value] : found->items()) {
                names.push_back(key);
            }
            failReply("the reward \"" + oneLine(m_reward, 40) + "\" has the numbers " + listOf(names) + "; set reward.server_metric to one of them" +
                      (m_metric.empty() ? "" : ", not to \"" + oneLine(m_metric, 40) + '"'));
        }
        return *metric;
    }

    std::string reasonOf(const Json& reply, std::size_t index) const {
        const auto errors = reply.find("errors");
        const bool isThere = errors != reply.end() && errors->is_array() && index < errors->size() && (*errors)[index].is_object() &&
                             (*errors)[index].contains(m_reward) && (*errors)[index][m_reward].is_string();
        return isThere ? oneLine((*errors)[index][m_reward].get<std::string>()) : "no reason was given";
    }

    const std::string m_reward, m_metric;
};

}  // namespace

std::unique_ptr<ServerDialect> makeUniRlDialect(std::string reward, std::string metric) {
    return std::make_unique<UniRlDialect>(std::move(reward), std::move(metric));
}

}  // namespace rlcm::rewards
