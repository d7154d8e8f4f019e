#include "core/learn/policy_gradient.h"

#include "core/tensor/torch.h"

namespace rlcm::learn {

at::Tensor Scorer::logProb(const Transitions& transitions, std::span<const nn::MergedProjection> projections) const {
    return logProb(transitions, denoiser.predictMixed(transitions.step, transitions.x, transitions.condition, projections));
}

at::Tensor Scorer::logProb(const Transitions& transitions, const at::Tensor& prediction) const {
    const diffusion::Transition transition = policy.transition(transitions.step, transitions.x, prediction);
    return diffusion::logProbPerElement(transitions.next, transition.mean, transition.std);
}

std::vector<at::Tensor> lossGradient(const rl::Objective& objective, const rl::Scored& rows, const Weight& weight, const std::vector<at::Tensor>& leaves,
                                     run::Measures& measures) {
    const at::Tensor loss = objective.loss(rows, weight.share, measures);
    return torch::autograd::grad({loss * (weight.share * weight.scale)}, leaves, {}, false, false, true);
}

}  // namespace rlcm::learn
