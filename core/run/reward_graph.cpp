#include "core/run/reward_graph.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/run/model_registry.h"
#include "core/run/reward_catalogue.h"
#include "core/shapes/clip_parts.h"

namespace rlcm::run {
namespace {

/// Numbers that an image tower keeps of one picture, its weights being frozen. Of each layer, for every token: the inputs of both norms, q, k, v and result of
/// the attention, and what the activation of the feed-forward reads (of x * sigmoid(1.702 x) both factors). Before them the square that it sees, as it is cut,
/// brought to its deviation and as patches.
std::int64_t towerNumbers(const shapes::ClipVisionShape& vision) {
    const std::int64_t side = vision.imageSize / vision.patchSize, tokens = 1 + side * side;
    const std::int64_t layer = 6 * vision.hidden + (vision.isQuickGelu ? 2 : 1) * vision.intermediate;
    return tokens * (vision.layers * layer + vision.hidden) + 3 * 3 * vision.imageSize * vision.imageSize;
}

/// Of one term: its network's, which the first of its needs names, or the two opponent colours of a term without one.
std::int64_t termNumbers(const RewardTerm& term, const RewardConfig& reward, std::int64_t pixels) {
    const RewardKind& kind = rewardKind(term.kind);
    if (!kind.isDifferentiable) {
        return 0;
    }
    if (kind.needs.empty()) {
        return 2 * pixels;
    }
    try {
        return towerNumbers(shapes::readClipVision(modelFolder(settingsOf(term, reward).*kind.needs.front().value)));
    } catch (const Error&) {
        return 0;
    }
}

}  // namespace

std::int64_t rewardGraphBytes(const RewardConfig& reward, std::int64_t pixels) {
    std::int64_t numbers = 0;
    try {
        for (const RewardTerm& term : parseRewardTerms(reward.terms)) {
            numbers += termNumbers(term, reward, pixels);
        }
    } catch (const Error&) {
        return 0;
    }
    return numbers * static_cast<std::int64_t>(sizeof(float));
}

}  // namespace rlcm::run
