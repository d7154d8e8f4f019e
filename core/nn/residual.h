#pragma once
// What the product of a frozen layer is added to, on its way through the graph. Private to core/nn.
#include <optional>

#include <ATen/core/Tensor.h>

namespace torch::autograd {
struct AutogradContext;
}

namespace rlcm::nn {

/// Whether what is made of x has to reach x's gradient.
bool recordsGradient(const at::Tensor& x);

/// As a function of the graph takes it, where an undefined tensor is no legal argument.
using Residual = std::optional<at::Tensor>;

/// None where it is undefined.
Residual residualOf(const at::Tensor& added);
/// For the way forward: notes whether there is one. Returns it, undefined where there is none.
at::Tensor noteResidual(torch::autograd::AutogradContext& context, const Residual& residual);
/// For the way back: its gradient, which is that of the sum; undefined where there was none.
at::Tensor residualGradient(torch::autograd::AutogradContext& context, const at::Tensor& gradient);

}  // namespace rlcm::nn
