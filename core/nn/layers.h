#pragma once
// The plain layers: structs of frozen tensors that take themselves out of a checkpoint. Only the attention projections
// of a UNet are trained, and those are passed in from outside, so nothing here ever asks for a gradient of its weights.
#include <cstdint>
#include <memory>
#include <string>

#include <ATen/core/Tensor.h>

#include "core/nn/group_norm.h"
#include "core/nn/layer_norm.h"
#include "core/nn/packed_conv.h"
#include "core/nn/weights.h"

namespace rlcm::nn {

struct Linear {
    at::Tensor weight;  ///< [out, in]
    at::Tensor bias;    ///< [out] or undefined
    static Linear take(Weights& weights, const std::string& path, std::int64_t in, std::int64_t out, bool hasBias = true);
    /// x [..., in] -> [..., out], plus `added` of that shape where it is defined.
    at::Tensor operator()(const at::Tensor& x, const at::Tensor& added = {}) const;
};

struct Conv {
    at::Tensor weight;  ///< [out, in, k, k]
    at::Tensor bias;    ///< [out] or undefined
    std::int64_t stride = 1, padding = 1;
    std::shared_ptr<const PackedConv> packed;  ///< null: the plain way
    /// kernel 1 (no padding) or 3 (padding 1).
    static Conv take(Weights& weights, const std::string& path, std::int64_t in, std::int64_t out, std::int64_t kernel);
    /// kernel 3 with stride 2, as many channels as come in.
    static Conv takeHalving(Weights& weights, const std::string& path, std::int64_t channels);
    /// The part of it that reads the `count` input channels from `first` on; the bias goes with the part that begins at 0.
    Conv ofInputs(std::int64_t first, std::int64_t count) const;
    /// x [B,in,H,W].
    at::Tensor operator()(const at::Tensor& x) const;
    /// (*this)(x) + added; an `added` that is moved in may lend its memory to the result.
    at::Tensor plus(const at::Tensor& x, at::Tensor added) const;
};

struct GroupNorm {
    at::Tensor weight, bias;  ///< [C]
    std::int64_t groups = 32;
    double eps = 1e-5;
    static GroupNorm take(Weights& weights, const std::string& path, std::int64_t channels, std::int64_t groups, double eps);
    /// x [B,C,H,W] -> same shape.
    at::Tensor operator()(const at::Tensor& x) const;
    /// SiLU(norm(x + offset)); offset [1 or b, C] with b dividing B, or undefined: a frozen shift per channel (the time embedding).
    /// An x that is moved in may lend its memory to the result.
    at::Tensor silu(at::Tensor x, const at::Tensor& offset = {}) const;
    /// At the head of a branch that x also goes past.
    Branch branch(const at::Tensor& x) const;
};

struct LayerNorm {
    at::Tensor weight, bias;  ///< [C]
    double eps = 1e-5;
    static LayerNorm take(Weights& weights, const std::string& path, std::int64_t channels, double eps);
    /// Over the last axis.
    at::Tensor operator()(const at::Tensor& x) const;
    /// At the head of a branch that x also goes past.
    Branch branch(const at::Tensor& x) const;
};

/// The same kernel [O,I,k,k] with the input channels side by side in memory.
at::Tensor channelsLast(const at::Tensor& kernel);

/// What a norm of `rows` images shifts them by: `offset` [1 or b, C] as [1 or rows, C]; undefined as it is.
at::Tensor shiftOf(const at::Tensor& offset, std::int64_t rows);

/// Repeats whole batches until x has `rows` rows: [a, b] -> [a, b, a, b]. x itself when it has them already.
at::Tensor repeatRows(const at::Tensor& x, std::int64_t rows);

}  // namespace rlcm::nn
