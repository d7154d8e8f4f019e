#pragma once
#include <ATen/core/Tensor.h>

namespace rlcm::nn {

struct GroupNorm;
enum class Activation { None, Silu };

/// activation(groupNorm(x + shift)) in one pass over memory, on the CPU in f32 and bf16 (statistics in f32); elsewhere the
/// same from torch's operators. Keeps only x for the backward pass. Gradient only for x: norms and shifts are frozen here.
/// shapes: x [B,C,H,W], weight and bias of the norm [C], shift [1 or B, C] or undefined. On the CPU the result lies channels-last.
/// thread: any.
at::Tensor groupNorm(const at::Tensor& x, const at::Tensor& shift, const GroupNorm& norm, Activation activation);

}  // namespace rlcm::nn
