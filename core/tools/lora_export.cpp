#include "core/tools/lora_export.h"

#include <map>
#include <set>
#include <string>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/data/safetensors.h"
#include "core/learn/checkpoint.h"
#include "core/models/lora_write.h"
#include "core/models/pipeline.h"
#include "core/tensor/torch.h"

namespace rlcm::tools {
namespace {

namespace fs = std::filesystem;

struct CheckpointLora {
    models::LoraModules modules;
    std::map<std::string, std::string> about;  ///< as saveCheckpoint() writes it
};

/// As before a resume: what is damaged must not go on to other programs. throws: Io, Format naming the file.
void requireWhole(const fs::path& checkpoint) {
    try {
        learn::verifyCheckpoint(checkpoint);
    } catch (const Error& damage) {
        throw Error(damage.kind(), damage.message() + "; export the checkpoint of another epoch");
    }
}

/// The factors in a checkpoint's LoRA that are trained, in the order of the flat vector that learners keep: by their names.
std::map<std::string, at::Tensor> trainedFactors(const data::SafetensorsFile& file, const fs::path& checkpoint) {
    const std::set<std::string> kept = learn::keptLayers(checkpoint).value_or(std::set<std::string>{});
    std::map<std::string, at::Tensor> factors;
    for (const auto& [name, entry] : file.entries()) {
        if (!kept.contains(name.substr(0, name.rfind(".lora_")))) {
            factors.emplace(name, file.tensor(name));
        }
    }
    return factors;
}

/// The average of a checkpoint in the shapes of its factors. throws: Config where there is none, Format.
std::map<std::string, at::Tensor> averagedFactors(const data::SafetensorsFile& file, const fs::path& checkpoint) {
    const fs::path average = checkpoint / "ema.safetensors";
    if (!fs::exists(average)) {
        throw Error(ErrorKind::Config, checkpoint.string() + " has no averaged weights; its run was trained with training.ema_decay 0");
    }
    const at::Tensor flat = data::SafetensorsFile(average).tensor("parameters");
    std::map<std::string, at::Tensor> factors = trainedFactors(file, checkpoint);
    std::int64_t from = 0;
    for (auto& [name, values] : factors) {
        const std::int64_t count = values.numel();
        if (from + count > flat.numel()) {
            throw Error(ErrorKind::Format, average.string() + " does not fit the LoRA beside it");
        }
        values = flat.narrow(0, from, count).view(values.sizes());
        from += count;
    }
    if (from != flat.numel()) {
        throw Error(ErrorKind::Format, average.string() + " does not fit the LoRA beside it");
    }
    return factors;
}

CheckpointLora readCheckpointLora(const fs::path& checkpoint, LoraWeights weights) {
    const data::SafetensorsFile file(checkpoint / "lora.safetensors");
    CheckpointLora lora{{}, file.metadata()};
    const auto number = [&](const char* key) {
        const auto found = lora.about.find(key);
        if (found == lora.about.end()) {
            throw Error(ErrorKind::Format, file.name() + " does not state its " + key + " in the metadata; it is no checkpoint of a run");
        }
        const Json value = parseJson(found->second, file.name() + " metadata " + key);
        if (!value.is_number()) {
            throw Error(ErrorKind::Format, file.name() + ": the metadata entry " + key + " is " + found->second + "; a number is wanted");
        }
        return value.get<double>();
    };
    const double alpha = number("alpha");
    const auto averaged = weights == LoraWeights::Averaged ? averagedFactors(file, checkpoint) : std::map<std::string, at::Tensor>{};
    const auto factor = [&](const std::string& name) {
        const auto found = averaged.find(name);
        return found != averaged.end() ? found->second : file.tensor(name);
    };
    constexpr std::string_view down = ".lora_A.weight", up = ".lora_B.weight";
    for (const auto& [name, entry] : file.entries()) {
        if (name.ends_with(down)) {
            const std::string path = name.substr(0, name.size() - down.size());
            const at::Tensor a = factor(name);
            lora.modules[path] = {a, factor(path + std::string(up)), alpha / static_cast<double>(a.size(0))};
        }
    }
    return lora;
}

std::string valueOf(const std::map<std::string, std::string>& about, const std::string& key) {
    const auto found = about.find(key);
    return found == about.end() ? "?" : found->second;
}

/// Everything known of the run under "rlcm.", and the sentences that other programs show.
models::Metadata provenance(const std::map<std::string, std::string>& about) {
    models::Metadata metadata;
    for (const auto& [key, value] : about) {
        if (key != "format" && key != "kept") {  // what is in the file, seen by its reader anyway
            metadata["rlcm." + key] = value;
        }
    }
    const std::string use = valueOf(about, "steps") + " steps, guidance scale " + valueOf(about, "guidance") +
                            (valueOf(about, "method") == "rlcm" ? ", LCM sampler" : ", DDIM sampler with eta 1");
    const std::string made = "Trained with " + valueOf(about, "method") + " on " + valueOf(about, "base_model") + " for the reward " +
                             valueOf(about, "reward") + ", epoch " + valueOf(about, "epoch") + " of run " + valueOf(about, "run") + " (" +
                             valueOf(about, "program") + ")";
    metadata["modelspec.title"] = valueOf(about, "name");
    metadata["modelspec.description"] = made;
    metadata["modelspec.usage_hint"] = "Only for the base model " + valueOf(about, "base_model") + "; sample with " + use;
    metadata["ss_training_comment"] = made + "; sample with " + use;
    metadata["ss_sd_model_name"] = valueOf(about, "base_model");
    return metadata;
}

}  // namespace

LoraFormat parseLoraFormat(std::string_view word) {
    if (word == "kohya") {
        return LoraFormat::Kohya;
    }
    if (word == "peft") {
        return LoraFormat::Peft;
    }
    if (word == "merged") {
        return LoraFormat::Merged;
    }
    throw Error(ErrorKind::Config, "the LoRA format \"" + std::string(word) + "\" is not known; use kohya, peft or merged");
}

void exportLora(const fs::path& checkpoint, LoraFormat format, const fs::path& out, std::string_view name, LoraWeights weights) {
    if (format != LoraFormat::Merged && out.extension() != ".safetensors") {
        throw Error(ErrorKind::Config, "a LoRA file must be named .safetensors, " + out.string() + " is not");
    }
    requireWhole(checkpoint);
    CheckpointLora lora = readCheckpointLora(checkpoint, weights);
    if (!name.empty()) {
        lora.about["name"] = name;
    }
    const models::Metadata metadata = provenance(lora.about);
    switch (format) {
        case LoraFormat::Kohya:
            return models::writeKohyaLora(out, lora.modules, metadata);
        case LoraFormat::Peft:
            return models::writePeftLora(out, lora.modules, metadata);
        case LoraFormat::Merged:
            return models::writeMergedUNet(out, models::findModel(valueOf(lora.about, "base_model")) / "unet", lora.modules, metadata);
    }
}

}  // namespace rlcm::tools
