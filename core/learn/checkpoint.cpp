#include "core/learn/checkpoint.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

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
constexpr const char* kTensors = ".safetensors";
constexpr const char* kKept = "kept";  // entry in the metadata of the LoRA
constexpr const char* kState = "state.json";
constexpr const char* kChecksums = "checksums.sha256";  // as sha256sum writes and checks it

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

/// Names of what a checkpoint is made of, the checksums apart.
std::vector<std::string> partsOf(const fs::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) {
        const fs::path name = entry.path().filename();
        if (name.extension() == kTensors || name == kState) {
            names.push_back(name.string());
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string checksumsOf(const fs::path& folder) {
    std::string lines;
    for (const std::string& name : partsOf(folder)) {
        lines += sha256OfFile(folder / name) + "  " + name + '\n';
    }
    return lines;
}

/// throws: Io, Format naming the file that is not there or whose bytes are not those that were written.
void requireChecksums(const fs::path& folder) {
    std::istringstream lines(readFile(folder / kChecksums, 4096));
    std::map<std::string, std::string> sums;
    std::string sum, name;
    while (lines >> sum >> name) {
        sums[name] = sum;
    }
    for (const std::string& file : partsOf(folder)) {
        sums.try_emplace(file);  // without a sum it is not what was written
    }
    for (const auto& [file, wanted] : sums) {
        if (wanted != sha256OfFile(folder / file)) {
            throw Error(ErrorKind::Format, (folder / file).string() + " is damaged: its SHA-256 is not the one in " + kChecksums);
        }
    }
}

/// The learner's tensors, each under the name of its file. They are few and named by us, so the part before the first dot is a file's name.
void writeTensors(const fs::path& folder, const std::vector<std::pair<std::string, at::Tensor>>& tensors) {
    std::map<std::string, data::NamedTensors> files;
    for (const auto& [name, values] : tensors) {
        const std::size_t dot = name.find('.');
        ensure(dot != std::string::npos && dot > 0, "a tensor of the learner's state is named <file>.<name>");
        files[name.substr(0, dot)].emplace_back(name.substr(dot + 1), values);
    }
    for (const auto& [file, named] : files) {
        data::writeSafetensors(folder / (file + kTensors), named);
    }
}

/// throws: Format when it holds numbers that are not finite.
at::Tensor finite(const data::SafetensorsFile& file, const std::string& name, const fs::path& folder) {
    at::Tensor values = file.tensor(name);
    if (!at::isfinite(values).all().item<bool>()) {
        throw Error(ErrorKind::Format, folder.string() + " is damaged: " + name + " holds numbers that are not finite");
    }
    return values;
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

Checkpoint takeCheckpoint(CheckpointState state, const Learner& learner) {
    rl::LearnerState remembered = learner.state();
    state.learner = std::move(remembered.values);
    std::vector<std::string> paths;
    for (const auto& [path, module] : learner.kept()) {
        paths.push_back(path);
    }
    const nn::LoraAdapter& lora = learner.lora();
    return {.state = std::move(state),
            .factors = copyOfFactors(lora, learner.kept()),
            .kept = std::move(paths),
            .rank = lora.rank(),
            .alpha = lora.alpha(),
            .targets = lora.targets(),
            .tensors = std::move(remembered.tensors)};
}

std::int64_t saveCheckpoint(const fs::path& runFolder, const Checkpoint& checkpoint) {
    const fs::path target = runFolder / run::checkpointName(checkpoint.state.epoch);
    const fs::path temporary = target.parent_path() / ".writing";
    std::error_code ignored;
    fs::remove_all(temporary, ignored);
    makeFolders(temporary);
    data::writeSafetensors(temporary / kLora, checkpoint.factors, aboutLora(runFolder, checkpoint));
    writeTensors(temporary, checkpoint.tensors);
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

void pruneCheckpoints(const fs::path& runFolder, std::int64_t epoch, std::int64_t keep, const std::function<bool(std::int64_t epoch)>& isEvaluated,
                      std::optional<std::int64_t> best) {
    std::int64_t kept = 0, evaluated = 0;
    for (const run::CheckpointFolder& folder : run::checkpointFolders(runFolder)) {
        const bool isLater = folder.epoch > epoch;
        if (!isLater && run::isKept(folder.path)) {
            continue;
        }
        const bool isOfEvaluation = !isLater && evaluated < run::kEvaluatedCheckpoints && isEvaluated(folder.epoch);
        const bool isSpared = isOfEvaluation || folder.epoch == best;
        evaluated += isOfEvaluation ? 1 : 0;
        if (isLater || (kept >= std::max<std::int64_t>(1, keep) && !isSpared)) {
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
    for (const std::string& part : partsOf(folder)) {
        if (part != kState) {
            const data::SafetensorsFile readable(folder / part);
        }
    }
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

void loadCheckpoint(const fs::path& folder, const CheckpointState& state, Learner& learner) {
    const data::SafetensorsFile factors(folder / kLora);
    data::NamedTensors named;
    for (const auto& [name, entry] : factors.entries()) {
        if (!learner.kept().contains(name.substr(0, name.rfind(".lora_")))) {
            named.emplace_back(name, finite(factors, name, folder));
        }
    }
    rl::LearnerState remembered{.tensors = {}, .values = state.learner};
    for (const std::string& part : partsOf(folder)) {
        if (part == kLora || part == kState) {
            continue;
        }
        const data::SafetensorsFile file(folder / part);
        for (const auto& [name, entry] : file.entries()) {
            remembered.tensors.emplace_back(fs::path(part).stem().string() + "." + name, finite(file, name, folder));
        }
    }
    learner.lora().assign(named);
    learner.restore(remembered);
}

}  // namespace rlcm::learn
