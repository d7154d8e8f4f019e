#pragma once
#include <cstdint>
#include <string>

#include <ATen/core/Tensor.h>

#include "core/nn/layers.h"

namespace rlcm::nn {

/// Nearest-neighbour doubling followed by a 3x3 convolution. To exactly twice the size the two are one transposed 4x4
/// convolution with stride 2, whose taps are sums of the 3x3 ones: 4 products an output pixel instead of 9 (measured: half the
/// time, forward and backward).
class Upsample {
public:
    static Upsample take(Weights& weights, const std::string& path, std::int64_t in, std::int64_t out);
    /// x [B,in,h,w] -> [B,out,height,width].
    at::Tensor operator()(const at::Tensor& x, std::int64_t height, std::int64_t width) const;

private:
    Conv m_conv;
    at::Tensor m_doubling;  // [in, out, 4, 4]
};

}  // namespace rlcm::nn
