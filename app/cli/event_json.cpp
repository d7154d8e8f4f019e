#include "app/cli/event_json.h"

namespace rlcm::cli {
namespace {

Json start(const char* event, const run::RunId& id) {
    return {{"event", event}, {"run", id}};
}

void addCounters(Json& json, const run::Counters& counters) {
    for (const run::CounterField& field : run::counterFields()) {
        std::visit([&](auto member) { json[std::string(field.name)] = counters.*member; }, field.member);
    }
}

void addScalars(Json& json, const std::vector<std::pair<std::string, double>>& scalars) {
    for (const auto& [name, value] : scalars) {
        json[name] = value;
    }
}

Json toJson(const run::RunStarted& event) {
    Json json = start("run_started", event.id);
    json["first_epoch"] = event.firstEpoch;
    json["environment"] = Json::parse(event.environmentJson, nullptr, false);
    return json;
}

Json toJson(const run::StateChanged& event) {
    Json json = start("state", event.id);
    json["state"] = run::toString(event.state);
    return json;
}

Json toJson(const run::Progress& event) {
    Json json = start("progress", event.id);
    json["phase"] = run::toString(event.phase);
    json["epoch"] = event.epoch;
    json["epochs"] = event.epochs;
    json["fraction_of_epoch"] = event.fractionOfEpoch;
    json["seconds_left"] = event.secondsLeft < 0 ? Json() : Json(event.secondsLeft);
    json["stop_latency_seconds"] = event.stopLatencySeconds;
    json["images_per_second"] = event.imagesPerSecond;
    json["active_seconds"] = event.activeSeconds;
    json["wall_seconds"] = event.wallSeconds;
    return json;
}

Json toJson(const run::EpochDone& event) {
    Json json = start("epoch", event.id);
    addCounters(json, event.counters);
    for (const run::PhaseField& phase : run::phaseFields()) {
        json["seconds"][std::string(phase.name)] = event.seconds.*phase.member;
    }
    addScalars(json, event.scalars);
    return json;
}

Json toJson(const run::EvaluationDone& event) {
    Json json = start("evaluation", event.id);
    addCounters(json, event.counters);
    json["epoch"] = event.epoch;
    json["extra"] = event.isExtra;
    json["evaluation_seconds"] = event.seconds;
    addScalars(json, event.scalars);
    return json;
}

Json toJson(const run::CheckpointSaved& event) {
    Json json = start("checkpoint", event.id);
    json["epoch"] = event.epoch;
    json["folder"] = event.folder;
    json["bytes"] = event.bytes;
    return json;
}

Json toJson(const run::LogLine& event) {
    Json json = start("log", event.id);
    json["level"] = log::toString(event.level);
    json["text"] = event.text;
    return json;
}

Json toJson(const run::AlertRaised& event) {
    Json json = start("alert", event.id);
    json["epoch"] = event.epoch;
    json["rule"] = event.rule;
    json["measure"] = event.measure;
    json["before"] = event.before;
    json["after"] = event.after;
    json["good_epoch"] = event.goodEpoch;
    json["text"] = event.text;
    return json;
}

Json toJson(const run::SettingEdited& event) {
    Json json = start("setting", event.id);
    json["epoch"] = event.epoch;
    json["path"] = event.path;
    json["before"] = event.before;
    json["after"] = event.after;
    return json;
}

Json toJson(const run::RunFinished& event) {
    Json json = start("finished", event.id);
    json["state"] = run::toString(event.state);
    json["error"] = event.error.empty() ? Json() : Json(event.error);
    addCounters(json, event.counters);
    return json;
}

}  // namespace

Json eventJson(const run::RunEvent& event) {
    return std::visit([](const auto& one) { return toJson(one); }, event);
}

void mergeEvaluation(Json& epoch, const run::EvaluationDone& evaluation) {
    addScalars(epoch, evaluation.scalars);
    epoch["evaluation_seconds"] = evaluation.seconds;
}

}  // namespace rlcm::cli
