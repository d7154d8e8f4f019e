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

/// Query, key and value, as the attention takes them.
struct Attended {
    const at::Tensor &query, &key, &value;
};
using Tensors4 = std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor>;

Tensors4 attention(const Attended& of, const std::optional<at::Tensor>& mask, bool isCausal, std::optional<double> scale) {
    const std::optional<at::Tensor> here = mask && mask->defined() ? std::optional(onCpu(*mask)) : std::nullopt;
    const auto [mixed, sums] = at::_scaled_dot_product_flash_attention_for_cpu(onCpu(of.query), onCpu(of.key), onCpu(of.value), 0.0, isCausal, here, scale);
    const at::Tensor none = at::zeros({}, at::kLong);
    return {mixed.to(of.query.device()), sums.to(of.query.device()), none, none};
}

/// `mixed` and `sums` are results of the attention, `grad` belongs to the first.
struct Attention {
    const at::Tensor &grad, &mixed, &sums;
};

Tensors4 attentionBackward(const Attended& of, const Attention& result, bool isCausal, std::optional<double> scale) {
    const auto [q, k, v] = at::_scaled_dot_product_flash_attention_for_cpu_backward(onCpu(result.grad), onCpu(of.query), onCpu(of.key), onCpu(of.value),
                                                                                    onCpu(result.mixed), onCpu(result.sums), 0.0, isCausal, {}, scale);
    return {q.to(of.query.device()), k.to(of.query.device()), v.to(of.query.device()), at::Tensor()};
}

// From here on lists of arguments are those that torch calls with.
using Maybe = const std::optional<at::Tensor>&;

/// One of CUDA's kernels that keep no matrix of all pairs, so that memory is counted as there.
const auto kAttentionKernel = +[](const at::Tensor&, const at::Tensor&, const at::Tensor&, Maybe, double, bool, std::optional<double>, bool) {
    return static_cast<std::int64_t>(at::SDPBackend::efficient_attention);
};

void addMemory(torch::Library& library) {
    using Dtype = std::optional<at::ScalarType>;
    using Flag = std::optional<bool>;
    library.impl("empty.memory_format",
                 [](at::IntArrayRef size, Dtype dtype, std::optional<at::Layout>, std::optional<at::Device>, Flag, std::optional<at::MemoryFormat> format) {
                     return at::Tensor(at::detail::empty_generic(size, &memory(), kKeys, c10::dtype_or_default(dtype), format));
                 });
    library.impl("empty_strided", [](at::IntArrayRef size, at::IntArrayRef stride, Dtype dtype, std::optional<at::Layout>, std::optional<at::Device>, Flag) {
        return at::Tensor(at::detail::empty_strided_generic(size, stride, &memory(), kKeys, c10::dtype_or_default(dtype)));
    });
}

void addAttention(torch::Library& library) {
    using T = const at::Tensor&;
    library.impl("_scaled_dot_product_efficient_attention", [](T query, T key, T value, Maybe mask, bool, double, bool isCausal, std::optional<double> scale) {
        return attention({query, key, value}, mask, isCausal, scale);
    });
    library.impl("_scaled_dot_product_efficient_attention_backward",
                 [](T grad, T query, T key, T value, T, T mixed, T sums, T, T, double, std::array<bool, 4>, bool isCausal, std::optional<double> scale) {
                     return attentionBackward({query, key, value}, {grad, mixed, sums}, isCausal, scale);
                 });
}

}  // namespace

TORCH_LIBRARY_IMPL(_, CUDA, library) {
    library.fallback(torch::CppFunction::makeFromBoxedFunction<&onCpuCopies>());
}

TORCH_LIBRARY_IMPL(aten, CUDA, library) {
    addMemory(library);
    library.impl("copy_", copy);
    library.impl("resize_", resizeHere);
    library.impl("_copy_from_and_resize", copyFromAndResize);
    library.impl("_local_scalar_dense", scalar);
    library.impl("as_strided", at::native::as_strided_tensorimpl);
    library.impl("view", static_cast<at::Tensor (*)(const at::Tensor&, at::IntArrayRef)>(at::native::view));
    library.impl("_reshape_alias", at::native::_reshape_alias);
    library.impl("unfold", at::native::unfold);
    addAttention(library);
    // These have a kernel for all devices that would ask for cuDNN.
    library.impl("convolution", torch::CppFunction::makeFromBoxedFunction<&onCpuCopies>());
    library.impl("convolution_backward", torch::CppFunction::makeFromBoxedFunction<&onCpuCopies>());
}

}  // namespace rlcm::fake_gpu

namespace at::native {
REGISTER_CUDA_DISPATCH(_fused_sdp_choice_stub, rlcm::fake_gpu::kAttentionKernel)
}
