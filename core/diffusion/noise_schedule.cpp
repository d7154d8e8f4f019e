#include "core/diffusion/noise_schedule.h"

#include <cmath>

#include "core/base/error.h"

namespace rlcm::diffusion {

NoiseSchedule::NoiseSchedule(std::int64_t trainSteps, double betaStart, double betaEnd) {
    ensure(trainSteps >= 2, "a noise schedule needs at least two steps");
    ensure(betaStart > 0 && betaStart <= betaEnd && betaEnd < 1, "betas must satisfy 0 < start <= end < 1");
    const double first = std::sqrt(betaStart);
    const double last = std::sqrt(betaEnd);
    const double spacing = (last - first) / static_cast<double>(trainSteps - 1);
    m_alphaBar.reserve(static_cast<std::size_t>(trainSteps));
    double product = 1.0;
    for (std::int64_t t = 0; t < trainSteps; ++t) {
        // The end is taken as given, so that it carries no rounding of the spacing.
        const double root = t + 1 == trainSteps ? last : first + spacing * static_cast<double>(t);
        product *= 1.0 - root * root;
        m_alphaBar.push_back(product);
    }
}

double NoiseSchedule::alphaBar(std::int64_t t) const {
    ensure(t >= 0 && t < trainSteps(), "timestep outside the noise schedule");
    return m_alphaBar[static_cast<std::size_t>(t)];
}

}  // namespace rlcm::diffusion
