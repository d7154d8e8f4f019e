#include "core/train/checkpoint.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/data/safetensors.h"
#include "core/run/derive.h"
#include "core/run/field_table.h"
#include "core/tensor/torch.h"
#include "core/train/version.h"

namespace rlcm::train {
namespace {

namespace fs = std::filesystem;

constexpr int kFormatVersion = 1;

Json toJson(const CheckpointState& state, std::int64_t optimizerStep) {
    Json statistics = Json::object();
    for (const auto& [prompt, rewards] : state.statistics) {
        statistics[prompt] = std::vector<double>(rewards.begin(), rewards.end());
    }
    const run::Counters& c = state.counters;
    return {{"format", kFormatVersion},
            {"epoch", state.epoch},
            {"optimizer_step", optimizerStep},
            {"counters",
             {{"images", c.images},
              {"reward_queries", c.rewardQueries},
              {"denoiser_evaluations", c.denoiserEvaluations},
              {"optimizer_steps", c.optimizerSteps},
              {"active_seconds", c.activeSeconds},
              {"wall_seconds", c.wallSeconds}}},
            {"statistics", statistics},
            {"config", run::toJson(state.config)}};
}

/// All factors of the network, each with the scale alpha / its rank.
data::NamedTensors withKept(const nn::LoraAdapter& lora, const models::LoraModules& kept) {
    data::NamedTensors factors = lora.factors();
    for (const auto& [path, module] : kept) {
        const double scale = lora.alpha() / static_cast<double>(module.down.size(0));
        factors.emplace_back(path + ".lora_A.weight", module.down);
        factors.emplace_back(path + ".lora_B.weight", module.up * (module.scale / scale));
    }
    return factors;
}

void syncFolder(const fs::path& folder) {
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        ::fsync(fd);
        ::close(fd);
    }
}

void removeOld(const fs::path& folder, std::int64_t keep) {
    std::vector<fs::path> all;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.is_directory()) {
            all.push_back(entry.path());
        }
    }
    std::sort(all.begin(), all.end());  // numbers are zero-padded
    std::error_code ignored;            // a leftover folder costs disk space only
    for (std::size_t i = 0; i + static_cast<std::size_t>(std::max<std::int64_t>(1, keep)) < all.size(); ++i) {
        fs::remove_all(all[i], ignored);
    }
}

}  // namespace

std::string checkpointName(std::int64_t epoch) {
    char name[64];
    std::snprintf(name, sizeof name, "checkpoints/e%05lld", static_cast<long long>(epoch));
    return name;
}

std::int64_t saveCheckpoint(const fs::path& runFolder, const CheckpointState& state, const nn::LoraAdapter& lora,
                            const models::LoraModules& kept, const rl::Adam& optimizer, std::int64_t keep) {
    const fs::path target = runFolder / checkpointName(state.epoch);
    const fs::path temporary = runFolder / "checkpoints" / ".writing";
    std::error_code problem;
    fs::remove_all(temporary, problem);
    fs::create_directories(temporary, problem);
    if (problem) {
        throw Error(ErrorKind::Io, "cannot create the checkpoint folder " + temporary.string() + ": " + problem.message());
    }
    const std::map<std::string, std::string> about{{"rank", std::to_string(lora.rank())},
                                                   {"alpha", Json(lora.alpha()).dump()},
                                                   {"targets", lora.targets()},
                                                   {"name", state.config.name.empty() ? run::defaultName(state.config) : state.config.name},
                                                   {"run", runFolder.filename().string()},
                                                   {"program", std::string("rlcm-workbench ") + kVersion},
                                                   {"base_model", state.config.model.path},
                                                   {"reward", state.config.reward.terms},
                                                   {"epoch", std::to_string(state.epoch)},
                                                   {"method", state.config.algorithm.method},
                                                   {"steps", std::to_string(state.config.sampling.steps)},
                                                   {"guidance", Json(state.config.sampling.guidance).dump()}};
    data::writeSafetensors(temporary / "lora.safetensors", withKept(lora, kept), about);
    data::writeSafetensors(temporary / "optimizer.safetensors",
                           {{"first_moment", optimizer.firstMoment()}, {"second_moment", optimizer.secondMoment()}});
    writeFileAtomically(temporary / "state.json", toJson(state, optimizer.stepCount()).dump(1));
    syncFolder(temporary);
    fs::remove_all(target, problem);  // left by a run that was resumed from before this epoch
    fs::rename(temporary, target, problem);
    if (problem) {
        throw Error(ErrorKind::Io, "cannot rename the checkpoint to " + target.string() + ": " + problem.message());
    }
    syncFolder(target.parent_path());
    std::int64_t bytes = 0;
    for (const auto& entry : fs::directory_iterator(target)) {
        bytes += static_cast<std::int64_t>(entry.file_size());
    }
    removeOld(target.parent_path(), keep);
    return bytes;
}

CheckpointState loadCheckpoint(const fs::path& folder, nn::LoraAdapter& lora, rl::Adam& optimizer) {
    const Json json = readJsonFile(folder / "state.json");
    CheckpointState state;
    try {
        if (json.at("format").get<int>() != kFormatVersion) {
            throw Error(ErrorKind::Format, folder.string() + " was written by another version (checkpoint format " +
                                               std::to_string(json.at("format").get<int>()) + ", this program reads " + std::to_string(kFormatVersion) + ")");
        }
        state.epoch = json.at("epoch").get<std::int64_t>();
        const Json& counters = json.at("counters");
        state.counters = {.epoch = state.epoch,
                          .images = counters.at("images").get<std::int64_t>(),
                          .rewardQueries = counters.at("reward_queries").get<std::int64_t>(),
                          .denoiserEvaluations = counters.at("denoiser_evaluations").get<std::int64_t>(),
                          .optimizerSteps = counters.at("optimizer_steps").get<std::int64_t>(),
                          .activeSeconds = counters.at("active_seconds").get<double>(),
                          .wallSeconds = counters.at("wall_seconds").get<double>()};
        for (const auto& [prompt, rewards] : json.at("statistics").items()) {
            const auto values = rewards.get<std::vector<double>>();
            state.statistics[prompt].assign(values.begin(), values.end());
        }
        state.config = run::configFromJson(json.at("config"), (folder / "state.json").string());
        const data::SafetensorsFile factors(folder / "lora.safetensors");
        data::NamedTensors named;
        for (const auto& [name, entry] : factors.entries()) {
            if (models::isAttentionProjection(name)) {
                named.emplace_back(name, factors.tensor(name));
            }
        }
        lora.assign(named);
        const data::SafetensorsFile moments(folder / "optimizer.safetensors");
        optimizer.restore(json.at("optimizer_step").get<std::int64_t>(), moments.tensor("first_moment"), moments.tensor("second_moment"));
    } catch (const Json::exception& problem) {
        throw Error(ErrorKind::Format, (folder / "state.json").string() + " is damaged: " + problem.what());
    }
    return state;
}

}  // namespace rlcm::train
