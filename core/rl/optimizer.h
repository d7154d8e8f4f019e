#pragma once
#include <cstdint>

#include <ATen/core/Tensor.h>

#include "core/rl/learner_state.h"

namespace rlcm::rl {

struct AdamOptions {
    bool isAdamW = false;
    double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.0;  ///< decay: decoupled, AdamW only
};

/// Adam or AdamW over one flat f32 (or f64) vector; the arithmetic of torch.optim. Not thread safe.
class Adam {
public:
    Adam(const at::Tensor& parameters, const AdamOptions& options);
    /// One step in place; gradient has the shape of the parameters.
    void step(const at::Tensor& gradient, double learningRate);
    std::int64_t stepCount() const { return m_step; }
    at::Tensor firstMoment() const { return m_first; }
    at::Tensor secondMoment() const { return m_second; }
    void save(LearnerState& state) const;
    /// Continues a saved state exactly. throws: Format when it is of no Adam.
    void restore(const LearnerState& state);

private:
    at::Tensor m_parameters, m_first, m_second;
    AdamOptions m_options;
    std::int64_t m_step = 0;
};

/// Scales `gradient` in place by min(1, maxNorm / (norm + 1e-6)); returns the norm before. A gradient whose norm is not
/// finite is left as it is, for the caller to refuse.
double clipGradientNorm(at::Tensor& gradient, double maxNorm);
/// "none": base. "two_thirds": base * (1 - (epoch + 1) / (3 * epochs)), the RLCM code's line, stepped before each epoch.
double learningRateAt(double base, bool decaysToTwoThirds, std::int64_t epoch, std::int64_t epochs);

}  // namespace rlcm::rl
