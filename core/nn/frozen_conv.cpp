#include "core/nn/frozen_conv.h"

#include "core/nn/residual.h"
#include "core/tensor/torch.h"
#include "core/tensor/unrecorded.h"

namespace rlcm::nn {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor convolve(const at::Tensor& x, const FrozenConv& layer, at::IntArrayRef outputPadding = {0, 0}) {
    return at::convolution(x, layer.weight, layer.bias.defined() ? std::optional(layer.bias) : std::nullopt, {layer.stride, layer.stride},
                           {layer.padding, layer.padding}, {1, 1}, layer.isTransposed, outputPadding, 1);
}

struct FrozenConvFunction : torch::autograd::Function<FrozenConvFunction> {
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const FrozenConv& layer) {
        const tensor::Unrecorded plain;
        context->save_for_backward({layer.weight});
        context->saved_data["stride"] = layer.stride;
        context->saved_data["padding"] = layer.padding;
        context->saved_data["isTransposed"] = layer.isTransposed;
        context->saved_data["size"] = x.sizes().slice(2);
        return convolve(x, layer);
    }
    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const tensor::Unrecorded plain;
        const at::Tensor &gradient = gradients[0], weight = context->get_saved_variables()[0], noBias;
        const FrozenConv opposite{weight, noBias, context->saved_data["stride"].toInt(), context->saved_data["padding"].toInt(),
                                  !context->saved_data["isTransposed"].toBool()};
        std::vector<std::int64_t> missing{0, 0};  // rows and columns that a stride leaves over at the end
        if (opposite.isTransposed) {
            const std::vector<std::int64_t> size = context->saved_data["size"].toIntVector();
            for (std::size_t axis = 0; axis < missing.size(); ++axis) {
                const auto dimension = static_cast<std::int64_t>(axis) + 2;
                missing[axis] = size[axis] - ((gradient.size(dimension) - 1) * opposite.stride - 2 * opposite.padding + weight.size(dimension));
            }
        }
        return {convolve(gradient, opposite, missing), {}};
    }
};

}  // namespace

at::Tensor frozenConv(const at::Tensor& x, const FrozenConv& layer) {
    return recordsGradient(x) ? FrozenConvFunction::apply(x, layer) : convolve(x, layer);
}

}  // namespace rlcm::nn
