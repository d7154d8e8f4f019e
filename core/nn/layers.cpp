#include "core/nn/layers.h"

#include <utility>

#include "core/base/error.h"
#include "core/nn/frozen_conv.h"
#include "core/nn/frozen_linear.h"
#include "core/tensor/torch.h"

namespace rlcm::nn {
namespace {

/// out[o][k][i] = in[o][i][k] for kernels of `taps` numbers.
template <typename T>
void moveChannelsLast(const at::Tensor& from, const at::Tensor& to, std::int64_t taps) {
    const std::int64_t channels = from.size(1);
    const auto* in = static_cast<const T*>(from.const_data_ptr());
    auto* out = static_cast<T*>(to.data_ptr());
    at::parallel_for(0, from.size(0), 8, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t o = begin; o < end; ++o) {
            const T* source = in + o * channels * taps;
            T* target = out + o * channels * taps;
            for (std::int64_t i = 0; i < channels; ++i) {
                for (std::int64_t k = 0; k < taps; ++k) {
                    target[k * channels + i] = source[i * taps + k];
                }
            }
        }
    });
}

Conv takePlain(Weights& weights, const std::string& path, std::int64_t in, std::int64_t out, std::int64_t kernel) {
    // Channels-last weights make the convolution keep that layout: no reordering on the way in and out, and attention reads
    // the result as [B,HW,C] without a copy.
    at::Tensor weight = weights.take(path + ".weight", {out, in, kernel, kernel});
    if (weight.is_contiguous()) {  // not what stands in for a missing weight: it has no memory
        weight = channelsLast(weight);
    }
    return {.weight = std::move(weight), .bias = weights.take(path + ".bias", {out}), .stride = 1, .padding = kernel / 2, .packed = nullptr};
}

}  // namespace

at::Tensor channelsLast(const at::Tensor& kernel) {
    // torch's own strided copy takes as long as reading the file; a small loop takes a quarter of that.
    if (!kernel.is_cpu() || !kernel.is_contiguous() || (kernel.element_size() != 2 && kernel.element_size() != 4)) {
        return kernel.contiguous(at::MemoryFormat::ChannelsLast);
    }
    const at::Tensor moved = at::empty_like(kernel, kernel.options(), at::MemoryFormat::ChannelsLast);
    const std::int64_t taps = kernel.size(2) * kernel.size(3);
    if (kernel.element_size() == 2) {
        moveChannelsLast<std::uint16_t>(kernel, moved, taps);
    } else {
        moveChannelsLast<std::uint32_t>(kernel, moved, taps);
    }
    return moved;
}

Linear Linear::take(Weights& weights, const std::string& path, std::int64_t in, std::int64_t out, bool hasBias) {
    Linear layer;
    layer.weight = weights.take(path + ".weight", {out, in});
    if (hasBias) {
        layer.bias = weights.take(path + ".bias", {out});
    }
    return layer;
}

at::Tensor Linear::operator()(const at::Tensor& x, const at::Tensor& added) const {
    return frozenLinear(x, weight, bias, added);
}

Conv Conv::take(Weights& weights, const std::string& path, std::int64_t in, std::int64_t out, std::int64_t kernel) {
    Conv conv = takePlain(weights, path, in, out, kernel);
    if (conv.weight.is_contiguous(at::MemoryFormat::ChannelsLast)) {
        conv.packed = PackedConv::of(conv.weight, conv.bias);
    }
    return conv;
}

Conv Conv::takeHalving(Weights& weights, const std::string& path, std::int64_t channels) {
    Conv conv = takePlain(weights, path, channels, channels, 3);
    conv.stride = 2;
    return conv;
}

Conv Conv::ofInputs(std::int64_t first, std::int64_t count) const {
    Conv part{channelsLast(weight.narrow(1, first, count)), first == 0 ? bias : at::Tensor(), stride, padding, nullptr};
    part.packed = packed ? PackedConv::of(part.weight, part.bias) : nullptr;
    return part;
}

at::Tensor Conv::operator()(const at::Tensor& x) const {
    return packed ? PackedConv::apply(packed, x) : frozenConv(x, {weight, bias, stride, padding});
}

at::Tensor Conv::plus(const at::Tensor& x, at::Tensor added) const {
    return packed ? PackedConv::apply(packed, x, std::move(added)) : frozenConv(x, {weight, bias, stride, padding}).add_(added);
}

GroupNorm GroupNorm::take(Weights& weights, const std::string& path, std::int64_t channels, std::int64_t groups, double eps) {
    return {weights.take(path + ".weight", {channels}), weights.take(path + ".bias", {channels}), groups, eps};
}

at::Tensor GroupNorm::operator()(const at::Tensor& x) const {
    return groupNorm(x, {}, *this, Activation::None);
}

at::Tensor GroupNorm::silu(at::Tensor x, const at::Tensor& offset) const {
    const at::Tensor shift = shiftOf(offset, x.size(0));
    return groupNorm(std::move(x), shift, *this, Activation::Silu);
}

Branch GroupNorm::branch(const at::Tensor& x) const {
    return groupNormBranch(x, *this);
}

LayerNorm LayerNorm::take(Weights& weights, const std::string& path, std::int64_t channels, double eps) {
    return {weights.take(path + ".weight", {channels}), weights.take(path + ".bias", {channels}), eps};
}

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
    return layerNorm(x, *this);
}

Branch LayerNorm::branch(const at::Tensor& x) const {
    return layerNormBranch(x, *this);
}

at::Tensor shiftOf(const at::Tensor& offset, std::int64_t rows) {
    return offset.defined() && offset.size(0) != 1 ? repeatRows(offset, rows) : offset;
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
