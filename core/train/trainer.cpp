#include "core/train/trainer.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "core/base/error.h"
#include "core/learn/lora_start.h"
#include "core/run/checkpoint_folders.h"
#include "core/run/derive.h"
#include "core/run/field_table.h"
#include "core/sampling/arithmetic.h"
#include "core/tensor/device.h"
#include "core/tensor/failure.h"
#include "core/tensor/memory.h"
#include "core/train/environment.h"
#include "core/train/make_run.h"

namespace rlcm::train {
namespace {

using run::RunState;

/// Adds one round to the sums of an epoch.
void addRound(learn::RoundResult& sums, const learn::RoundResult& round) {
    sums.images.insert(sums.images.end(), round.images.begin(), round.images.end());
    sums.terms.resize(round.terms.size());
    for (std::size_t term = 0; term < round.terms.size(); ++term) {
        sums.terms[term].first = round.terms[term].first;
        auto& values = sums.terms[term].second;
        values.insert(values.end(), round.terms[term].second.begin(), round.terms[term].second.end());
    }
    sums.update.measures.merge(round.update.measures);
    sums.update.steps += round.update.steps;
    sums.rewardQueries += round.rewardQueries;
    sums.denoiserEvaluations += round.denoiserEvaluations;
    sums.nominalDenoiserEvaluations += round.nominalDenoiserEvaluations;
}

}  // namespace

Trainer::Trainer(run::RunRequest request, run::RunObserver& observer) : m_request(std::move(request)), m_observer(observer) {
    run::requireValid(m_request.config);
    m_baseline = m_request.baseline;
    if (!m_request.resumeFrom.empty()) {
        m_counters = m_request.resumedCounters;
    }
}

RunState Trainer::execute(std::stop_token stop, run::RunCommands& commands) noexcept {
    sampling::Gate gate(std::move(stop), commands);
    m_clock = RunClock();
    m_clock.startFrom(m_counters.activeSeconds, m_counters.wallSeconds);
    RunState outcome = RunState::Finished;
    std::string problem;
    try {
        trainToEnd(gate);
        const bool isDone = m_counters.epoch >= m_request.config.training.epochs;
        outcome = isDone ? RunState::Finished : RunState::Stopped;
    } catch (const sampling::Cancelled&) {
        outcome = RunState::Stopped;
    } catch (const std::exception& failure) {
        outcome = RunState::Failed;
        problem = tensor::failureText(failure);
    }
    if (const auto failure = commands.failure()) {
        outcome = RunState::Failed;
        problem = *failure;
    }
    if (m_learner) {
        keepUnsaved(gate);
        passOnNotices();
    }
    emit(run::RunFinished{m_request.id, outcome, problem, withTimeNow(m_counters), m_refusedInputs});
    unload();
    return outcome;
}

void Trainer::trainToEnd(sampling::Gate& gate) {
    enter(RunState::Preparing);
    prepare(gate);
    passTelling(gate);
    if (m_counters.epoch == 0) {
        evaluate(m_counters, false);
        if (m_resumed.empty()) {
            checkpoint(gate);  // a run stopped in its first epoch can be resumed too
        }
    }
    for (std::int64_t epoch = m_counters.epoch; epoch < m_request.config.training.epochs; ++epoch) {
        obeyBetweenEpochs(gate);
        obeyEdits(gate.commands());
        runEpoch(epoch, gate);
        obeyEdits(gate.commands());  // there may be more epochs now
        if (gate.commands().isStopAfterEpoch()) {
            enter(RunState::Stopping);
            break;
        }
    }
}

void Trainer::load(sampling::Gate& gate, models::LoraModules kept) {
    const run::RunConfig& config = m_request.config;
    const at::Device device = tensor::parseDevice(config.compute.device);
    m_session = std::make_unique<sampling::Session>(gate, device.is_cpu() ? sampling::threadCount(config) : 1, [this, &gate] { tick(gate); });
    m_pipeline.emplace(sampling::loadModel(config, kept));
    m_evaluator.emplace(config, *m_pipeline, device, [&gate] { return gate.isStopping(); });
    m_learner = std::make_unique<learn::Learner>(config, *m_pipeline, std::move(kept), *m_session);
}

void Trainer::unload() {
    m_learner.reset();
    m_evaluator.reset();
    m_pipeline.reset();
    m_session.reset();
    tensor::releaseFreedMemory(at::kCPU);  // kept for the run alone: a window goes on without it
}

void Trainer::prepare(sampling::Gate& gate) {
    chooseDtype();
    const run::RunConfig& config = m_request.config;
    tensor::keepFreedMemory();
    tensor::setDeterministic();
    tensor::setIntraOpThreads(1);  // the learner's compute threads take whole chunks; this thread only directs them
    const std::shared_future<learn::RunInputs> inputs = learn::readRunInputsBeside(config);
    const std::optional<learn::CheckpointState> resumed = pickCheckpoint();
    learn::LoraStart start;
    if (resumed) {
        start.kept = learn::keptInCheckpoint(m_resumed, models::findModel(config.model.path));
    } else if (!config.lora.start.empty()) {
        start = learn::readLoraStart(config.lora, models::findModel(config.model.path));
    }
    try {
        load(gate, start.kept);
    } catch (const Error&) {
        if (gate.isStopping()) {
            throw sampling::Cancelled{};  // a reward's server was still waited for
        }
        throw;
    }
    m_forecast.emplace(config, m_learner->workPerRound(), m_evaluator->images());
    m_inputs = inputs.get();
    std::string startText;
    if (resumed) {
        requireSameInputs(*resumed);
        learn::loadCheckpoint(m_resumed, *resumed, *m_learner);
        m_counters = resumed->counters;
        m_best = resumed->best;
        m_reportedActive = m_counters.activeSeconds;
        m_clock.startFrom(std::max(m_counters.activeSeconds, m_request.resumedCounters.activeSeconds),
                          std::max(m_counters.wallSeconds, m_request.resumedCounters.wallSeconds));
    } else if (!config.lora.start.empty()) {
        startText = learn::startFromLora(m_learner->lora(), start, config.lora);
    }
    m_epoch = m_counters.epoch;
    m_request.config = m_learner->effectiveConfig();
    emit(run::RunStarted{m_request.id, environmentJson(config.compute.device), m_counters.epoch, run::toJson(m_request.config).dump()});
    say(log::Level::Info, m_learner->planText());
    for (const std::string& line : m_learner->promptTexts()) {
        say(log::Level::Warning, line);
    }
    if (!startText.empty()) {
        say(log::Level::Info, startText);
    }
    if (resumed) {
        say(log::Level::Info, "resumed after epoch " + std::to_string(m_counters.epoch));
        tellEditedSettings(resumed->config);
        if (resumed->inputs.empty()) {
            say(log::Level::Warning,
                "this run was begun by an older version: from here on its evaluation images start from other noises, so their rewards may jump");
        }
    }
}

/// Before anything is loaded: what auto becomes here is part of the settings from then on. A precision that a processor has no instructions for can be many
/// times slower than full precision, and nobody would know.
void Trainer::chooseDtype() {
    const run::Dtype asked = m_request.config.compute.dtype;
    if (asked == run::Dtype::Fp32) {
        return;
    }
    const run::ArithmeticTimes times = sampling::arithmeticTimes(m_request.config);
    say(run::isSlow(asked, times) ? log::Level::Warning : log::Level::Info, "compute.dtype " + run::arithmeticText(asked, times));
    if (asked == run::Dtype::Auto) {
        m_request.config.compute.dtype = run::fastestDtype(times);
    }
}

/// What a run goes on with that its checkpoint was not trained with.
void Trainer::tellEditedSettings(const run::RunConfig& before) {
    for (const run::Field& field : run::fieldTable()) {
        const std::string was = run::fieldText(before, field), is = run::fieldText(m_request.config, field);
        if (was != is) {
            emit(run::SettingEdited{m_request.id, m_counters.epoch, field.path, was, is});
        }
    }
}

std::optional<learn::CheckpointState> Trainer::pickCheckpoint() {
    std::string problems;
    for (const std::filesystem::path& folder : m_request.resumeFrom) {
        try {
            learn::CheckpointState state = learn::verifyCheckpoint(folder);
            m_resumed = folder;
            if (!problems.empty()) {
                say(log::Level::Warning, "the run goes on from the checkpoint " + folder.filename().string() + ", because newer ones are damaged:" + problems);
            }
            return state;
        } catch (const Error& problem) {
            problems += std::string("\n  ") + problem.what();
        }
    }
    if (!m_request.resumeFrom.empty()) {
        throw Error(ErrorKind::Format, "no checkpoint of this run is whole; put one back from a copy, or train a new run with its settings:" + problems);
    }
    return std::nullopt;
}

void Trainer::requireSameInputs(const learn::CheckpointState& resumed) {
    const std::vector<std::string> changed = learn::changedInputs(resumed.inputs, m_inputs);
    if (changed.empty()) {
        return;
    }
    std::string names;
    for (const std::string& setting : changed) {
        names += (names.empty() ? "" : ", ") + setting;
    }
    const std::string what = "the contents of " + names + " are not those that this run was trained with until epoch " + std::to_string(resumed.epoch);
    if (!m_request.allowsChangedInputs) {
        m_refusedInputs = changed;
        throw Error(ErrorKind::Config, what +
                                           "; the rest would be another run on the same curve. Put the files back, train a new run, or go on all the same with "
                                           "rlcm train --resume ... --allow-changed");
    }
    say(log::Level::Warning, what + "; going on was asked for");
}

learn::RoundResult Trainer::runRound(learn::RoundKey key, double learningRate, sampling::Gate& gate) {
    m_workBefore = gate.work();
    enter(RunState::Sampling);
    learn::RoundResult round = m_learner->round(key, learningRate);
    m_seconds.sample += round.sampleSeconds;
    m_seconds.decode += round.decodeSeconds;
    m_seconds.reward += round.rewardSeconds;
    m_seconds.update += round.update.seconds;
    if (!round.note.empty()) {
        say(log::Level::Warning, round.note);
    }
    if (round.replayDeviation) {
        const bool isBad = *round.replayDeviation > m_request.config.training.clipRangePerElement;
        say(isBad ? log::Level::Warning : log::Level::Info,
            "ratio self-check before the first update: largest deviation from 1 is " + std::to_string(*round.replayDeviation) +
                (isBad ? ", beyond the clip range: use compute.dtype fp32 or a wider training.clip_range_per_element" : ""));
    }
    return round;
}

void Trainer::runEpoch(std::int64_t epoch, sampling::Gate& gate) {
    const run::TrainingConfig& training = m_request.config.training;
    const double rate = rl::learningRateAt(training.learningRate, training.learningRateDecay == run::LearningRateDecay::TwoThirds, epoch, training.epochs);
    m_epoch = epoch;
    const double begin = m_clock.active();
    gate.resetWork();
    learn::RoundResult sums;
    for (std::int64_t index = 0; index < training.roundsPerEpoch; ++index) {
        addRound(sums, runRound({static_cast<std::uint64_t>(epoch), static_cast<std::uint64_t>(index)}, rate, gate));
    }
    const auto images = static_cast<std::int64_t>(sums.images.size());
    m_isEvaluatedNow = false;
    run::Counters after = withTimeNow(m_counters);
    after.epoch = epoch + 1;
    after.images += images;
    after.rewardQueries += sums.rewardQueries;
    after.denoiserEvaluations += sums.denoiserEvaluations;
    after.nominalDenoiserEvaluations += sums.nominalDenoiserEvaluations;
    after.optimizerSteps += sums.update.steps;
    m_lastEpochImagesPerSecond = static_cast<double>(images) / (m_clock.active() - begin);
    if (run::isEvaluationDue(m_request.config, epoch + 1)) {
        evaluate(after, false);
    }
    m_forecast->addEpoch(epoch, m_clock.active() - begin);
    m_counters = withTimeNow(after);  // the evaluation took some
    report(sums, rate);
    m_unsaved = learn::takeCheckpoint({m_counters.epoch, m_counters, m_request.config, m_inputs, {}, m_best}, *m_learner);
    const bool isBest = m_best && m_best->epoch == epoch + 1;
    if (isBest || (epoch + 1) % m_request.config.checkpoint.every == 0 || epoch + 1 == training.epochs || gate.commands().isStopAfterEpoch() ||
        gate.commands().takeCheckpointNow()) {
        checkpoint(gate);
    }
}

void Trainer::evaluate(const run::Counters& counters, bool isExtra) {
    run::EvaluationDone event{m_request.id, counters.epoch, counters, isExtra, 0, {}, {}};
    const double begin = m_clock.active();
    m_evaluator->evaluate(*m_learner, event);
    passOnNotices();  // of judges that gave no scores
    if (counters.epoch == 0) {
        m_baseline = event.scalars;
    }
    if (!isExtra) {
        run::takeIfBetter(m_best, m_request.config.checkpoint.best, counters.epoch, m_baseline, event.scalars);
    }
    std::ranges::move(run::changesSince(m_baseline, event.scalars), std::back_inserter(event.scalars));
    event.seconds = m_clock.active() - begin;
    m_seconds.evaluate += event.seconds;
    m_isEvaluatedNow = true;
    emit(std::move(event));
}

/// The rows of its epochs are on the disk before a checkpoint, its own row before older ones are removed: whenever the power goes, the newest whole
/// checkpoint is one whose curve is whole too.
void Trainer::checkpoint(sampling::Gate& gate) {
    if (gate.commands().failure()) {
        throw sampling::Cancelled{};  // the epochs of this checkpoint could not be stored
    }
    if (!m_unsaved) {
        if (m_counters.epoch > 0) {
            say(log::Level::Info, "the checkpoint of epoch " + std::to_string(m_counters.epoch) + " is already saved");
            return;
        }
        m_unsaved = learn::takeCheckpoint({0, m_counters, m_request.config, m_inputs, {}, m_best}, *m_learner);
    }
    const std::int64_t bytes = learn::saveCheckpoint(m_request.folder, *m_unsaved);
    const std::int64_t epoch = std::exchange(m_unsaved, std::nullopt)->state.epoch;
    emit(run::CheckpointSaved{m_request.id, epoch, run::storedCheckpoint(m_request.folder, epoch), bytes});
    if (!gate.commands().failure()) {
        const auto isEvaluated = [this](std::int64_t one) { return run::isEvaluationDue(m_request.config, one); };
        learn::pruneCheckpoints(m_request.folder, epoch, m_request.config.checkpoint.keep, isEvaluated, m_best ? std::optional(m_best->epoch) : std::nullopt);
    }
}

/// However a run ends, its last finished epoch stays.
void Trainer::keepUnsaved(sampling::Gate& gate) noexcept {
    try {
        if (m_unsaved && !gate.commands().failure()) {
            checkpoint(gate);
        }
    } catch (const sampling::Cancelled&) {  // the store failed meanwhile
    } catch (const std::exception& problem) {
        say(log::Level::Error, std::string("the last finished epoch could not be saved: ") + problem.what());
    }
}

void Trainer::obeyBetweenEpochs(sampling::Gate& gate) {
    if (gate.commands().takeSampleNow() && !m_isEvaluatedNow) {
        evaluate(m_counters, true);
    }
    if (gate.commands().takeCheckpointNow()) {
        checkpoint(gate);
    }
    passTelling(gate);
}

/// A pause is told while it lasts, and its time is not counted as active.
void Trainer::passTelling(sampling::Gate& gate) {
    gate.pass([&] { tick(gate); });
    tick(gate);
}

run::Counters Trainer::withTimeNow(run::Counters counters) const {
    counters.wallSeconds = m_clock.wall();
    counters.activeSeconds = m_clock.active();
    return counters;
}

std::unique_ptr<run::Run> makeRun(const run::RunRequest& request, run::RunObserver& observer) {
    return std::make_unique<Trainer>(request, observer);
}

}  // namespace rlcm::train
