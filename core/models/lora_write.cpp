#include "core/models/lora_write.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/data/safetensors.h"
#include "core/data/safetensors_stream.h"
#include "core/models/component.h"
#include "core/tensor/torch.h"

namespace rlcm::models {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kWeight = ".weight";

double alphaOf(const LoraModule& module) {
    return module.scale * static_cast<double>(module.down.size(0));
}

std::int64_t largestRank(const LoraModules& modules) {
    std::int64_t rank = 0;
    for (const auto& [path, module] : modules) {
        rank = std::max(rank, module.down.size(0));
    }
    return rank;
}

/// What the tools of that world call the base.
struct BaseShape {
    const char* version;
    const char* architecture;
};

/// By the text width that cross-attention takes: the published bases differ in it.
BaseShape baseShape(const LoraModules& modules) {
    for (const auto& [path, module] : modules) {
        const std::int64_t width = path.ends_with(".attn2.to_k") || path.ends_with(".attn2.to_v") ? module.down.size(1) : 0;
        if (width == 2048 || path.find(".transformer_blocks.1.") != std::string::npos) {
            return {"sdxl_base_v1-0", "stable-diffusion-xl-v1-base/lora"};
        }
        if (width == 1024) {
            return {"sd_v2", "stable-diffusion-v2-512/lora"};
        }
    }
    return {"sd_v1", "stable-diffusion-v1/lora"};
}

/// Endings of the adapted paths, as "to_q" and "to_out.0": PEFT adapts whatever ends so, and a number alone would end blocks too.
std::vector<std::string> targetModules(const LoraModules& modules) {
    std::set<std::string> names;
    for (const auto& [path, module] : modules) {
        std::size_t dot = path.rfind('.');
        if (dot != std::string::npos && path.find_first_not_of("0123456789", dot + 1) == std::string::npos) {
            dot = path.rfind('.', dot - 1);
        }
        names.insert(dot == std::string::npos ? path : path.substr(dot + 1));
    }
    return {names.begin(), names.end()};
}

/// The open files of a UNet's weights, whole or split.
std::vector<std::unique_ptr<data::SafetensorsFile>> openWeights(const fs::path& unetFolder) {
    const fs::path file = findWeightFile(unetFolder, kDiffusersStem);
    std::set<fs::path> files{file};
    if (file.extension() == ".json") {
        listTensors(file);  // checks the list of parts
        files.clear();
        const Json index = readPythonJsonFile(file);
        for (const auto& [tensor, part] : index.at("weight_map").items()) {
            files.insert(unetFolder / part.get<std::string>());
        }
    }
    std::vector<std::unique_ptr<data::SafetensorsFile>> open;
    for (const fs::path& one : files) {
        open.push_back(std::make_unique<data::SafetensorsFile>(one));
    }
    return open;
}

/// A tensor of the merged UNet and where it comes from.
struct Place {
    data::SafetensorsStream::Item item;
    const data::SafetensorsFile* source;
    const LoraModule* change;  ///< null: copied
    std::size_t width;         ///< bytes of one number
};

class Merger {
public:
    Merger(const fs::path& unetFolder, const LoraModules& modules) : m_sources(openWeights(unetFolder)) {
        std::set<std::string> missing;
        for (const auto& [path, module] : modules) {
            missing.insert(path);
        }
        for (const auto& source : m_sources) {
            for (const auto& [name, entry] : source->entries()) {
                const std::string path = name.ends_with(kWeight) ? name.substr(0, name.size() - kWeight.size()) : std::string();
                const auto found = modules.find(path);
                missing.erase(path);
                m_places.push_back(found == modules.end() ? copied(name, entry, *source) : changed(name, entry, *source, found->second));
            }
        }
        if (!missing.empty()) {
            throw Error(ErrorKind::Format, unetFolder.string() + " has no weight for " + std::to_string(missing.size()) + " layers of the LoRA, the first is " +
                                               *missing.begin() + "; the LoRA belongs to another base model");
        }
        // Wide numbers first, as the reference library writes: every tensor starts at a multiple of its width.
        std::stable_sort(m_places.begin(), m_places.end(), [](const Place& a, const Place& b) { return a.width > b.width; });
    }
    void write(const fs::path& file, const Metadata& metadata) const {
        std::vector<data::SafetensorsStream::Item> items;
        for (const Place& place : m_places) {
            items.push_back(place.item);
        }
        data::SafetensorsStream stream(file, items, metadata);
        for (const Place& place : m_places) {
            if (place.change == nullptr) {
                stream.append(place.source->bytes(place.item.name));
                continue;
            }
            const at::Tensor merged = mergedWeight(place.source->tensor(place.item.name).to(at::kFloat), *place.change);
            stream.append({static_cast<const char*>(merged.const_data_ptr()), merged.nbytes()});
        }
        stream.finish();
    }

private:
    static std::size_t count(const data::TensorEntry& entry) {
        std::size_t numbers = 1;
        for (const std::int64_t size : entry.shape) {
            numbers *= static_cast<std::size_t>(size);
        }
        return numbers;
    }
    static Place copied(const std::string& name, const data::TensorEntry& entry, const data::SafetensorsFile& source) {
        const auto bytes = static_cast<std::size_t>(entry.end - entry.begin);
        return {{name, entry.dtype, entry.shape, bytes}, &source, nullptr, bytes / std::max<std::size_t>(1, count(entry))};
    }
    static Place changed(const std::string& name, const data::TensorEntry& entry, const data::SafetensorsFile& source, const LoraModule& module) {
        std::vector<std::int64_t> change = module.down.sizes().vec();
        change[0] = module.up.size(0);
        if (entry.shape != change) {
            throw Error(ErrorKind::Format, source.name() + ": the shape of " + name + " is not " + c10::str(change) +
                                               ", as the LoRA wants; the LoRA belongs to another base model");
        }
        return {{name, "F32", entry.shape, sizeof(float) * count(entry)}, &source, &module, sizeof(float)};
    }

