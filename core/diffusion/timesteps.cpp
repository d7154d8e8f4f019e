#include "core/diffusion/policy.h"

#include <cmath>
#include <string>

#include "core/base/error.h"

namespace rlcm::diffusion {

std::vector<std::int64_t> lcmTimesteps(std::int64_t steps, TimestepRule rule, std::int64_t originalSteps, std::int64_t trainSteps) {
    ensure(originalSteps >= 1 && originalSteps <= trainSteps, "original steps must be in 1..train steps");
    if (steps < 1 || steps > originalSteps) {
        throw Error(ErrorKind::Config, "sampling steps " + std::to_string(steps) + " are not possible: this consistency model was distilled on " +
                                           std::to_string(originalSteps) + " timesteps; choose 1 to " + std::to_string(originalSteps));
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

std::vector<std::int64_t> ddimTimesteps(std::int64_t steps, std::int64_t offset, std::int64_t trainSteps, TimestepSpacing spacing) {
    const bool isPossible = steps >= 1 && steps <= trainSteps && offset >= 0;
    if (!isPossible || (spacing == TimestepSpacing::Leading && (steps - 1) * (trainSteps / steps) + offset >= trainSteps)) {
        throw Error(ErrorKind::Config, "sampling steps " + std::to_string(steps) + " with offset " + std::to_string(offset) + " do not fit into " +
                                           std::to_string(trainSteps) + " timesteps; use fewer steps");
    }
    const auto whole = static_cast<double>(trainSteps), count = static_cast<double>(steps);
    std::vector<std::int64_t> result;
    for (std::int64_t i = steps - 1; i >= 0; --i) {
        switch (spacing) {
            case TimestepSpacing::Leading:
                result.push_back(i * (trainSteps / steps) + offset);
                break;
            // Halves go to the even number, as in numpy.
            case TimestepSpacing::Linspace:
                result.push_back(steps == 1 ? 0 : std::llrint(static_cast<double>(i) * ((whole - 1) / (count - 1))));
                break;
            case TimestepSpacing::Trailing:
                result.push_back(std::llrint(whole - static_cast<double>(steps - 1 - i) * (whole / count)) - 1);
                break;
        }
    }
    return result;
}

}  // namespace rlcm::diffusion
