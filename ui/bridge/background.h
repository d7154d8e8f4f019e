#pragma once
// The one way in which the window does something on another thread and takes the answer back.
#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include <QObject>
#include <QPointer>
#include <QString>
#include <QThreadPool>

namespace rlcm::ui {

/// Tells the newest question from those before it. A task with a token that is no longer current is not begun, and what it
/// found is not delivered. thread: renew() by one thread, tokens by any.
class Generation {
public:
    class Token {
    public:
        /// Always current.
        Token() = default;
        bool isCurrent() const { return !m_newest || m_newest->load() == m_mine; }

    private:
        friend class Generation;
        std::shared_ptr<const std::atomic<int>> m_newest;
        int m_mine = 0;
    };
    /// Current until renew().
    Token token() const;
    /// Makes all tokens given so far stale. The new one.
    Token renew();

private:
    std::shared_ptr<std::atomic<int>> m_newest = std::make_shared<std::atomic<int>>(0);
};

/// Threads for one kind of work, begun in the order of asking. Lives on the thread that takes the answers.
class BackgroundThreads : public QObject {
    Q_OBJECT
public:
    /// `count` threads; with one, tasks follow each other and always run on that same thread.
    explicit BackgroundThreads(int count, QObject* parent = nullptr);
    /// Waits for every task with a current token; answers not delivered by then are dropped.
    ~BackgroundThreads() override;
    void setPriority(QThread::Priority priority) { m_pool.setThreadPriority(priority); }
    /// thread: any.
    void start(std::function<void()> task);
    /// Calls `delivery` on the thread of this object, if `receiver` still lives then and the token is current. thread: any.
    void deliver(const QPointer<QObject>& receiver, const Generation::Token& token, std::function<void()> delivery);

private:
    QThreadPool m_pool;
};

/// Who asks, and where the work is done.
struct Asker {
    BackgroundThreads& threads;
    QPointer<QObject> receiver;  ///< once it is gone nothing is delivered
    Generation::Token token = {};
};
using OnError = std::function<void(const QString&)>;

/// A task for any thread: `work()` there, then `done(result)`, or `done()` when the work returns nothing, with the asker.
/// What the work throws goes to `onError`, when there is one.
template <typename Work, typename Done>
std::function<void()> makeTask(Asker asker, Work work, Done done, OnError onError) {
    return [asker = std::move(asker), work = std::move(work), done = std::move(done), onError = std::move(onError)] {
        if (!asker.token.isCurrent()) {
            return;
        }
        std::function<void()> delivery;
        try {
            if constexpr (std::is_void_v<std::invoke_result_t<const Work&>>) {
                work();
                delivery = done;
            } else {
                auto result = std::make_shared<std::invoke_result_t<const Work&>>(work());
                delivery = [done, result] { done(std::move(*result)); };
            }
        } catch (const std::exception& error) {
            if (onError) {
                delivery = [onError, text = QString::fromUtf8(error.what())] { onError(text); };
            }
        }
        asker.threads.deliver(asker.receiver, asker.token, std::move(delivery));
    };
}

/// Begins such a task on the asker's threads.
template <typename Work, typename Done>
void runInBackground(Asker asker, Work work, Done done, OnError onError = {}) {
    BackgroundThreads& threads = asker.threads;
    threads.start(makeTask(std::move(asker), std::move(work), std::move(done), std::move(onError)));
}

}  // namespace rlcm::ui
