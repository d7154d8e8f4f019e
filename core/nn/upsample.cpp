#include "core/nn/upsample.h"

#include <array>

#include "core/nn/frozen_conv.h"
#include "core/tensor/torch.h"

namespace rlcm::nn {
namespace {

/// Taps of the 3-tap filter w that make tap m of the transposed convolution along one axis: output y takes tap m = y - 2i + 1 of
/// input i, which both copies of i feed: [w2, w1 + w2, w0 + w1, w0].
constexpr std::array<std::array<int, 2>, 4> kSources{{{2, 2}, {1, 2}, {0, 1}, {0, 0}}};

/// [out, in, 3, 3] -> [in, out, 4, 4], channels last. Tap by tap, so that little memory is needed beside the result.
at::Tensor doublingKernel(const at::Tensor& weight) {
    const auto exact = weight.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
    const at::Tensor kernel = at::empty({weight.size(1), weight.size(0), 4, 4}, weight.options(), at::MemoryFormat::ChannelsLast);
    for (std::size_t y = 0; y < 4; ++y) {
        for (std::size_t x = 0; x < 4; ++x) {
            const auto part = [&](int column) {  // the rows that make y, at one column of the filter: [out, in]
                const auto [first, second] = kSources[y];
                const at::Tensor tap = weight.select(3, column).select(2, first).to(exact);
                return first == second ? tap : tap + weight.select(3, column).select(2, second).to(exact);
            };
            const auto [left, right] = kSources[x];
            const at::Tensor sum = left == right ? part(left) : part(left) + part(right);
            kernel.select(3, static_cast<std::int64_t>(x)).select(2, static_cast<std::int64_t>(y)).copy_(sum.t());
        }
    }
    return kernel;
}

}  // namespace

Upsample Upsample::take(Weights& weights, const std::string& path, std::int64_t in, std::int64_t out) {
    Upsample layer;
    layer.m_conv = Conv::take(weights, path, in, out, 3);
    const at::Tensor& weight = layer.m_conv.weight;
    if (weight.stride(3) == 0) {
        return layer;  // stands in for a weight that the file lacks; the building ends with an error
    }
    layer.m_doubling = doublingKernel(weight);
    return layer;
}

at::Tensor Upsample::operator()(const at::Tensor& x, std::int64_t height, std::int64_t width) const {
    if (height == 2 * x.size(2) && width == 2 * x.size(3)) {
        return frozenConv(x, {m_doubling, m_conv.bias, 2, 1, true});
    }
    return m_conv(at::upsample_nearest2d(x, {height, width}));
}

}  // namespace rlcm::nn
