#include "core/train/lora_file.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/data/safetensors.h"
#include "core/tensor/torch.h"
#include "core/train/sample.h"

namespace rlcm::train {
namespace {

/// Factors of one projection as found in a file.
struct Factors {
    at::Tensor down, up;
    std::optional<double> alpha;
};

std::string underscored(std::string path) {
    std::replace(path.begin(), path.end(), '.', '_');
    return path;
}

bool takeSuffix(std::string& key, std::string_view suffix) {
    if (!key.ends_with(suffix)) {
        return false;
    }
    key.resize(key.size() - suffix.size());
    return true;
}

/// alpha of files that name it in their metadata: ours ("alpha"), or diffusers' ("lora_adapter_metadata" with unet.lora_alpha).
std::optional<double> metadataAlpha(const data::SafetensorsFile& file) {
    const auto& metadata = file.metadata();
    if (const auto own = metadata.find("alpha"); own != metadata.end()) {
        return parseJson(own->second, file.name() + " metadata alpha").get<double>();
    }
    if (const auto peft = metadata.find("lora_adapter_metadata"); peft != metadata.end()) {
        const Json json = parseJson(peft->second, file.name() + " lora_adapter_metadata");
        if (json.contains("unet.lora_alpha")) {
            return json["unet.lora_alpha"].get<double>();
        }
    }
    return std::nullopt;
}

std::map<std::string, Factors> readFactors(const data::SafetensorsFile& file, const std::vector<nn::Projection>& projections) {
    std::map<std::string, std::string> pathOfKohyaName;
    std::map<std::string, bool> known;
    for (const nn::Projection& projection : projections) {
        pathOfKohyaName["lora_unet_" + underscored(projection.path)] = projection.path;
        known[projection.path] = true;
    }
    const std::optional<double> shared = metadataAlpha(file);
    std::map<std::string, Factors> found;
    std::string strangers;
    for (const auto& [name, entry] : file.entries()) {
        std::string key = name;
        const bool isDown = takeSuffix(key, ".lora_A.weight") || takeSuffix(key, ".lora_down.weight");
        const bool isUp = !isDown && (takeSuffix(key, ".lora_B.weight") || takeSuffix(key, ".lora_up.weight"));
        const bool isAlpha = !isDown && !isUp && takeSuffix(key, ".alpha");
        if (key.starts_with("unet.")) {
            key.erase(0, 5);
        }
        if (const auto kohya = pathOfKohyaName.find(key); kohya != pathOfKohyaName.end()) {
            key = kohya->second;
        }
        if ((!isDown && !isUp && !isAlpha) || !known.contains(key)) {
            strangers += (strangers.empty() ? "" : ", ") + name;
            continue;
        }
        Factors& factors = found[key];
        if (shared && !factors.alpha) {
            factors.alpha = shared;
        }
        if (isAlpha) {
            factors.alpha = file.tensor(name).to(at::kDouble).item<double>();
        } else {
            (isDown ? factors.down : factors.up) = file.tensor(name).to(at::kFloat);
        }
    }
    if (!strangers.empty()) {
        throw Error(ErrorKind::Format, file.name() + ": these entries fit no attention projection of the model: " + strangers.substr(0, 600) +
                                           ". Is it a LoRA of another base model?");
    }
    return found;
}

}  // namespace

std::vector<at::Tensor> projectionsWithLora(const std::vector<nn::Projection>& projections, const std::filesystem::path& file) {
    std::vector<at::Tensor> weights;
    for (const nn::Projection& projection : projections) {
        weights.push_back(projection.weight);
    }
    if (file.empty()) {
        return weights;
    }
    const data::SafetensorsFile opened(file);
    const std::map<std::string, Factors> found = readFactors(opened, projections);
    for (std::size_t i = 0; i < projections.size(); ++i) {
        const auto entry = found.find(projections[i].path);
        if (entry == found.end()) {
            continue;
        }
        const Factors& f = entry->second;
        const at::Tensor& weight = projections[i].weight;
        if (!f.down.defined() || !f.up.defined() || f.down.dim() != 2 || f.up.dim() != 2 || f.down.size(0) != f.up.size(1) ||
            f.down.size(1) != weight.size(1) || f.up.size(0) != weight.size(0)) {
            throw Error(ErrorKind::Format, opened.name() + ": the factors of " + projections[i].path + " are missing or do not fit its weight " + c10::str(weight.sizes()));
        }
        const auto rank = static_cast<double>(f.down.size(0));
        const double scale = f.alpha.value_or(rank) / rank;
        weights[i] = (weight.to(at::kFloat) + scale * f.up.matmul(f.down).to(weight.device())).to(weight.scalar_type());
    }
    return weights;
}

void exportLora(const std::filesystem::path& checkpoint, const std::filesystem::path& file) {
    const data::SafetensorsFile factors(checkpoint / "lora.safetensors");
    const auto& about = factors.metadata();
    const std::string rank = about.at("rank"), alpha = about.at("alpha");
    std::map<std::string, std::string> metadata{{"rlcm.base_model", about.at("base_model")}, {"rlcm.epoch", about.at("epoch")},
                                                {"rlcm.method", about.at("method")},         {"rlcm.steps", about.at("steps")},
                                                {"rlcm.guidance", about.at("guidance")}};
    data::NamedTensors tensors;
    const bool isPeft = file.string().ends_with(".peft.safetensors");
    for (const auto& [name, entry] : factors.entries()) {
        if (isPeft) {
            tensors.emplace_back("unet." + name, factors.tensor(name));
            continue;
        }
        std::string path = name;
        const bool isDown = takeSuffix(path, ".lora_A.weight");
        if (!isDown) {
            takeSuffix(path, ".lora_B.weight");
        }
        const std::string base = "lora_unet_" + underscored(path);
        tensors.emplace_back(base + (isDown ? ".lora_down.weight" : ".lora_up.weight"), factors.tensor(name));
        if (isDown) {
            tensors.emplace_back(base + ".alpha", at::scalar_tensor(Json::parse(alpha).get<double>(), at::kFloat));
        }
    }
    if (isPeft) {
        const std::string targets = about.at("targets");
        Json list = Json::array();
        for (std::size_t begin = 0; begin <= targets.size();) {
            const std::size_t end = std::min(targets.find(',', begin), targets.size());
            list.push_back(targets.substr(begin, end - begin));
            begin = end + 1;
        }
        metadata["lora_adapter_metadata"] =
            Json{{"unet.r", Json::parse(rank)}, {"unet.lora_alpha", Json::parse(alpha)}, {"unet.target_modules", list}, {"unet.lora_dropout", 0.0}, {"unet.bias", "none"}}.dump();
    } else {
        metadata["ss_network_module"] = "networks.lora";
        metadata["ss_network_dim"] = rank;
        metadata["ss_network_alpha"] = alpha;
    }
    data::writeSafetensors(file, tensors, metadata);
}

}  // namespace rlcm::train
