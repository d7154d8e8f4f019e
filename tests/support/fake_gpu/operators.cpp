// Operators of the fake GPU: memory and views are its own, all others run on copies of their arguments on the CPU.
#include "tests/support/fake_gpu/memory.h"

#include <cstring>
#include <string>
#include <string_view>

#include <ATen/ATen.h>
#include <ATen/EmptyTensor.h>
#include <ATen/SDPBackend.h>
#include <ATen/native/CPUFallback.h>
#include <ATen/native/transformers/attention.h>
#include <ATen/ops/_local_scalar_dense.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/_scaled_dot_product_flash_attention_for_cpu.h>
#include <ATen/ops/_scaled_dot_product_flash_attention_for_cpu_backward.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/unfold_native.h>
#include <ATen/ops/view_native.h>
#include <torch/library.h>

namespace rlcm::fake_gpu {
namespace {

const c10::DispatchKeySet kKeys(c10::DispatchKey::CUDA);

at::Tensor empty(at::IntArrayRef size, std::optional<at::ScalarType> dtype, std::optional<at::Layout>, std::optional<at::Device>, std::optional<bool>,
                 std::optional<at::MemoryFormat> format) {
    return at::detail::empty_generic(size, &memory(), kKeys, c10::dtype_or_default(dtype), format);
}

at::Tensor emptyStrided(at::IntArrayRef size, at::IntArrayRef stride, std::optional<at::ScalarType> dtype, std::optional<at::Layout>, std::optional<at::Device>,
                        std::optional<bool>) {
    return at::detail::empty_strided_generic(size, stride, &memory(), kKeys, c10::dtype_or_default(dtype));
}

/// The same memory as a tensor of the CPU.
at::Tensor onCpu(const at::Tensor& tensor) {
    return tensor.is_cuda() ? at::from_blob(tensor.mutable_data_ptr(), tensor.sizes(), tensor.strides(), tensor.options().device(at::kCPU)) : tensor;
}

at::Tensor& copy(at::Tensor& target, const at::Tensor& source, bool) {
    at::Tensor here = onCpu(target);
    here.copy_(onCpu(source));
    return target;
}

const at::Tensor& resizeHere(const at::Tensor& tensor, at::IntArrayRef size, std::optional<at::MemoryFormat>) {
    const std::size_t bytes = static_cast<std::size_t>(c10::multiply_integers(size)) * tensor.element_size();
    const at::Storage storage = tensor.storage();
    if (bytes > storage.nbytes()) {
        at::DataPtr block = memory().allocate(bytes);
        std::memcpy(block.get(), storage.data(), storage.nbytes());
        storage.set_data_ptr_noswap(std::move(block));
        storage.unsafeGetStorageImpl()->set_nbytes(bytes);
    }
    tensor.unsafeGetTensorImpl()->set_sizes_contiguous(size);
    return tensor;
}

at::Tensor copyFromAndResize(const at::Tensor& source, const at::Tensor& target) {
    if (target.sizes() != source.sizes()) {
        resizeHere(target, source.sizes(), {});
    }
    at::Tensor mine = target;
    return copy(mine, source, false);
}

at::Scalar scalar(const at::Tensor& tensor) {
    return at::_local_scalar_dense(onCpu(tensor));
}

/// Tensors that CUDA's operators move by themselves: numbers, and indices into a tensor.
bool mayBeElsewhere(const at::Tensor& tensor, std::string_view name) {
    return tensor.dim() == 0 ||
           ((name == "aten::index" || name.starts_with("aten::index_put") || name == "aten::_index_put_impl_") && !at::isFloatingType(tensor.scalar_type()));
}

void requireHere(const at::Tensor& tensor, const std::string& name) {
    TORCH_CHECK(!tensor.defined() || tensor.is_cuda() || mayBeElsewhere(tensor, name), "Expected all tensors to be on the same device, but ", name,
                " got one of ", tensor.device(), " beside cuda:0, of shape ", tensor.sizes());
}

void onCpuCopies(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
    const std::string& name = op.schema().name();
    for (const c10::IValue& argument : torch::jit::last(*stack, op.schema().arguments().size())) {
        if (argument.isTensor()) {
            requireHere(argument.toTensor(), name);
        } else if (argument.isTensorList()) {
            for (const at::Tensor& tensor : argument.toTensorVector()) {
                requireHere(tensor, name);
            }
        }
    }
    at::native::cpu_fallback(op, stack);
}

/// One of CUDA's kernels that keep no matrix of all pairs, so that memory is counted as there.
std::int64_t attentionKernel(const at::Tensor&, const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&, double, bool, std::optional<double>,
                             bool) {
    return static_cast<std::int64_t>(at::SDPBackend::efficient_attention);
}

std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor> attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                                                                     const std::optional<at::Tensor>& mask, bool, double, bool isCausal,
                                                                     std::optional<double> scale) {
    const std::optional<at::Tensor> here = mask && mask->defined() ? std::optional(onCpu(*mask)) : std::nullopt;
    const auto [mixed, sums] = at::_scaled_dot_product_flash_attention_for_cpu(onCpu(query), onCpu(key), onCpu(value), 0.0, isCausal, here, scale);
    const at::Tensor none = at::zeros({}, at::kLong);
    return {mixed.to(query.device()), sums.to(query.device()), none, none};
}

std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor> attentionBackward(const at::Tensor& grad, const at::Tensor& query, const at::Tensor& key,
                                                                             const at::Tensor& value, const at::Tensor&, const at::Tensor& mixed,
                                                                             const at::Tensor& sums, const at::Tensor&, const at::Tensor&, double,
                                                                             std::array<bool, 4>, bool isCausal, std::optional<double> scale) {
    const auto [q, k, v] = at::_scaled_dot_product_flash_attention_for_cpu_backward(onCpu(grad), onCpu(query), onCpu(key), onCpu(value), onCpu(mixed),
                                                                                    onCpu(sums), 0.0, isCausal, {}, scale);
    return {q.to(query.device()), k.to(query.device()), v.to(query.device()), at::Tensor()};
}

}  // namespace

TORCH_LIBRARY_IMPL(_, CUDA, library) {
    library.fallback(torch::CppFunction::makeFromBoxedFunction<&onCpuCopies>());
}

TORCH_LIBRARY_IMPL(aten, CUDA, library) {
    library.impl("empty.memory_format", empty);
    library.impl("empty_strided", emptyStrided);
    library.impl("copy_", copy);
    library.impl("resize_", resizeHere);
    library.impl("_copy_from_and_resize", copyFromAndResize);
    library.impl("_local_scalar_dense", scalar);
    library.impl("as_strided", at::native::as_strided_tensorimpl);
    library.impl("view", static_cast<at::Tensor (*)(const at::Tensor&, at::IntArrayRef)>(at::native::view));
    library.impl("_reshape_alias", at::native::_reshape_alias);
    library.impl("unfold", at::native::unfold);
    library.impl("_scaled_dot_product_efficient_attention", attention);
    library.impl("_scaled_dot_product_efficient_attention_backward", attentionBackward);
    // These have a kernel for all devices that would ask for cuDNN.
    library.impl("convolution", torch::CppFunction::makeFromBoxedFunction<&onCpuCopies>());
    library.impl("convolution_backward", torch::CppFunction::makeFromBoxedFunction<&onCpuCopies>());
}

}  // namespace rlcm::fake_gpu

namespace at::native {
REGISTER_CUDA_DISPATCH(_fused_sdp_choice_stub, &rlcm::fake_gpu::attentionKernel)
}
