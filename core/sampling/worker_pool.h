#pragma once
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace rlcm::sampling {

/// Threads that each run whole chunks of a round with one intra-operator thread. Chains of different images are
/// independent, so this scales better than several threads inside every small kernel.
class WorkerPool {
public:
    explicit WorkerPool(int workers);
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    /// Tasks that run at this moment. thread: any.
    int busy() const { return m_busy.load(); }
    int size() const { return static_cast<int>(m_threads.size()); }
    /// Runs task(0) .. task(count-1); task k runs on worker k % size(), tasks of one worker in order, so the same
    /// count always splits the same way. Returns when all are done. While waiting, `whileWaiting` (may be empty) is
    /// called on this thread every 50 ms. throws: what the first failing task threw (the others still end first).
    void run(std::size_t count, const std::function<void(std::size_t)>& task, const std::function<void()>& whileWaiting = {});

private:
    void loop(std::size_t worker);

    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::atomic<int> m_busy{0};
    // Guarded by m_mutex:
    const std::function<void(std::size_t)>* m_task = nullptr;
    std::size_t m_count = 0;
    std::size_t m_generation = 0;
    std::size_t m_running = 0;
    std::exception_ptr m_error;
    bool m_isClosing = false;

    std::vector<std::jthread> m_threads;  // last member: joined first
};

/// Even split of `count` rows into chunks (first, count) of at most `limit`, as many chunks as a multiple of `workers` where that is possible.
std::vector<std::pair<std::int64_t, std::int64_t>> splitRows(std::int64_t first, std::int64_t count, std::int64_t limit, int workers);

}  // namespace rlcm::sampling
