#pragma once
// The product of a layer whose weight and bias are constants. Private to core/nn.
#include <ATen/core/Tensor.h>

namespace rlcm::nn {

/// x [..., in] W^T + bias -> [..., out], by the faster way; weight [out, in], bias [out] or undefined. thread: any.
at::Tensor frozenLinear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

}  // namespace rlcm::nn
