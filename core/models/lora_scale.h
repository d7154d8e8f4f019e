#pragma once
// Scale settings that stand beside the factors of a LoRA file.
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/json.h"
#include "core/data/safetensors.h"

namespace rlcm::models {

/// PEFT's own settings: adapter_config.json, or the metadata that diffusers writes.
class PeftConfig {
public:
    /// `json` with the fields of PEFT's LoraConfig; a missing field has its default there. throws: Format for values of another kind and for
    /// variants that are more than W + scale * B * A (DoRA, PiSSA, ...).
    PeftConfig(const Json& json, std::string_view where);
    /// alpha / r, or alpha / sqrt(r) with use_rslora, of the module `path`. throws: Format when its factors have another rank than stated.
    double scale(const std::string& path, std::int64_t rank) const;

private:
    std::string m_where;
    double m_rank, m_alpha;
    bool m_isRankStabilised;
    std::map<std::string, double> m_rankPattern, m_alphaPattern;
};

/// What a file states for all its modules, if anything: PEFT's settings in the folder or in the metadata, or the alpha of our checkpoints.
class StatedScale {
public:
    /// throws: Io when adapter_model.safetensors has no adapter_config.json beside it; Format.
    StatedScale(const data::SafetensorsFile& source, const std::filesystem::path& file);
    /// Scale of a module of this rank. throws: Format as PeftConfig::scale.
    std::optional<double> operator()(const std::string& path, std::int64_t rank) const;

private:
    std::optional<PeftConfig> m_peft;
    std::optional<double> m_alpha;
};

}  // namespace rlcm::models
