#include "core/nn/residual.h"

#include "core/tensor/torch.h"

namespace rlcm::nn {

bool recordsGradient(const at::Tensor& x) {
    return at::GradMode::is_enabled() && x.requires_grad();
}

Residual residualOf(const at::Tensor& added) {
    return added.defined() ? Residual(added) : std::nullopt;
}

at::Tensor noteResidual(torch::autograd::AutogradContext& context, const Residual& residual) {
    context.saved_data["adds"] = residual.has_value();
    return residual.value_or(at::Tensor());
}

at::Tensor residualGradient(torch::autograd::AutogradContext& context, const at::Tensor& gradient) {
    return context.saved_data["adds"].toBool() ? gradient : at::Tensor();
}

}  // namespace rlcm::nn
