#pragma once
// Transformer2DModel of diffusers with one BasicTransformerBlock: self-attention, cross-attention, gated feed-forward.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/nn/layers.h"
#include "core/nn/lora.h"

namespace rlcm::nn {

struct SpatialTransformer {
    /// Projections of one block: to_q, to_k, to_v, to_out.0 of attn1, then of attn2.
    static constexpr std::size_t kProjections = 8;

    GroupNorm norm;
    at::Tensor projIn, projInBias, projOut, projOutBias;  ///< [C,C], also where the file holds 1x1 convolutions
    LayerNorm norm1, norm2, norm3;
    at::Tensor outBias1, outBias2;  ///< to_out.0.bias of attn1 and attn2
    Linear feedForwardIn, feedForwardOut;
    std::int64_t heads = 8;

    struct Shape {
        std::int64_t channels = 0, contextWidth = 0, heads = 8, groups = 32;
        bool isLinearProjection = false;  ///< layout of proj_in and proj_out in the file
    };
    /// Appends its projections to `projections`.
    static SpatialTransformer take(Weights& weights, const std::string& path, const Shape& shape, std::vector<Projection>& projections);
    /// x [B,C,H,W], context [k*B,T,X], projections: kProjections weights. Returns [k*B,C,H,W]: what comes before the
    /// cross-attention runs once for all k groups.
    at::Tensor operator()(const at::Tensor& x, const at::Tensor& context, std::span<const at::Tensor> projections) const;
};

}  // namespace rlcm::nn
