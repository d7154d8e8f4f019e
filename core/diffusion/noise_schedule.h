#pragma once
#include <cstdint>
#include <vector>

namespace rlcm::diffusion {

/// The scaled-linear noise schedule, in double, computed once.
/// source: Rombach et al. 2022; betas = linspace(sqrt(start), sqrt(end), n)^2, abar = cumprod(1 - beta).
class NoiseSchedule {
public:
    NoiseSchedule(std::int64_t trainSteps = 1000, double betaStart = 0.00085, double betaEnd = 0.012);
    /// Cumulative product at t in [0, trainSteps). throws: std::logic_error outside.
    double alphaBar(std::int64_t t) const;
    std::int64_t trainSteps() const { return static_cast<std::int64_t>(m_alphaBar.size()); }

private:
    std::vector<double> m_alphaBar;
};

}  // namespace rlcm::diffusion
