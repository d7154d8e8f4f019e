#include "core/learn/lora_start.h"

#include <optional>
#include <set>

#include "core/base/error.h"
#include "core/learn/checkpoint.h"
#include "core/models/lora_weights.h"
#include "core/models/network.h"
#include "core/models/pipeline.h"
#include "core/tensor/torch.h"

namespace rlcm::learn {
namespace {

constexpr std::size_t kListed = 5;

void requireRank(const models::LoraModules& modules, std::int64_t rank, const std::string& where) {
    std::set<std::int64_t> ranks;
    for (const auto& [path, module] : modules) {
        ranks.insert(module.down.size(0));
    }
    if (ranks.size() > 1) {
        throw Error(ErrorKind::Config, where + " has ranks from " + std::to_string(*ranks.begin()) + " to " + std::to_string(*ranks.rbegin()) +
                                           "; training starts from a LoRA with one rank for all layers, so resize it to one first");
    }
    if (!ranks.empty() && *ranks.begin() != rank) {
        const std::string theirs = std::to_string(*ranks.begin());
        throw Error(ErrorKind::Config, where + " has rank " + theirs + ", lora.rank is " + std::to_string(rank) + "; set lora.rank to " + theirs);
    }
}

void requireTargets(const models::LoraModules& modules, const std::set<std::string>& adapted, const std::string& targets, const std::string& where) {
    std::string list;
    std::size_t count = 0;
    for (const auto& [path, module] : modules) {
        if (adapted.contains(path)) {
            continue;
        }
        if (count < kListed) {
            list += (count == 0 ? "" : ", ") + path;
        }
        ++count;
    }
    if (count > 0) {
        throw Error(ErrorKind::Config, where + " changes " + std::to_string(count) + " layers that are not trained (lora.targets is " + targets + "): " + list +
                                           (count > kListed ? ", ..." : "") + "; add them to lora.targets");
    }
}

}  // namespace

LoraStart readLoraStart(const run::LoraConfig& config, const std::filesystem::path& modelFolder) {
    const std::filesystem::path network = models::unetFolderOf(modelFolder);
    models::Lora lora = models::readLoraFor(config.start, network, {.alpha = {}, .injectedAlpha = config.alpha});
    const std::set<std::string> adaptable = models::adaptableLayers(network);
    LoraStart start{.trained = {}, .kept = {}, .about = lora.describe()};
    for (auto& [path, module] : lora.modules) {
        (adaptable.contains(path) ? start.trained : start.kept).emplace(path, std::move(module));
    }
    return start;
}

models::LoraModules keptInCheckpoint(const std::filesystem::path& checkpoint, const std::filesystem::path& modelFolder) {
    const std::filesystem::path network = models::unetFolderOf(modelFolder);
    models::Lora lora = models::readLoraFor(checkpoint, network);
    if (const std::optional<std::set<std::string>> kept = keptLayers(checkpoint)) {
        std::erase_if(lora.modules, [&](const auto& module) { return !kept->contains(module.first); });
    } else {
        const std::set<std::string> adaptable = models::adaptableLayers(network);
        std::erase_if(lora.modules, [&](const auto& module) { return adaptable.contains(module.first); });
    }
    return std::move(lora.modules);
}

std::string startFromLora(nn::LoraAdapter& adapter, const LoraStart& start, const run::LoraConfig& config) {
    const std::string where = "lora.start: " + config.start;
    std::vector<std::pair<std::string, at::Tensor>> factors = adapter.factors();
    std::set<std::string> adapted;
    for (auto& [key, values] : factors) {
        const bool isDown = key.ends_with(".lora_A.weight");
        const std::string path = key.substr(0, key.rfind(".lora_"));
        adapted.insert(path);
        const auto found = start.trained.find(path);
        if (found != start.trained.end()) {
            const models::LoraModule& module = found->second;
            values = isDown ? module.down : module.up * (module.scale / adapter.scale());
        }
    }
    requireTargets(start.trained, adapted, adapter.targets(), where);
    requireRank(start.trained, adapter.rank(), where);
    adapter.assign(factors);
    const std::size_t fresh = adapted.size() - start.trained.size();
    return "training starts from the LoRA " + config.start + ": " + start.about +
           (start.kept.empty() ? ""
                               : "; " + std::to_string(start.kept.size()) + " layers that are no attention projections stay as it has them, in exports too") +
           (fresh > 0 ? "; " + std::to_string(fresh) + " trained layers are not in it and start without a change" : "");
}

}  // namespace rlcm::learn
