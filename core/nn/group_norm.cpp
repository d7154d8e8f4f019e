#include "core/nn/group_norm.h"

#include <utility>

#include "core/nn/group_norm_pass.h"
#include "core/nn/held.h"
#include "core/nn/layers.h"
#include "core/nn/residual.h"
#include "core/tensor/held_once.h"
#include "core/tensor/unrecorded.h"

namespace rlcm::nn {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct GroupNormFunction : torch::autograd::Function<GroupNormFunction> {
    static variable_list forward(AutogradContext* context, const at::Tensor& x, const GroupNormPass& pass) {
        const tensor::Unrecorded plain;
        const at::Tensor y = at::empty_like(x), stats = pass.emptyStats(x.size(0));
        pass.forward(x, y, stats);
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
        dy = asChannelsLast(std::move(dy));
        past = past.defined() ? asChannelsLast(past) : past;
        const at::Tensor dx = tensor::isHeldOnce(dy) ? dy : at::empty_like(saved[0]);  // memory that the cache still has
        heldOf<GroupNormPass>(*context).backward(saved[0], saved[1], {.y = dy, .past = past, .xs = dx});
        return {dx, {}};
    }
};

}  // namespace

at::Tensor groupNorm(at::Tensor x, const at::Tensor& shift, const GroupNorm& norm, Activation activation) {
    if (!GroupNormPass::takes(x)) {
        const at::Tensor normed = at::group_norm(shift.defined() ? x + shift.unsqueeze(-1).unsqueeze(-1) : x, norm.groups, norm.weight, norm.bias, norm.eps);
        return activation == Activation::Silu ? at::silu(normed) : normed;
    }
    x = asChannelsLast(std::move(x));
    const GroupNormPass pass(shift, norm, activation);
    if (recordsGradient(x)) {
        return GroupNormFunction::apply(x, pass)[0];
    }
    at::Tensor y = tensor::isHeldOnce(x) ? x : at::empty_like(x);
    pass.forward(x, y, pass.emptyStats(x.size(0)));
    return y;
}

Branch groupNormBranch(const at::Tensor& x, const GroupNorm& norm) {
    if (!GroupNormPass::takes(x) || !recordsGradient(x)) {
        return {groupNorm(x, {}, norm, Activation::None), x};
    }
    const variable_list both = GroupNormFunction::apply(asChannelsLast(x), GroupNormPass({}, norm, Activation::None));
    return {both[0], both[1]};
}

}  // namespace rlcm::nn
