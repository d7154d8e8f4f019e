#pragma once
// A projection as a network runs it: one product with the merged weight, whose gradient goes to the factors.
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/nn/lora.h"

namespace rlcm::nn {

/// x [..., in] -> x W^T + bias + added [..., out], bias and added each or both undefined. The gradient of A and B is made of x and what comes back by products of rank r,
/// dB = s G^T (x A^T) and dA = s (G B)^T x in f32; that of the merged weight, [out, in], is made only where gradientPath() has been. The weight itself
/// and the bias get none. thread: any.
at::Tensor project(const at::Tensor& x, const MergedProjection& projection, const at::Tensor& bias = {}, const at::Tensor& added = {});

/// The same of several projections of one x, without bias: their gradients of x are one sum.
std::vector<at::Tensor> projectAll(const at::Tensor& x, std::span<const MergedProjection> projections);

/// For `MergedProjection::whole` of a projection with its leaves: where one product of the size of a small matrix is faster than four of rank r, the gradient of the
/// merged weight dW is added up over all calls of the network, and becomes dB = s dW A^T and dA = s B^T dW once. Elsewhere undefined.
at::Tensor gradientPath(const MergedProjection& projection);

/// W + scale * B * A, all taken as matrices of so many rows, computed in f32 (f64 for f64 weights) and rounded to the dtype of W; a constant.
/// shapes: weight [out, in] or of a convolution [out, in, h, w], down [r, in, ...], up [out, r, ...]; returns that of the weight, on its device.
at::Tensor mergedWeight(const at::Tensor& weight, const at::Tensor& down, const at::Tensor& up, double scale);

/// The frozen weights of a network, to run it without an adapter.
std::vector<MergedProjection> withoutLora(const std::vector<Projection>& projections);

}  // namespace rlcm::nn
