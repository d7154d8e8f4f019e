#include "core/tensor/operator_recorder.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "core/tensor/device.h"
#include "core/tensor/torch.h"
#include "core/tensor/unrecorded.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/record_function.h>

namespace rlcm::tensor {
namespace {

using Clock = std::chrono::steady_clock;

/// What a processor's matrix units do; each is looked at as it is called, so that what it calls is not counted twice.
constexpr std::array<std::string_view, 13> kProducts{"aten::convolution",
                                                     "aten::convolution_backward",
                                                     "mkldnn::_convolution_pointwise",
                                                     "mkldnn::_convolution_pointwise_",
                                                     "mkldnn::_linear_pointwise",
                                                     "aten::mm",
                                                     "aten::addmm",
                                                     "aten::bmm",
                                                     "aten::baddbmm",
                                                     "aten::_scaled_dot_product_flash_attention_for_cpu",
                                                     "aten::_scaled_dot_product_flash_attention_for_cpu_backward",
                                                     "aten::_scaled_dot_product_efficient_attention",
                                                     "aten::_scaled_dot_product_efficient_attention_backward"};

struct Layout {
    std::vector<std::int64_t> sizes, strides;
    at::ScalarType dtype = at::kFloat;
    at::Device device = at::kCPU;
};

/// An argument: a tensor's layout, or any other value as it was.
struct Argument {
    std::optional<Layout> tensor;
    c10::IValue value;
};

struct Signature {
    c10::OperatorName name{"", ""};
    std::vector<Argument> arguments;
    RecordedOperator counted;
};

Layout layoutOf(const at::Tensor& tensor) {
    return {tensor.sizes().vec(), tensor.strides().vec(), tensor.scalar_type(), tensor.device()};
}

std::string textOf(const Layout& layout) {
    std::string text = "[";
    for (std::size_t i = 0; i < layout.sizes.size(); ++i) {
        text += (i > 0 ? "," : "") + std::to_string(layout.sizes[i]);
    }
    return text + "]";
}

/// Equal for calls that cost the same.
std::string keyOf(const Signature& signature) {
    std::string key = signature.name.name + "." + signature.name.overload_name;
    for (const Argument& argument : signature.arguments) {
        if (argument.tensor) {
            key += " " + textOf(*argument.tensor) + c10::str(argument.tensor->strides) + c10::toString(argument.tensor->dtype);
        } else if (argument.value.isTensor() && argument.value.toTensor().defined()) {
            key += " " + c10::str(argument.value.toTensor().sizes());  // a packed kernel
        } else {
            key += " " +
                   (argument.value.isDouble() || argument.value.isInt() || argument.value.isBool() || argument.value.isIntList() || argument.value.isBoolList()
                        ? c10::str(argument.value)
                        : std::string("-"));
        }
    }
    return key;
}

c10::IValue freshValue(const Argument& argument) {
    if (!argument.tensor) {
        return argument.value;
    }
    const Layout& layout = *argument.tensor;
    std::int64_t last = 0;  // filled flat, because places of an expanded tensor share their memory
    for (std::size_t i = 0; i < layout.sizes.size(); ++i) {
        last += std::max<std::int64_t>(0, layout.sizes[i] - 1) * layout.strides[i];
    }
    const at::Tensor memory = at::zeros({last + 1}, at::TensorOptions(layout.dtype).device(layout.device));
    return (at::isFloatingType(layout.dtype) ? memory.uniform_(-0.1, 0.1) : memory).as_strided(layout.sizes, layout.strides);
}

double secondsSince(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// A signature with tensors to call it on.
struct Ready {
    c10::OperatorHandle operation;
    torch::jit::Stack arguments;
    at::Device device = at::kCPU;

    explicit Ready(const Signature& signature)
        : operation(c10::Dispatcher::singleton().findSchemaOrThrow(signature.name.name.c_str(), signature.name.overload_name.c_str())) {
        for (const Argument& argument : signature.arguments) {
            arguments.push_back(freshValue(argument));
            device = argument.tensor ? argument.tensor->device : device;
        }
    }
    /// Seconds of one call.
    double call() const {
        torch::jit::Stack stack = arguments;
        waitFor(device);
        const auto begin = Clock::now();
        operation.callBoxed(stack);
        waitFor(device);
        return secondsSince(begin);
    }
};

/// The recorder that is alive; what its callbacks, which are plain functions, write to.
struct Records {
    std::mutex mutex;
    std::map<std::string, Signature> found;
    std::vector<const Signature*> order;  // of the calls
};
Records* theRecords = nullptr;
thread_local int depth = 0;

/// A call under way.
struct Call : at::ObserverContext {
    bool isProduct = false;
    Signature signature;
    Clock::time_point begin;
};

std::unique_ptr<at::ObserverContext> onBegin(const at::RecordFunction& function) {
    auto call = std::make_unique<Call>();
    if (std::ranges::find(kProducts, std::string_view(function.name())) == kProducts.end()) {
        return call;
    }
    call->isProduct = true;
    if (depth++ > 0) {
        return call;
    }
    const auto name = function.operator_name();
    if (!name) {
        return call;
    }
    call->signature.name = *name;
    call->signature.counted.name = function.name();
    for (const c10::IValue& input : function.inputs()) {
        Argument argument;
        if (input.isTensor() && input.toTensor().defined() && input.toTensor().layout() == at::kStrided) {  // not a packed kernel: it stays as it is
            argument.tensor = layoutOf(input.toTensor());
            call->signature.counted.shapes += (call->signature.counted.shapes.empty() ? "" : " ") + textOf(*argument.tensor);
        } else {
            argument.value = input;
        }
        call->signature.arguments.push_back(std::move(argument));
    }
    call->begin = Clock::now();
    return call;
}

void onEnd(const at::RecordFunction&, at::ObserverContext* context) {
    auto* call = static_cast<Call*>(context);
    if (call == nullptr || !call->isProduct) {
        return;
    }
    --depth;
    if (call->signature.arguments.empty()) {
        return;
    }
    const double seconds = secondsSince(call->begin);
    const std::lock_guard lock(theRecords->mutex);
    const auto entry = theRecords->found.try_emplace(keyOf(call->signature), std::move(call->signature)).first;
    ++entry->second.counted.calls;
    entry->second.counted.seconds += seconds;
    theRecords->order.push_back(&entry->second);
}

}  // namespace

struct OperatorRecorder::Impl {
    Records records;
    std::optional<at::CallbackHandle> handle;
    std::map<const Signature*, Ready> ready;
    void end() {
        if (const auto open = std::exchange(handle, std::nullopt)) {
            at::removeCallback(*open);
        }
    }
};

OperatorRecorder::OperatorRecorder() : m_impl(std::make_unique<Impl>()) {
    theRecords = &m_impl->records;
    m_impl->handle = at::addGlobalCallback(
        at::RecordFunctionCallback(onBegin, onEnd).needsInputs(true).scopes({at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION}));
}

OperatorRecorder::~OperatorRecorder() {
    m_impl->end();
    theRecords = nullptr;
}

std::vector<RecordedOperator> OperatorRecorder::timeAlone() {
    m_impl->end();
    const GradMode noGrad(false);
    const Unrecorded plain;
    for (const auto& [key, signature] : m_impl->records.found) {
        m_impl->ready.try_emplace(&signature, signature);
    }
    std::map<const Signature*, double> seconds;
    for (const Signature* signature : m_impl->records.order) {
        seconds[signature] += m_impl->ready.at(signature).call();
    }
    std::vector<RecordedOperator> all;
    for (const auto& [key, signature] : m_impl->records.found) {
        all.push_back(signature.counted);
        all.back().secondsAlone = seconds[&signature];
    }
    return all;
}

}  // namespace rlcm::tensor
