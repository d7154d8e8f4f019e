#pragma once
#include <ATen/core/Tensor.h>

#include "core/nn/branch.h"

namespace rlcm::nn {

struct GroupNorm;
enum class Activation { None, Silu };

/// activation(groupNorm(x + shift)) in one pass over memory, on the CPU in f32 and bf16 (statistics in f32); elsewhere the
/// same from torch's operators. Keeps only x for the backward pass. Gradient only for x: norms and shifts are frozen here.
/// An x that nobody else holds lends its memory to the result where no gradient is recorded: move it in.
/// shapes: x [B,C,H,W], weight and bias of the norm [C], shift [1 or B, C] or undefined. On the CPU the result lies channels-last.
/// thread: any.
at::Tensor groupNorm(at::Tensor x, const at::Tensor& shift, const GroupNorm& norm, Activation activation);

/// As groupNorm() without shift and activation.
Branch groupNormBranch(const at::Tensor& x, const GroupNorm& norm);

}  // namespace rlcm::nn