    std::vector<std::unique_ptr<data::SafetensorsFile>> m_sources;
    std::vector<Place> m_places;
};

}  // namespace

void writeKohyaLora(const fs::path& file, const LoraModules& modules, Metadata metadata) {
    data::NamedTensors tensors;
    std::set<double> alphas;
    for (const auto& [path, module] : modules) {
        const std::string name = kohyaName(path);
        const double alpha = alphaOf(module);
        if (alpha == 0.0) {
            throw Error(ErrorKind::Format, file.string() + ": the scale of " + path + " is 0, which this format cannot say (alpha 0 means scale 1 there)");
        }
        alphas.insert(alpha);
        tensors.emplace_back(name + ".lora_down.weight", module.down);
        tensors.emplace_back(name + ".lora_up.weight", module.up);
        tensors.emplace_back(name + ".alpha", at::scalar_tensor(alpha, at::kFloat));
    }
    const BaseShape base = baseShape(modules);
    metadata.merge(Metadata{{"ss_network_module", "networks.lora"},
                            {"ss_network_dim", std::to_string(largestRank(modules))},
                            {"ss_network_alpha", alphas.size() == 1 ? Json(*alphas.begin()).dump() : "Dynamic"},
                            {"ss_network_args", "{}"},
                            {"ss_base_model_version", base.version},
                            {"ss_v2", std::string_view(base.version) == "sd_v2" ? "True" : "False"},
                            {"modelspec.sai_model_spec", "1.0.0"},
                            {"modelspec.architecture", base.architecture},
                            {"modelspec.implementation", "diffusers"}});
    const data::NetworkHashes hashes = data::networkHashes(tensors, metadata);
    metadata["sshs_model_hash"] = hashes.model;
    metadata["sshs_legacy_hash"] = hashes.legacy;
    data::writeSafetensors(file, tensors, metadata);
}

void writePeftLora(const fs::path& file, const LoraModules& modules, Metadata metadata) {
    data::NamedTensors tensors;
    const std::int64_t rank = largestRank(modules);
    Json otherRanks = Json::object();
    for (const auto& [path, module] : modules) {
        tensors.emplace_back("unet." + path + ".lora_A.weight", module.down);
        tensors.emplace_back("unet." + path + ".lora_B.weight", module.scale == 1.0 ? module.up : module.up * module.scale);
        if (module.down.size(0) != rank) {
            otherRanks[path] = module.down.size(0);
        }
    }
    Json settings{
        {"unet.r", rank}, {"unet.lora_alpha", rank}, {"unet.target_modules", targetModules(modules)}, {"unet.lora_dropout", 0.0}, {"unet.bias", "none"}};
    if (!otherRanks.empty()) {
        settings["unet.rank_pattern"] = otherRanks;
        settings["unet.alpha_pattern"] = otherRanks;
    }
    metadata["lora_adapter_metadata"] = settings.dump();
    data::writeSafetensors(file, tensors, metadata);
}

void writeMergedUNet(const fs::path& given, const fs::path& unetFolder, const LoraModules& modules, const Metadata& metadata) {
    const fs::path folder = given.has_filename() ? given : given.parent_path();  // "out/" and "out" are one folder
    std::error_code problem;
    if (fs::exists(folder, problem) && !(fs::is_directory(folder, problem) && fs::is_empty(folder, problem))) {
        throw Error(ErrorKind::Config, folder.string() + " is there already; name a new folder for the merged UNet");
    }
    const Merger merger(unetFolder, modules);
    fs::path temporary = folder;
    temporary += ".writing";
    fs::remove_all(temporary, problem);
    fs::create_directories(temporary, problem);
    if (problem) {
        throw Error(ErrorKind::Io, "cannot create the folder " + temporary.string() + ": " + problem.message());
    }
    try {
        writeFileAtomically(temporary / "config.json", readFile(unetFolder / "config.json"));
        merger.write(temporary / (std::string(kDiffusersStem) + ".safetensors"), metadata);
        fs::rename(temporary, folder);
    } catch (const fs::filesystem_error& failure) {
        fs::remove_all(temporary, problem);
        throw Error(ErrorKind::Io, "cannot rename " + temporary.string() + " to " + folder.string() + ": " + failure.code().message());
    } catch (...) {
        fs::remove_all(temporary, problem);
        throw;
    }
}

}  // namespace rlcm::models
