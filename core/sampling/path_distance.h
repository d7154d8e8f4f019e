#pragma once
#include <cstdint>
#include <map>
#include <optional>

#include "core/diffusion/policy.h"

namespace rlcm::sampling {

/// How far a policy is from another along its own paths, from what the networks of both make of the same states. Not every path need be there at every step.
class PathDistance {
public:
    /// Rows that are all at `step`.
    void add(const diffusion::Policy& policy, std::int64_t step, const diffusion::Transition& ours, const diffusion::Transition& reference);
    void merge(const PathDistance& other);
    /// Nats: the mean divergence of each random step, summed over the elements and the steps. source: methods of KL-regularised policies, closed form as
    /// diffusion::klPerElement; tested against golden/rules.
    double pathKl() const;
    /// Mean square between the last denoised latents; nothing where the last step is random.
    std::optional<double> lastStepDrift() const;

private:
    struct Sum {
        double value = 0;
        std::int64_t rows = 0;
        double mean() const { return value / static_cast<double>(rows); }
    };
    std::map<std::int64_t, Sum> m_kl;  // by step
    Sum m_drift;
};

}  // namespace rlcm::sampling
