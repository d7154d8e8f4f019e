#include "core/nn/group_norm.h"

#include <utility>
#include <vector>

#include "core/nn/fused_kernels.h"
#include "core/nn/layers.h"
#include "core/tensor/held_once.h"
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

/// Calls work(row, scratch of room(tag) floats, tag of the value type) for every image.
template <typename Room, typename Work>
void forEachImage(const at::Tensor& x, Room room, Work work) {
    const auto run = [&](auto tag) {
        at::parallel_for(0, x.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
            std::vector<float> scratch(static_cast<std::size_t>(room(tag)));
            for (std::int64_t row = begin; row < end; ++row) {
                work(row, scratch.data(), tag);
            }
        });
    };
    if (x.scalar_type() == at::kFloat) {
        run(float());
    } else {
        run(kernels::Bf16());
    }
}

template <typename T>
T* imageData(const at::Tensor& x, std::int64_t row) {
    return static_cast<T*>(x.data_ptr()) + row * (x.numel() / x.size(0));
}

/// y may be x. Returns the statistics that the backward pass reads.
at::Tensor runForward(const at::Tensor& x, const Layout& layout, const at::Tensor& y) {
    at::Tensor stats = at::empty({x.size(0), layout.groups, 2}, at::kFloat);
    const auto roomOf = [&](auto) { return kernels::normRoom(layout.image(x, 0, nullptr, nullptr)); };
    forEachImage(x, roomOf, [&](std::int64_t row, float* room, auto tag) {
        using T = decltype(tag);
        kernels::normForward(layout.image(x, row, imageData<float>(stats, row), room), imageData<const T>(x, row), imageData<T>(y, row));
    });
    return stats;
}

struct GroupNormFunction : torch::autograd::Function<GroupNormFunction> {
    // The frozen tensors travel as a plain value: only x may get a gradient, and an undefined shift is no legal argument.
    static variable_list forward(AutogradContext* context, const at::Tensor& x, const Layout& layout) {
        at::Tensor y = at::empty_like(x);
        const at::Tensor stats = runForward(x, layout, y);
        context->save_for_backward({x, layout.shift, layout.weight, layout.bias, stats});
        context->saved_data["groups"] = layout.groups;
        context->saved_data["silu"] = layout.hasSilu;
        context->set_materialize_grads(false);
        return {y, x};
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        if (!gradients[0].defined()) {
            return {gradients[1], {}};
        }
        const variable_list saved = context->get_saved_variables();
        const at::Tensor& x = saved[0];
        const at::Tensor& stats = saved[4];
        const Layout layout{saved[1], saved[2], saved[3], context->saved_data["groups"].toInt(), context->saved_data["silu"].toBool(), 0};
        const at::Tensor dy = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
        const at::Tensor more = gradients[1].defined() ? gradients[1].contiguous(at::MemoryFormat::ChannelsLast) : at::Tensor();
        const at::Tensor dx = at::empty_like(x);
        const auto roomOf = [&](auto tag) { return kernels::normBackwardRoom<decltype(tag)>(layout.image(x, 0, nullptr, nullptr)); };
        forEachImage(x, roomOf, [&](std::int64_t row, float* room, auto tag) {
            using T = decltype(tag);
            kernels::normBackward(layout.image(x, row, imageData<float>(stats, row), room), imageData<const T>(x, row), imageData<const T>(dy, row),
                                  more.defined() ? imageData<const T>(more, row) : nullptr, imageData<T>(dx, row));
        });
        return {dx, {}};
    }
};

// One image is one task here: with fewer images than threads torch's operator, which splits an image, is faster.
bool isOurs(const at::Tensor& x) {
    return x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16) && x.size(0) >= at::get_num_threads();
}

bool recordsGradient(const at::Tensor& x) {
    return at::GradMode::is_enabled() && x.requires_grad();
}

Layout layoutOf(const at::Tensor& shift, const GroupNorm& norm, Activation activation) {
    return {shift.defined() ? shift.to(at::kFloat).contiguous() : at::Tensor(),
            norm.weight.to(at::kFloat),
            norm.bias.to(at::kFloat),
            norm.groups,
            activation == Activation::Silu,
            norm.eps};
}

}  // namespace

at::Tensor groupNorm(at::Tensor x, const at::Tensor& shift, const GroupNorm& norm, Activation activation) {
    if (!isOurs(x)) {
        const at::Tensor normed = at::group_norm(shift.defined() ? x + shift.unsqueeze(-1).unsqueeze(-1) : x, norm.groups, norm.weight, norm.bias, norm.eps);
        return activation == Activation::Silu ? at::silu(normed) : normed;
    }
    x = x.contiguous(at::MemoryFormat::ChannelsLast);
    const Layout layout = layoutOf(shift, norm, activation);
    if (recordsGradient(x)) {
        return GroupNormFunction::apply(x, layout)[0];
    }
    at::Tensor y = tensor::isHeldOnce(x) ? x : at::empty_like(x);
    runForward(x, layout, y);
    return y;
}

Branch groupNormBranch(const at::Tensor& x, const GroupNorm& norm, Activation activation) {
    if (!isOurs(x) || !recordsGradient(x)) {
        return {groupNorm(x, {}, norm, activation), x};
    }
    const variable_list both = GroupNormFunction::apply(x.contiguous(at::MemoryFormat::ChannelsLast), layoutOf({}, norm, activation));
    return {both[0], both[1]};
}

}  // namespace rlcm::nn
