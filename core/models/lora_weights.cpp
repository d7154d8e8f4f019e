#include "core/models/lora_weights.h"

#include "core/models/network.h"

namespace rlcm::models {

Lora readLoraFor(const std::filesystem::path& fileOrFolder, const std::filesystem::path& unetFolder, const LoraReadOptions& options) {
    Lora lora = readLora(fileOrFolder, networkLayers(unetFolder), options);
    if (lora.style == LoraStyle::Injected) {
        return readLora(fileOrFolder, loadNetwork(unetFolder, at::kFloat, at::kCPU)->projections(), options);
    }
    return lora;
}

at::Tensor ChangedWeights::make(std::string_view name, at::IntArrayRef shape) {
    constexpr std::string_view kEnding = ".weight";
    const at::Tensor weight = m_source.take(name, shape);
    const auto found = name.ends_with(kEnding) ? m_change.modules.find(std::string(name.substr(0, name.size() - kEnding.size()))) : m_change.modules.end();
    return found == m_change.modules.end() ? weight : mergedWeight(weight, found->second, m_change.strength);
}

}  // namespace rlcm::models
