#pragma once
// The waist of the product: front ends start, watch and command a run through this header and see no torch.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/run/live_edits.h"
#include "core/run/run_config.h"
#include "core/run/run_event.h"

namespace rlcm::run {

/// Receives every event of a run. thread: the trainer's, in program order. Must return in about a millisecond and may
/// not call back into the run. Must outlive the run.
class RunObserver {
public:
    virtual ~RunObserver() = default;
    virtual void onEvent(const RunEvent& event) noexcept = 0;
};

/// Sends each event to several observers in the order of adding: the store first, so that what a screen shows is
/// already durable.
class ObserverFanout : public RunObserver {
public:
    void add(RunObserver& observer) { m_observers.push_back(&observer); }
    void onEvent(const RunEvent& event) noexcept override;

private:
    std::vector<RunObserver*> m_observers;
};

/// Commands to a running trainer. thread: any; the trainer polls between denoiser calls and micro-batches.
class RunCommands {
public:
    void pause();
    void resume();
    /// Finish the current epoch, save, stop.
    void stopAfterEpoch();
    /// Takes stopAfterEpoch() back, unless the trainer has acted on it already.
    void goOnAfterEpoch();
    /// Drop the current epoch and stop; the last checkpoint stays.
    void stopNow();
    /// The same because something outside the trainer broke (a full disk): the run ends as Failed with this message.
    void failNow(const std::string& why);
    /// Evaluate the current weights before the next epoch.
    void sampleNow();
    void checkpointNow();
    /// Changes a setting of liveSettings() before the next epoch; a later change of the same one replaces it.
    void edit(const LiveEdit& edit);

    // --- the trainer's side ---
    bool isPaused() const;
    /// Message of the first failNow(), else nothing.
    std::optional<std::string> failure() const;
    /// Blocks while paused, at most for `longest`; returns at once when a stop is asked for. thread: trainer's.
    void waitWhilePaused(std::stop_token token, std::chrono::milliseconds longest);
    bool isStopNow() const { return m_stopNow.load(); }
    bool isStopAfterEpoch() const { return m_stopAfterEpoch.load(); }
    bool isSampleNowAsked() const { return m_sampleNow.load(); }
    bool isCheckpointNowAsked() const { return m_checkpointNow.load(); }
    bool takeSampleNow() { return m_sampleNow.exchange(false); }
    bool takeCheckpointNow() { return m_checkpointNow.exchange(false); }
    std::vector<LiveEdit> takeEdits();

private:
    mutable std::mutex m_mutex;
    std::condition_variable_any m_changed;
    bool m_paused = false;                 // guarded by m_mutex
    std::optional<std::string> m_failure;  // guarded by m_mutex
    std::vector<LiveEdit> m_edits;         // guarded by m_mutex
    std::atomic<bool> m_stopNow{false}, m_stopAfterEpoch{false}, m_sampleNow{false}, m_checkpointNow{false};
};

/// What a run is made from.
struct RunRequest {
    RunId id;
    RunConfig config;
    std::filesystem::path folder;                               ///< of this run inside the workspace, exists; checkpoints go to folder/checkpoints
    std::vector<std::filesystem::path> resumeFrom;              ///< checkpoint folders, newest first: the first whole one is taken. Empty: a new run
    Counters resumedCounters;                                   ///< of the newest: what the run has counted until it is read
    bool allowsChangedInputs = false;                           ///< go on although prompts, weights or scorers are not those that the run began with
    std::vector<std::pair<std::string, double>> baseline = {};  ///< measures of the evaluation before training, of a run that goes on
};

/// One training run. Construction is cheap; models are loaded by execute().
class Run {
public:
    virtual ~Run() = default;
    /// Runs to the end on the calling thread and returns Finished, Stopped or Failed; the last event is RunFinished.
    /// `stop` means the same as commands.stopNow(). Never throws.
    virtual RunState execute(std::stop_token stop, RunCommands& commands) noexcept = 0;
};

using RunFactory = std::function<std::unique_ptr<Run>(const RunRequest&, RunObserver&)>;

}  // namespace rlcm::run
