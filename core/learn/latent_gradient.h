#pragma once
// The reward as a function of the latents that its pictures are decoded from.
#include <cstddef>
#include <cstdint>
#include <functional>

#include <ATen/core/Tensor.h>

namespace rlcm::learn {

/// From latents to rewards, each step differentiable.
struct RewardChain {
    std::function<at::Tensor(const at::Tensor& latents)> decode;  ///< [n,C,h,w] f32 -> around -1..1, as the decoder gives it
    /// Pictures in 0..1 -> [n] rewards; `first` is the number of their first among all.
    std::function<at::Tensor(const at::Tensor& pictures, std::int64_t first)> reward;
    std::int64_t together = 1;  ///< pictures whose graph is alive at once
};

/// Of a sum of rewards.
struct LatentGradient {
    at::Tensor rewards;       ///< [n], constants
    at::Tensor gradient;      ///< as the latents: of weight * (sum of the rewards)
    double clampedShare = 0;  ///< of the pictures' values, those outside 0..1, through which no gradient comes
};
/// Decodes and scores `together` latents at a time, so that no more graphs of the decoder are alive. thread: any; grad mode must be on.
LatentGradient latentGradient(const at::Tensor& latents, const RewardChain& chain, double weight);

}  // namespace rlcm::learn
