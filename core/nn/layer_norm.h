#pragma once
#include <ATen/core/Tensor.h>

#include "core/nn/branch.h"

namespace rlcm::nn {

struct LayerNorm;

/// Layer norm over the last axis of x [..., C], weight and bias of the norm [C]: one pass over memory on the CPU in f32 and bf16 (statistics in f32), torch's operator
/// elsewhere. Keeps x and two numbers a row for the backward pass. Gradient only for x: norms are frozen here. thread: any.
at::Tensor layerNorm(const at::Tensor& x, const LayerNorm& norm);
/// The same at the head of a branch.
Branch layerNormBranch(const at::Tensor& x, const LayerNorm& norm);

}  // namespace rlcm::nn
