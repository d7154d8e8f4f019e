#include "core/nn/layer_norm.h"

#include <utility>

#include "core/nn/held.h"
#include "core/nn/layer_norm_pass.h"
#include "core/nn/layers.h"
#include "core/nn/residual.h"
#include "core/tensor/held_once.h"
#include "core/tensor/unrecorded.h"

namespace rlcm::nn {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct LayerNormFunction : torch::autograd::Function<LayerNormFunction> {
    static variable_list forward(AutogradContext* context, const at::Tensor& x, const LayerNormPass& pass) {
        const tensor::Unrecorded plain;
        const at::Tensor stats = LayerNormPass::emptyStats(x), y = pass.forward(x, stats);
        context->save_for_backward({x, stats});
        hold(*context, pass);
        context->set_materialize_grads(false);
        return {y, x};
    }

    // The gradients are the caller's own list: what is taken out of it may be held nowhere else.
    static variable_list backward(AutogradContext* context, variable_list& gradients) {
        const tensor::Unrecorded plain;
        at::Tensor dy = std::exchange(gradients[0], {}), past = gradients[1];
        if (!dy.defined()) {
            return {past, {}};
        }
        const variable_list saved = context->get_saved_variables();
        if (!dy.is_contiguous()) {
            dy = dy.contiguous();
        }
        past = past.defined() ? past.contiguous() : past;
        const at::Tensor dx = tensor::isHeldOnce(dy) ? dy : at::empty_like(saved[0]);  // memory that the cache still has
        heldOf<LayerNormPass>(*context).backward(saved[0], saved[1], {.y = dy, .past = past, .x = dx});
        return {dx, {}};
    }
};

}  // namespace

at::Tensor layerNorm(const at::Tensor& x, const LayerNorm& norm) {
    if (!hasFusedKernels(x)) {
        return at::layer_norm(x, norm.weight.sizes(), norm.weight, norm.bias, norm.eps);
    }
    const at::Tensor dense = x.contiguous();
    const LayerNormPass pass(norm);
    return recordsGradient(dense) ? LayerNormFunction::apply(dense, pass)[0] : pass.forward(dense, LayerNormPass::emptyStats(dense));
}

Branch layerNormBranch(const at::Tensor& x, const LayerNorm& norm) {
    if (!hasFusedKernels(x) || !recordsGradient(x)) {
        return {layerNorm(x, norm), x};
    }
    const variable_list both = LayerNormFunction::apply(x.contiguous(), LayerNormPass(norm));
    return {both[0], both[1]};
}

}  // namespace rlcm::nn
