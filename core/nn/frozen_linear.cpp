#include "core/nn/frozen_linear.h"

#include "core/tensor/onednn.h"
#include "core/tensor/torch.h"

namespace rlcm::nn {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct FrozenLinearFunction : torch::autograd::Function<FrozenLinearFunction> {
    struct Frozen {
        const at::Tensor &weight, &bias;
    };
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const Frozen& frozen) {
        context->save_for_backward({frozen.weight});
        return tensor::onednn::linear(x, frozen.weight, frozen.bias);
    }
    static variable_list backward(AutogradContext* context, variable_list gradients) {
        return {at::matmul(gradients[0], context->get_saved_variables()[0]), {}};
    }
};

}  // namespace

at::Tensor frozenLinear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    if (!bias.defined() || !tensor::onednn::takes(x)) {
        return at::linear(x, weight, bias);
    }
    if (at::GradMode::is_enabled() && x.requires_grad()) {
        return FrozenLinearFunction::apply(x, FrozenLinearFunction::Frozen{weight, bias});
    }
    return tensor::onednn::linear(x, weight, bias);
}

}  // namespace rlcm::nn
