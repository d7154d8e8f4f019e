#include "core/train/lora_start.h"

#include <set>

#include "core/base/error.h"
#include "core/models/lora_file.h"
#include "core/tensor/torch.h"

namespace rlcm::train {
namespace {

constexpr std::size_t kListed = 5;

void requireRank(const models::Lora& lora, std::int64_t rank, const std::string& where) {
    std::set<std::int64_t> ranks;
    for (const auto& [path, module] : lora.modules) {
        ranks.insert(module.down.size(0));
    }
    if (ranks.size() > 1) {
        throw Error(ErrorKind::Config, where + " has ranks from " + std::to_string(*ranks.begin()) + " to " + std::to_string(*ranks.rbegin()) +
                                           "; training starts from a LoRA with one rank for all layers, so resize it to one first");
    }
    if (*ranks.begin() != rank) {
        const std::string theirs = std::to_string(*ranks.begin());
        throw Error(ErrorKind::Config, where + " has rank " + theirs + ", lora.rank is " + std::to_string(rank) + "; set lora.rank to " + theirs);
    }
}

void requireTargets(const models::Lora& lora, const std::set<std::string>& adapted, const std::string& targets, const std::string& where) {
    std::string list;
    std::size_t count = 0;
    for (const auto& [path, module] : lora.modules) {
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

std::string startFromLora(nn::LoraAdapter& adapter, const std::vector<nn::Projection>& projections, const run::LoraConfig& config) {
    const models::Lora lora = models::readLora(config.start, projections, {.alpha = {}, .injectedAlpha = config.alpha});
    const std::string where = "lora.start: " + config.start;
    std::set<std::string> adapted;
    for (const std::size_t index : adapter.adapted()) {
        adapted.insert(projections[index].path);
    }
    requireTargets(lora, adapted, adapter.targets(), where);
    requireRank(lora, adapter.rank(), where);
    std::vector<std::pair<std::string, at::Tensor>> factors = adapter.factors();
    for (auto& [key, values] : factors) {
        const bool isDown = key.ends_with(".lora_A.weight");
        const auto found = lora.modules.find(key.substr(0, key.rfind(".lora_")));
        if (found != lora.modules.end()) {
            const models::LoraModule& module = found->second;
            values = isDown ? module.down : module.up * (module.scale / adapter.scale());
        }
    }
    adapter.assign(factors);
    const std::size_t fresh = adapted.size() - lora.modules.size();
    return "training starts from the LoRA " + config.start + ": " + lora.describe() +
           (fresh > 0 ? "; " + std::to_string(fresh) + " trained layers are not in it and start without a change" : "");
}

}  // namespace rlcm::train
