#include "core/nn/geglu.h"

#include "core/nn/fused_kernels.h"
#include "core/tensor/torch.h"

namespace rlcm::nn {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Calls work(first row, rows, tag of the value type) on parts of x.
template <typename Work>
void forEachPart(const at::Tensor& x, Work work) {
    const std::int64_t width = x.size(-1);
    at::parallel_for(0, x.numel() / width, 1 + 16384 / width, [&](std::int64_t begin, std::int64_t end) {
        if (x.scalar_type() == at::kFloat) {
            work(begin, end - begin, float());
        } else {
            work(begin, end - begin, kernels::Bf16());
        }
    });
}

template <typename T>
T* rowData(const at::Tensor& x, std::int64_t row) {
    return static_cast<T*>(x.data_ptr()) + row * x.size(-1);
}

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
        context->save_for_backward({x});
        return runForward(x);
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
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
    if (!x.is_cpu() || (x.scalar_type() != at::kFloat && x.scalar_type() != at::kBFloat16)) {
        const std::vector<at::Tensor> halves = x.chunk(2, -1);
        return halves[0] * at::gelu(halves[1]);
    }
    const at::Tensor dense = x.contiguous();
    if (at::GradMode::is_enabled() && dense.requires_grad()) {
        return GegluFunction::apply(dense);
    }
    return runForward(dense);
}

}  // namespace rlcm::nn
