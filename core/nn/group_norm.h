#pragma once
#include <ATen/core/Tensor.h>

namespace rlcm::nn {

struct GroupNorm;
enum class Activation { None, Silu };

/// activation(groupNorm(x + shift)) in one pass over memory, on the CPU in f32 and bf16 (statistics in f32); elsewhere the
/// same from torch's operators. Keeps only x for the backward pass. Gradient only for x: norms and shifts are frozen here.
/// An x that nobody else holds lends its memory to the result where no gradient is recorded: move it in.
/// shapes: x [B,C,H,W], weight and bias of the norm [C], shift [1 or B, C] or undefined. On the CPU the result lies channels-last.
/// thread: any.
at::Tensor groupNorm(at::Tensor x, const at::Tensor& shift, const GroupNorm& norm, Activation activation);

/// A norm at the head of a branch: its result, and x for what goes past the branch. The gradient that comes back past the branch is added to x's where the norm's
/// is written, so that it is no pass of its own.
struct Branch {
    at::Tensor normed, x;
};
/// As groupNorm() without a shift.
Branch groupNormBranch(const at::Tensor& x, const GroupNorm& norm, Activation activation);

}  // namespace rlcm::nn
