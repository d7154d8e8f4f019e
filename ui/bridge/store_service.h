#pragma once
// The window's door to the store: the GUI thread never touches the disk.
#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <QObject>
#include <QString>
#include <QTimer>

#include "core/store/workspace.h"
#include "ui/bridge/background.h"

namespace rlcm::ui {

/// Runs store work on other threads and delivers results to the GUI thread. One thread owns the connections for edits and
/// quick reads, in the order of asking; reads that may take long stand aside on threads and connections of their own. Also
/// watches the database, so that runs of other processes appear live. thread: GUI.
class StoreService : public QObject {
    Q_OBJECT
public:
    /// Creates the workspace when there is none (on the worker; openFailed() tells when that does not work).
    explicit StoreService(std::filesystem::path workspace, QObject* parent = nullptr);
    /// Drops reads that wait, finishes edits that wait and whatever was asked for aside.
    ~StoreService() override;

    /// `work(const store::StoreReader&)` on the worker, then `done(result)` on the GUI thread unless `receiver` is gone.
    /// A failure goes to `onError`, or to failed() when there is none.
    template <typename Work, typename Done>
    void read(QObject* receiver, Work work, Done done, OnError onError = {}) {
        runInBackground(
            {m_line, receiver, m_reads.token()}, [this, work = std::move(work)] { return work(reader()); }, std::move(done), orFailed(std::move(onError)));
    }
    /// The same with a store::StoreEditor&. Edits and reads keep their order: a read asked for after an edit sees it.
    template <typename Work, typename Done>
    void edit(QObject* receiver, Work work, Done done, OnError onError = {}) {
        runInBackground({m_line, receiver}, [this, work = std::move(work)] { return work(editor()); }, std::move(done), orFailed(std::move(onError)));
        m_line.start([this] { poll(); });
    }
    /// A read of much, as whole curves or an export: holds up no other, and sees every edit asked for before it. Dropped only
    /// when `token` goes stale.
    template <typename Work, typename Done>
    void readAside(QObject* receiver, const Generation::Token& token, Work work, Done done, OnError onError = {}) {
        m_line.start([this, task = makeTask(
                                {m_aside, receiver, token}, [this, work = std::move(work)] { return work(store::StoreReader(m_workspace)); }, std::move(done),
                                orFailed(std::move(onError)))] { m_aside.start(task); });
    }
    const std::filesystem::path& workspace() const { return m_workspace; }
    /// Its runs are only to be looked at (core/store/recorded.h).
    bool isRecorded() const { return m_isRecorded; }

Q_SIGNALS:
    /// Somebody, this process or another, committed a change.
    void changed();
    /// A piece of work without its own error handler failed.
    void failed(const QString& message);
    /// The workspace can not be opened or created.
    void openFailed(const QString& message);

private:
    OnError orFailed(OnError onError);
    void poll();
    const store::StoreReader& reader();
    store::StoreEditor& editor();

    const std::filesystem::path m_workspace;
    const bool m_isRecorded;
    // The worker's own:
    std::optional<store::StoreEditor> m_editor;
    std::optional<store::StoreReader> m_reader;
    std::int64_t m_version = -1;

    Generation m_reads;
    std::atomic<bool> m_isPollAsked{false};
    QTimer m_pollTimer;
    BackgroundThreads m_aside;
    BackgroundThreads m_line;  // last: has done its work before the rest goes
};

}  // namespace rlcm::ui
