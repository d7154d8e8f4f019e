#include "core/tensor/onednn.h"

#include <algorithm>
#include <array>

#include "core/tensor/torch.h"
#include "core/tensor/unrecorded.h"

#include <ATen/core/dispatch/Dispatcher.h>

namespace rlcm::tensor::onednn {
namespace {

using Numbers = c10::List<std::optional<at::Scalar>>;
using Number = std::optional<at::Scalar>;
using Word = std::optional<c10::string_view>;
using Bias = std::optional<at::Tensor>;
using Convolution = at::Tensor(const at::Tensor&, const at::Tensor&, const Bias&, at::IntArrayRef, at::IntArrayRef, at::IntArrayRef, std::int64_t,
                               c10::string_view, Numbers, Word);
using ConvolutionAdding = at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&, const Bias&, at::IntArrayRef, at::IntArrayRef, at::IntArrayRef,
                                     std::int64_t, c10::string_view, Number, Word, Numbers, Word);
using ConvolutionInto = at::Tensor&(at::Tensor&, const at::Tensor&, const at::Tensor&, const Bias&, at::IntArrayRef, at::IntArrayRef, at::IntArrayRef,
                                    std::int64_t, c10::string_view, Number, Word, Numbers, Word);
using Linear = at::Tensor(const at::Tensor&, const at::Tensor&, const Bias&, c10::string_view, Numbers, Word);
using LinearAdding = at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&, const Bias&, c10::string_view);

/// An operator of torch's dispatcher.
struct Name {
    const char *base, *overload;
    template <typename Call>
    c10::TypedOperatorHandle<Call> find() const {
        return c10::Dispatcher::singleton().findSchemaOrThrow(base, overload).typed<Call>();
    }
};
constexpr Name kConvolution{"mkldnn::_convolution_pointwise", ""}, kConvolutionAdding{"mkldnn::_convolution_pointwise", "binary"},
    kConvolutionInto{"mkldnn::_convolution_pointwise_", "binary"}, kLinear{"mkldnn::_linear_pointwise", ""},
    kLinearAdding{"mkldnn::_linear_pointwise", "binary"};
constexpr std::array<std::int64_t, 2> kOnes{1, 1};

bool isThere() {
    return std::ranges::all_of(std::array{kConvolution, kConvolutionAdding, kConvolutionInto, kLinear, kLinearAdding},
                               [](const Name& name) { return c10::Dispatcher::singleton().findSchema({name.base, name.overload}).has_value(); });
}

/// Asks for all once: for bf16 they want instructions that not every processor has.
bool works(at::ScalarType dtype) {
    if (!isThere()) {
        return false;
    }
    try {
        const at::Tensor x = at::zeros({1, 1, 1, 1}, dtype), vector = at::zeros({1}, dtype), packed = pack(x, x.sizes());
        at::Tensor sum = convolveAdding(x, packed, std::nullopt, 1, convolve(x, packed, std::nullopt, 1));
        convolveInto(sum, x, packed, std::nullopt, 1);
        const at::Tensor row = vector.view({1, 1});
        linearAdding(row, row, vector, linear(row, row, vector));
        return true;
    } catch (const c10::Error&) {
        return false;
    }
}

bool intoGivesTheSameBits(at::ScalarType dtype) {
    constexpr std::int64_t kChannels = 40, kSide = 5;  // channels for more than one block of a kernel
    for (const std::int64_t k : {1, 3}) {
        const auto spread = [dtype](at::IntArrayRef sizes) {
            const std::int64_t count = c10::multiply_integers(sizes);
            return at::arange(count, at::kFloat).mul(0.7).sin().to(dtype).view(sizes).contiguous(at::MemoryFormat::ChannelsLast);
        };
        const at::Tensor x = spread({2, kChannels, kSide, kSide}), packed = pack(spread({kChannels, kChannels, k, k}), x.sizes());
        at::Tensor sum = spread({2, kChannels, kSide, kSide}) * 3;
        const at::Tensor beside = convolveAdding(x, packed, std::nullopt, k, sum);
        convolveInto(sum, x, packed, std::nullopt, k);
        if (!at::equal(sum, beside)) {
            return false;
        }
    }
    return true;
}

}  // namespace

bool takes(const at::Tensor& tensor) {
    static const bool worksInF32 = works(at::kFloat), worksInBf16 = works(at::kBFloat16);
    const at::ScalarType dtype = tensor.scalar_type();
    return tensor.is_cpu() && at::globalContext().userEnabledMkldnn() && ((dtype == at::kFloat && worksInF32) || (dtype == at::kBFloat16 && worksInBf16));
}

bool convolvesIntoExactly(const at::Tensor& sum) {
    static const bool exactInF32 = takes(at::empty({0}, at::kFloat)) && intoGivesTheSameBits(at::kFloat),
                      exactInBf16 = takes(at::empty({0}, at::kBFloat16)) && intoGivesTheSameBits(at::kBFloat16);
    return sum.scalar_type() == at::kFloat ? exactInF32 : exactInBf16;
}

at::Tensor pack(const at::Tensor& kernel, at::IntArrayRef size) {
    const at::NoGradGuard noGrad;
    const std::int64_t padding = kernel.size(2) / 2;
    return at::mkldnn_reorder_conv2d_weight(kernel.to_mkldnn(), {padding, padding}, {1, 1}, {1, 1}, 1, size);
}

at::Tensor convolve(const at::Tensor& x, const at::Tensor& packed, const Bias& bias, std::int64_t k) {
    static const auto operation = kConvolution.find<Convolution>();
    const Unrecorded plain;
    const std::array<std::int64_t, 2> padding{k / 2, k / 2};
    return operation.call(x, packed, bias, padding, kOnes, kOnes, 1, "none", Numbers(), {});
}

at::Tensor convolveAdding(const at::Tensor& x, const at::Tensor& packed, const Bias& bias, std::int64_t k, const at::Tensor& added) {
    static const auto operation = kConvolutionAdding.find<ConvolutionAdding>();
    const Unrecorded plain;
    const std::array<std::int64_t, 2> padding{k / 2, k / 2};
    return operation.call(x, added, packed, bias, padding, kOnes, kOnes, 1, "add", {}, {}, Numbers(), {});
}

void convolveInto(at::Tensor& sum, const at::Tensor& x, const at::Tensor& packed, const Bias& bias, std::int64_t k) {
    static const auto operation = kConvolutionInto.find<ConvolutionInto>();
    const Unrecorded plain;
    const std::array<std::int64_t, 2> padding{k / 2, k / 2};
    operation.call(sum, x, packed, bias, padding, kOnes, kOnes, 1, "add", {}, {}, Numbers(), {});
}

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    static const auto operation = kLinear.find<Linear>();
    const Unrecorded plain;
    return operation.call(x, weight, bias, "none", Numbers(), {});
}

at::Tensor linearAdding(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, const at::Tensor& added) {
    static const auto operation = kLinearAdding.find<LinearAdding>();
    const Unrecorded plain;
    return operation.call(x, added, weight, bias, "add");
}

}  // namespace rlcm::tensor::onednn
