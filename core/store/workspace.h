#pragma once
// A workspace: one folder with one SQLite database (WAL) and image files beside it. Readers and one writer per run may
// live in different processes.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/run/run.h"
#include "core/run/run_config.h"
#include "core/run/run_event.h"
#include "core/store/patience.h"

namespace rlcm::store {

/// One row of the runs list. A run in a live state whose owner is gone is reported as Interrupted.
struct RunRow {
    run::RunId id;
    std::string name;
    run::RunState state = run::RunState::Queued;
    std::string error;
    std::string configJson;
    std::int64_t seed = 0;
    run::Method method = run::Method::Rlcm;
    std::int64_t steps = 0;            ///< horizon
    std::string reward;                ///< reward.terms
    std::int64_t epochs = 0;           ///< planned
    run::Counters counters;            ///< newest
    std::optional<double> lastReward;  ///< newest eval_reward_mean, else reward_mean
    std::optional<double> firstReward;
    std::optional<double> bestReward;           ///< largest of those that lastReward is the newest of
    double activeSeconds = 0, wallSeconds = 0;  ///< of all its processes, what a kill threw away and the last evaluation included
    double createdAt = 0;                       ///< Unix seconds
    double finishedAt = 0;                      ///< 0: not yet
    int colour = 0;                             ///< index into kRunPalette: a hue, given at creation and changeable, in the shade of the horizon
    bool isVisible = true;                      ///< drawn in charts
    std::int64_t queuePosition = 0;             ///< > 0: waiting
    bool isOwnedHere = false;                   ///< live and owned by this process
    std::string environmentJson;
    bool isDeleted = false;  ///< out of sight until restored or removed for good
    std::string notes;
    std::vector<std::string> tags;
    std::int64_t alarms = 0, newAlarms = 0;  ///< alerts that were told; those of them that nobody has put aside
    bool operator==(const RunRow&) const = default;
};

/// One point of a curve with all counters, so that any of them can be the x axis.
struct ScalarRow {
    run::Counters counters;
    double value = 0;  ///< may be NaN
    bool operator==(const ScalarRow&) const = default;
};

/// What a curve has gained since it was last read.
struct CurveTail {
    bool isWhole = true;  ///< the rows replace what was read before; otherwise they follow it
    std::vector<ScalarRow> rows;
};

/// One evaluation image.
struct SampleRow {
    std::int64_t epoch = 0, index = 0;
    std::string prompt;
    bool isHeldOut = false;
    std::uint64_t noiseSeed = 0;
    double reward = 0;
    int width = 0, height = 0;
    std::filesystem::path file;  ///< absolute
    bool operator==(const SampleRow&) const = default;
};

struct CheckpointRow {
    std::int64_t epoch = 0;
    std::filesystem::path folder;  ///< absolute
    std::int64_t bytes = 0;
    double at = 0;
    bool isKept = false;  ///< stays when newer ones come
};
/// What happened in a run beside its epochs.
struct EventRow {
    std::int64_t id = 0;  ///< grows with time, over all runs
    double at = 0;        ///< Unix seconds
    bool isSeen = false;  ///< an alert that somebody has put aside
    run::RunEvent event;  ///< AlertRaised or SettingEdited
};
struct LogRow {
    std::int64_t id = 0;
    double at = 0;
    log::Level level = log::Level::Info;
    std::string text;
};

/// Read side. One SQLite connection, opened read-only; belongs to the thread that made it. Works while another process writes.
class StoreReader {
public:
    /// throws: Store when the folder holds no workspace, or one of a newer version (with both numbers).
    explicit StoreReader(const std::filesystem::path& workspace);
    ~StoreReader();
    StoreReader(StoreReader&&) noexcept;

