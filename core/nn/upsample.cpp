#include "core/nn/upsample.h"

#include "core/tensor/torch.h"

namespace rlcm::nn {
namespace {

/// Taps of the transposed convolution along one axis: output y takes tap m = y - 2i + 1 of input i, which both copies of
/// i feed through the 3-tap filter w: [w2, w1 + w2, w0 + w1, w0].
at::Tensor doubledTaps(const at::Tensor& weight, std::int64_t axis) {
    const at::Tensor w0 = weight.select(axis, 0), w1 = weight.select(axis, 1), w2 = weight.select(axis, 2);
    return at::stack({w2, w1 + w2, w0 + w1, w0}, axis);
}

}  // namespace

Upsample Upsample::take(Weights& weights, const std::string& path, std::int64_t in, std::int64_t out) {
    Upsample layer;
    layer.m_conv = Conv::take(weights, path, in, out, 3);
    const at::Tensor& weight = layer.m_conv.weight;
    if (weight.stride(3) == 0) {
        return layer;  // stands in for a weight that the file lacks; the building ends with an error
    }
    const at::Tensor exact = weight.to(weight.scalar_type() == at::kDouble ? at::kDouble : at::kFloat);
    layer.m_doubling = doubledTaps(doubledTaps(exact, 2), 3).transpose(0, 1).contiguous(at::MemoryFormat::ChannelsLast).to(weight.scalar_type());
    return layer;
}

at::Tensor Upsample::operator()(const at::Tensor& x, std::int64_t height, std::int64_t width) const {
    if (height == 2 * x.size(2) && width == 2 * x.size(3)) {
        return at::conv_transpose2d(x, m_doubling, m_conv.bias, {2, 2}, {1, 1});
    }
    return m_conv(at::upsample_nearest2d(x, {height, width}));
}

}  // namespace rlcm::nn
