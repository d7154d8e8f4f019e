#pragma once
#include <ATen/core/Tensor.h>

namespace rlcm::nn {

/// Gated GELU (GEGLU of diffusers' feed-forward): x [..., 2C] -> x[..., :C] * gelu(x[..., C:]), with the exact GELU. One pass over memory on
/// the CPU in f32 and bf16, torch's operators elsewhere. Keeps only x for the backward pass. thread: any.
at::Tensor geglu(const at::Tensor& x);

}  // namespace rlcm::nn
