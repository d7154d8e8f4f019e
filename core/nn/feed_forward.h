#pragma once
#include <cstdint>
#include <string>

#include <ATen/core/Tensor.h>

#include "core/nn/layers.h"

namespace rlcm::nn {

/// The feed-forward part of a BasicTransformerBlock: a layer norm, a product, gated GELU (exact), a product, plus what came in. On the CPU in f32 and bf16 one function
/// of the graph, the gate one pass over memory; elsewhere torch's operators.
struct FeedForward {
    LayerNorm norm;
    Linear in, out;
    /// [C] -> [8C] -> [4C] -> [C]
    static FeedForward take(Weights& weights, const std::string& norm, const std::string& path, std::int64_t channels, double normEps);
    /// h [..., C]. Keeps h, two numbers a row and what the gate reads for the backward pass. thread: any.
    at::Tensor operator()(const at::Tensor& h) const;
};

}  // namespace rlcm::nn
