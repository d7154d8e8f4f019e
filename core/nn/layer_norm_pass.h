#pragma once
// A layer norm on the CPU without the graph. Private to core/nn.
#include <ATen/core/Tensor.h>

#include "core/nn/fused_rows.h"

namespace rlcm::nn {

struct LayerNorm;

/// Over the last axis of x [..., C], f32 or bf16, rows side by side in memory; and the way back. thread: any.
class LayerNormPass {
public:
    explicit LayerNormPass(const LayerNorm& norm);

    /// Room for mean and slope of every row: f32 [rows, 2].
    static at::Tensor emptyStats(const at::Tensor& x);
    /// Writes the statistics that the way back reads.
    at::Tensor forward(const at::Tensor& x, const at::Tensor& stats) const;

    struct Gradients {
        const at::Tensor &y, &past;  ///< of the result; what x gets besides, or undefined
        const at::Tensor& x;         ///< where that of x is written; may be y
    };
    void backward(const at::Tensor& x, const at::Tensor& stats, const Gradients& gradients) const;

private:
    kernels::LayerRows rows(const at::Tensor& stats, std::int64_t first, std::int64_t count) const;

    at::Tensor m_weight, m_bias;  // f32
    double m_eps;
};

}  // namespace rlcm::nn
