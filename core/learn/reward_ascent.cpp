#include "core/learn/reward_ascent.h"

#include <cmath>

#include "core/rewards/reward.h"
#include "core/tensor/torch.h"

namespace rlcm::learn {

RewardChain RewardAscent::chainOf(const LastSteps& last) const {
    std::vector<std::string> prompts;
    for (const Pair& pair : last.pairs) {
        prompts.push_back(m_parts.prompts.texts[static_cast<std::size_t>(last.round.prompt[static_cast<std::size_t>(pair.row)])]);
    }
    return {.decode = [this](const at::Tensor& latents) { return m_parts.sampler.decoded(latents).to(at::kFloat); },
            .reward =
                [this, prompts = std::move(prompts)](const at::Tensor& pictures, std::int64_t first) {
                    const auto begin = prompts.begin() + first;
                    return m_parts.rewards.scorePictures(pictures, {begin, begin + pictures.size(0)});
                },
            .together = m_together};
}

double RewardAscent::meanGap(const at::Tensor& rewards, const LastSteps& last) const {
    const at::Tensor ours = rewards.to(at::kCPU, at::kDouble);
    const std::vector<double> weights = m_parts.rewards.differentiableWeights();
    double sum = 0;
    for (std::size_t i = 0; i < last.pairs.size(); ++i) {
        double reported = 0;
        for (std::size_t term = 0; term < weights.size(); ++term) {
            reported += weights[term] * last.round.terms[term].second[static_cast<std::size_t>(last.pairs[i].row)];
        }
        sum += std::abs(ours[static_cast<std::int64_t>(i)].item<double>() - reported);
    }
    return sum / static_cast<double>(last.pairs.size());
}

std::vector<at::Tensor> RewardAscent::lossGradient(const LastSteps& last, const Weight& weight, run::Measures& measures) const {
    const Scorer scorer{m_parts.sampler.denoiser(), m_parts.sampler.policy()};
    const Transitions starts = startsOf(m_parts, last.round, last.pairs);
    const diffusion::Transition step = scorer.policy.transition(starts.step, starts.x, scorer.predict(starts, last.projections));
    const at::Tensor latents = scorer.policy.finalLatent(step, scorer.policy.deterministicNext(step));
    const double each = -weight.share * weight.scale / static_cast<double>(last.pairs.size());
    const LatentGradient up = latentGradient(latents.detach(), chainOf(last), each);
    measures.add(run::measure::kGradientReward, up.rewards.to(at::kDouble).mean().item<double>(), weight.share);
    measures.add(run::measure::kClampedShare, up.clampedShare, weight.share);
    if (last.isAsSampled) {
        measures.add(run::measure::kGradientRewardGap, meanGap(up.rewards, last), weight.share);
    }
    return torch::autograd::grad({latents}, last.leaves, {up.gradient}, false, false, true);
}

}  // namespace rlcm::learn
