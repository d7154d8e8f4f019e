#include "core/learn/latent_gradient.h"

#include <algorithm>
#include <vector>

#include "core/tensor/torch.h"

namespace rlcm::learn {

LatentGradient latentGradient(const at::Tensor& latents, const RewardChain& chain, double weight) {
    std::vector<at::Tensor> rewards, gradients;
    double clamped = 0;
    for (std::int64_t first = 0; first < latents.size(0); first += chain.together) {
        const std::int64_t count = std::min(chain.together, latents.size(0) - first);
        const at::Tensor some = latents.narrow(0, first, count).detach().clone().set_requires_grad(true);
        const at::Tensor raw = chain.decode(some).mul(0.5).add(0.5);
        const at::Tensor reward = chain.reward(raw.clamp(0.0, 1.0), first);
        clamped += (raw.detach() < 0).logical_or(raw.detach() > 1).to(at::kDouble).mean().item<double>() * static_cast<double>(count);
        gradients.push_back(torch::autograd::grad({reward.sum() * weight}, {some})[0]);
        rewards.push_back(reward.detach());
    }
    return {.rewards = at::cat(rewards), .gradient = at::cat(gradients), .clampedShare = clamped / static_cast<double>(latents.size(0))};
}

}  // namespace rlcm::learn
