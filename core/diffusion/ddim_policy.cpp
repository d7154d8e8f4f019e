// Stochastic DDIM sampling, seen as a policy.
//   notation   x state at t, e predicted noise, a = abar(t), p = abar(t'), t' = max(t - spacing, 0)
//   x0 = (x - sqrt(1-a) e) / sqrt(a),  s = eta sqrt((1-p)/(1-a) (1 - a/p))
//   next ~ N(sqrt(p) x0 + sqrt(1-p-s^2) e, s^2)
// source: Song et al. 2021 eq. 12 and 16, ddpo-pytorch step; tested against golden/schedulers and
// golden/scalars.
#include "core/diffusion/policy.h"

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/diffusion/step_table.h"
#include "core/tensor/torch.h"

namespace rlcm::diffusion {
namespace {

/// x0 = stateFactor * x + noiseFactor * e; mean = signal * x0 + direction * e.
std::vector<double> coefficients(double a, double p, double eta) {
    const double std = eta * std::sqrt((1 - p) / (1 - a) * (1 - a / p));
    // The argument is mathematically >= 0; rounding must not turn a zero into a NaN.
    const double direction = std::sqrt(std::max(0.0, 1 - p - std * std));
    return {1 / std::sqrt(a), -std::sqrt(1 - a) / std::sqrt(a), std::sqrt(p), direction, std};
}

class DdimPolicy : public Policy {
public:
    DdimPolicy(const NoiseSchedule& schedule, const DdimOptions& options, at::Device device)
        : m_timesteps(ddimTimesteps(options.steps, options.stepsOffset, schedule.trainSteps(), options.spacing)),
          m_stochasticSteps(options.eta > 0 ? options.steps : 0),
          m_table(rows(schedule, m_timesteps, options), device) {}

    std::span<const std::int64_t> timesteps() const override { return m_timesteps; }
    std::int64_t stochasticSteps() const override { return m_stochasticSteps; }

    Transition transition(const at::Tensor& step, const at::Tensor& x, const at::Tensor& eps) const override {
        const auto c = m_table.at(step, x);
        const at::ScalarType dtype = arithmetic(x);
        const at::Tensor noise = eps.to(dtype);
        const at::Tensor clean = c[0] * x.to(dtype) + c[1] * noise;
        return {.mean = c[2] * clean + c[3] * noise, .std = perRow(c[4], x), .denoised = clean};
    }
    at::Tensor deterministicNext(const Transition& transition) const override { return transition.mean; }
    at::Tensor finalLatent(const Transition&, const at::Tensor& lastState) const override { return lastState; }

private:
    static std::vector<std::vector<double>> rows(const NoiseSchedule& schedule, const std::vector<std::int64_t>& timesteps, const DdimOptions& options) {
        ensure(options.eta >= 0 && options.eta <= 1, "eta must be in 0..1");
        const std::int64_t spacing = schedule.trainSteps() / static_cast<std::int64_t>(timesteps.size());
        std::vector<std::vector<double>> result;
        for (const std::int64_t t : timesteps) {
            // Clamped before use, so the last step keeps a little noise and a finite log-probability, unless it is to end clean.
            const bool isClean = options.endsClean && t < spacing;
            const double previous = isClean ? 1.0 : schedule.alphaBar(std::max<std::int64_t>(t - spacing, 0));
            result.push_back(coefficients(schedule.alphaBar(t), previous, options.eta));
        }
        return result;
    }

    std::vector<std::int64_t> m_timesteps;
    std::int64_t m_stochasticSteps;
    StepTable m_table;
};

}  // namespace

std::unique_ptr<Policy> makeDdimPolicy(const NoiseSchedule& schedule, const DdimOptions& options, at::Device device) {
    return std::make_unique<DdimPolicy>(schedule, options, device);
}

}  // namespace rlcm::diffusion
