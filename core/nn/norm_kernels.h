#pragma once
// SiLU(GroupNorm(x + shift)) and its input gradient for one group of channels of one image: plain loops, no torch, so
// that this file alone is compiled for several processors. Private to core/nn.
#include <cstdint>

namespace rlcm::nn::kernels {

/// One group: `channels` planes of `area` contiguous values. shift may be null.
struct Group {
    std::int64_t channels, area;
    const float* weight;  ///< [channels]
    const float* bias;    ///< [channels]
    const float* shift;   ///< [channels] or null
};

/// y = SiLU(norm(x + shift)); mean and 1 / standard deviation are stored for the backward pass.
void normSiluForward(const Group& group, double eps, const float* x, float* y, float& mean, float& inverseDeviation);
/// dx from dy, where x, mean and inverseDeviation are those of the forward pass. dx may be dy.
void normSiluBackward(const Group& group, const float* x, float mean, float inverseDeviation, const float* dy, float* dx);
/// bfloat16 (as bit patterns) to f32 and back, rounding to nearest even.
void widen(const std::uint16_t* from, float* to, std::int64_t count);
void narrow(const float* from, std::uint16_t* to, std::int64_t count);

}  // namespace rlcm::nn::kernels
