// source: the MLP of LAION's improved aesthetic predictor; dropouts do nothing when scoring.
#include "core/models/score_head.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <set>

#include "core/base/error.h"
#include "core/data/pth_reader.h"
#include "core/nn/weights.h"
#include "core/tensor/torch.h"

namespace rlcm::models {
namespace {

using Tensors = std::map<std::string, at::Tensor>;

struct Arrangement {
    std::vector<std::string> prefixes;
    bool hasRelu;
};

const std::array<Arrangement, 3>& arrangements() {
    static const std::array<Arrangement, 3> kAll{{{{"layers.0.", "layers.2.", "layers.4.", "layers.6.", "layers.7."}, false},
                                                  {{"layers.0.", "layers.3.", "layers.6.", "layers.9.", "layers.11."}, true},
                                                  {{""}, false}}};
    return kAll;
}

[[noreturn]] void refuse(const std::string& where, const std::string& why) {
    throw Error(ErrorKind::Format, where + " is no score head: " + why);
}

const Arrangement& arrangementOf(const Tensors& tensors, const std::string& where) {
    for (const Arrangement& candidate : arrangements()) {
        std::set<std::string> keys;
        for (const std::string& prefix : candidate.prefixes) {
            keys.insert({prefix + "weight", prefix + "bias"});
        }
        if (keys.size() == tensors.size() &&
            std::equal(keys.begin(), keys.end(), tensors.begin(), [](const auto& key, const auto& entry) { return key == entry.first; })) {
            return candidate;
        }
    }
    std::string names;
    for (const auto& [name, tensor] : tensors) {
        if (names.size() < 200) {
            names += (names.empty() ? "" : ", ") + name;
        }
    }
    refuse(where,
           "layers.{0,2,4,6,7}.{weight,bias}, layers.{0,3,6,9,11}.{weight,bias} or weight and bias are wanted; it has " + (names.empty() ? "nothing" : names));
}

at::Tensor taken(const Tensors& tensors, const std::string& name, std::int64_t rank, const std::string& where) {
    const at::Tensor& tensor = tensors.at(name);
    const bool isVectorForMatrix = rank == 2 && tensor.dim() == 1;  // one row, as some save a single linear layer
    const bool isScalarForVector = rank == 1 && tensor.dim() == 0;
    if (!tensor.is_floating_point() || (tensor.dim() != rank && !isVectorForMatrix && !isScalarForVector)) {
        refuse(where, "\"" + name + "\" is " + nn::shapeText(tensor.sizes()) + (tensor.is_floating_point() ? "" : " of whole numbers") + ", " +
                          (rank == 2 ? "a matrix" : "a vector") + " of floating-point numbers is wanted");
    }
    at::Tensor values = tensor.to(at::kFloat);
    if (!values.isfinite().all().item<bool>()) {
        refuse(where, "\"" + name + "\" holds values that are not finite");
    }
    return isVectorForMatrix || isScalarForVector ? values.unsqueeze(0) : values.contiguous();
}

/// By content: a safetensors header begins with '{' behind its length.
bool isSafetensors(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::array<char, 9> start{};
    stream.read(start.data(), start.size());
    return file.extension() == ".safetensors" || (stream.gcount() == 9 && start[8] == '{');
}

}  // namespace

ScoreHead ScoreHead::load(const std::filesystem::path& file) {
    if (!isSafetensors(file)) {
        return fromTensors(data::readPth(file), file.string());
    }
    const data::SafetensorsFile source(file);
    data::NamedTensors tensors;
    for (const auto& [name, entry] : source.entries()) {
        tensors.emplace_back(name, source.tensor(name));
    }
    return fromTensors(tensors, file.string());
}

ScoreHead ScoreHead::fromTensors(const data::NamedTensors& named, const std::string& where) {
    const Tensors tensors(named.begin(), named.end());
    const Arrangement& arrangement = arrangementOf(tensors, where);
    ScoreHead head;
    head.m_where = where;
    head.m_hasRelu = arrangement.hasRelu;
    for (const std::string& prefix : arrangement.prefixes) {
        const Layer layer{taken(tensors, prefix + "weight", 2, where), taken(tensors, prefix + "bias", 1, where)};
        const bool isLast = head.m_layers.size() + 1 == arrangement.prefixes.size();
        if (layer.weight.numel() == 0 || layer.bias.size(0) != layer.weight.size(0) || (isLast && layer.weight.size(0) != 1) ||
            (!head.m_layers.empty() && head.m_layers.back().weight.size(0) != layer.weight.size(1))) {
            refuse(where, "\"" + prefix + "weight\" " + nn::shapeText(layer.weight.sizes()) + " and \"" + prefix + "bias\" " +
                              nn::shapeText(layer.bias.sizes()) + " do not fit each other, the layer before, or one score at the end");
        }
        head.m_layers.push_back(layer);
    }
    return head;
}

at::Tensor ScoreHead::score(const at::Tensor& embeddings) const {
    ensure(embeddings.dim() == 2 && embeddings.size(1) == width(), "embeddings of another width than the head's");
    at::Tensor x = embeddings;
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        x = at::linear(m_hasRelu && i > 0 ? at::relu(x) : x, m_layers[i].weight, m_layers[i].bias);
    }
    return x.squeeze(1);
}

ScoreHead::Affine ScoreHead::collapsed() const {
    if (m_hasRelu && m_layers.size() > 1) {
        throw Error(ErrorKind::Format, m_where + " has ReLUs between its layers, so it is no single linear layer");
    }
    at::Tensor weight = m_layers.back().weight.to(at::kDouble), bias = m_layers.back().bias.to(at::kDouble);
    for (std::size_t i = m_layers.size() - 1; i-- > 0;) {
        bias = bias + weight.matmul(m_layers[i].bias.to(at::kDouble));
        weight = weight.matmul(m_layers[i].weight.to(at::kDouble));
    }
    return {weight.squeeze(0), bias.item<double>()};
}

}  // namespace rlcm::models
