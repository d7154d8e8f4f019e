#pragma once
#include <array>
#include <optional>

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

/// As groupNorm() without a shift.
Branch groupNormBranch(const at::Tensor& x, const GroupNorm& norm, Activation activation);

/// The same of two tensors whose channels follow each other, without joining them: [B,C1,H,W] and [B,C2,H,W] -> normed [B,C1+C2,H,W]. None where the plain way is to join
/// them first.
struct JoinedBranch {
    at::Tensor normed;
    std::array<at::Tensor, 2> xs;
};
std::optional<JoinedBranch> groupNormJoined(const std::array<at::Tensor, 2>& xs, const GroupNorm& norm, Activation activation);

}  // namespace rlcm::nn
