// Multistep consistency sampling with noise, seen as a policy.
//   notation   x state at t, e predicted noise, a = abar(t), p = abar(t'), t' the next timestep
//   x0 = (x - sqrt(1-a) e) / sqrt(a)          clean latent that the noise prediction implies
//   f  = c_out x0 + c_skip x                  consistency output ("denoised")
//   next ~ N(sqrt(p) f, 1 - p)
// source: Luo et al. 2023 (LCM), diffusers LCMScheduler, RLCM code; tested against golden/schedulers and
// golden/scalars.
#include "core/diffusion/policy.h"

#include <cmath>

#include "core/diffusion/step_table.h"
#include "core/tensor/torch.h"

namespace rlcm::diffusion {
namespace {

/// f = stateFactor * x + noiseFactor * e; mean = signal * f.
std::vector<double> coefficients(const NoiseSchedule& schedule, std::int64_t t, std::int64_t next, double timestepScaling) {
    const double a = schedule.alphaBar(t);
    const double p = schedule.alphaBar(next);
    const auto [skip, out] = lcmBoundary(static_cast<double>(t), timestepScaling);
    const double stateFactor = out / std::sqrt(a) + skip;
    const double noiseFactor = -out * std::sqrt(1 - a) / std::sqrt(a);
    return {stateFactor, noiseFactor, std::sqrt(p), std::sqrt(1 - p)};
}

class LcmPolicy : public Policy {
public:
    LcmPolicy(const NoiseSchedule& schedule, const LcmOptions& options, at::Device device)
        : m_timesteps(lcmTimesteps(options.steps, options.rule, options.originalSteps, schedule.trainSteps())),
          m_stochasticSteps(options.lastStep == LastStep::Faithful && options.steps > 1 ? options.steps : options.steps - 1),
          m_table(rows(schedule, m_timesteps, options.timestepScaling), device) {}

    std::span<const std::int64_t> timesteps() const override { return m_timesteps; }
    std::int64_t stochasticSteps() const override { return m_stochasticSteps; }

    Transition transition(const at::Tensor& step, const at::Tensor& x, const at::Tensor& eps) const override {
        const auto c = m_table.at(step, x);
        const at::ScalarType dtype = arithmetic(x);
        const at::Tensor denoised = c[0] * x.to(dtype) + c[1] * eps.to(dtype);
        return {.mean = c[2] * denoised, .std = perRow(c[3], x), .denoised = denoised};
    }
    at::Tensor deterministicNext(const Transition& transition) const override { return transition.denoised; }
    at::Tensor finalLatent(const Transition& last, const at::Tensor&) const override { return last.denoised; }

private:
    static std::vector<std::vector<double>> rows(const NoiseSchedule& schedule, const std::vector<std::int64_t>& timesteps, double timestepScaling) {
        std::vector<std::vector<double>> result;
        for (std::size_t i = 0; i < timesteps.size(); ++i) {
            // The last step goes back to its own level, as in the released RLCM code.
            const std::int64_t next = timesteps[i + 1 < timesteps.size() ? i + 1 : i];
            result.push_back(coefficients(schedule, timesteps[i], next, timestepScaling));
        }
        return result;
    }

    std::vector<std::int64_t> m_timesteps;
    std::int64_t m_stochasticSteps;
    StepTable m_table;
};

}  // namespace

LcmBoundary lcmBoundary(double t, double timestepScaling) {
    constexpr double kSigmaData = 0.5;
    const double s = timestepScaling * t;
    const double variance = s * s + kSigmaData * kSigmaData;
    return {.skip = kSigmaData * kSigmaData / variance, .out = s / std::sqrt(variance)};
}

std::unique_ptr<Policy> makeLcmPolicy(const NoiseSchedule& schedule, const LcmOptions& options, at::Device device) {
    return std::make_unique<LcmPolicy>(schedule, options, device);
}

}  // namespace rlcm::diffusion
