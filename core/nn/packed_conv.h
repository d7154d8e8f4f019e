#pragma once
// A frozen convolution on the CPU. Private to core/nn.
#include <cstdint>
#include <memory>
#include <optional>

#include <ATen/core/Tensor.h>

namespace rlcm::nn {

/// Keeps its kernel in the order in which the processor's matrix instructions read it, where a plain convolution puts it into that order in every call: a
/// tenth to a third of the time of a small one. For the gradient it keeps the kernel turned round, which makes a convolution of that too.
/// thread: any.
class PackedConv {
public:
    /// weight [out, in, k, k], bias [out] or undefined; stride 1 and k/2 of padding. Null where a plain convolution is the way: on other devices, for values that oneDNN does
    /// not take here, and for large kernels, of which more than one copy would be too much memory.
    static std::shared_ptr<const PackedConv> of(const at::Tensor& weight, const at::Tensor& bias);
    /// x [B,in,H,W] -> [B,out,H,W], channels last, plus `added` of that shape where it is defined: added where the product is written, so that it is no pass of its own.
    /// An `added` that nobody else holds lends its memory to the result where no gradient is recorded: move it in.
    static at::Tensor apply(const std::shared_ptr<const PackedConv>& conv, const at::Tensor& x, at::Tensor added = {});

    PackedConv(const at::Tensor& weight, const at::Tensor& bias);
    ~PackedConv();
    at::Tensor forward(const at::Tensor& x, at::Tensor added) const;
    /// The gradient of x from that of the result.
    at::Tensor backward(const at::Tensor& gradient) const;

private:
    class Kernel;
    std::unique_ptr<Kernel> m_forward, m_backward;
    std::optional<at::Tensor> m_bias;
};

}  // namespace rlcm::nn
