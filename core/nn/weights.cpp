#include "core/nn/weights.h"

#include <cmath>
#include <utility>

#include "core/base/file_error.h"
#include "core/tensor/torch.h"

namespace rlcm::nn {
namespace {

constexpr std::size_t kListed = 20;

void appendList(std::string& message, std::string_view what, const std::vector<std::string>& names) {
    if (names.empty()) {
        return;
    }
    message += "\n  " + std::to_string(names.size()) + " " + std::string(what) + ":";
    for (std::size_t i = 0; i < names.size() && i < kListed; ++i) {
        message += (i == 0 ? " " : ", ") + names[i];
    }
    if (names.size() > kListed) {
        message += ", and " + std::to_string(names.size() - kListed) + " more";
    }
}

struct Hint {
    FileFault fault = FileFault::Mixed;
    std::string_view text{};  ///< empty when nothing is recognised
};

/// What a wrong set of names usually means.
Hint hintFor(const std::vector<std::string>& unexpected) {
    for (const std::string& name : unexpected) {
        if (name.starts_with("model.diffusion_model.") || name.starts_with("first_stage_model.") || name.starts_with("cond_stage_model.") ||
            name.starts_with("model_ema.")) {
            return {FileFault::Single, "This is a single-file checkpoint; convert it with diffusers (from_single_file, then save_pretrained)."};
        }
        if (name.find(".base_layer.") != std::string::npos || name.find(".lora_") != std::string::npos) {
            return {.text = "The file holds an injected LoRA; save the base model and the adapter apart."};
        }
    }
    return {};
}

std::map<std::string, StoredTensor> inMemory(const std::map<std::string, at::Tensor>& tensors) {
    std::map<std::string, StoredTensor> stored;
    for (const auto& [name, tensor] : tensors) {
        stored.emplace(name, StoredTensor{tensor.sizes().vec(), [held = tensor] { return held; }});
    }
    return stored;
}

}  // namespace

std::string shapeText(at::IntArrayRef shape) {
    std::string text = "[";
    for (const std::int64_t size : shape) {
        text += (text.size() > 1 ? ", " : "") + std::to_string(size);
    }
    return text + "]";
}

at::Tensor Weights::take(std::string_view name, at::IntArrayRef shape) {
    const at::NoGradGuard noGrad;
    const at::Tensor weight = make(name, shape);
    m_parameterCount += weight.numel();
    return weight;
}

StoredWeights::StoredWeights(std::string where, std::map<std::string, StoredTensor> tensors, at::ScalarType dtype, at::Device device)
    : Weights(dtype, device), m_where(std::move(where)), m_tensors(std::move(tensors)) {}

StoredWeights::StoredWeights(std::string where, const std::map<std::string, at::Tensor>& tensors, at::ScalarType dtype, at::Device device)
    : StoredWeights(std::move(where), inMemory(tensors), dtype, device) {}

bool StoredWeights::has(std::string_view name) const {
    return m_tensors.contains(std::string(name));
}

at::Tensor StoredWeights::make(std::string_view name, at::IntArrayRef shape) {
    // Stands in until finish() throws. One element, so that a hostile config cannot make it large.
    const auto standIn = [&] { return at::zeros({}, options()).expand(shape); };
    const auto node = m_tensors.extract(std::string(name));
    if (node.empty()) {
        m_missing.emplace_back(name);
        return standIn();
    }
    const StoredTensor& found = node.mapped();
    if (at::IntArrayRef(found.shape) != shape) {
        m_misshaped.push_back(std::string(name) + " (file " + shapeText(found.shape) + ", config " + shapeText(shape) + ")");
        return standIn();
    }
    if (device().is_meta()) {
        return at::empty(shape, options());  // only whether the file fits is asked
    }
    const at::Tensor values = found.read();
    if (!values.is_floating_point()) {
        m_misshaped.push_back(std::string(name) + " (holds " + c10::toString(values.scalar_type()) + ", not floating point)");
        return standIn();
    }
    return values.to(options()).contiguous();
}

void StoredWeights::ignore(std::string_view name) {
    m_tensors.erase(std::string(name));
}

void StoredWeights::finish() {
    if (m_missing.empty() && m_misshaped.empty() && m_tensors.empty()) {
        return;
    }
    std::vector<std::string> unexpected;
    for (const auto& [name, tensor] : m_tensors) {
        unexpected.push_back(name);
    }
    std::string message = m_where + ": the weights do not fit the network that its config.json describes";
    appendList(message, "missing", m_missing);
    appendList(message, "unexpected", unexpected);
    appendList(message, "misshaped", m_misshaped);
    const Hint hint = hintFor(unexpected);
    if (!hint.text.empty()) {
        message += "\n  " + std::string(hint.text);
    }
    throw FileError(ErrorKind::Format, hint.fault, message);
}

RandomWeights::RandomWeights(std::uint64_t seed, at::ScalarType dtype, at::Device device)
    : Weights(dtype, device), m_generator(at::globalContext().defaultGenerator(at::kCPU).clone()) {
    m_generator.set_current_seed(seed);
}

at::Tensor RandomWeights::make(std::string_view name, at::IntArrayRef shape) {
    if (shape.size() < 2) {
        return name.ends_with(".weight") ? at::ones(shape, options()) : at::zeros(shape, options());
    }
    const double fanIn = static_cast<double>(c10::multiply_integers(shape.slice(1)));
    const double bound = std::sqrt(3.0 / fanIn);
    return at::empty(shape, options().device(at::kCPU)).uniform_(-bound, bound, m_generator).to(device());
}

WeightShapes::WeightShapes() : Weights(at::kFloat, at::kMeta) {}

at::Tensor WeightShapes::make(std::string_view name, at::IntArrayRef shape) {
    m_shapes.emplace_back(name, shape.vec());
    return at::empty(shape, options());
}

}  // namespace rlcm::nn
