#include "core/models/lora_names.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/models/ldm_names.h"

namespace rlcm::models {
namespace {

using Part = LoraKey::Part;

constexpr std::string_view kKohyaPrefix = "lora_unet_";
constexpr std::array<std::string_view, 5> kTextEncoderPrefixes{"lora_te_", "lora_te1_", "lora_te2_", "text_encoder.", "text_encoder_2."};
constexpr std::string_view kProcessor = ".processor.";

bool takePrefix(std::string_view& key, std::string_view prefix) {
    if (!key.starts_with(prefix)) {
        return false;
    }
    key.remove_prefix(prefix.size());
    return true;
}

bool takeSuffix(std::string_view& key, std::string_view suffix) {
    if (!key.ends_with(suffix)) {
        return false;
    }
    key.remove_suffix(suffix.size());
    return true;
}

/// "<attention>.processor.to_out_lora" -> "<attention>.to_out.0"; "" when the key has no processor.
std::string processorModule(std::string_view key) {
    const std::size_t at = key.rfind(kProcessor);
    if (at == std::string_view::npos || !takeSuffix(key, "_lora")) {
        return {};
    }
    const std::string_view layer = key.substr(at + kProcessor.size());
    return std::string(key.substr(0, at)) + "." + std::string(layer) + (layer == "to_out" ? ".0" : "");
}

/// "<path>.lora_A.default" and the like; false when the key is not of that kind.
bool takeInjected(std::string_view key, LoraKey& found) {
    for (const auto& [word, part] : {std::pair(std::string_view(".lora_A."), Part::Down), std::pair(std::string_view(".lora_B."), Part::Up)}) {
        const std::size_t at = key.rfind(word);
        std::string_view adapter = at == std::string_view::npos ? std::string_view() : key.substr(at + word.size());
        if (takeSuffix(adapter, ".weight") && !adapter.empty() && adapter.find('.') == std::string_view::npos) {
            found = {part, LoraStyle::Injected, std::string(key.substr(0, at)), std::string(adapter)};
            return true;
        }
    }
    return false;
}

LoraKey parseDotted(std::string_view key) {
    struct Ending {
        std::string_view text;
        Part part;
        LoraStyle style;
    };
    constexpr std::array<Ending, 6> endings{{{".lora_A.weight", Part::Down, LoraStyle::Peft},
                                             {".lora_B.weight", Part::Up, LoraStyle::Peft},
                                             {".lora.down.weight", Part::Down, LoraStyle::DiffusersNew},
                                             {".lora.up.weight", Part::Up, LoraStyle::DiffusersNew},
                                             {".down.weight", Part::Down, LoraStyle::DiffusersOld},
                                             {".up.weight", Part::Up, LoraStyle::DiffusersOld}}};
    takePrefix(key, "base_model.model.");
    takePrefix(key, "unet.");
    LoraKey found;
    for (const Ending& ending : endings) {
        std::string_view module = key;
        if (!takeSuffix(module, ending.text)) {
            continue;
        }
        const std::string path = ending.style == LoraStyle::DiffusersOld ? processorModule(module) : std::string(module);
        if (!path.empty()) {
            return {ending.part, ending.style, path, {}};
        }
    }
    if (takeInjected(key, found)) {
        return found;
    }
    std::string_view module = key;
    if (takeSuffix(module, ".base_layer.weight")) {
        return {Part::FrozenWeight, LoraStyle::Injected, std::string(module), {}};
    }
    return found;
}

}  // namespace

std::string_view toString(LoraStyle style) {
    switch (style) {
        case LoraStyle::Peft:
            return "PEFT";
        case LoraStyle::DiffusersNew:
            return "diffusers";
        case LoraStyle::DiffusersOld:
            return "diffusers attention processors";
        case LoraStyle::Kohya:
            return "kohya";
        case LoraStyle::Injected:
            return "UNet with a LoRA inside";
    }
    return "";
}

std::string kohyaName(std::string_view path) {
    std::string name = std::string(kKohyaPrefix) + std::string(path);
    std::replace(name.begin(), name.end(), '.', '_');
    return name;
}

LoraNames::LoraNames(const std::vector<nn::Projection>& layers) {
    for (const nn::Projection& layer : layers) {
        m_pathOfKohyaName.emplace(kohyaName(layer.path), layer.path);
    }
    for (const auto& [path, name] : ldmNames(layers)) {
        m_pathOfKohyaName.emplace(kohyaName(name), path);
    }
}

LoraKey LoraNames::parse(std::string_view key) const {
    const auto starts = [key](std::string_view prefix) { return key.starts_with(prefix); };
    if (std::any_of(kTextEncoderPrefixes.begin(), kTextEncoderPrefixes.end(), starts)) {
        return {Part::TextEncoder, LoraStyle::Peft, {}, {}};
    }
    if (!starts(kKohyaPrefix)) {
        return parseDotted(key);
    }
    LoraKey found{Part::Unknown, LoraStyle::Kohya, {}, {}};
    std::string_view name = key;
    if (takeSuffix(name, ".lora_down.weight")) {
        found.part = Part::Down;
    } else if (takeSuffix(name, ".lora_up.weight")) {
        found.part = Part::Up;
    } else if (takeSuffix(name, ".alpha")) {
        found.part = Part::Alpha;
    }
    const auto known = m_pathOfKohyaName.find(name);
    found.module = known == m_pathOfKohyaName.end() ? std::string(name) : known->second;
    return found;
}

}  // namespace rlcm::models
