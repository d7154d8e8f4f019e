#pragma once
// A small study, and workspaces with runs of it that no network made.
#include <cmath>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "core/image/codec.h"
#include "core/run/counters.h"
#include "core/store/workspace.h"
#include "core/study/findings.h"

namespace rlcm::test {

/// Two methods, two seeds, ten epochs of four images.
inline Json smallStudy() {
    return Json::parse(R"json({
      "title": "A title", "question": "Which is better?", "preset": "compress-rlcm-h4", "seeds": 2,
      "settings": {"training.images_per_round": 4, "training": {"advantage": "batch"}, "evaluation.every": 5},
      "axes": [{"name": "method", "values": [
        {"name": "H2", "settings": {"sampling.steps": 2}},
        {"name": "D20", "preset": "compress-ddpo-t20"}]}],
      "budgets": [{"counter": "reward_queries", "value": 40}],
      "answers": [{"ask": "difference", "axis": "method", "x": "H2", "y": "D20"}]})json");
}

inline study::Study studyOf(const Json& json) {
    return study::studyFromJson(json, "small", "small.json");
}

/// Reward and judge of a run at an epoch.
struct Outcome {
    double reward = 0, judge = 1;
    std::optional<double> pathKl{};
    std::optional<double> deadShare{};
};
using OutcomeOf = std::function<Outcome(const run::RunConfig& config, std::int64_t epoch)>;

inline run::EvaluationDone evaluationOf(const run::RunId& id, std::int64_t epoch, std::int64_t imagesPerEpoch, const Outcome& outcome) {
    run::EvaluationDone event;
    event.id = id;
    event.epoch = event.counters.epoch = epoch;
    event.counters.images = event.counters.rewardQueries = epoch * imagesPerEpoch;
    event.counters.activeSeconds = 2.0 * static_cast<double>(epoch);
    event.scalars = {{"eval_reward_mean", outcome.reward}, {"eval_judge_accuracy", outcome.judge}};
    if (outcome.pathKl) {
        event.scalars.emplace_back("eval_path_kl", *outcome.pathKl);
        event.scalars.emplace_back("eval_reward_std", 0.5);
    }
    if (outcome.deadShare) {
        event.scalars.emplace_back("eval_dead_share", *outcome.deadShare);
    }
    run::EvaluationImage one;
    one.prompt = "a <cat> & \"dog\"";
    one.noiseSeed = 7;
    one.reward = outcome.reward;
    one.width = one.height = 4;
    one.png = std::make_shared<const std::string>(image::encodePng({4, 4, std::vector<std::uint8_t>(48, 200)}));
    event.images.push_back(one);
    return event;
}

/// A run evaluated before training and after every fifth epoch up to `epochs`; finished when that is its length, else it ends as `end`.
inline run::RunId writeRun(const std::filesystem::path& workspace, const run::RunConfig& config, const OutcomeOf& outcome, std::int64_t epochs,
                           run::RunState end = run::RunState::Finished) {
    store::StoreEditor editor(workspace);
    const run::RunId id = editor.createRun(config);
    editor.claim(id);
    run::RunCommands commands;
    store::StoreWriter writer(workspace, id, commands);
    run::RunStarted started;
    started.id = id;
    started.environmentJson = R"({"processor": "test processor", "version": "9"})";
    writer.onEvent(started);
    for (std::int64_t epoch = 0; epoch <= epochs; epoch += 5) {  // the epochs between would only take time
        writer.onEvent(evaluationOf(id, epoch, config.training.imagesPerRound, outcome(config, epoch)));
        if (epoch > 0) {
            run::EpochDone done;
            done.id = id;
            done.epoch = epoch - 1;
            done.counters.epoch = epoch;
            done.counters.images = done.counters.rewardQueries = epoch * config.training.imagesPerRound;
            done.counters.activeSeconds = 2.0 * static_cast<double>(epoch);
            done.scalars = {{"reward_mean", 1.0}};
            writer.onEvent(done);
        }
    }
    run::RunFinished finished;
    finished.id = id;
    finished.state = end;
    finished.error = end == run::RunState::Failed ? "the disk is full" : "";
    finished.counters.epoch = epochs;
    writer.onEvent(finished);
    if (const auto problem = writer.error()) {
        throw std::runtime_error(*problem);
    }
    return id;
}

/// All runs of a plan.
inline void writeRuns(const std::filesystem::path& workspace, const study::Plan& plan, const OutcomeOf& outcome) {
    for (const study::PlannedRun& planned : plan.runs) {
        writeRun(workspace, planned.config, outcome, planned.config.training.epochs);
    }
}

}  // namespace rlcm::test