    std::vector<RunRow> runs(bool withDeleted = false) const;  ///< newest first
    std::optional<RunRow> run(const run::RunId& id) const;
    /// Names of the scalars that a run has, sorted: those of its events and seconds.<phase> of each epoch.
    std::vector<std::string> scalarNames(const run::RunId& id) const;
    /// The curve of one scalar in epoch order, from counters.epoch >= `fromEpoch` on.
    std::vector<ScalarRow> scalars(const run::RunId& id, std::string_view name, std::int64_t fromEpoch = 0) const;
    /// As scalars, but only what follows `last`, the last row read before: costs what is new, however long the run is. A history
    /// that was written anew since then (a resume from an earlier epoch) comes whole.
    CurveTail scalarsAfter(const run::RunId& id, std::string_view name, const std::optional<ScalarRow>& last) const;
    /// Epochs that have images, ascending, from `fromEpoch` on.
    std::vector<std::int64_t> sampleEpochs(const run::RunId& id, std::int64_t fromEpoch = 0) const;
    std::vector<SampleRow> samples(const run::RunId& id, std::int64_t epoch) const;  ///< by index
    /// What the training images of the epoch that ended as number `epoch` were rewarded with, in sample order; empty for runs of older versions.
    std::vector<run::TrainingImage> trainingImages(const run::RunId& id, std::int64_t epoch) const;
    std::vector<CheckpointRow> checkpoints(const run::RunId& id) const;  ///< newest first, only those on disk
    std::vector<LogRow> log(const run::RunId& id, std::int64_t afterId = 0, int limit = 500) const;
    std::vector<EventRow> events(const run::RunId& id) const;  ///< as they happened. throws: also Format when a row is damaged
    std::vector<EventRow> alarms() const;                      ///< alerts of all runs that are not deleted, newest first. throws: as events
    /// Tells an observer a run as it was told while it ran: start, evaluations, epochs, alerts, edited settings, checkpoints that are left, and the end of one that has ended.
    /// An epoch's alerts and edits follow it. Left out is what no row keeps: states, progress, log lines (log()) and the pixels of images (samples()).
    /// thread: the caller's. throws: Store when there is no such run.
    void replay(const run::RunId& id, run::RunObserver& observer) const;
    /// Grows with every committed change by anyone (PRAGMA data_version): cheap to poll.
    std::int64_t dataVersion() const;
    const std::filesystem::path& workspace() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// Write side for everything but a run's own progress: creating, naming, hiding, deleting, queueing. One connection, one thread. Short transactions
/// with a busy timeout, so several processes can edit.
class StoreEditor {
public:
    /// Creates folder, database and tables when absent; applies migrations. throws: Store (not writable, newer version, not a database).
    explicit StoreEditor(const std::filesystem::path& workspace, Patience patience = Patience::Brief);
    ~StoreEditor();
    StoreEditor(StoreEditor&&) noexcept;

    /// A new run in state Queued, not waiting in the queue; its folder runs/<id>/ exists afterwards and is new: an id whose folder is there
    /// already (of a database that was replaced) is left out.
    /// A program or server that its reward uses counts as trusted from now on (run/reward_trust.h). throws: Config when the config is not valid.
    run::RunId createRun(const run::RunConfig& config);
    /// Also in the run's settings, so that a resume and an export use the new name. throws: Config when it is no name.
    void rename(const run::RunId& id, const std::string& name);
    void setVisible(const run::RunId& id, bool isVisible);
    /// `hue`: 0..kRunHues-1; its shade is that of the run's horizon.
    void setColour(const run::RunId& id, int hue);
    void setNotes(const run::RunId& id, const std::string& notes);
    /// Blanks around a tag, line breaks in it, empty tags and repeats are left out.
    void setTags(const run::RunId& id, const std::vector<std::string>& tags);
    /// Puts alerts aside, or back; `ids` as EventRow::id.
    void setAlarmsSeen(const std::vector<std::int64_t>& ids, bool isSeen);
    /// Keeps a checkpoint when newer ones come, or lets go of it. throws: Store when there is none of that epoch, Io.
    void keepCheckpoint(const run::RunId& id, std::int64_t epoch, bool isKept);
    /// Hides a run and takes it out of the queue; it cannot be trained until undelete() brings it back whole. throws: Store while it is live.
    void remove(const run::RunId& id);
    void undelete(const run::RunId& id);
    bool isDeleted(const run::RunId& id) const;  ///< also when it is gone for good
    /// Removes a deleted run for good, its files too. throws: Store when the run is not deleted.
    void purge(const run::RunId& id);
    /// Bytes of a run's files, those that purge() gives back. Takes as long as looking at each file.
    std::int64_t bytesOnDisk(const run::RunId& id) const;
    /// throws: Store while the run is live or when it is deleted.
    void enqueue(const run::RunId& id);
    void dequeue(const run::RunId& id);
    /// Queues the runs of `order` in that order, in one transaction; those that no longer wait are left out. Returns the order
    /// that the queue had.
    std::vector<run::RunId> reorderQueue(const std::vector<run::RunId>& order);
    /// Takes the first queued run, or nothing.
    std::optional<run::RunId> nextQueued();
    /// Makes this process the owner and the state Preparing; takes the run out of the queue. throws: Store naming the owner when another live process has it ("two writers"), or when the run is deleted.
    void claim(const run::RunId& id);
    /// RunRequest for a new start (queued run) or a resume from the newest whole checkpoint on disk, recorded or not.
    /// throws: Store when the run has epochs but no checkpoint: it never starts again by itself. Config when its reward uses a program or server
    /// that this user has not trusted in this workspace (run/reward_trust.h).
    run::RunRequest request(const run::RunId& id) const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// Writes a run's events: one transaction per epoch, images first as files. Heartbeat on a thread of its own.
/// thread: the trainer's. A failing disk: the first error is kept, `commands.failNow()` is called, later events are dropped.
class StoreWriter : public run::RunObserver {
public:
    /// The run must have been claimed by this process. throws: Store.
    StoreWriter(const std::filesystem::path& workspace, const run::RunId& id, run::RunCommands& commands);
    /// Without a RunFinished event before, the run is shown as Interrupted from now on.
    ~StoreWriter() override;
    void onEvent(const run::RunEvent& event) noexcept override;
    /// Message of the first write that failed, or nothing.
    std::optional<std::string> error() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace rlcm::store
