#pragma once
// How the fused kernels are called on a tensor, those that work on rows on parts of its rows. Private to core/nn.
#include <cstdint>

#include "core/nn/fused_kernels.h"
#include "core/tensor/torch.h"

namespace rlcm::nn {

/// Whether the kernels know such a tensor: on the CPU in f32 or bf16.
inline bool hasFusedKernels(const at::Tensor& x) {
    return x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16);
}

/// Calls work(first row, rows, tag of the value type) on parts of x, on the threads of torch.
template <typename Work>
void forEachPart(const at::Tensor& x, Work work) {
    const std::int64_t width = x.size(-1);
    at::parallel_for(0, x.numel() / width, 1 + 16384 / width, [&](std::int64_t begin, std::int64_t end) {
        if (x.scalar_type() == at::kFloat) {
            work(begin, end - begin, float());
        } else {
            work(begin, end - begin, kernels::Bf16());
        }
    });
}

template <typename T>
T* rowData(const at::Tensor& x, std::int64_t row) {
    return static_cast<T*>(x.data_ptr()) + row * x.size(-1);
}

}  // namespace rlcm::nn
