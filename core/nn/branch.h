#pragma once
#include <ATen/core/Tensor.h>

namespace rlcm::nn {

/// A norm at the head of a branch: its result, and x for what goes past the branch. The gradient that comes back past the branch is added to x's where the norm's
/// is written, so that it is no pass of its own.
struct Branch {
    at::Tensor normed, x;
};

}  // namespace rlcm::nn
