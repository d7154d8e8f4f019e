#pragma once
#include "core/tensor/torch.h"

namespace rlcm::test {

/// The largest |a - b| over all elements of two tensors of one shape.
inline double largestDifference(const at::Tensor& a, const at::Tensor& b) {
    return (a - b).abs().max().item<double>();
}

}  // namespace rlcm::test
