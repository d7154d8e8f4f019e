#pragma once
#include <ATen/core/Tensor.h>

namespace rlcm::tensor {

/// Whether this is the only handle of the tensor and the tensor the only one of its memory: nobody misses what was in it.
inline bool isHeldOnce(const at::Tensor& tensor) {
    return tensor.use_count() == 1 && tensor.storage().use_count() == 1;
}

}  // namespace rlcm::tensor
