#pragma once
// Coefficients of a policy by step index: computed once in double, gathered by the rows of a batch.
#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

namespace rlcm::diffusion {

/// Immutable table of H steps by K coefficients. thread: any.
class StepTable {
public:
    /// rows[h][k] in double; kept in f32 and f64 on `device`.
    StepTable(const std::vector<std::vector<double>>& rows, at::Device device);
    /// The K coefficients of each row's step, shaped to broadcast over `x`: [B,1,...] each, or [1,1,...] when
    /// `step` holds a single value, which costs one look-up for the whole batch. dtype: that of arithmetic()
    /// for x. shapes: step [B] or numel 1, i64; x [B,...].
    std::vector<at::Tensor> at(const at::Tensor& step, const at::Tensor& x) const;

private:
    at::Tensor m_single, m_double;  // [H,K]
};

/// The dtype in which policies compute: f64 for f64 inputs, else f32.
at::ScalarType arithmetic(const at::Tensor& x);
/// A [B,1,...] or [1,1,...] coefficient with one entry per row of `x`.
at::Tensor perRow(const at::Tensor& coefficient, const at::Tensor& x);

}  // namespace rlcm::diffusion
