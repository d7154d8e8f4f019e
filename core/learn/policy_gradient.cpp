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

LossGradient lossGradient(const Scored& scored, const ClipOptions& clip, double weight, const std::vector<at::Tensor>& leaves) {
    LossGradient result;
    result.loss = rl::clippedPolicyLoss(scored.logProb, scored.oldLogProb, scored.advantage, clip.rangePerElement, clip.advantage);
    result.leaves = torch::autograd::grad({result.loss.loss * weight}, leaves, {}, false, false, true);
    return result;
}

}  // namespace rlcm::learn
