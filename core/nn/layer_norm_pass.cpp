#include "core/nn/layer_norm_pass.h"

#include "core/nn/layers.h"

namespace rlcm::nn {

LayerNormPass::LayerNormPass(const LayerNorm& norm) : m_weight(norm.weight.to(at::kFloat)), m_bias(norm.bias.to(at::kFloat)), m_eps(norm.eps) {}

kernels::LayerRows LayerNormPass::rows(const at::Tensor& stats, std::int64_t first, std::int64_t count) const {
    return {.rows = count,
            .width = m_weight.size(0),
            .weight = m_weight.const_data_ptr<float>(),
            .bias = m_bias.const_data_ptr<float>(),
            .eps = static_cast<float>(m_eps),
            .stats = rowData<float>(stats, first)};
}

at::Tensor LayerNormPass::emptyStats(const at::Tensor& x) {
    return at::empty({x.numel() / x.size(-1), 2}, at::kFloat);
}

at::Tensor LayerNormPass::forward(const at::Tensor& x, const at::Tensor& stats) const {
    at::Tensor y = at::empty_like(x);
    forEachPart(x, [&](std::int64_t row, std::int64_t count, auto tag) {
        using T = decltype(tag);
        kernels::layerNormForward(rows(stats, row, count), rowData<const T>(x, row), rowData<T>(y, row));
    });
    return y;
}

void LayerNormPass::backward(const at::Tensor& x, const at::Tensor& stats, const Gradients& gradients) const {
    const auto& [dy, past, dx] = gradients;
    forEachPart(x, [&](std::int64_t row, std::int64_t count, auto tag) {
        using T = decltype(tag);
        kernels::layerNormBackward(rows(stats, row, count), rowData<const T>(x, row), rowData<const T>(dy, row),
                                   past.defined() ? rowData<const T>(past, row) : nullptr, rowData<T>(dx, row));
    });
}

}  // namespace rlcm::nn
