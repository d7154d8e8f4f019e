#include "core/learn/policy_gradient.h"

#include "core/tensor/torch.h"

namespace rlcm::learn {

at::Tensor Scorer::logProb(const Transitions& transitions, std::span<const nn::MergedProjection> projections) const {
    return logProb(transitions, predict(transitions, projections));
}

at::Tensor Scorer::predict(const Transitions& transitions, std::span<const nn::MergedProjection> projections) const {
    return denoiser.predictMixed(transitions.step, transitions.x, transitions.condition, projections);
}

at::Tensor Scorer::kl(const Transitions& transitions, const at::Tensor& prediction, const at::Tensor& reference) const {
    const diffusion::Transition ours = policy.transition(transitions.step, transitions.x, prediction);
    const diffusion::Transition other = policy.transition(transitions.step, transitions.x, reference);
    return diffusion::klPerElement(ours.mean, other.mean, ours.std);
}

at::Tensor Scorer::logProb(const Transitions& transitions, const at::Tensor& prediction) const {
    const diffusion::Transition transition = policy.transition(transitions.step, transitions.x, prediction);
    return diffusion::logProbPerElement(transitions.next, transition.mean, transition.std);
}

at::Tensor Scorer::klToMean(const Transitions& transitions, const at::Tensor& prediction, const at::Tensor& mean) const {
    const diffusion::Transition ours = policy.transition(transitions.step, transitions.x, prediction.detach());
    return diffusion::klPerElement(ours.mean, mean, ours.std);
}

std::vector<at::Tensor> lossGradient(const rl::Objective& objective, const rl::Scored& rows, const Weight& weight, const std::vector<at::Tensor>& leaves,
                                     run::Measures& measures) {
    const at::Tensor loss = objective.loss(rows, weight.share, measures);
    return torch::autograd::grad({loss * (weight.share * weight.scale)}, leaves, {}, false, false, true);
}

}  // namespace rlcm::learn
