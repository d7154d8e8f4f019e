#include "core/nn/group_norm.h"

#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/nn/fused_rows.h"
#include "core/nn/layers.h"
#include "core/nn/residual.h"
#include "core/tensor/held_once.h"
#include "core/tensor/torch.h"
#include "core/tensor/unrecorded.h"

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

    /// `stats` and `room` as the kernels want them; x is the tensor, or a part of its channels.
    kernels::NormImage image(const at::Tensor& x, std::int64_t row, float* stats, float* room) const {
        const std::int64_t channels = weight.size(0);
        const float* shiftRow = nullptr;
        if (shift.defined()) {
            shiftRow = shift.const_data_ptr<float>() + (shift.size(0) == 1 ? 0 : row) * channels;
        }
        return {.channels = channels,
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

/// Room for all channels of xs.
at::Tensor emptyResult(at::TensorList xs) {
    if (xs.size() == 1) {
        return at::empty_like(xs[0]);
    }
    std::vector<std::int64_t> sizes = xs[0].sizes().vec();
    for (const at::Tensor& x : xs.slice(1)) {
        sizes[1] += x.size(1);
    }
    return at::empty(sizes, xs[0].options().memory_format(at::MemoryFormat::ChannelsLast));
}

template <typename T>
using Parts = c10::SmallVector<kernels::NormPart<T>, 2>;

/// The parts of one image.
template <typename T>
Parts<T> partsOf(at::TensorList xs, std::int64_t row) {
    Parts<T> parts;
    for (const at::Tensor& x : xs) {
        parts.push_back({.x = imageData<const T>(x, row), .channels = x.size(1)});
    }
    return parts;
}

/// y may be the only x. Returns the statistics that the backward pass reads.
at::Tensor runForward(at::TensorList xs, const Layout& layout, const at::Tensor& y) {
    at::Tensor stats = at::empty({y.size(0), layout.groups, 2}, at::kFloat);
    const auto roomOf = [&](auto) { return kernels::normRoom(layout.image(y, 0, nullptr, nullptr)); };
    forEachImage(y, roomOf, [&](std::int64_t row, float* room, auto tag) {
        using T = decltype(tag);
        const Parts<T> parts = partsOf<T>(xs, row);
        kernels::normForward(layout.image(y, row, imageData<float>(stats, row), room), parts, imageData<T>(y, row));
    });
    return stats;
}

/// What comes back to the result and to what went past the norm, undefined where nothing came; which parts of x want their gradient.
struct Incoming {
    const at::Tensor& y;
    at::TensorList past;
    std::vector<bool> isWanted;
};

variable_list runBackward(at::TensorList xs, const Incoming& incoming, const Layout& layout, const at::Tensor& stats) {
    const at::Tensor dy = incoming.y.contiguous(at::MemoryFormat::ChannelsLast);
    variable_list dxs, more;
    for (std::size_t i = 0; i < xs.size(); ++i) {
        dxs.push_back(incoming.isWanted[i] ? at::empty_like(xs[i]) : at::Tensor());
        more.push_back(incoming.past[i].defined() ? incoming.past[i].contiguous(at::MemoryFormat::ChannelsLast) : at::Tensor());
    }
    const auto roomOf = [&](auto tag) { return kernels::normBackwardRoom<decltype(tag)>(layout.image(dy, 0, nullptr, nullptr)); };
    forEachImage(dy, roomOf, [&](std::int64_t row, float* room, auto tag) {
        using T = decltype(tag);
        Parts<T> parts = partsOf<T>(xs, row);
        for (std::size_t i = 0; i < parts.size(); ++i) {
            parts[i].more = more[i].defined() ? imageData<const T>(more[i], row) : nullptr;
            parts[i].dx = dxs[i].defined() ? imageData<T>(dxs[i], row) : nullptr;
        }
        kernels::normBackward(layout.image(dy, row, imageData<float>(stats, row), room), parts, imageData<const T>(dy, row));
    });
    return dxs;
}

struct GroupNormFunction : torch::autograd::Function<GroupNormFunction> {
    // The frozen tensors travel as a plain value: only the parts of x may get a gradient, and an undefined shift is no legal argument.
    static variable_list forward(AutogradContext* context, at::TensorList xs, const Layout& layout) {
        const tensor::Unrecorded plain;
        variable_list result{emptyResult(xs)};
        const at::Tensor stats = runForward(xs, layout, result[0]);
        variable_list saved{layout.shift, layout.weight, layout.bias, stats};
        saved.insert(saved.end(), xs.begin(), xs.end());
        context->save_for_backward(std::move(saved));
        context->saved_data["groups"] = layout.groups;
        context->saved_data["silu"] = layout.hasSilu;
        context->set_materialize_grads(false);
        result.insert(result.end(), xs.begin(), xs.end());
        return result;
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const tensor::Unrecorded plain;
        const at::Tensor dy = gradients[0];
        variable_list result(gradients.begin() + 1, gradients.end());
        if (dy.defined()) {
            const variable_list saved = context->get_saved_variables();
            const Layout layout{saved[0], saved[1], saved[2], context->saved_data["groups"].toInt(), context->saved_data["silu"].toBool(), 0};
            std::vector<bool> isWanted;
            for (std::size_t i = 0; i < result.size(); ++i) {
                isWanted.push_back(context->needs_input_grad(i));
            }
            result = runBackward(at::TensorList(saved).slice(4), {dy, result, std::move(isWanted)}, layout, saved[3]);
        }
        result.emplace_back();  // of the frozen
        return result;
    }
};

// One image is one task here: with fewer images than threads torch's operator, which splits an image, is faster.
bool isOurs(const at::Tensor& x) {
    return hasFusedKernels(x) && x.size(0) >= at::get_num_threads();
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
        return GroupNormFunction::apply(at::TensorList(x), layout)[0];
    }
    at::Tensor y = tensor::isHeldOnce(x) ? x : at::empty_like(x);
    runForward(x, layout, y);
    return y;
}

Branch groupNormBranch(const at::Tensor& x, const GroupNorm& norm, Activation activation) {
    if (!isOurs(x) || !recordsGradient(x)) {
        return {groupNorm(x, {}, norm, activation), x};
    }
    const at::Tensor dense = x.contiguous(at::MemoryFormat::ChannelsLast);
    const variable_list both = GroupNormFunction::apply(at::TensorList(dense), layoutOf({}, norm, activation));
    return {both[0], both[1]};
}

std::optional<JoinedBranch> groupNormJoined(const std::array<at::Tensor, 2>& xs, const GroupNorm& norm, Activation activation) {
    if (!isOurs(xs[0])) {
        return std::nullopt;
    }
    ensure(xs[0].size(1) + xs[1].size(1) == norm.weight.size(0) && xs[0].size(0) == xs[1].size(0) && xs[0].sizes().slice(2) == xs[1].sizes().slice(2),
           "a norm of two tensors wants images of one size with its channels");
    const std::array dense{xs[0].contiguous(at::MemoryFormat::ChannelsLast), xs[1].contiguous(at::MemoryFormat::ChannelsLast)};
    const Layout layout = layoutOf({}, norm, activation);
    if (recordsGradient(dense[0]) || recordsGradient(dense[1])) {
        const variable_list all = GroupNormFunction::apply(at::TensorList(dense), layout);
        const auto past = [&](std::size_t i) { return recordsGradient(dense[i]) ? all[1 + i] : dense[i]; };
        return JoinedBranch{all[0], {past(0), past(1)}};
    }
    const at::Tensor y = emptyResult(dense);
    runForward(dense, layout, y);
    return JoinedBranch{y, dense};
}

}  // namespace rlcm::nn
