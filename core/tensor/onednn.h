#pragma once
// The products of oneDNN, the matrix library inside of torch, that torch's own operators do not reach: torch has them for its compiler.
#include <cstdint>
#include <optional>

#include <ATen/core/Tensor.h>

namespace rlcm::tensor::onednn {

/// Whether products of such tensors can be had here: on the CPU, in f32 or bf16. No gradient goes through them.
bool takes(const at::Tensor& tensor);

/// The kernel [out, in, k, k] in the order in which the processor's matrix instructions read it, for inputs of one size [B, in, H, W]; for others it may be slow.
at::Tensor pack(const at::Tensor& kernel, at::IntArrayRef size);
/// x [B,in,H,W] with a packed kernel of k x k -> [B,out,H,W], channels last; stride 1, k/2 of padding.
at::Tensor convolve(const at::Tensor& x, const at::Tensor& packed, const std::optional<at::Tensor>& bias, std::int64_t k);
/// convolve() + added [B,out,H,W], which is added where the product is written.
at::Tensor convolveAdding(const at::Tensor& x, const at::Tensor& packed, const std::optional<at::Tensor>& bias, std::int64_t k, const at::Tensor& added);
/// Whether convolveInto() gives the very bits of convolveAdding() here: some processors' kernels begin with the sum where others end with it. Asked for once.
bool convolvesIntoExactly(const at::Tensor& sum);
/// The same, into the memory of `sum`, channels last.
void convolveInto(at::Tensor& sum, const at::Tensor& x, const at::Tensor& packed, const std::optional<at::Tensor>& bias, std::int64_t k);
/// x [..., in], weight [out, in], bias [out] -> [..., out]. The bias is added where the product is written; torch's own operator writes the bias everywhere
/// first and reads it again.
at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);
/// linear() + added [..., out], which is added there too.
at::Tensor linearAdding(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, const at::Tensor& added);

}  // namespace rlcm::tensor::onednn
