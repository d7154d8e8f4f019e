#include "core/learn/checkpoint_json.h"

#include <algorithm>
#include <cmath>
#include <variant>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/run/checkpoint_folders.h"
#include "core/run/field_table.h"

namespace rlcm::learn {
namespace {

namespace fs = std::filesystem;

constexpr int kFormat = 2;

/// All but the epoch, which the state has anyway.
Json countersJson(const run::Counters& counters) {
    Json json;
    for (const run::CounterField& field : run::counterFields().subspan(1)) {
        std::visit([&](auto member) { json[std::string(field.name)] = counters.*member; }, field.member);
    }
    return json;
}

run::Counters readCounters(Json json, std::int64_t epoch) {
    if (!json.contains("nominal_denoiser_evaluations")) {  // older versions counted the nominal ones only
        json["nominal_denoiser_evaluations"] = json.at("denoiser_evaluations");
    }
    run::Counters counters{.epoch = epoch};
    for (const run::CounterField& field : run::counterFields().subspan(1)) {
        std::visit([&](auto member) { json.at(std::string(field.name)).get_to(counters.*member); }, field.member);
    }
    return counters;
}

bool isSane(const run::Counters& counters) {
    return std::ranges::all_of(run::counterFields(), [&](const run::CounterField& field) {
        const double value = field.value(counters);
        return std::isfinite(value) && value >= 0;
    });
}

/// What a reader of the folder may rely on. throws: Format.
void requireSane(const CheckpointJson& read, const fs::path& folder) {
    const auto refuse = [&](const std::string& why) { throw Error(ErrorKind::Format, (folder / "state.json").string() + " is damaged: " + why); };
    const std::int64_t epoch = read.state.epoch, planned = read.state.config.training.epochs;
    if (run::checkpointEpoch(folder) != epoch) {
        refuse("it says epoch " + std::to_string(epoch) + " in the folder " + folder.filename().string());
    }
    if (epoch > planned) {
        refuse("it says epoch " + std::to_string(epoch) + " of a run of " + std::to_string(planned));
    }
    if (!isSane(read.state.counters) || read.state.optimizerStep < 0) {
        refuse("a counter is negative or not finite");
    }
    for (const auto& [prompt, rewards] : read.state.statistics) {
        for (const double reward : rewards) {
            if (!std::isfinite(reward)) {
                refuse("a reward of the prompt \"" + prompt + "\" is not finite");
            }
        }
    }
}

}  // namespace

std::string checkpointJson(const Checkpoint& checkpoint) {
    const CheckpointState& state = checkpoint.state;
    Json statistics = Json::object();
    for (const auto& [prompt, rewards] : state.statistics) {
        statistics[prompt] = std::vector<double>(rewards.begin(), rewards.end());
    }
    const Json json{{"format", kFormat},
                    {"epoch", state.epoch},
                    {"optimizer_step", state.optimizerStep},
                    {"counters", countersJson(state.counters)},
                    {"statistics", statistics},
                    {"inputs", state.inputs},
                    {"config", run::toJson(state.config)}};
    return json.dump(1);
}

CheckpointJson readCheckpointJson(const fs::path& folder) {
    const fs::path file = folder / "state.json";
    const Json json = readJsonFile(file);
    CheckpointJson read;
    try {
        read.format = json.at("format").get<int>();
        if (read.format < 1 || read.format > kFormat) {
            throw Error(ErrorKind::Format, folder.string() + " was written by another version (checkpoint format " + std::to_string(read.format) +
                                               ", this program reads 1 to " + std::to_string(kFormat) + ")");
        }
        CheckpointState& state = read.state;
        state.optimizerStep = json.at("optimizer_step").get<std::int64_t>();
        state.epoch = json.at("epoch").get<std::int64_t>();
        state.counters = readCounters(json.at("counters"), state.epoch);
        for (const auto& [prompt, rewards] : json.at("statistics").items()) {
            const auto values = rewards.get<std::vector<double>>();
            state.statistics[prompt].assign(values.begin(), values.end());
        }
        if (read.format > 1) {
            state.inputs = json.at("inputs").get<RunInputs>();
        }
        state.config = run::configFromJson(json.at("config"), file.string());
    } catch (const Json::exception& problem) {
        throw Error(ErrorKind::Format, file.string() + " is damaged: " + problem.what());
    }
    requireSane(read, folder);
    return read;
}

}  // namespace rlcm::learn
