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

/// Nothing where there is none, as in checkpoints of older versions.
std::optional<run::BestEvaluation> readBest(const Json& json) {
    const auto found = json.find("best");
    if (found == json.end()) {
        return std::nullopt;
    }
    const auto rule = run::choiceOf<run::BestRule>(found->at("rule").get<std::string>());
    return rule ? std::optional(run::BestEvaluation{*rule, found->at("epoch").get<std::int64_t>(), found->at("value").get<double>()}) : std::nullopt;
}

bool isSane(const run::Counters& counters) {
    return std::ranges::all_of(run::counterFields(), [&](const run::CounterField& field) {
        const double value = field.value(counters);
        return std::isfinite(value) && value >= 0;
    });
}

/// Whether a count of the learner is below zero.
bool hasNegative(const Json& values) {
    return std::any_of(values.begin(), values.end(), [](const Json& value) { return value.is_number() && value.get<double>() < 0; });
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
    if (!isSane(read.state.counters) || hasNegative(read.state.learner)) {
        refuse("a counter is negative or not finite");
    }
}

}  // namespace

std::string checkpointJson(const Checkpoint& checkpoint) {
    const CheckpointState& state = checkpoint.state;
    Json json = state.learner;
    json.update({{"format", kFormat},
                 {"epoch", state.epoch},
                 {"counters", countersJson(state.counters)},
                 {"inputs", state.inputs},
                 {"config", run::toJson(state.config)}});
    if (state.best) {
        json["best"] = {{"rule", toString(state.best->rule)}, {"epoch", state.best->epoch}, {"value", state.best->value}};
    }
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
        state.epoch = json.at("epoch").get<std::int64_t>();
        state.counters = readCounters(json.at("counters"), state.epoch);
        if (read.format > 1) {
            state.inputs = json.at("inputs").get<RunInputs>();
        }
        state.best = readBest(json);
        state.learner = json;  // whatever is not the trainer's
        for (const char* own : {"format", "epoch", "counters", "inputs", "config", "best"}) {
            state.learner.erase(own);
        }
        state.config = run::configFromJson(json.at("config"), file.string());
    } catch (const Json::exception& problem) {
        throw Error(ErrorKind::Format, file.string() + " is damaged: " + problem.what());
    }
    requireSane(read, folder);
    return read;
}

}  // namespace rlcm::learn
