#include "core/run/variations.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/combinations.h"
#include "core/base/error.h"
#include "core/run/derive.h"
#include "core/run/field_table.h"
#include "core/run/presets.h"

namespace rlcm::run {
namespace {

/// How a value stands behind a name that does not tell it.
std::string suffixOf(const Variation& variation, const std::string& value, bool hasOwnName) {
    static constexpr std::array<std::pair<const char*, const char*>, 5> kTold{
        {{"seed", " s"}, {"sampling.steps", " H"}, {"reward.terms", " "}, {"algorithm.method", " "}, {"name", nullptr}}};
    const auto told = std::ranges::find(kTold, variation.path, [](const auto& one) { return std::string(one.first); });
    if (variation.values.size() < 2 || (told != kTold.end() && (!hasOwnName || told->second == nullptr))) {
        return {};
    }
    return told != kTold.end() ? told->second + value : " " + variation.path.substr(variation.path.rfind('.') + 1) + "=" + value;
}

}  // namespace

std::vector<std::string> splitValues(const std::string& text, const std::string& what) {
    const char separator = text.find(';') == std::string::npos ? ',' : ';';
    std::vector<std::string> parts;
    std::string rest = text + separator;
    for (std::size_t at = rest.find(separator); at != std::string::npos; at = rest.find(separator)) {
        parts.push_back(rest.substr(0, at));
        rest.erase(0, at + 1);
    }
    if (parts.size() > 1 && separator == ';' && parts.back().empty()) {
        parts.pop_back();
    }
    for (const std::string& part : parts) {
        if (part.empty() && parts.size() > 1) {
            throw Error(ErrorKind::Config, what + " has an empty value in \"" + text + "\"");
        }
    }
    return parts;
}

std::vector<RunConfig> vary(const RunConfig& base, std::span<const Variation> variations, const std::function<void(RunConfig&)>& finish) {
    std::vector<std::size_t> counts;
    std::size_t total = 1;
    for (const Variation& one : variations) {
        counts.push_back(one.values.size());
        total *= counts.back();
        if (total > kMostVariations) {
            throw Error(ErrorKind::Config, "there would be more than " + std::to_string(kMostVariations) + " runs");
        }
    }
    std::vector<RunConfig> configs;
    for (const std::vector<std::size_t>& chosen : combinationsOf(counts)) {
        RunConfig config = base;
        for (std::size_t i = 0; i < variations.size(); ++i) {
            setField(config, variations[i].path, variations[i].values[chosen[i]]);
        }
        if (finish) {
            finish(config);
        }
        std::string suffix;
        for (std::size_t i = 0; i < variations.size(); ++i) {
            suffix += suffixOf(variations[i], variations[i].values[chosen[i]], !config.name.empty());
        }
        if (!suffix.empty()) {
            config.name = (config.name.empty() ? defaultName(config) : config.name) + suffix;
        }
        configs.push_back(std::move(config));
    }
    return configs;
}

RunConfig asMethod(const RunConfig& config, Method method) {
    if (config.algorithm.method == method) {
        return config;
    }
    const auto& all = presets();
    const auto is = [method](const Preset& one) { return one.config.algorithm.method == method; };
    const auto alike = std::ranges::find_if(all, [&](const Preset& one) { return is(one) && one.config.reward.terms == config.reward.terms; });
    const RunConfig& other = (alike != all.end() ? alike : std::ranges::find_if(all, is))->config;
    RunConfig result = config;
    result.algorithm = other.algorithm;
    result.model = other.model;
    result.sampling = other.sampling;
    result.training.optimizer = other.training.optimizer;
    result.training.weightDecay = other.training.weightDecay;
    result.training.maxGradNorm = other.training.maxGradNorm;
    result.training.skipLastSteps = other.training.skipLastSteps;
    // The reward's own gradient goes through a step that only rlcm has.
    result.training.rewardGradientWeight = other.training.rewardGradientWeight;
    result.training.rewardGradientRatio = other.training.rewardGradientRatio;
    if (config.training.objective == Objective::RewardGradient) {
        result.training.objective = other.training.objective;
    }
    return result;
}

}  // namespace rlcm::run
