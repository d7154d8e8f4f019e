#include "core/rl/reward_transform.h"

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/rl/suspicion.h"

namespace rlcm::rl {
namespace {

std::vector<double> topShare(std::span<const double> rewards, double share) {
    std::vector<double> result(rewards.size(), 0.0);
    for (const std::size_t image : largestShare(rewards, share)) {
        result[image] = 1.0;
    }
    return result;
}

double quantised(double reward, const run::TransformConfig& transform) {
    const double range = transform.high - transform.low, gaps = static_cast<double>(transform.levels - 1);
    const double place = std::clamp((reward - transform.low) / range, 0.0, 1.0);
    return transform.low + range * std::floor(place * gaps + 0.5) / gaps;
}

double noiseOf(const TransformKey& key, std::size_t image) {
    float value = 0;
    key.streams.at(Stream::RewardNoise, key.epoch, key.samples[image]).fillNormal({&value, 1});
    return value;
}

}  // namespace

std::optional<std::uint64_t> rewardedEpoch(const run::TransformConfig& transform, std::uint64_t epoch) {
    const auto period = static_cast<std::uint64_t>(transform.epochs);
    if (transform.kind == run::RewardTransform::Delayed) {
        return epoch < period ? std::nullopt : std::optional(epoch - period);
    }
    return transform.kind == run::RewardTransform::EveryNth && epoch % period != 0 ? std::nullopt : std::optional(epoch);
}

std::vector<double> transformed(const run::TransformConfig& transform, std::span<const double> rewards, const TransformKey& key) {
    using run::RewardTransform;
    std::vector<double> result(rewards.begin(), rewards.end());
    const auto change = [&](auto changed) { std::ranges::transform(rewards, result.begin(), changed); };
    switch (transform.kind) {
        case RewardTransform::None:
        case RewardTransform::Delayed:
            break;
        case RewardTransform::WinRate:
            return winRates(rewards);
        case RewardTransform::Threshold:
            change([&](double reward) { return reward >= transform.threshold ? 1.0 : 0.0; });
            break;
        case RewardTransform::TopShare:
            return topShare(rewards, transform.share);
        case RewardTransform::EveryNth:
            change([&](double reward) { return rewardedEpoch(transform, key.epoch) ? reward : 0.0; });
            break;
        case RewardTransform::Quantised:
            change([&](double reward) { return quantised(reward, transform); });
            break;
        case RewardTransform::Noisy:
            ensure(key.samples.size() == rewards.size(), "every reward needs the number of its image");
            for (std::size_t i = 0; i < result.size(); ++i) {
                result[i] += transform.noise * noiseOf(key, i);
            }
            break;
        case RewardTransform::Drifting:
            change([&](double reward) { return reward - transform.drift * static_cast<double>(key.epoch); });
            break;
        case RewardTransform::Switching: {
            const bool isOpposite = key.epoch / static_cast<std::uint64_t>(transform.epochs) % 2 == 1;
            change([&](double reward) { return isOpposite ? -reward : reward; });
            break;
        }
    }
    return result;
}

}  // namespace rlcm::rl
