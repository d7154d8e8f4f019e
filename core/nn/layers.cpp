#include "core/nn/layers.h"

#include "core/base/error.h"
#include "core/nn/group_norm.h"
#include "core/tensor/torch.h"

namespace rlcm::nn {

Linear Linear::take(Weights& weights, const std::string& path, std::int64_t in, std::int64_t out, bool hasBias) {
    Linear layer;
    layer.weight = weights.take(path + ".weight", {out, in});
    if (hasBias) {
        layer.bias = weights.take(path + ".bias", {out});
    }
    return layer;
}

at::Tensor Linear::operator()(const at::Tensor& x) const {
    return at::linear(x, weight, bias);
}

Conv Conv::take(Weights& weights, const std::string& path, std::int64_t in, std::int64_t out, std::int64_t kernel) {
    // Channels-last weights make the convolution keep that layout: no reordering on the way in and out, and attention reads
    // the result as [B,HW,C] without a copy.
    at::Tensor weight = weights.take(path + ".weight", {out, in, kernel, kernel});
    if (weight.is_contiguous()) {  // not what stands in for a missing weight: it has no memory
        weight = weight.contiguous(at::MemoryFormat::ChannelsLast);
    }
    return {std::move(weight), weights.take(path + ".bias", {out}), 1, kernel / 2};
}

at::Tensor Conv::operator()(const at::Tensor& x) const {
    return at::conv2d(x, weight, bias, stride, padding);
}

GroupNorm GroupNorm::take(Weights& weights, const std::string& path, std::int64_t channels, std::int64_t groups, double eps) {
    return {weights.take(path + ".weight", {channels}), weights.take(path + ".bias", {channels}), groups, eps};
}

at::Tensor GroupNorm::operator()(const at::Tensor& x) const {
    return groupNorm(x, {}, weight, bias, groups, eps, Activation::None);
}

at::Tensor GroupNorm::silu(const at::Tensor& x, const at::Tensor& offset) const {
    const bool isPerRow = offset.defined() && offset.size(0) != 1;
    return groupNorm(x, isPerRow ? repeatRows(offset, x.size(0)) : offset, weight, bias, groups, eps, Activation::Silu);
}

LayerNorm LayerNorm::take(Weights& weights, const std::string& path, std::int64_t channels, double eps) {
    return {weights.take(path + ".weight", {channels}), weights.take(path + ".bias", {channels}), eps};
}

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
    return at::layer_norm(x, weight.sizes(), weight, bias, eps);
}

at::Tensor repeatRows(const at::Tensor& x, std::int64_t rows) {
    if (x.size(0) == rows) {
        return x;
    }
    ensure(x.size(0) > 0 && rows % x.size(0) == 0, "rows must be a multiple of the batch");
    std::vector<at::Tensor> copies(static_cast<std::size_t>(rows / x.size(0)), x);
    return at::cat(copies, 0);
}

}  // namespace rlcm::nn
