#pragma once
// Transformer2DModel of diffusers: BasicTransformerBlocks (self-attention, cross-attention, gated feed-forward) between two projections.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/nn/feed_forward.h"
#include "core/nn/layers.h"
#include "core/nn/lora.h"

namespace rlcm::nn {

/// BasicTransformerBlock with affine layer norms.
struct TransformerBlock {
    /// Projections of one block: to_q, to_k, to_v, to_out.0 of attn1, then of attn2.
    static constexpr std::size_t kProjections = 8;

    LayerNorm norm1, norm2;
    at::Tensor outBias1, outBias2;  ///< to_out.0.bias of attn1 and attn2
    FeedForward feedForward;
    std::int64_t heads = 8;

    struct Shape {
        std::int64_t channels = 0, contextWidth = 0, heads = 8;
    };
    /// Appends its projections to `projections`.
    static TransformerBlock take(Weights& weights, const std::string& path, const Shape& shape, std::vector<Projection>& projections);
    /// h [B,N,C], context [k*B,T,X] -> [k*B,N,C]: self-attention runs once for all k groups.
    at::Tensor operator()(at::Tensor h, const at::Tensor& context, std::span<const MergedProjection> projections) const;
};

struct SpatialTransformer {
    GroupNorm norm;
    at::Tensor projIn, projInBias, projOut, projOutBias;  ///< [C,C], also where the file holds 1x1 convolutions
    std::vector<TransformerBlock> blocks;

    struct Shape {
        std::int64_t channels = 0, contextWidth = 0, heads = 8, groups = 32, depth = 1;
        bool isLinearProjection = false;  ///< layout of proj_in and proj_out in the file
    };
    /// Appends its projections to `projections`.
    static SpatialTransformer take(Weights& weights, const std::string& path, const Shape& shape, std::vector<Projection>& projections);
    std::size_t projectionCount() const { return blocks.size() * TransformerBlock::kProjections; }
    /// x [B,C,H,W], context [k*B,T,X], projections: projectionCount() weights. Returns [k*B,C,H,W]: what comes before the
    /// first cross-attention runs once for all k groups.
    at::Tensor operator()(const at::Tensor& x, const at::Tensor& context, std::span<const MergedProjection> projections) const;
};

}  // namespace rlcm::nn
