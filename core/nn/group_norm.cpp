#include "core/nn/group_norm.h"

#include <vector>

#include "core/nn/fused_kernels.h"
#include "core/nn/layers.h"
#include "core/tensor/torch.h"

namespace rlcm::nn {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// What every image of one tensor shares; all f32 and contiguous.
struct Layout {
    at::Tensor shift, weight, bias;
    std::int64_t groups;
    bool hasSilu;
    double eps;

    /// `stats` and `room` as the kernels want them.
    kernels::NormImage image(const at::Tensor& x, std::int64_t row, float* stats, float* room) const {
        const float* shiftRow = nullptr;
        if (shift.defined()) {
            shiftRow = shift.const_data_ptr<float>() + (shift.size(0) == 1 ? 0 : row) * x.size(1);
        }
        return {.channels = x.size(1),
                .groups = groups,
                .area = x.size(2) * x.size(3),
                .hasSilu = hasSilu,
                .weight = weight.const_data_ptr<float>(),
                .bias = bias.const_data_ptr<float>(),
                .shift = shiftRow,
                .eps = eps,
                .stats = stats,
                .room = room};
    }
};

/// Calls work(row, scratch of `room` floats, tag of the value type) for every image.
template <typename Work>
void forEachImage(const at::Tensor& x, std::int64_t room, Work work) {
    at::parallel_for(0, x.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> scratch(static_cast<std::size_t>(room));
        for (std::int64_t row = begin; row < end; ++row) {
            if (x.scalar_type() == at::kFloat) {
                work(row, scratch.data(), float());
            } else {
                work(row, scratch.data(), kernels::Bf16());
            }
        }
    });
}

template <typename T>
T* imageData(const at::Tensor& x, std::int64_t row) {
    return static_cast<T*>(x.data_ptr()) + row * (x.numel() / x.size(0));
}

at::Tensor runForward(const at::Tensor& x, const Layout& layout, at::Tensor& stats) {
    at::Tensor y = at::empty_like(x);
    stats = at::empty({x.size(0), layout.groups, 2}, at::kFloat);
    forEachImage(x, kernels::normRoom(layout.image(x, 0, nullptr, nullptr)), [&](std::int64_t row, float* room, auto tag) {
        using T = decltype(tag);
        kernels::normForward(layout.image(x, row, imageData<float>(stats, row), room), imageData<const T>(x, row), imageData<T>(y, row));
    });
    return y;
}

struct GroupNormFunction : torch::autograd::Function<GroupNormFunction> {
    // The frozen tensors travel as a plain value: only x may get a gradient, and an undefined shift is no legal argument.
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const Layout& layout) {
        at::Tensor stats;
        at::Tensor y = runForward(x, layout, stats);
        context->save_for_backward({x, layout.shift, layout.weight, layout.bias, stats});
        context->saved_data["groups"] = layout.groups;
        context->saved_data["silu"] = layout.hasSilu;
        return y;
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const variable_list saved = context->get_saved_variables();
        const at::Tensor& x = saved[0];
        const at::Tensor& stats = saved[4];
        const Layout layout{saved[1], saved[2], saved[3], context->saved_data["groups"].toInt(), context->saved_data["silu"].toBool(), 0};
        const at::Tensor dy = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
        const at::Tensor dx = at::empty_like(x);
        forEachImage(x, kernels::normBackwardRoom(layout.image(x, 0, nullptr, nullptr)), [&](std::int64_t row, float* room, auto tag) {
            using T = decltype(tag);
            kernels::normBackward(layout.image(x, row, imageData<float>(stats, row), room), imageData<const T>(x, row), imageData<const T>(dy, row),
                                  imageData<T>(dx, row));
        });
        return {dx, {}};
    }
};

}  // namespace

at::Tensor groupNorm(const at::Tensor& x, const at::Tensor& shift, const GroupNorm& norm, Activation activation) {
    // One image is one task here: with fewer images than threads torch's operator, which splits an image, is faster.
    const bool isOurs = x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16) && x.size(0) >= at::get_num_threads();
    if (!isOurs) {
        const at::Tensor normed = at::group_norm(shift.defined() ? x + shift.unsqueeze(-1).unsqueeze(-1) : x, norm.groups, norm.weight, norm.bias, norm.eps);
        return activation == Activation::Silu ? at::silu(normed) : normed;
    }
    const at::Tensor dense = x.contiguous(at::MemoryFormat::ChannelsLast);
    const Layout layout{shift.defined() ? shift.to(at::kFloat).contiguous() : at::Tensor(),
                        norm.weight.to(at::kFloat),
                        norm.bias.to(at::kFloat),
                        norm.groups,
                        activation == Activation::Silu,
                        norm.eps};
    if (at::GradMode::is_enabled() && dense.requires_grad()) {
        return GroupNormFunction::apply(dense, layout);
    }
    at::Tensor stats;
    return runForward(dense, layout, stats);
}

}  // namespace rlcm::nn
