#include "core/models/lora_file.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>
#include <utility>

#include "core/base/error.h"
#include "core/data/safetensors.h"
#include "core/models/lora_scale.h"
#include "core/nn/merged_projection.h"
#include "core/nn/weights.h"
#include "core/tensor/torch.h"

namespace rlcm::models {
namespace {

namespace fs = std::filesystem;
using Part = LoraKey::Part;

constexpr std::size_t kListedNames = 12;
constexpr double kSameBase = 0.01;  // relative; rounding to 16 bit moves weights by 0.2 %

std::string someOf(const std::vector<std::string>& names, const char* separator) {
    std::string list;
    for (std::size_t i = 0; i < names.size() && i < kListedNames; ++i) {
        list += (i == 0 ? "" : separator) + names[i];
    }
    return names.size() > kListedNames ? list + separator + "and " + std::to_string(names.size() - kListedNames) + " more" : list;
}

std::string numberText(double value) {
    std::ostringstream text;
    text << value;
    return text.str();
}

/// The LoRA file of a folder: by its usual names, else the only .safetensors file.
fs::path fileOfFolder(const fs::path& folder) {
    for (const char* usual : {"adapter_model.safetensors", "pytorch_lora_weights.safetensors", "lora.safetensors"}) {
        if (fs::exists(folder / usual)) {
            return folder / usual;
        }
    }
    std::vector<std::string> found, pickles;
    std::error_code failure;
    for (const auto& entry : fs::directory_iterator(folder, failure)) {
        const std::string extension = entry.path().extension().string(), name = entry.path().filename().string();
        if (extension == ".safetensors") {
            found.push_back(name);
        } else if (extension == ".bin" || extension == ".pt" || extension == ".ckpt") {
            pickles.push_back(name);
        }
    }
    if (found.size() == 1) {
        return folder / found.front();
    }
    std::sort(found.begin(), found.end());
    const std::string problem = !found.empty() ? "several .safetensors files are here: " + someOf(found, ", ") + "; name the one you mean"
                                : !pickles.empty()
                                    ? "only " + pickles.front() +
                                          " is here, a format that can run code when it is opened; save it again with "
                                          "safe_serialization=True"
                                    : "no LoRA file here; adapter_model.safetensors with adapter_config.json, pytorch_lora_weights.safetensors or "
                                      "one other .safetensors file is wanted";
    throw Error(ErrorKind::Io, folder.string() + ": " + problem);
}

fs::path findLoraFile(const fs::path& given) {
    std::error_code failure;
    if (fs::is_directory(given, failure)) {
        return fileOfFolder(given);
    }
    if (!fs::exists(given, failure)) {
        throw Error(ErrorKind::Io, "there is no LoRA file or folder " + given.string());
    }
    const std::string extension = given.extension().string();
    if (extension == ".bin" || extension == ".pt" || extension == ".pth" || extension == ".ckpt") {
        throw Error(ErrorKind::Format,
                    given.string() + ": " + extension + " files can run code when they are opened; convert it to .safetensors with the program that made it");
    }
    return given;
}

/// A kernel of one point may be written as a matrix, and a matrix as such a kernel.
bool fitsDown(const at::Tensor& down, at::IntArrayRef weight) {
    const bool isPoint = weight.size() == 2 || (weight[2] == 1 && weight[3] == 1);
    if (down.dim() == 2) {
        return isPoint && down.size(1) == weight[1];
    }
    return down.dim() == 4 && down.size(1) == weight[1] && (isPoint ? down.size(2) == 1 && down.size(3) == 1 : down.sizes().slice(2) == weight.slice(2));
}

bool fitsUp(const at::Tensor& up, std::int64_t out) {
    return (up.dim() == 2 || (up.dim() == 4 && up.size(2) == 1 && up.size(3) == 1)) && up.size(0) == out;
}

/// Names of the tensors of one module.
struct Names {
    std::string down, up, alpha, frozen;
    LoraStyle style = LoraStyle::Peft;
};

class Reader {
public:
    Reader(const fs::path& file, const std::vector<nn::Projection>& layers) : m_source(file), m_names(layers), m_stated(m_source, file) {
        m_lora.file = file;
        for (const nn::Projection& layer : layers) {
            m_layers[layer.path] = &layer;
        }
    }
    Lora read(const LoraReadOptions& options) {
        sortKeys();
        for (const auto& [path, names] : m_found) {
            readModule(path, names);
        }
        if (!m_problems.empty()) {
            throw Error(ErrorKind::Format, name() + " does not fit the model (is it a LoRA of another base model?):\n  " + someOf(m_problems, "\n  "));
        }
        applyAlpha(options);
        return std::move(m_lora);
    }

private:
    const std::string& name() const { return m_source.name(); }
    void sortKeys();
    void refuseStrangers(const std::vector<std::string>& strangers) const;
    void place(const std::string& key, const LoraKey& parsed);
    void readModule(const std::string& path, const Names& names);
    bool checkFrozen(const std::string& path, const Names& names);
    std::optional<double> kohyaAlpha(const std::string& key);
    at::Tensor factor(const std::string& key);
    void applyAlpha(const LoraReadOptions& options);

