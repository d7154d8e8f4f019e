#include "core/models/component.h"

#include "core/base/error.h"
#include "core/data/safetensors.h"
#include "core/tensor/torch.h"

namespace rlcm::models {

Json readConfig(const std::filesystem::path& folder) {
    return readJsonFile(folder / "config.json");
}

std::filesystem::path findWeightFile(const std::filesystem::path& folder, std::string_view stem) {
    const std::string name(stem);
    for (const char* suffix : {".safetensors", ".fp16.safetensors"}) {
        if (std::filesystem::path file = folder / (name + suffix); std::filesystem::exists(file)) {
            return file;
        }
    }
    std::error_code failure;
    for (const auto& entry : std::filesystem::directory_iterator(folder, failure)) {
        const std::string other = entry.path().filename().string();
        if (other.ends_with(".index.json")) {
            throw Error(ErrorKind::Io, folder.string() + ": the weights are split over several files (" + other +
                                           "); save them as one with save_pretrained(max_shard_size=\"100GB\")");
        }
        if (other.ends_with(".bin") || other.ends_with(".ckpt") || other.ends_with(".pth") || other.ends_with(".pt")) {
            throw Error(ErrorKind::Io, folder.string() + ": only " + other + " is here, a format that can run code when it is opened; convert it "
                                           "to safetensors with diffusers or transformers (save_pretrained(safe_serialization=True))");
        }
    }
    throw Error(ErrorKind::Io, folder.string() + ": no weights here; " + name + ".safetensors or " + name + ".fp16.safetensors is wanted");
}

std::map<std::string, at::Tensor> readTensors(const std::filesystem::path& file) {
    const data::SafetensorsFile source(file);
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [name, entry] : source.entries()) {
        tensors.emplace(name, source.tensor(name));
    }
    return tensors;
}

}  // namespace rlcm::models
