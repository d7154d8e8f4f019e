#include "core/nn/merged_projection.h"

#include <algorithm>
#include <iterator>

#include "core/nn/frozen_linear.h"
#include "core/nn/fused_rows.h"
#include "core/nn/held.h"
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

/// The gradients of what takes that of the merged weight: of the whole matrix, or of A and B.
variable_list gradientsOf(const MergedProjection& projection, const at::Tensor& rows, const at::Tensor& incoming) {
    if (projection.whole.defined()) {
        return {at::mm(incoming.t(), rows).to(at::kFloat)};
    }
    const at::ScalarType type = projection.weight.scalar_type();
    const at::Tensor down = projection.down.to(type), up = projection.up.to(type), unread = at::empty({1}, projection.weight.options());  // beta 0
    const at::Tensor ofUp = at::addmm(unread, incoming.t(), at::mm(rows, down.t()), 0.0, projection.scale);
    const at::Tensor ofDown = at::addmm(unread, at::mm(incoming, up).t(), rows, 0.0, projection.scale);
    return {ofDown.to(projection.down.scalar_type()), ofUp.to(projection.up.scalar_type())};
}

struct ProjectFunction : torch::autograd::Function<ProjectFunction> {
    using Projections = std::vector<MergedProjection>;
    // What gets no gradient travels in a plain value: an undefined bias is no legal argument.
    struct Frozen {
        const Projections& projections;
        const at::Tensor& bias;
    };
    static variable_list forward(AutogradContext* context, const at::Tensor& x, at::TensorList, const Residual& added, const Frozen& frozen) {
        const tensor::Unrecorded plain;
        context->save_for_backward({x});
        hold(*context, frozen.projections);
        const at::Tensor past = noteResidual(*context, added);
        variable_list results;
        for (const MergedProjection& projection : frozen.projections) {
            results.push_back(frozenLinear(x, projection.weight, frozen.bias, past));
        }
        return results;
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const tensor::Unrecorded plain;
        const at::Tensor x = context->get_saved_variables()[0], rows = asRows(x);
        const auto& projections = heldOf<Projections>(*context);
        at::Tensor ofX;
        variable_list result(1);
        for (std::size_t i = 0; i < projections.size(); ++i) {
            const at::Tensor incoming = asRows(gradients[i]);
            if (context->needs_input_grad(0)) {
                // The sum is made where the products are written.
                ofX = ofX.defined() ? ofX.addmm_(incoming, projections[i].weight) : at::mm(incoming, projections[i].weight);
            }
            std::ranges::move(gradientsOf(projections[i], rows, incoming), std::back_inserter(result));
        }
        result[0] = ofX.defined() ? ofX.view(x.sizes()) : ofX;
        result.push_back(residualGradient(*context, gradients[0]));
        result.emplace_back();  // of the frozen
        return result;
    }
};

/// Through one function of the graph; all projections are adapted.
variable_list projectAdapted(const at::Tensor& x, std::vector<MergedProjection> projections, const at::Tensor& bias, const at::Tensor& added) {
    variable_list takers;
    for (const MergedProjection& projection : projections) {
        if (projection.whole.defined()) {
            takers.push_back(projection.whole);
        } else {
            takers.insert(takers.end(), {projection.down, projection.up});
        }
    }
    return ProjectFunction::apply(x, at::TensorList(takers), residualOf(added), ProjectFunction::Frozen{projections, bias});
}

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
    return projectAdapted(x, {projection}, bias, added)[0];
}

std::vector<at::Tensor> projectAll(const at::Tensor& x, std::span<const MergedProjection> projections) {
    if (std::ranges::all_of(projections, [](const MergedProjection& one) { return one.down.defined(); })) {
        return projectAdapted(x, {projections.begin(), projections.end()}, {}, {});
    }
    std::vector<at::Tensor> results;
    for (const MergedProjection& projection : projections) {
        results.push_back(project(x, projection));
    }
    return results;
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
