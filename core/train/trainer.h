#pragma once
#include <memory>
#include <optional>
#include <string>

#include "core/learn/checkpoint.h"
#include "core/learn/learner.h"
#include "core/run/run.h"
#include "core/train/evaluator.h"
#include "core/train/run_clock.h"

namespace rlcm::train {

/// One run from Preparing to its end. thread: execute() and everything below it on the caller's thread; events are sent from
/// there only.
class Trainer : public run::Run {
public:
    /// throws: Config when the config is not valid.
    Trainer(run::RunRequest request, run::RunObserver& observer);
    run::RunState execute(std::stop_token stop, run::RunCommands& commands) noexcept override;

private:
    void trainToEnd(sampling::Gate& gate);
    void prepare(sampling::Gate& gate);
    /// Loads everything that computes; `kept` is merged into the network.
    void load(sampling::Gate& gate, models::LoraModules kept);
    void unload();
    /// The newest checkpoint that is whole; damaged ones are told. Nothing for a new run. throws: Format when none is whole.
    std::optional<learn::CheckpointState> pickCheckpoint();
    void chooseDtype();
    void tellEditedSettings(const run::RunConfig& before);
    void requireSameInputs(const learn::CheckpointState& resumed);
    void runEpoch(std::int64_t epoch, sampling::Gate& gate);
    learn::RoundResult runRound(learn::RoundKey key, double learningRate, sampling::Gate& gate);
    void evaluate(const run::Counters& counters, bool isExtra);
    void report(const learn::RoundResult& sums, double learningRate);
    void checkpoint(sampling::Gate& gate);
    void keepUnsaved(sampling::Gate& gate) noexcept;
    void obeyBetweenEpochs(sampling::Gate& gate);
    void obeyEdits(run::RunCommands& commands);
    void passTelling(sampling::Gate& gate);

    void emit(run::RunEvent event) noexcept { m_observer.onEvent(event); }
    void say(log::Level level, std::string text) { emit(run::LogLine{m_request.id, level, std::move(text)}); }
    void enter(run::RunState phase);
    void tick(sampling::Gate& gate);
    void demand(rewards::Demand demand);
    void followPause(sampling::Gate& gate);
    void followPhase(sampling::Gate& gate);
    void passOnNotices();
    run::Counters withTimeNow(run::Counters counters) const;

    run::RunRequest m_request;
    run::RunObserver& m_observer;
    std::unique_ptr<sampling::Session> m_session;
    std::optional<models::Pipeline> m_pipeline;
    std::optional<Evaluator> m_evaluator;
    std::unique_ptr<learn::Learner> m_learner;
    std::optional<Forecast> m_forecast;
    learn::RunInputs m_inputs;
    std::vector<std::string> m_refusedInputs;                // settings whose files are others, when that ends a resume
    std::filesystem::path m_resumed;                         // the checkpoint that this process went on from
    run::Counters m_counters;                                // of finished epochs
    std::vector<std::pair<std::string, double>> m_baseline;  // scalars of the evaluation before training
    RunClock m_clock;
    run::PhaseSeconds m_seconds;  // since the last report
    double m_reportedActive = 0, m_reportedPaused = 0;
    std::optional<run::BestEvaluation> m_best;   // by checkpoint.best
    std::optional<learn::Checkpoint> m_unsaved;  // of the last finished epoch, while it is on no disk
    bool m_isPaused = false;                     // told so
    run::RunState m_phase = run::RunState::Preparing;
    std::int64_t m_epoch = 0;
    double m_workBefore = 0;  // of earlier rounds of the epoch
    double m_lastEpochImagesPerSecond = 0;
    sampling::Stopwatch m_sinceProgress;
    bool m_isEvaluatedNow = false;  // the last evaluation is of the current weights
};

}  // namespace rlcm::train
