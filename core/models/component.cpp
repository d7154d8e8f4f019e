#include "core/models/component.h"

#include <algorithm>
#include <memory>
#include <set>
#include <vector>

#include "core/base/file_error.h"
#include "core/data/safetensors.h"
#include "core/tensor/torch.h"

namespace rlcm::models {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kListed = 5;

void addTensors(const std::shared_ptr<const data::SafetensorsFile>& file, std::map<std::string, nn::StoredTensor>& tensors) {
    for (const auto& [name, entry] : file->entries()) {
        tensors.emplace(name, nn::StoredTensor{entry.shape, [file, key = name] { return file->tensor(key); }});
    }
}

/// The first few of some names, for a message.
std::string someOf(const std::vector<std::string>& names) {
    std::string list;
    for (std::size_t i = 0; i < names.size() && i < kListed; ++i) {
        list += (i == 0 ? "" : ", ") + names[i];
    }
    return names.size() > kListed ? list + ", and " + std::to_string(names.size() - kListed) + " more" : list;
}

/// Tensor names by the file that holds them. File names come from the model's maker, so they must stay in the folder.
std::map<std::string, std::set<std::string>> readIndex(const fs::path& index) {
    const Json json = readPythonJsonFile(index);
    const auto found = json.is_object() ? json.find("weight_map") : json.end();
    if (!json.is_object() || found == json.end() || !found->is_object() || found->empty()) {
        throw Error(ErrorKind::Format, index.string() + ": an object \"weight_map\" from tensor names to file names is wanted");
    }
    std::map<std::string, std::set<std::string>> files;
    for (const auto& [tensor, value] : found->items()) {
        const std::string file = value.is_string() ? value.get<std::string>() : std::string();
        if (file.empty() || file.find_first_of("/\\") != std::string::npos || !file.ends_with(".safetensors")) {
            throw Error(ErrorKind::Format, index.string() + ": tensor \"" + tensor + "\" is said to be in " +
                                               value.dump(-1, ' ', true, Json::error_handler_t::replace) +
                                               "; the plain name of a .safetensors file in the same folder is wanted");
        }
        files[file].insert(tensor);
    }
    return files;
}

std::map<std::string, nn::StoredTensor> listShards(const fs::path& index) {
    const auto files = readIndex(index);
    std::vector<std::string> absent;
    for (const auto& [file, names] : files) {
        if (!fs::is_regular_file(index.parent_path() / file)) {
            absent.push_back(file);
        }
    }
    if (!absent.empty()) {
        throw FileError(ErrorKind::Io, FileFault::Incomplete,
                        index.string() + ": " + std::to_string(absent.size()) + " of the " + std::to_string(files.size()) +
                            " files that it names are missing: " + someOf(absent) + "; copy or download them again");
    }
    std::map<std::string, nn::StoredTensor> tensors;
    for (const auto& [file, names] : files) {
        const auto shard = std::make_shared<const data::SafetensorsFile>(index.parent_path() / file);
        std::vector<std::string> lacking, unlisted;
        for (const std::string& name : names) {
            if (!shard->contains(name)) {
                lacking.push_back(name);
            }
        }
        for (const auto& [name, entry] : shard->entries()) {
            if (!names.contains(name)) {
                unlisted.push_back(name);
            }
        }
        if (!lacking.empty() || !unlisted.empty()) {
            throw FileError(ErrorKind::Format, FileFault::Mixed,
                            index.string() + " and " + file + " do not fit each other" + (lacking.empty() ? "" : "; the file lacks " + someOf(lacking)) +
                                (unlisted.empty() ? "" : "; the index does not place in it " + someOf(unlisted)) +
                                "; the files come from different versions of the model");
        }
        addTensors(shard, tensors);
    }
    return tensors;
}

bool isPickle(const std::string& name) {
    for (const char* ending : {".bin", ".ckpt", ".pth", ".pt", ".bin.index.json"}) {
        if (name.ends_with(ending)) {
            return true;
        }
    }
    return false;
}

}  // namespace

Json readConfig(const fs::path& folder) {
    return readPythonJsonFile(folder / "config.json");
}

fs::path findWeightFile(const fs::path& folder, std::string_view stem) {
    const std::string name(stem);
    for (const char* ending :
         {".safetensors", ".safetensors.index.json", ".fp16.safetensors", ".safetensors.index.fp16.json", ".fp16.safetensors.index.json"}) {
        if (fs::path file = folder / (name + ending); fs::exists(file)) {
            return file;
        }
    }
    std::error_code failure;
    std::string pickle, shard;
    for (const auto& entry : fs::directory_iterator(folder, failure)) {
        const std::string other = entry.path().filename().string();
        if (isPickle(other)) {
            pickle = std::min(other, pickle.empty() ? other : pickle);
        } else if (other.starts_with(name) && other.find("-of-") != std::string::npos && other.ends_with(".safetensors")) {
            shard = other;
        }
    }
    if (!shard.empty()) {
        throw FileError(
            ErrorKind::Io, FileFault::Incomplete,
            folder.string() + ": " + shard + " is one part of split weights, but the list of parts, " + name + ".safetensors.index.json, is missing");
    }
    if (!pickle.empty()) {
        throw FileError(ErrorKind::Io, FileFault::Executable,
                        folder.string() + ": only " + pickle +
                            " is here, a format that can run code when it is opened; convert it "
                            "to safetensors with diffusers or transformers (save_pretrained(safe_serialization=True))");
    }
    throw FileError(
        ErrorKind::Io, FileFault::Incomplete,
        folder.string() + ": no weights here; " + name + ".safetensors, " + name + ".fp16.safetensors or " + name + ".safetensors.index.json is wanted");
}

std::map<std::string, nn::StoredTensor> listTensors(const fs::path& file) {
    if (file.extension() == ".json") {
        return listShards(file);
    }
    std::map<std::string, nn::StoredTensor> tensors;
    addTensors(std::make_shared<const data::SafetensorsFile>(file), tensors);
    return tensors;
}

}  // namespace rlcm::models
