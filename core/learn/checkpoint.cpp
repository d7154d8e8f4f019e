#include "core/learn/checkpoint.h"

#include <algorithm>
#include <array>
#include <sstream>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/base/sha256.h"
#include "core/base/version.h"
#include "core/data/safetensors.h"
#include "core/learn/checkpoint_json.h"
#include "core/run/checkpoint_folders.h"
#include "core/run/derive.h"
#include "core/tensor/torch.h"

namespace rlcm::learn {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLora = "lora.safetensors";
constexpr const char* kOptimizer = "optimizer.safetensors";
constexpr const char* kKept = "kept";  // entry in the metadata of the LoRA
constexpr const char* kState = "state.json";
constexpr const char* kChecksums = "checksums.sha256";  // as sha256sum writes and checks it
constexpr std::array kSummed{kLora, kOptimizer, kState};

/// All factors of the network, each with the scale alpha / its rank.
data::NamedTensors copyOfFactors(const nn::LoraAdapter& lora, const models::LoraModules& kept) {
    data::NamedTensors factors;
    for (const auto& [name, values] : lora.factors()) {
        factors.emplace_back(name, values.detach().to(at::kCPU, at::kFloat, false, true));
    }
    for (const auto& [path, module] : kept) {
        const double scale = lora.alpha() / static_cast<double>(module.down.size(0));
        factors.emplace_back(path + ".lora_A.weight", module.down);
        factors.emplace_back(path + ".lora_B.weight", module.up * (module.scale / scale));
    }
    return factors;
}

std::map<std::string, std::string> aboutLora(const fs::path& runFolder, const Checkpoint& checkpoint) {
    const run::RunConfig& config = checkpoint.state.config;
    return {{"rank", std::to_string(checkpoint.rank)},
            {"alpha", Json(checkpoint.alpha).dump()},
            {"targets", checkpoint.targets},
            {kKept, Json(checkpoint.kept).dump()},
            {"name", config.name.empty() ? run::defaultName(config) : config.name},
            {"run", runFolder.filename().string()},
            {"program", std::string("rlcm-workbench ") + kVersion},
            {"base_model", config.model.path},
            {"reward", config.reward.terms},
            {"epoch", std::to_string(checkpoint.state.epoch)},
            {"method", std::string(toString(config.algorithm.method))},
            {"steps", std::to_string(config.sampling.steps)},
            {"guidance", Json(config.sampling.guidance).dump()}};
}

std::string checksumsOf(const fs::path& folder) {
    std::string lines;
    for (const char* name : kSummed) {
        lines += sha256OfFile(folder / name) + "  " + name + '\n';
    }
    return lines;
}

/// throws: Io, Format naming the file whose bytes are not those that were written.
void requireChecksums(const fs::path& folder) {
    std::istringstream lines(readFile(folder / kChecksums, 4096));
    std::map<std::string, std::string> sums;
    std::string sum, name;
    while (lines >> sum >> name) {
        sums[name] = sum;
    }
    for (const char* file : kSummed) {
        if (sums[file] != sha256OfFile(folder / file)) {
            throw Error(ErrorKind::Format, (folder / file).string() + " is damaged: its SHA-256 is not the one in " + kChecksums);
        }
    }
}

/// A folder on its way out gets another name first, so that half of one never looks like a damaged checkpoint.
void removeCheckpoint(const fs::path& folder) {
    std::error_code ignored;
    const fs::path doomed = folder.parent_path() / (".removed-" + folder.filename().string());
    fs::remove_all(doomed, ignored);
    fs::rename(folder, doomed, ignored);
    fs::remove_all(doomed, ignored);
}

}  // namespace

Checkpoint takeCheckpoint(CheckpointState state, const nn::LoraAdapter& lora, const models::LoraModules& kept, const rl::Adam& optimizer) {
    state.optimizerStep = optimizer.stepCount();
    const auto copy = [](const at::Tensor& tensor) { return tensor.detach().to(at::kCPU, at::kFloat, false, true); };
    std::vector<std::string> paths;
    for (const auto& [path, module] : kept) {
        paths.push_back(path);
    }
    return {.state = std::move(state),
            .factors = copyOfFactors(lora, kept),
            .kept = std::move(paths),
            .rank = lora.rank(),
            .alpha = lora.alpha(),
            .targets = lora.targets(),
            .firstMoment = copy(optimizer.firstMoment()),
            .secondMoment = copy(optimizer.secondMoment())};
}

