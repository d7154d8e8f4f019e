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
    static const bool isFound = [] {
        c10::Dispatcher& all = c10::Dispatcher::singleton();
        return all.findSchema({kConvolution, ""}) && all.findSchema({kLinear, ""});
    }();
    return isFound && at::globalContext().userEnabledMkldnn();
}

}  // namespace

bool takes(const at::Tensor& tensor) {
    return tensor.is_cpu() && (tensor.scalar_type() == at::kFloat || tensor.scalar_type() == at::kBFloat16) && isThere();
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
