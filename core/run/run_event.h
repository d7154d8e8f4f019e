#pragma once
// What a run tells the world: plain values, no torch, no Qt. Every event carries the run's id.
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/log.h"
#include "core/run/counters.h"
#include "core/run/run_config.h"

namespace rlcm::run {

/// Key of a run inside its workspace, as "r0001"; made by the store, unique and never reused.
using RunId = std::string;

enum class RunState { Queued, Preparing, Sampling, Rewarding, Updating, Paused, Stopping, Finished, Stopped, Failed, Interrupted };
/// Lower-case name as stored and printed.
std::string_view toString(RunState state);
/// throws: Format for an unknown name.
RunState runStateFromString(std::string_view name);
/// True for the states that a live process must own (Preparing .. Stopping).
bool isLive(RunState state);

/// Seconds since the epoch before was reported. `total` is what activeSeconds grew by: the phases and what lies between them.
struct PhaseSeconds {
    double sample = 0, decode = 0, reward = 0, update = 0, evaluate = 0, total = 0, paused = 0;
};
struct PhaseField {
    std::string_view name;
    double PhaseSeconds::* member;
};
/// The phases by name, as stored and printed.
std::span<const PhaseField> phaseFields();

struct RunStarted {
    RunId id;
    std::string environmentJson;  ///< build, library versions, cpu, threads, device
    std::int64_t firstEpoch = 0;  ///< > 0: resumed; rows of this and later epochs are obsolete
    std::string configJson;       ///< settings with what was chosen for them (threads, rows, kept graph): a resume and a clone use the same
};
struct StateChanged {
    RunId id;
    RunState state = RunState::Preparing;
};
/// How far the current epoch is; at most ten a second.
struct Progress {
    RunId id;
    RunState phase = RunState::Sampling;
    std::int64_t epoch = 0;  ///< the one being worked on, from 0
    std::int64_t epochs = 0;
    double fractionOfEpoch = 0;     ///< 0..1
    double secondsLeft = 0;         ///< for the whole run, from the epochs measured so far; negative: not known yet
    double stopLatencySeconds = 0;  ///< longest time until a command acts, from the slowest call seen
    double imagesPerSecond = 0;
    double activeSeconds = 0, wallSeconds = 0;  ///< as Counters, at this moment
};
/// One training image: what its reward and advantage were. In sample order.
struct TrainingImage {
    std::string prompt;
    double reward = 0, advantage = 0;
    bool operator==(const TrainingImage&) const = default;
};
/// One finished epoch. `scalars` are named measures, NaN allowed and kept.
struct EpochDone {
    RunId id;
    std::int64_t epoch = 0;  ///< from 0
    Counters counters;       ///< after this epoch
    PhaseSeconds seconds;
    /// Measures of the catalogue (core/run/measures.h) that an epoch gives.
    std::vector<std::pair<std::string, double>> scalars;
    std::vector<TrainingImage> images;
};
/// One image of the evaluation set, already encoded so that nobody downstream needs a codec.
struct EvaluationImage {
    std::int64_t index = 0;  ///< place in the fixed set
    std::string prompt;
    bool isHeldOut = false;
    std::uint64_t noiseSeed = 0;
    double reward = 0;
    int width = 0, height = 0;
    std::shared_ptr<const std::string> png;
};
/// A whole evaluation; epoch 0 is the state before training, epoch n the state after n epochs.
struct EvaluationDone {
    RunId id;
    std::int64_t epoch = 0;
    Counters counters;
    bool isExtra = false;  ///< asked for by "sample now"
    double seconds = 0;
    /// Measures of the catalogue that an evaluation gives.
    std::vector<std::pair<std::string, double>> scalars;
    std::vector<EvaluationImage> images;
};
struct CheckpointSaved {
    RunId id;
    std::int64_t epoch = 0;  ///< epochs finished in it: a resume continues with this one
    std::string folder;      ///< relative to the workspace
    std::int64_t bytes = 0;
};
struct LogLine {
    RunId id;
    log::Level level = log::Level::Info;
    std::string text;
};
/// A rule of core/health says that something is wrong with the run.
struct AlertRaised {
    RunId id;
    std::int64_t epoch = 0;        ///< epochs finished when it was seen
    std::string rule;              ///< "hacking"
    std::string measure;           ///< the one that shows it
    double before = 0, after = 0;  ///< its value at the start and now; NaN allowed
    std::int64_t goodEpoch = 0;    ///< the last one that nothing was wrong with
    std::string text;              ///< what happened and what to do, for people
    bool isTold = true;            ///< false: a mark in the record that nobody is called for
};
/// A setting of a run that has begun was changed; it holds from the epoch after `epoch` on.
struct SettingEdited {
    RunId id;
    std::int64_t epoch = 0;
    std::string path, before, after;  ///< values as run::fieldText
};
struct RunFinished {
    RunId id;
    RunState state = RunState::Finished;  ///< Finished, Stopped or Failed
    std::string error;                    ///< message when Failed
    Counters counters;
    std::vector<std::string> changedInputs = {};  ///< settings whose files are others than those trained with, when that is why a resume was refused
};
using RunEvent = std::variant<RunStarted, StateChanged, Progress, EpochDone, EvaluationDone, CheckpointSaved, LogLine, AlertRaised, SettingEdited, RunFinished>;

/// The run an event belongs to.
const RunId& runOf(const RunEvent& event);
/// Value of a named scalar, or nothing.
std::optional<double> scalar(const std::vector<std::pair<std::string, double>>& scalars, std::string_view name);

}  // namespace rlcm::run
