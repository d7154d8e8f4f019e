#pragma once
#include <cstdint>

#include <ATen/core/Tensor.h>

#include "core/rl/learner_state.h"

namespace rlcm::rl {

struct EmaOptions {
    double decay = 0.9;
    std::int64_t every = 1;    ///< optimiser steps
    std::int64_t warmup = 10;  ///< the decay is at most (1 + s) / (warmup + s) after s steps; 0: constant
};

/// Exponential moving average of parameters, begun at what they are. After optimiser step s = 1, 2, .. with s + 1 divisible by `every`: e = k e + (1 - k) p with
/// k = min(decay, (1 + s) / (warmup + s)). source: flow_grpo; tested against golden/rules (ema). Not thread safe.
class Ema {
public:
    Ema(const at::Tensor& parameters, const EmaOptions& options);
    /// Once after each optimiser step, with its number, from 1.
    void update(const at::Tensor& parameters, std::int64_t step);
    at::Tensor average() const { return m_average; }
    void save(LearnerState& state) const;
    /// throws: Format when the state has no average.
    void restore(const LearnerState& state);

private:
    EmaOptions m_options;
    at::Tensor m_average;
};

}  // namespace rlcm::rl
