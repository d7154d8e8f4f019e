#include "core/nn/group_norm_pass.h"

#include <vector>

#include "core/nn/fused_rows.h"
#include "core/nn/group_norm.h"
#include "core/nn/layers.h"
#include "core/tensor/torch.h"

namespace rlcm::nn {
namespace {

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

}  // namespace

// One image is one task here: with fewer images than threads torch's operator, which splits an image, is faster.
bool GroupNormPass::takes(const at::Tensor& x) {
    return hasFusedKernels(x) && x.size(0) >= at::get_num_threads();
}

GroupNormPass::GroupNormPass(const at::Tensor& shift, const GroupNorm& norm, Activation activation)
    : m_shift(shift.defined() ? shift.to(at::kFloat).contiguous() : at::Tensor()),
      m_weight(norm.weight.to(at::kFloat)),
      m_bias(norm.bias.to(at::kFloat)),
      m_groups(norm.groups),
      m_hasSilu(activation == Activation::Silu),
      m_eps(norm.eps) {}

kernels::NormImage GroupNormPass::image(const at::Tensor& x, std::int64_t row, float* stats, float* room) const {
    const std::int64_t channels = m_weight.size(0);
    const float* shiftRow = nullptr;
    if (m_shift.defined()) {
        shiftRow = m_shift.const_data_ptr<float>() + (m_shift.size(0) == 1 ? 0 : row) * channels;
    }
    return {.channels = channels,
            .groups = m_groups,
            .area = x.size(2) * x.size(3),
            .hasSilu = m_hasSilu,
            .weight = m_weight.const_data_ptr<float>(),
            .bias = m_bias.const_data_ptr<float>(),
            .shift = shiftRow,
            .eps = m_eps,
            .stats = stats,
            .room = room};
}

at::Tensor GroupNormPass::emptyStats(std::int64_t images) const {
    return at::empty({images, m_groups, 2}, at::kFloat);
}

void GroupNormPass::forward(at::TensorList xs, const at::Tensor& y, const at::Tensor& stats) const {
    const auto roomOf = [&](auto) { return kernels::normRoom(image(y, 0, nullptr, nullptr)); };
    forEachImage(y, roomOf, [&](std::int64_t row, float* room, auto tag) {
        using T = decltype(tag);
        const Parts<T> parts = partsOf<T>(xs, row);
        kernels::normForward(image(y, row, imageData<float>(stats, row), room), parts, imageData<T>(y, row));
    });
}

void GroupNormPass::backward(at::TensorList xs, const at::Tensor& stats, const Gradients& gradients) const {
    const at::Tensor& dy = gradients.y;
    const auto roomOf = [&](auto tag) { return kernels::normBackwardRoom<decltype(tag)>(image(dy, 0, nullptr, nullptr)); };
    forEachImage(dy, roomOf, [&](std::int64_t row, float* room, auto tag) {
        using T = decltype(tag);
        Parts<T> parts = partsOf<T>(xs, row);
        for (std::size_t i = 0; i < parts.size(); ++i) {
            parts[i].more = gradients.past[i].defined() ? imageData<const T>(gradients.past[i], row) : nullptr;
            parts[i].dx = gradients.xs[i].defined() ? imageData<T>(gradients.xs[i], row) : nullptr;
        }
        kernels::normBackward(image(dy, row, imageData<float>(stats, row), room), parts, imageData<const T>(dy, row));
    });
}

at::Tensor asChannelsLast(at::Tensor x) {
    if (!x.is_contiguous(at::MemoryFormat::ChannelsLast)) {
        x = x.contiguous(at::MemoryFormat::ChannelsLast);
    }
    return x;
}

at::Tensor emptyJoined(at::TensorList xs) {
    std::vector<std::int64_t> sizes = xs[0].sizes().vec();
    for (const at::Tensor& x : xs.slice(1)) {
        sizes[1] += x.size(1);
    }
    return at::empty(sizes, xs[0].options().memory_format(at::MemoryFormat::ChannelsLast));
}

}  // namespace rlcm::nn