std::int64_t saveCheckpoint(const fs::path& runFolder, const Checkpoint& checkpoint) {
    const fs::path target = runFolder / run::checkpointName(checkpoint.state.epoch);
    const fs::path temporary = target.parent_path() / ".writing";
    std::error_code ignored;
    fs::remove_all(temporary, ignored);
    makeFolders(temporary);
    data::writeSafetensors(temporary / kLora, checkpoint.factors, aboutLora(runFolder, checkpoint));
    data::writeSafetensors(temporary / kOptimizer, {{"first_moment", checkpoint.firstMoment}, {"second_moment", checkpoint.secondMoment}});
    writeFileAtomically(temporary / kState, checkpointJson(checkpoint));
    writeFileAtomically(temporary / kChecksums, checksumsOf(temporary));
    // A folder of that name is of a line that was given up: a run never goes on from the epoch that it writes.
    removeCheckpoint(target);
    std::error_code problem;
    fs::rename(temporary, target, problem);
    if (problem) {
        throw Error(ErrorKind::Io, "cannot rename the checkpoint to " + target.string() + ": " + problem.message());
    }
    syncFolder(target.parent_path());
    std::int64_t bytes = 0;
    for (const auto& entry : fs::directory_iterator(target)) {
        bytes += static_cast<std::int64_t>(entry.file_size());
    }
    return bytes;
}

void pruneCheckpoints(const fs::path& runFolder, std::int64_t epoch, std::int64_t keep) {
    std::int64_t kept = 0;
    for (const run::CheckpointFolder& folder : run::checkpointFolders(runFolder)) {
        if (folder.epoch > epoch || kept >= std::max<std::int64_t>(1, keep)) {
            removeCheckpoint(folder.path);
        } else {
            ++kept;
        }
    }
}

CheckpointState verifyCheckpoint(const fs::path& folder) {
    CheckpointJson read = readCheckpointJson(folder);
    if (read.format > 1) {
        requireChecksums(folder);
    }
    const data::SafetensorsFile factors(folder / kLora), moments(folder / kOptimizer);
    return std::move(read.state);
}

std::optional<std::set<std::string>> keptLayers(const fs::path& folder) {
    const data::SafetensorsFile factors(folder / kLora);
    const auto found = factors.metadata().find(kKept);
    if (found == factors.metadata().end()) {
        return std::nullopt;
    }
    const Json list = parseJson(found->second, factors.name() + " metadata " + kKept);
    const bool isList = list.is_array() && std::all_of(list.begin(), list.end(), [](const Json& path) { return path.is_string(); });
    if (!isList) {
        throw Error(ErrorKind::Format, factors.name() + ": the metadata entry " + kKept + " is not a list of layers");
    }
    return list.get<std::set<std::string>>();
}

void loadCheckpoint(const fs::path& folder, const CheckpointState& state, const models::LoraModules& kept, nn::LoraAdapter& lora, rl::Adam& optimizer) {
    const auto finite = [&](const data::SafetensorsFile& file, const std::string& name) {
        at::Tensor values = file.tensor(name);
        if (!at::isfinite(values).all().item<bool>()) {
            throw Error(ErrorKind::Format, folder.string() + " is damaged: " + name + " holds numbers that are not finite");
        }
        return values;
    };
    const data::SafetensorsFile factors(folder / kLora), moments(folder / kOptimizer);
    data::NamedTensors named;
    for (const auto& [name, entry] : factors.entries()) {
        if (!kept.contains(name.substr(0, name.rfind(".lora_")))) {
            named.emplace_back(name, finite(factors, name));
        }
    }
    lora.assign(named);
    optimizer.restore(state.optimizerStep, finite(moments, "first_moment"), finite(moments, "second_moment"));
}

}  // namespace rlcm::learn
