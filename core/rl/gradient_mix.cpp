#include "core/rl/gradient_mix.h"

#include <string>

#include "core/base/error.h"
#include "core/tensor/torch.h"

namespace rlcm::rl {
namespace {

namespace measure = run::measure;

constexpr const char* kWeight = "reward_gradient_weight";

}  // namespace

GradientMix::GradientMix(const MixOptions& options) : m_ratio(options.ratio), m_weight(options.ratio > 0 ? std::nullopt : std::optional(options.weight)) {}

at::Tensor GradientMix::mixed(const at::Tensor& policy, const at::Tensor& reward, run::Measures& measures) {
    const double ofReward = reward.norm().item<double>();
    measures.add(measure::kRewardGradientNorm, ofReward);
    if (!policy.defined()) {
        return reward;
    }
    const double ofPolicy = policy.norm().item<double>();
    measures.add(measure::kPolicyGradientNorm, ofPolicy);
    if (ofPolicy > 0 && ofReward > 0) {
        measures.add(measure::kGradientCosine, policy.dot(reward).item<double>() / (ofPolicy * ofReward));
        if (!m_weight) {
            m_weight = m_ratio * ofPolicy / ofReward;
        }
    }
    const double weight = m_weight.value_or(0.0);
    measures.add(measure::kRewardGradientWeight, weight);
    return policy + weight * reward;
}

void GradientMix::save(LearnerState& state) const {
    if (m_ratio > 0 && m_weight) {
        state.values[kWeight] = *m_weight;
    }
}

void GradientMix::restore(const LearnerState& state) {
    const auto found = state.values.find(kWeight);
    if (m_ratio <= 0 || found == state.values.end()) {
        return;
    }
    if (!found->is_number()) {
        throw Error(ErrorKind::Format, std::string("the checkpoint is damaged: ") + kWeight + " is no number");
    }
    m_weight = found->get<double>();
}

}  // namespace rlcm::rl
