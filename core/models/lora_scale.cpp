#include "core/models/lora_scale.h"

#include <array>
#include <charconv>
#include <cmath>

#include "core/base/error.h"
#include "core/shapes/config_reader.h"

namespace rlcm::models {
namespace {

constexpr std::int64_t kLargestRank = 65536;
constexpr const char* kPeftMetadata = "lora_adapter_metadata";

std::map<std::string, double> readPattern(const shapes::ConfigReader& reader, const char* key) {
    std::map<std::string, double> pattern;
    const Json object = reader.object(key);
    for (const auto& [name, value] : object.items()) {
        if (!value.is_number() || !std::isfinite(value.get<double>())) {
            reader.refuse(key, "numbers by module name are wanted");
        }
        // PEFT takes the names for regular expressions; files hold plain ones, and others are not guessed at.
        const bool isPlain = name.find_first_of("\\*+?()[]{}|$") == std::string::npos && name.find('^', 1) == std::string::npos;
        if (name.empty() || !isPlain) {
            reader.refuse(key, "only plain module names are supported, \"" + name + "\" is a regular expression");
        }
        pattern[name] = value.get<double>();
    }
    return pattern;
}

std::string shortest(double value) {
    std::array<char, 32> text{};
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

/// The value of the first name that is the path or ends it; PEFT goes through the names in the order of the file, which it writes sorted.
double lookUp(const std::map<std::string, double>& pattern, const std::string& path, double fallback) {
    for (const auto& [name, value] : pattern) {
        const bool isWhole = name.front() == '^' && path == name.substr(1);
        if (isWhole || path == name || path.ends_with("." + name)) {
            return value;
        }
    }
    return fallback;
}

}  // namespace

PeftConfig::PeftConfig(const Json& json, std::string_view where) : m_where(where) {
    const shapes::ConfigReader reader(json, where);
    reader.only("peft_type", {"LORA"});
    reader.only("bias", {"none"});
    for (const char* key : {"use_dora", "use_qalora", "fan_in_fan_out", "lora_bias"}) {
        reader.only(key, {false});
    }
    for (const char* key :
         {"layer_replication", "alora_invocation_tokens", "arrow_config", "kasa_config", "monteclora_config", "use_bdlora", "target_parameters"}) {
        if (reader.has(key)) {
            reader.refuse(key, "this variant of LoRA is not supported");
        }
    }
    // The other initialisations move part of the base weights into the factors.
    reader.only("init_lora_weights", {true, false, "gaussian", "orthogonal", "eva"});
    m_rank = static_cast<double>(reader.integer("r", 8, 1, kLargestRank));
    m_alpha = reader.number("lora_alpha", 8.0);
    m_isRankStabilised = reader.boolean("use_rslora", false);
    m_rankPattern = readPattern(reader, "rank_pattern");
    m_alphaPattern = readPattern(reader, "alpha_pattern");
}

double PeftConfig::scale(const std::string& path, std::int64_t rank) const {
    const double stated = lookUp(m_rankPattern, path, m_rank), ours = static_cast<double>(rank);
    if (stated != ours) {
        throw Error(ErrorKind::Format, m_where + ": " + path + " is said to have rank " + shortest(stated) + ", but its factors have rank " +
                                           std::to_string(rank) + "; the settings and the factors come from different files");
    }
    return lookUp(m_alphaPattern, path, m_alpha) / (m_isRankStabilised ? std::sqrt(ours) : ours);
}

StatedScale::StatedScale(const data::SafetensorsFile& source, const std::filesystem::path& file) {
    const auto& metadata = source.metadata();
    if (file.filename() == "adapter_model.safetensors") {
        const std::filesystem::path config = file.parent_path() / "adapter_config.json";
        if (!std::filesystem::exists(config)) {
            throw Error(ErrorKind::Io, file.string() + ": adapter_config.json, which states its alpha, is not beside it");
        }
        m_peft.emplace(readPythonJsonFile(config), config.string());
    } else if (const auto peft = metadata.find(kPeftMetadata); peft != metadata.end()) {
        const std::string where = source.name() + " " + kPeftMetadata;
        Json unet = Json::object();
        const Json all = parsePythonJson(peft->second, where);
        for (const auto& [key, value] : all.items()) {
            if (key.starts_with("unet.")) {
                unet[key.substr(5)] = value;
            }
        }
        if (!unet.empty()) {
            m_peft.emplace(unet, where);
        }
    } else if (const auto own = metadata.find("alpha"); own != metadata.end() && metadata.contains("targets")) {
        const Json alpha = parseJson(own->second, source.name() + " metadata alpha");
        if (!alpha.is_number()) {
            throw Error(ErrorKind::Format, source.name() + ": alpha in the metadata is " + own->second + "; a number is wanted");
        }
        m_alpha = alpha.get<double>();
    }
}

std::optional<double> StatedScale::operator()(const std::string& path, std::int64_t rank) const {
    if (m_peft) {
        return m_peft->scale(path, rank);
    }
    return m_alpha ? std::optional(*m_alpha / static_cast<double>(rank)) : std::nullopt;
}

}  // namespace rlcm::models
