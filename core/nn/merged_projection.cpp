#include "core/nn/merged_projection.h"

#include <array>

#include "core/nn/frozen_linear.h"
#include "core/nn/fused_rows.h"
#include "core/nn/residual.h"
#include "core/tensor/torch.h"
#include "core/tensor/unrecorded.h"

namespace rlcm::nn {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// [..., n] -> [rows, n].
at::Tensor asRows(const at::Tensor& x) {
    return x.reshape({-1, x.size(-1)});
}

/// What gets no gradient.
struct Frozen {
    const MergedProjection& projection;
    const at::Tensor& bias;
};

struct ProjectFunction : torch::autograd::Function<ProjectFunction> {
    // The frozen tensors travel in a plain value: an undefined bias is no legal argument.
    // The factors are down and up.
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, at::TensorList factors, const Residual& added, const Frozen& frozen) {
        const tensor::Unrecorded plain;
        context->save_for_backward({x, factors[0], factors[1], frozen.projection.weight});
        context->saved_data["scale"] = frozen.projection.scale;
        return frozenLinear(x, frozen.projection.weight, frozen.bias, noteResidual(*context, added));
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const tensor::Unrecorded plain;
        const variable_list saved = context->get_saved_variables();
        const at::Tensor &x = saved[0], &weight = saved[3], &gradient = gradients[0];
        const double scale = context->saved_data["scale"].toDouble();
        const at::Tensor down = saved[1].to(weight.scalar_type()), up = saved[2].to(weight.scalar_type());
        const at::Tensor rows = asRows(x), incoming = asRows(gradient), unread = at::empty({1}, weight.options());  // beta 0
        const at::Tensor gradUp = at::addmm(unread, incoming.t(), at::mm(rows, down.t()), 0.0, scale);
        const at::Tensor gradDown = at::addmm(unread, at::mm(incoming, up).t(), rows, 0.0, scale);
        const at::Tensor gradInput = context->needs_input_grad(0) ? at::matmul(gradient, weight) : at::Tensor();
        return {gradInput, gradDown.to(saved[1].scalar_type()), gradUp.to(saved[2].scalar_type()), residualGradient(*context, gradient), {}};
    }
};

struct WholeFunction : torch::autograd::Function<WholeFunction> {
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor&, const Residual& added, const Frozen& frozen) {
        const tensor::Unrecorded plain;
        context->save_for_backward({x, frozen.projection.weight});
        return frozenLinear(x, frozen.projection.weight, frozen.bias, noteResidual(*context, added));
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const tensor::Unrecorded plain;
        const variable_list saved = context->get_saved_variables();
        const at::Tensor& gradient = gradients[0];
        const at::Tensor gradInput = context->needs_input_grad(0) ? at::matmul(gradient, saved[1]) : at::Tensor();
        return {gradInput, at::mm(asRows(gradient).t(), asRows(saved[0])).to(at::kFloat), residualGradient(*context, gradient), {}};
    }
};

struct PathFunction : torch::autograd::Function<PathFunction> {
    static at::Tensor forward(AutogradContext* context, const at::Tensor& down, const at::Tensor& up, double scale) {
        const tensor::Unrecorded plain;
        context->save_for_backward({down, up});
        context->saved_data["scale"] = scale;
        return at::empty({up.size(0), down.size(1)}, up.options());  // nobody reads it
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const tensor::Unrecorded plain;
        const variable_list saved = context->get_saved_variables();
        const at::Tensor whole = gradients[0] * context->saved_data["scale"].toDouble();
        return {at::mm(saved[1].t(), whole), at::mm(whole, saved[0].t()), {}};
    }
};

}  // namespace

at::Tensor gradientPath(const MergedProjection& projection) {
    constexpr std::int64_t kMostNumbers = 1 << 15;
    const at::Tensor& weight = projection.weight;
    if (!hasFusedKernels(weight) || weight.numel() > kMostNumbers) {
        return {};
    }
    const at::AutoGradMode grad(true);
    return PathFunction::apply(projection.down, projection.up, projection.scale);
}

at::Tensor project(const at::Tensor& x, const MergedProjection& projection, const at::Tensor& bias, const at::Tensor& added) {
    if (!projection.down.defined()) {
        return frozenLinear(x, projection.weight, bias, added);
    }
    const Residual given = residualOf(added);
    if (projection.whole.defined()) {
        return WholeFunction::apply(x, projection.whole, given, Frozen{projection, bias});
    }
    const std::array factors{projection.down, projection.up};
    return ProjectFunction::apply(x, at::TensorList(factors), given, Frozen{projection, bias});
}

at::Tensor mergedWeight(const at::Tensor& weight, const at::Tensor& down, const at::Tensor& up, double scale) {
    const at::NoGradGuard noGrad;
    const auto type = weight.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
    const at::TensorOptions options = at::TensorOptions().dtype(type).device(weight.device());
    const at::Tensor matrix = at::addmm(weight.to(type).flatten(1), up.to(options).flatten(1), down.to(options).flatten(1), 1.0, scale);
    return matrix.to(weight.scalar_type()).view(weight.sizes());
}

std::vector<MergedProjection> withoutLora(const std::vector<Projection>& projections) {
    std::vector<MergedProjection> weights;
    for (const Projection& projection : projections) {
        weights.push_back({.weight = projection.weight, .down = {}, .up = {}, .whole = {}});
    }
    return weights;
}

}  // namespace rlcm::nn
