#include "core/nn/group_norm_silu.h"

#include <vector>

#include "core/nn/norm_kernels.h"
#include "core/tensor/torch.h"

namespace rlcm::nn {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Below this many pixels a channel's loop is too short to pay (measured: 16x16 gains a quarter, 8x8 loses some).
constexpr std::int64_t kLeastArea = 128;

/// What every group of one tensor shares; all tensors f32 and contiguous but the images themselves.
struct Layout {
    at::Tensor shift, weight, bias;
    std::int64_t groups, channels, area;

    Layout(const at::Tensor& x, const at::Tensor& shiftBC, const at::Tensor& weightC, const at::Tensor& biasC, std::int64_t groupCount)
        : shift(shiftBC.defined() ? shiftBC.to(at::kFloat).contiguous() : at::Tensor()),
          weight(weightC.to(at::kFloat)), bias(biasC.to(at::kFloat)),
          groups(groupCount), channels(x.size(1)), area(x.size(2) * x.size(3)) {}

    std::int64_t groupSize() const { return channels / groups * area; }
    kernels::Group group(std::int64_t index) const {
        const std::int64_t perGroup = channels / groups, first = index % groups * perGroup;
        const float* shiftRow = nullptr;
        if (shift.defined()) {
            shiftRow = shift.const_data_ptr<float>() + (shift.size(0) == 1 ? 0 : index / groups) * channels + first;
        }
        return {perGroup, area, weight.const_data_ptr<float>() + first, bias.const_data_ptr<float>() + first, shiftRow};
    }
};

/// Values of one group as f32: the tensor's own memory, or a widened copy in `room`.
const float* readGroup(const at::Tensor& x, std::int64_t index, std::int64_t size, std::vector<float>& room) {
    if (x.scalar_type() == at::kFloat) {
        return x.const_data_ptr<float>() + index * size;
    }
    room.resize(static_cast<std::size_t>(size));
    kernels::widen(static_cast<const std::uint16_t*>(x.const_data_ptr()) + index * size, room.data(), size);
    return room.data();
}

/// Calls fill(place for f32 results) and stores them in group `index` of x.
template <typename Fill>
void writeGroup(const at::Tensor& x, std::int64_t index, std::int64_t size, std::vector<float>& room, Fill fill) {
    if (x.scalar_type() == at::kFloat) {
        fill(x.data_ptr<float>() + index * size);
        return;
    }
    room.resize(static_cast<std::size_t>(size));
    fill(room.data());
    kernels::narrow(room.data(), static_cast<std::uint16_t*>(x.data_ptr()) + index * size, size);
}

/// stats [B*groups, 2] receives mean and inverse deviation.
at::Tensor runForward(const at::Tensor& x, const Layout& layout, double eps, at::Tensor& stats) {
    const std::int64_t count = x.size(0) * layout.groups, size = layout.groupSize();
    at::Tensor y = at::empty_like(x);
    stats = at::empty({count, 2}, at::kFloat);
    float* statistics = stats.data_ptr<float>();
    at::parallel_for(0, count, 1 + 32768 / (size + 1), [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> in, out;
        for (std::int64_t i = begin; i < end; ++i) {
            const float* values = readGroup(x, i, size, in);
            writeGroup(y, i, size, out, [&](float* result) {
                kernels::normSiluForward(layout.group(i), eps, values, result, statistics[2 * i], statistics[2 * i + 1]);
            });
        }
    });
    return y;
}

struct GroupNormSilu : torch::autograd::Function<GroupNormSilu> {
    // The frozen tensors travel as a plain value: only x may get a gradient, and an undefined shift is no legal argument.
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const Layout& layout, double eps) {
        at::Tensor stats;
        at::Tensor y = runForward(x, layout, eps, stats);
        context->save_for_backward({x, layout.shift, layout.weight, layout.bias, stats});
        context->saved_data["groups"] = layout.groups;
        return y;
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const variable_list saved = context->get_saved_variables();
        const at::Tensor& x = saved[0];
        const Layout layout(x, saved[1], saved[2], saved[3], context->saved_data["groups"].toInt());
        const at::Tensor dy = gradients[0].contiguous();
        const at::Tensor dx = at::empty_like(x);
        const std::int64_t count = x.size(0) * layout.groups, size = layout.groupSize();
        const float* statistics = saved[4].const_data_ptr<float>();
        at::parallel_for(0, count, 1 + 32768 / (size + 1), [&](std::int64_t begin, std::int64_t end) {
            std::vector<float> in, up, out;
            for (std::int64_t i = begin; i < end; ++i) {
                const float* values = readGroup(x, i, size, in);
                const float* upstream = readGroup(dy, i, size, up);
                writeGroup(dx, i, size, out, [&](float* result) {
                    kernels::normSiluBackward(layout.group(i), values, statistics[2 * i], statistics[2 * i + 1], upstream, result);
                });
            }
        });
        return {dx, {}, {}};
    }
};

}  // namespace

at::Tensor groupNormSilu(const at::Tensor& x, const at::Tensor& shift, const at::Tensor& weight, const at::Tensor& bias,
                         std::int64_t groups, double eps) {
    const bool isOurs = x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16) &&
                        x.size(2) * x.size(3) >= kLeastArea;
    if (!isOurs) {
        const at::Tensor shifted = shift.defined() ? x + shift.unsqueeze(-1).unsqueeze(-1) : x;
        return at::silu(at::group_norm(shifted, groups, weight, bias, eps));
    }
    const at::Tensor dense = x.contiguous();
    const Layout layout(dense, shift, weight, bias, groups);
    if (at::GradMode::is_enabled() && dense.requires_grad()) {
        return GroupNormSilu::apply(dense, layout, eps);
    }
    at::Tensor stats;
    return runForward(dense, layout, eps, stats);
}

}  // namespace rlcm::nn
