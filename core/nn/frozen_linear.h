#pragma once
// The product of a layer whose weight and bias are constants. Private to core/nn.
#include <ATen/core/Tensor.h>

namespace rlcm::nn {

/// x [..., in] W^T + bias + added -> [..., out], by the faster way; weight [out, in], bias [out] and added [..., out], each or both undefined. thread: any.
at::Tensor frozenLinear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, const at::Tensor& added = {});

}  // namespace rlcm::nn
