#pragma once
// The window's only door to the store: one worker thread owns both connections, so the GUI thread never touches disk.
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include <QObject>
#include <QPointer>
#include <QString>

#include "core/store/workspace.h"

namespace rlcm::ui {

/// Runs store work on its own thread in the order of asking and delivers results to the GUI thread. Also watches the
/// database, so that runs of other processes appear live. thread: GUI.
class StoreService : public QObject {
    Q_OBJECT
public:
    using OnError = std::function<void(const QString&)>;

    /// Creates the workspace when there is none (on the worker; openFailed() tells when that does not work).
    explicit StoreService(std::filesystem::path workspace, QObject* parent = nullptr);
    /// Drops reads that wait, finishes edits that wait.
    ~StoreService() override;

    /// `work(const store::StoreReader&)` on the worker, then `done(result)` on the GUI thread unless `receiver` is gone.
    /// A failure goes to `onError`, or to failed() when there is none.
    template <typename Work, typename Done>
    void read(QObject* receiver, Work work, Done done, OnError onError = {}) {
        push(receiver, false, job<const store::StoreReader&>(&StoreService::reader, std::move(work), std::move(done)), std::move(onError));
    }
    /// The same with a store::StoreEditor&. Edits and reads keep their order: a read asked for after an edit sees it.
    template <typename Work, typename Done>
    void edit(QObject* receiver, Work work, Done done, OnError onError = {}) {
        push(receiver, true, job<store::StoreEditor&>(&StoreService::editor, std::move(work), std::move(done)), std::move(onError));
    }
    const std::filesystem::path& workspace() const { return m_workspace; }

Q_SIGNALS:
    /// Somebody, this process or another, committed a change.
    void changed();
    /// A piece of work without its own error handler failed.
    void failed(const QString& message);
    /// The workspace can not be opened or created.
    void openFailed(const QString& message);

private:
    using Delivery = std::function<void()>;
    struct Job {
        QPointer<QObject> receiver;
        bool isEdit = false;
        std::function<Delivery(StoreService&)> work;
        OnError onError;
    };

    template <typename Store, typename Access, typename Work, typename Done>
    static std::function<Delivery(StoreService&)> job(Access access, Work work, Done done) {
        return [access, work = std::move(work), done = std::move(done)](StoreService& self) -> Delivery {
            Store store = (self.*access)();
            if constexpr (std::is_void_v<std::invoke_result_t<const Work&, Store>>) {
                work(store);
                return done;
            } else {
                auto result = std::make_shared<std::invoke_result_t<const Work&, Store>>(work(store));
                return [done, result] { done(*result); };
            }
        };
    }

    void push(QObject* receiver, bool isEdit, std::function<Delivery(StoreService&)> work, OnError onError);
    void loop(std::stop_token stop);
    void perform(Job& job);
    void poll();
    void deliver(const QPointer<QObject>& receiver, Delivery delivery);
    const store::StoreReader& reader();
    store::StoreEditor& editor();

    const std::filesystem::path m_workspace;
    // The worker's own:
    std::optional<store::StoreEditor> m_editor;
    std::optional<store::StoreReader> m_reader;
    std::int64_t m_version = -1;

    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::deque<Job> m_jobs;  // guarded by m_mutex
    std::jthread m_thread;   // last: stops and joins before the rest goes
};

}  // namespace rlcm::ui
