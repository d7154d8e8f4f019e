#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include <ATen/core/Tensor.h>

#include "core/nn/layers.h"

namespace rlcm::nn {

/// Sinusoid of timesteps: half = width / 2, freq_i = 10000^(-i / (half - freqShift)); [cos | sin] when isCosFirst, a zero
/// appended for an odd width. Computed in f32, whatever the network's dtype.
/// shapes: timesteps [n] any dtype; returns [n, width] f32. source: diffusers get_timestep_embedding.
at::Tensor timestepSinusoid(const at::Tensor& timesteps, std::int64_t width, bool isCosFirst, std::int64_t freqShift);

/// time_embedding and add_embedding of a UNet: input (+ guidance projection), linear, SiLU, linear.
struct TimeEmbedding {
    Linear linear1, linear2;
    std::optional<Linear> guidance;  ///< cond_proj, no bias; consistency models only
    /// guidanceWidth 0: none.
    static TimeEmbedding take(Weights& weights, const std::string& path, std::int64_t in, std::int64_t out, std::int64_t guidanceWidth);
    /// input [n,in] (a sinusoid), guidance [n or 1, guidanceWidth] or undefined -> [n,out] in the weights' dtype.
    at::Tensor operator()(const at::Tensor& input, const at::Tensor& guidanceEmbedding = {}) const;
};

}  // namespace rlcm::nn
