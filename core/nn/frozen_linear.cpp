#include "core/nn/frozen_linear.h"

#include "core/nn/residual.h"
#include "core/tensor/onednn.h"
#include "core/tensor/torch.h"
#include "core/tensor/unrecorded.h"

namespace rlcm::nn {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor viaOneDnn(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, const at::Tensor& added) {
    return added.defined() ? tensor::onednn::linearAdding(x, weight, bias, added) : tensor::onednn::linear(x, weight, bias);
}

struct FrozenLinearFunction : torch::autograd::Function<FrozenLinearFunction> {
    struct Frozen {
        const at::Tensor &weight, &bias;
    };
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const Residual& added, const Frozen& frozen) {
        const tensor::Unrecorded plain;
        context->save_for_backward({frozen.weight});
        return viaOneDnn(x, frozen.weight, frozen.bias, noteResidual(*context, added));
    }
    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const tensor::Unrecorded plain;
        return {at::matmul(gradients[0], context->get_saved_variables()[0]), residualGradient(*context, gradients[0]), {}};
    }
};

}  // namespace

at::Tensor frozenLinear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, const at::Tensor& added) {
    const bool isAdding = added.defined();
    if (!bias.defined() || !tensor::onednn::takes(x)) {
        const at::Tensor product = at::linear(x, weight, bias);
        return isAdding ? product + added : product;
    }
    if (recordsGradient(x) || (isAdding && recordsGradient(added))) {
        return FrozenLinearFunction::apply(x, residualOf(added), FrozenLinearFunction::Frozen{weight, bias});
    }
    return viaOneDnn(x, weight, bias, added);
}

}  // namespace rlcm::nn
