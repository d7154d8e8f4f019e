#include "core/tensor/onednn.h"

#include <array>

#include "core/tensor/torch.h"

#include <ATen/core/dispatch/Dispatcher.h>

namespace rlcm::tensor::onednn {
namespace {

using Numbers = c10::List<std::optional<at::Scalar>>;
using Word = std::optional<c10::string_view>;
using Convolution = at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&, at::IntArrayRef, at::IntArrayRef, at::IntArrayRef,
                               std::int64_t, c10::string_view, Numbers, Word);
using Linear = at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&, c10::string_view, Numbers, Word);

constexpr const char* kConvolution = "mkldnn::_convolution_pointwise";
constexpr const char* kLinear = "mkldnn::_linear_pointwise";

bool isThere() {
    c10::Dispatcher& all = c10::Dispatcher::singleton();
    return all.findSchema({kConvolution, ""}) && all.findSchema({kLinear, ""});
}

/// Asks for both once: for bf16 they want instructions that not every processor has.
bool works(at::ScalarType dtype) {
    if (!isThere()) {
        return false;
    }
    try {
        const at::Tensor x = at::zeros({1, 1, 1, 1}, dtype), vector = at::zeros({1}, dtype);
        convolve(x, pack(x, x.sizes()), std::nullopt, 1);
        linear(vector.view({1, 1}), vector.view({1, 1}), vector);
        return true;
    } catch (const c10::Error&) {
        return false;
    }
}

}  // namespace

bool takes(const at::Tensor& tensor) {
    static const bool worksInF32 = works(at::kFloat), worksInBf16 = works(at::kBFloat16);
    const at::ScalarType dtype = tensor.scalar_type();
    return tensor.is_cpu() && at::globalContext().userEnabledMkldnn() && ((dtype == at::kFloat && worksInF32) || (dtype == at::kBFloat16 && worksInBf16));
}

at::Tensor pack(const at::Tensor& kernel, at::IntArrayRef size) {
    const at::NoGradGuard noGrad;
    const std::int64_t padding = kernel.size(2) / 2;
    return at::mkldnn_reorder_conv2d_weight(kernel.to_mkldnn(), {padding, padding}, {1, 1}, {1, 1}, 1, size);
}

at::Tensor convolve(const at::Tensor& x, const at::Tensor& packed, const std::optional<at::Tensor>& bias, std::int64_t k) {
    static const auto operation = c10::Dispatcher::singleton().findSchemaOrThrow(kConvolution, "").typed<Convolution>();
    const std::array<std::int64_t, 2> padding{k / 2, k / 2}, one{1, 1};
    return operation.call(x, packed, bias, padding, one, one, 1, "none", Numbers(), {});
}

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    static const auto operation = c10::Dispatcher::singleton().findSchemaOrThrow(kLinear, "").typed<Linear>();
    return operation.call(x, weight, bias, "none", Numbers(), {});
}

}  // namespace rlcm::tensor::onednn
