#pragma once
// The gradient of a policy and that of its reward in one update.
#include <optional>

#include <ATen/core/Tensor.h>

#include "core/rl/learner_state.h"
#include "core/run/measures.h"

namespace rlcm::rl {

struct MixOptions {
    double weight = 0;  ///< of the reward's gradient
    double ratio = 0;   ///< > 0: the weight is chosen in the first update, so that the reward's part is so many times as long as the policy's
};

/// policy + w * reward. source of the sum: RTDMD (arXiv 2605.26108); the choice of w is ours. Not thread safe.
class GradientMix {
public:
    explicit GradientMix(const MixOptions& options);
    /// What an update goes down, from the gradient of the policy's loss and that of the negative reward, both [P]; undefined for the policy: the reward's alone.
    /// Adds both norms before weighing, their cosine and the weight to `measures`. While either gradient is nothing a weight cannot be chosen, and the reward's is
    /// left out.
    at::Tensor mixed(const at::Tensor& policy, const at::Tensor& reward, run::Measures& measures);
    /// What was chosen, if anything was.
    void save(LearnerState& state) const;
    void restore(const LearnerState& state);

private:
    double m_ratio;
    std::optional<double> m_weight;
};

}  // namespace rlcm::rl
