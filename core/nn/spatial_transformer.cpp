#include "core/nn/spatial_transformer.h"

#include <utility>

#include "core/base/error.h"
#include "core/nn/attention.h"
#include "core/nn/merged_projection.h"
#include "core/nn/frozen_linear.h"
#include "core/tensor/torch.h"

namespace rlcm::nn {
namespace {

constexpr double kSpatialNormEps = 1e-6;  // GroupNorm before proj_in, whatever norm_eps says
constexpr double kLayerNormEps = 1e-5;

/// Matrix of a projection that is stored as [C,C] or as a 1x1 convolution [C,C,1,1].
at::Tensor takeMatrix(Weights& weights, const std::string& name, std::int64_t channels, bool isLinear) {
    if (isLinear) {
        return weights.take(name, {channels, channels});
    }
    return weights.take(name, {channels, channels, 1, 1}).reshape({channels, channels});
}

/// Appends the four projections of one attention layer and returns the bias of the last.
at::Tensor takeAttention(Weights& weights, const std::string& path, std::int64_t channels, std::int64_t keyWidth, std::vector<Projection>& projections) {
    projections.push_back({path + ".to_q", weights.take(path + ".to_q.weight", {channels, channels})});
    projections.push_back({path + ".to_k", weights.take(path + ".to_k.weight", {channels, keyWidth})});
    projections.push_back({path + ".to_v", weights.take(path + ".to_v.weight", {channels, keyWidth})});
    projections.push_back({path + ".to_out.0", weights.take(path + ".to_out.0.weight", {channels, channels})});
    return weights.take(path + ".to_out.0.bias", {channels});
}

/// An attention layer: four projections, the bias of the last, the heads.
struct AttentionLayer {
    std::span<const MergedProjection> projections;
    const at::Tensor& bias;
    std::int64_t heads;

    /// h + attention of x to itself.
    at::Tensor toItself(const at::Tensor& h, const at::Tensor& x) const {
        const std::vector<at::Tensor> read = projectAll(x, projections.first(3));
        return project(attention(read[0], read[1], read[2], heads), projections[3], bias, h);
    }
    /// h + attention of x to source.
    at::Tensor to(const at::Tensor& source, const at::Tensor& h, const at::Tensor& x) const {
        const std::vector<at::Tensor> read = projectAll(source, projections.subspan(1, 2));
        return project(attention(project(x, projections[0]), read[0], read[1], heads), projections[3], bias, h);
    }
};

}  // namespace

TransformerBlock TransformerBlock::take(Weights& weights, const std::string& path, const Shape& shape, std::vector<Projection>& projections) {
    const std::int64_t channels = shape.channels;
    TransformerBlock block;
    block.heads = shape.heads;
    block.norm1 = LayerNorm::take(weights, path + ".norm1", channels, kLayerNormEps);
    block.outBias1 = takeAttention(weights, path + ".attn1", channels, channels, projections);
    block.norm2 = LayerNorm::take(weights, path + ".norm2", channels, kLayerNormEps);
    block.outBias2 = takeAttention(weights, path + ".attn2", channels, shape.contextWidth, projections);
    block.feedForward = FeedForward::take(weights, path + ".norm3", path + ".ff", channels, kLayerNormEps);
    return block;
}

at::Tensor TransformerBlock::operator()(at::Tensor h, const at::Tensor& context, std::span<const MergedProjection> projections) const {
    ensure(projections.size() == kProjections, "a transformer block wants eight projections");
    const Branch self = norm1.branch(h);
    h = AttentionLayer{projections.first(4), outBias1, heads}.toItself(self.x, self.normed);
    const Branch cross = norm2.branch(repeatRows(h, context.size(0)));
    h = AttentionLayer{projections.subspan(4), outBias2, heads}.to(context, cross.x, cross.normed);
    return feedForward(h);
}

SpatialTransformer SpatialTransformer::take(Weights& weights, const std::string& path, const Shape& shape, std::vector<Projection>& projections) {
    const std::int64_t channels = shape.channels;
    SpatialTransformer layer;
    layer.norm = GroupNorm::take(weights, path + ".norm", channels, shape.groups, kSpatialNormEps);
    layer.projIn = takeMatrix(weights, path + ".proj_in.weight", channels, shape.isLinearProjection);
    layer.projInBias = weights.take(path + ".proj_in.bias", {channels});
    for (std::int64_t i = 0; i < shape.depth; ++i) {
        layer.blocks.push_back(
            TransformerBlock::take(weights, path + ".transformer_blocks." + std::to_string(i), {channels, shape.contextWidth, shape.heads}, projections));
    }
    layer.projOut = takeMatrix(weights, path + ".proj_out.weight", channels, shape.isLinearProjection);
    layer.projOutBias = weights.take(path + ".proj_out.bias", {channels});
    return layer;
}

at::Tensor SpatialTransformer::operator()(const at::Tensor& x, const at::Tensor& context, std::span<const MergedProjection> projections) const {
    ensure(projections.size() == projectionCount(), "a transformer wants eight projections for each of its blocks");
    const std::int64_t channels = x.size(1), height = x.size(2), width = x.size(3);
    // [B,C,H,W] -> [B,HW,C], a view of the channels-last image.
    auto [h, past] = norm.branch(x);
    h = frozenLinear(h.permute({0, 2, 3, 1}).flatten(1, 2), projIn, projInBias);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        h = blocks[i](std::move(h), context, projections.subspan(i * TransformerBlock::kProjections, TransformerBlock::kProjections));
    }
    const at::Tensor before = repeatRows(past, context.size(0)).permute({0, 2, 3, 1}).flatten(1, 2);
    return frozenLinear(h, projOut, projOutBias, before).view({h.size(0), height, width, channels}).permute({0, 3, 1, 2});
}

}  // namespace rlcm::nn
