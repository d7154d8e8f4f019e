#pragma once
#include <cstdint>

#include <ATen/core/Tensor.h>

namespace rlcm::nn {

/// Multi-head attention without the projections: softmax(q k^T / sqrt(D / heads)) v per head.
/// shapes: q [B,N,D], k and v [B,M,D], D divisible by heads; returns [B,N,D] in q's dtype. `isCausal` masks keys after
/// the query. In bf16 on the CPU the core runs in f32: torch's fused bf16 backward is many times slower there.
at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t heads, bool isCausal = false);

}  // namespace rlcm::nn