    data::SafetensorsFile m_source;
    LoraNames m_names;
    StatedScale m_stated;
    std::map<std::string, const nn::Projection*> m_layers;
    std::map<std::string, Names> m_found;
    std::vector<std::string> m_problems;
    Lora m_lora;
};

/// For the words of a message only.
bool isAttentionLayer(std::string_view path) {
    return path.find(".attn1.") != std::string_view::npos || path.find(".attn2.") != std::string_view::npos;
}

void Reader::refuseStrangers(const std::vector<std::string>& strangers) const {
    if (strangers.empty()) {
        return;
    }
    const bool isAttentionOnly = std::all_of(m_layers.begin(), m_layers.end(), [](const auto& layer) { return isAttentionLayer(layer.first); });
    throw Error(ErrorKind::Format,
                name() + ": " + std::to_string(strangers.size()) + " of " + std::to_string(m_source.entries().size()) + " entries fit no " +
                    (isAttentionOnly ? "attention projection" : "layer") + " of the model: " + someOf(strangers, ", ") +
                    ". It is a LoRA of another base model, or it changes " +
                    (isAttentionOnly ? "other layers than to_q, to_k, to_v and to_out.0 of the attention" : "a layer in a way that is not supported"));
}

void Reader::place(const std::string& key, const LoraKey& parsed) {
    Names& names = m_found[parsed.module];
    names.style = parsed.part == Part::FrozenWeight ? names.style : parsed.style;
    std::string& slot = parsed.part == Part::Down ? names.down : parsed.part == Part::Up ? names.up : parsed.part == Part::Alpha ? names.alpha : names.frozen;
    if (!slot.empty()) {
        throw Error(ErrorKind::Format, name() + ": " + slot + " and " + key + " are two names of one thing");
    }
    slot = key;
}

void Reader::sortKeys() {
    std::vector<std::string> strangers, others;
    std::set<std::string> adapters;
    for (const auto& [key, entry] : m_source.entries()) {
        const LoraKey parsed = m_names.parse(key);
        if (parsed.part == Part::TextEncoder) {
            ++m_lora.textEncoderTensors;
        } else if (parsed.part == Part::Unknown && parsed.style != LoraStyle::Kohya && key.find("lora") == std::string::npos) {
            others.push_back(key);  // base weights where the file is a whole UNet
        } else if (parsed.part == Part::Unknown || !m_layers.contains(parsed.module)) {
            strangers.push_back(key);
        } else {
            place(key, parsed);
            m_lora.style = parsed.part == Part::FrozenWeight ? LoraStyle::Injected : parsed.style;
            m_lora.frozenTensors += parsed.part == Part::FrozenWeight ? 1 : 0;
            if (!parsed.adapter.empty()) {
                adapters.insert(parsed.adapter);
            }
        }
    }
    if (m_lora.frozenTensors > 0) {
        m_lora.frozenTensors += others.size();
        m_lora.style = LoraStyle::Injected;
    } else {
        strangers.insert(strangers.end(), others.begin(), others.end());
    }
    refuseStrangers(strangers);
    if (adapters.size() > 1) {
        throw Error(ErrorKind::Format,
                    name() + ": there are several LoRAs in it: " + someOf({adapters.begin(), adapters.end()}, ", ") + "; save one of them alone");
    }
    if (m_found.empty()) {
        throw Error(ErrorKind::Format, name() + ": it changes no layer of the UNet" +
                                           (m_lora.textEncoderTensors > 0 ? ", only the text encoder, which takes no LoRA here" : "; it holds no LoRA"));
    }
}

at::Tensor Reader::factor(const std::string& key) {
    const at::Tensor values = m_source.tensor(key);
    if (!values.is_floating_point()) {
        m_problems.push_back(key + " holds " + m_source.entries().at(key).dtype + " values; F32, F16 or BF16 is wanted");
        return {};
    }
    const at::Tensor wide = values.to(at::kFloat);
    if (!wide.isfinite().all().item<bool>()) {
        m_problems.push_back(key + " holds values that are not finite");
    }
    return wide;
}

/// Trainers store it as a number of any type; diffusers' converter as a whole one.
std::optional<double> Reader::kohyaAlpha(const std::string& key) {
    const at::Tensor alpha = m_source.tensor(key);
    if (alpha.numel() != 1 || alpha.scalar_type() == at::kBool) {
        m_problems.push_back(key + ": one number is wanted, it is " + m_source.entries().at(key).dtype + " of the shape " +
                             nn::shapeText(m_source.entries().at(key).shape));
        return std::nullopt;
    }
    const double value = alpha.to(at::kDouble).item<double>();
    if (!std::isfinite(value)) {
        m_problems.push_back(key + " is not finite");
        return std::nullopt;
    }
    return value;
}

/// Whether the file's base weight is the network's. The LoRA of another base would still run, and give something that nobody made.
bool Reader::checkFrozen(const std::string& path, const Names& names) {
    const at::Tensor theirs = factor(names.frozen), &weight = m_layers.at(path)->weight;
    if (!theirs.defined()) {
        return false;
    }
    if (theirs.sizes() != weight.sizes()) {
        m_problems.push_back(names.frozen + " is " + nn::shapeText(theirs.sizes()) + ", the model has " + nn::shapeText(weight.sizes()));
        return false;
    }
    if (weight.is_meta()) {
        return true;
    }
    const at::Tensor ours = weight.to(at::kCPU, at::kFloat);
    if ((theirs - ours).norm().item<double>() > kSameBase * ours.norm().item<double>()) {
        m_problems.push_back(names.frozen + " differs from the model's weight, so the LoRA was trained on another base");
    }
    return true;
}

void Reader::readModule(const std::string& path, const Names& names) {
    const at::IntArrayRef weight = m_layers.at(path)->weight.sizes();
    if (!names.frozen.empty() && names.down.empty() && names.up.empty()) {
        m_problems.push_back(path + ": its base_layer is there without factors");
        return;
    }
    if (names.down.empty() || names.up.empty()) {
        const std::string& have = !names.down.empty() ? names.down : !names.up.empty() ? names.up : names.alpha;
        m_problems.push_back(path + ": " + have + " is there, its " + (names.down.empty() ? "lora_down (A)" : "lora_up (B)") + " is missing");
        return;
    }
    const at::Tensor down = factor(names.down), up = factor(names.up);
    if (!down.defined() || !up.defined() || (!names.frozen.empty() && !checkFrozen(path, names))) {
        return;
    }
    if (!fitsDown(down, weight) || !fitsUp(up, weight[0])) {
        const std::string kernel = weight.size() == 4 ? ", " + std::to_string(weight[2]) + ", " + std::to_string(weight[3]) : "",
                          point = weight.size() == 4 ? ", 1, 1" : "";
        m_problems.push_back(path + ": A is " + nn::shapeText(down.sizes()) + " and B " + nn::shapeText(up.sizes()) + "; A [r, " + std::to_string(weight[1]) +
                             kernel + "] and B [" + std::to_string(weight[0]) + ", r" + point + "] are wanted");
        return;
    }
    const std::int64_t rank = down.size(0);
    if (rank != up.size(1) || rank < 1) {
        m_problems.push_back(path + ": A is " + nn::shapeText(down.sizes()) + " of rank " + std::to_string(rank) + ", B is " + nn::shapeText(up.sizes()) +
                             " of rank " + std::to_string(up.size(1)));
        return;
    }
    LoraModule module{down.flatten(1), up.flatten(1), 1.0};
    if (weight.size() == 4) {
        module.down = module.down.view({rank, weight[1], weight[2], weight[3]});
        module.up = module.up.view({weight[0], rank, 1, 1});
    }
    if (!names.alpha.empty()) {
        const double alpha = kohyaAlpha(names.alpha).value_or(0.0);
        module.scale = alpha == 0.0 ? 1.0 : alpha / static_cast<double>(rank);  // kohya: 0 means the rank
        m_lora.hasAlpha = true;
    } else if (const std::optional<double> stated = names.style == LoraStyle::Kohya ? std::nullopt : m_stated(path, rank)) {
        module.scale = *stated;
        m_lora.hasAlpha = true;
    }
    m_lora.modules.emplace(path, std::move(module));
}

void Reader::applyAlpha(const LoraReadOptions& options) {
    if (m_lora.hasAlpha && options.alpha) {
        throw Error(ErrorKind::Config, name() + " states its alpha, so none can be given (" + numberText(*options.alpha) +
                                           " was); change its strength with a factor on the whole");
    }
    if (m_lora.hasAlpha) {
        return;
    }
    const bool isInjected = m_lora.style == LoraStyle::Injected;
    const std::optional<double> alpha = options.alpha || !isInjected ? options.alpha : options.injectedAlpha;
    if (isInjected && !alpha) {
        throw Error(ErrorKind::Config,
                    name() + " is a whole UNet with a LoRA inside, and the alpha of the LoRA is nowhere in the file; give the alpha that it was trained with");
    }
    if (alpha && !std::isfinite(*alpha)) {
        throw Error(ErrorKind::Config, "the alpha of a LoRA must be a finite number");
    }
    for (auto& [path, module] : m_lora.modules) {
        module.scale = alpha ? *alpha / static_cast<double>(module.down.size(0)) : 1.0;
    }
}

std::string rangeText(double least, double most) {
    return least == most ? numberText(least) : numberText(least) + " to " + numberText(most);
}

}  // namespace

std::string Lora::describe() const {
    const auto range = [this](const auto& valueOf) {
        const auto less = [&](const auto& a, const auto& b) { return valueOf(a.second) < valueOf(b.second); };
        const auto [least, most] = std::minmax_element(modules.begin(), modules.end(), less);
        return rangeText(valueOf(least->second), valueOf(most->second));
    };
    std::string text = std::string(toString(style)) + ", " + std::to_string(modules.size()) + " layers, rank " +
                       range([](const LoraModule& m) { return static_cast<double>(m.down.size(0)); }) + ", scale " +
                       range([](const LoraModule& m) { return m.scale; }) + (hasAlpha ? "" : " (the file states no alpha)");
    if (textEncoderTensors > 0) {
        text += "; " + std::to_string(textEncoderTensors) + " tensors for the text encoder were left out";
    }
    return text;
}

Lora readLora(const fs::path& fileOrFolder, const std::vector<nn::Projection>& layers, const LoraReadOptions& options) {
    return Reader(findLoraFile(fileOrFolder), layers).read(options);
}

at::Tensor mergedWeight(const at::Tensor& weight, const LoraModule& module, double strength) {
    return nn::mergedWeight(weight, module.down, module.up, strength * module.scale);
}

std::vector<nn::MergedProjection> mergeLora(const std::vector<nn::Projection>& projections, const Lora& lora, double strength) {
    std::vector<nn::MergedProjection> merged = nn::withoutLora(projections);
    for (std::size_t i = 0; i < merged.size(); ++i) {
        const auto found = lora.modules.find(projections[i].path);
        if (found != lora.modules.end()) {
            merged[i].weight = mergedWeight(merged[i].weight, found->second, strength);
        }
    }
    return merged;
}

}  // namespace rlcm::models
