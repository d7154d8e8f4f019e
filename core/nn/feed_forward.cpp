#include "core/nn/feed_forward.h"

#include "core/nn/frozen_linear.h"
#include "core/nn/held.h"
#include "core/nn/layer_norm_pass.h"
#include "core/nn/residual.h"
#include "core/tensor/unrecorded.h"

namespace rlcm::nn {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// x [..., 2C] -> x[..., :C] * gelu(x[..., C:]).
at::Tensor gateForward(const at::Tensor& x) {
    std::vector<std::int64_t> shape = x.sizes().vec();
    const std::int64_t width = shape.back() /= 2;
    const at::Tensor y = at::empty(shape, x.options());
    forEachPart(x, [&](std::int64_t row, std::int64_t rows, auto tag) {
        using T = decltype(tag);
        kernels::gegluForward(rows, width, rowData<const T>(x, row), rowData<T>(y, row));
    });
    return y;
}

/// dx may be x.
void gateBackward(const at::Tensor& x, const at::Tensor& dy, const at::Tensor& dx) {
    forEachPart(x, [&](std::int64_t row, std::int64_t rows, auto tag) {
        using T = decltype(tag);
        kernels::gegluBackward(rows, dy.size(-1), rowData<const T>(x, row), rowData<const T>(dy, row), rowData<T>(dx, row));
    });
}

struct FeedForwardFunction : torch::autograd::Function<FeedForwardFunction> {
    static at::Tensor forward(AutogradContext* context, const at::Tensor& h, const FeedForward& layers) {
        const tensor::Unrecorded plain;
        const at::Tensor stats = LayerNormPass::emptyStats(h), normed = LayerNormPass(layers.norm).forward(h, stats), wide = layers.in(normed);
        context->save_for_backward({h, stats, wide});
        hold(*context, layers);
        return layers.out(gateForward(wide), h);
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const tensor::Unrecorded plain;
        const variable_list saved = context->get_saved_variables();
        const at::Tensor &h = saved[0], &stats = saved[1], &wide = saved[2], dy = gradients[0].contiguous();
        const auto& layers = heldOf<FeedForward>(*context);
        // What was kept for this is not read again, so the gradient takes its place; whoever did would be told.
        gateBackward(wide, at::matmul(dy, layers.out.weight), wide);
        wide.unsafeGetTensorImpl()->bump_version();
        const at::Tensor ofNormed = at::matmul(wide, layers.in.weight);
        LayerNormPass(layers.norm).backward(h, stats, {.y = ofNormed, .past = dy, .x = ofNormed});
        return {ofNormed, {}};
    }
};

/// Layer by layer.
at::Tensor runPlain(const FeedForward& layers, const at::Tensor& h) {
    const std::vector<at::Tensor> halves = layers.in(layers.norm(h)).chunk(2, -1);
    return layers.out(halves[0] * at::gelu(halves[1]), h);
}

}  // namespace

FeedForward FeedForward::take(Weights& weights, const std::string& norm, const std::string& path, std::int64_t channels, double normEps) {
    return {LayerNorm::take(weights, norm, channels, normEps), Linear::take(weights, path + ".net.0.proj", channels, 8 * channels),
            Linear::take(weights, path + ".net.2", 4 * channels, channels)};
}

at::Tensor FeedForward::operator()(const at::Tensor& h) const {
    if (!hasFusedKernels(h)) {
        return runPlain(*this, h);
    }
    const at::Tensor dense = h.contiguous();
    return recordsGradient(dense) ? FeedForwardFunction::apply(dense, *this) : out(gateForward(in(norm(dense))), dense);
}

}  // namespace rlcm::nn
