#include "core/nn/recompute.h"

#include <algorithm>
#include <utility>

#include "core/nn/held.h"
#include "core/tensor/torch.h"

namespace rlcm::nn {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Recomputed : torch::autograd::Function<Recomputed> {
    // The inputs must travel as a TensorList: a vector would be taken for a plain value, and no gradient would flow.
    static at::Tensor forward(AutogradContext* context, const Piece& piece, at::TensorList inputs) {
        context->save_for_backward(inputs.vec());
        hold(*context, piece);
        return piece({inputs.data(), inputs.size()});
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        variable_list inputs, wanted;
        for (const at::Tensor& kept : context->get_saved_variables()) {
            inputs.push_back(kept.detach().requires_grad_(kept.requires_grad()));
            if (kept.requires_grad()) {
                wanted.push_back(inputs.back());
            }
        }
        at::Tensor output;
        {
            const at::AutoGradMode grad(true);
            output = heldOf<Piece>(*context)(inputs);
        }
        const variable_list found = torch::autograd::grad({output}, wanted, gradients, std::nullopt, false, true);
        variable_list result(1);  // nothing for the piece itself
        auto next = found.begin();
        for (const at::Tensor& input : inputs) {
            result.push_back(input.requires_grad() ? *next++ : at::Tensor());
        }
        return result;
    }
};

}  // namespace

at::Tensor runPiece(const Piece& piece, std::vector<at::Tensor> inputs, bool isRecomputed) {
    const auto wantsGradient = [](const at::Tensor& input) { return input.requires_grad(); };
    if (!at::GradMode::is_enabled() || std::none_of(inputs.begin(), inputs.end(), wantsGradient)) {
        return piece(inputs);
    }
    if (isRecomputed) {
        return Recomputed::apply(piece, at::TensorList(inputs));
    }
    // A view whose gradient is summed before it joins that of the input's other readers, as in the recomputed way.
    for (at::Tensor& input : inputs) {
        if (!input.is_leaf()) {
            input = at::alias(input);
        }
    }
    return piece(inputs);
}

}  // namespace rlcm::nn
