#pragma once
// A convolution whose kernel and bias are constants. Private to core/nn.
#include <cstdint>

#include <ATen/core/Tensor.h>

namespace rlcm::nn {

struct FrozenConv {
    const at::Tensor& weight;  ///< [out, in, k, k]; of a transposed one [in, out, k, k]
    const at::Tensor& bias;    ///< [out]
    std::int64_t stride = 1, padding = 1;
    bool isTransposed = false;
};
/// x [B,in,H,W] -> [B,out,h,w], as at::conv2d or at::conv_transpose2d. The graph keeps the kernel and nothing of x: the gradient is the opposite convolution of
/// that of the result, the same to the bit, where torch's own keeps x for a gradient of the kernel that nobody asks for. thread: any.
at::Tensor frozenConv(const at::Tensor& x, const FrozenConv& layer);

}  // namespace rlcm::nn
