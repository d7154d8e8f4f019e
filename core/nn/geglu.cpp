#include "core/nn/geglu.h"

#include "core/nn/fused_rows.h"
#include "core/nn/residual.h"
#include "core/tensor/torch.h"
#include "core/tensor/unrecorded.h"

namespace rlcm::nn {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor runForward(const at::Tensor& x) {
    std::vector<std::int64_t> shape = x.sizes().vec();
    const std::int64_t width = shape.back() /= 2;
    const at::Tensor y = at::empty(shape, x.options());
    forEachPart(x, [&](std::int64_t row, std::int64_t rows, auto tag) {
        using T = decltype(tag);
        kernels::gegluForward(rows, width, rowData<const T>(x, row), rowData<T>(y, row));
    });
    return y;
}

struct GegluFunction : torch::autograd::Function<GegluFunction> {
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x) {
        const tensor::Unrecorded plain;
        context->save_for_backward({x});
        return runForward(x);
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const tensor::Unrecorded plain;
        const at::Tensor x = context->get_saved_variables()[0];
        const at::Tensor dy = gradients[0].contiguous();
        const at::Tensor dx = at::empty_like(x);
        forEachPart(x, [&](std::int64_t row, std::int64_t rows, auto tag) {
            using T = decltype(tag);
            kernels::gegluBackward(rows, dy.size(-1), rowData<const T>(x, row), rowData<const T>(dy, row), rowData<T>(dx, row));
        });
        return {dx};
    }
};

}  // namespace

at::Tensor geglu(const at::Tensor& x) {
    if (!hasFusedKernels(x)) {
        const std::vector<at::Tensor> halves = x.chunk(2, -1);
        return halves[0] * at::gelu(halves[1]);
    }
    const at::Tensor dense = x.contiguous();
    return recordsGradient(dense) ? GegluFunction::apply(dense) : runForward(dense);
}

}  // namespace rlcm::nn
