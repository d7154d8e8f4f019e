#include "core/diffusion/policy.h"

#include <cmath>
#include <string>

#include "core/base/error.h"

namespace rlcm::diffusion {

std::vector<std::int64_t> lcmTimesteps(std::int64_t steps,
                                       TimestepRule rule,
                                       std::int64_t originalSteps,
                                       std::int64_t trainSteps) {
    ensure(originalSteps >= 1 && originalSteps <= trainSteps, "original steps must be in 1..train steps");
    if (steps < 1 || steps > originalSteps) {
        throw Error(ErrorKind::Config,
                    "sampling steps " + std::to_string(steps) +
                        " are not possible: this consistency model was distilled on " +
                        std::to_string(originalSteps) + " timesteps; choose 1 to " +
                        std::to_string(originalSteps));
    }
    // The timesteps that the distillation used, noisiest first: entry k from the top is (originalSteps - k)
    // spacings - 1.
    const std::int64_t spacing = trainSteps / originalSteps;
    const auto fromTop = [&](std::int64_t k) { return (originalSteps - k) * spacing - 1; };
    std::vector<std::int64_t> result;
    for (std::int64_t i = 0; i < steps; ++i) {
        if (rule == TimestepRule::Rlcm) {
            result.push_back(fromTop(i * (originalSteps / steps)));
        } else {
            const double stride = static_cast<double>(originalSteps) / static_cast<double>(steps);
            result.push_back(fromTop(static_cast<std::int64_t>(std::floor(static_cast<double>(i) * stride))));
        }
    }
    return result;
}

std::vector<std::int64_t> ddimTimesteps(std::int64_t steps, std::int64_t offset, std::int64_t trainSteps) {
    const bool isPossible = steps >= 1 && steps <= trainSteps && offset >= 0;
    if (!isPossible || (steps - 1) * (trainSteps / steps) + offset >= trainSteps) {
        throw Error(ErrorKind::Config,
                    "sampling steps " + std::to_string(steps) + " with offset " + std::to_string(offset) +
                        " do not fit into " + std::to_string(trainSteps) + " timesteps; use fewer steps");
    }
    std::vector<std::int64_t> result;
    for (std::int64_t i = steps - 1; i >= 0; --i) {
        result.push_back(i * (trainSteps / steps) + offset);
    }
    return result;
}

}  // namespace rlcm::diffusion
