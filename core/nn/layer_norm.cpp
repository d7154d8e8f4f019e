#include "core/nn/layer_norm.h"

#include <utility>

#include "core/nn/fused_rows.h"
#include "core/nn/layers.h"
#include "core/nn/residual.h"
#include "core/tensor/held_once.h"
#include "core/tensor/unrecorded.h"

namespace rlcm::nn {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// What all rows of one tensor share; in f32.
struct RowLayout {
    at::Tensor weight, bias, stats;
    double eps;

    kernels::LayerRows rows(std::int64_t first, std::int64_t count) const {
        return {.rows = count,
                .width = weight.size(0),
                .weight = weight.const_data_ptr<float>(),
                .bias = bias.const_data_ptr<float>(),
                .eps = static_cast<float>(eps),
                .stats = rowData<float>(stats, first)};
    }
};

RowLayout layoutOf(const at::Tensor& x, const LayerNorm& norm) {
    return {norm.weight.to(at::kFloat), norm.bias.to(at::kFloat), at::empty({x.numel() / x.size(-1), 2}, at::kFloat), norm.eps};
}

at::Tensor runForward(const at::Tensor& x, const RowLayout& layout) {
    at::Tensor y = at::empty_like(x);
    forEachPart(x, [&](std::int64_t row, std::int64_t rows, auto tag) {
        using T = decltype(tag);
        kernels::layerNormForward(layout.rows(row, rows), rowData<const T>(x, row), rowData<T>(y, row));
    });
    return y;
}

struct LayerNormFunction : torch::autograd::Function<LayerNormFunction> {
    static variable_list forward(AutogradContext* context, const at::Tensor& x, const RowLayout& layout) {
        const tensor::Unrecorded plain;
        context->save_for_backward({x, layout.weight, layout.bias, layout.stats});
        context->set_materialize_grads(false);
        return {runForward(x, layout), x};
    }

    // The gradients are the caller's own list: what is taken out of it may be held nowhere else.
    static variable_list backward(AutogradContext* context, variable_list& gradients) {
        const tensor::Unrecorded plain;
        if (!gradients[0].defined()) {
            return {gradients[1], {}};
        }
        const variable_list saved = context->get_saved_variables();
        const at::Tensor& x = saved[0];
        const RowLayout layout{saved[1], saved[2], saved[3], 0};
        at::Tensor dy = std::exchange(gradients[0], {});
        if (!dy.is_contiguous()) {
            dy = dy.contiguous();
        }
        const at::Tensor more = gradients[1].defined() ? gradients[1].contiguous() : at::Tensor();
        const at::Tensor dx = tensor::isHeldOnce(dy) ? dy : at::empty_like(x);  // memory that the cache still has
        forEachPart(x, [&](std::int64_t row, std::int64_t rows, auto tag) {
            using T = decltype(tag);
            kernels::layerNormBackward(layout.rows(row, rows), rowData<const T>(x, row), rowData<const T>(dy, row),
                                       more.defined() ? rowData<const T>(more, row) : nullptr, rowData<T>(dx, row));
        });
        return {dx, {}};
    }
};

}  // namespace

at::Tensor layerNorm(const at::Tensor& x, const LayerNorm& norm) {
    if (!hasFusedKernels(x)) {
        return at::layer_norm(x, norm.weight.sizes(), norm.weight, norm.bias, norm.eps);
    }
    const at::Tensor dense = x.contiguous();
    return recordsGradient(dense) ? LayerNormFunction::apply(dense, layoutOf(dense, norm))[0] : runForward(dense, layoutOf(dense, norm));
}

Branch layerNormBranch(const at::Tensor& x, const LayerNorm& norm) {
    if (!hasFusedKernels(x) || !recordsGradient(x)) {
        return {layerNorm(x, norm), x};
    }
    const at::Tensor dense = x.contiguous();
    const variable_list both = LayerNormFunction::apply(dense, layoutOf(dense, norm));
    return {both[0], both[1]};
}

}  // namespace rlcm::nn
