#include "core/sampling/worker_pool.h"

#include <algorithm>

#include "core/sampling/gate.h"
#include "core/tensor/device.h"
#include "core/tensor/warnings.h"

namespace rlcm::sampling {

WorkerPool::WorkerPool(int workers) {
    const auto count = static_cast<std::size_t>(std::max(1, workers));
    for (std::size_t worker = 0; worker < count; ++worker) {
        m_threads.emplace_back([this, worker] { loop(worker); });
    }
}

WorkerPool::~WorkerPool() {
    {
        const std::lock_guard lock(m_mutex);
        m_isClosing = true;
    }
    m_changed.notify_all();
}

void WorkerPool::run(std::size_t count, const std::function<void(std::size_t)>& task, const std::function<void()>& whileWaiting) {
    std::unique_lock lock(m_mutex);
    m_task = &task;
    m_count = count;
    m_error = nullptr;
    m_running = m_threads.size();
    ++m_generation;
    m_changed.notify_all();
    while (m_running > 0) {
        m_changed.wait_for(lock, kTickInterval, [this] { return m_running == 0; });
        if (m_running > 0 && whileWaiting) {
            lock.unlock();
            whileWaiting();
            lock.lock();
        }
    }
    m_task = nullptr;
    if (m_error) {
        std::rethrow_exception(std::exchange(m_error, nullptr));
    }
}

void WorkerPool::loop(std::size_t worker) {
    tensor::setIntraOpThreads(1);
    tensor::logWarnings();
    std::size_t seen = 0;
    std::unique_lock lock(m_mutex);
    while (true) {
        m_changed.wait(lock, [&] { return m_isClosing || m_generation != seen; });
        if (m_isClosing) {
            return;
        }
        seen = m_generation;
        const auto* task = m_task;
        const std::size_t count = m_count;
        const std::size_t stride = m_threads.size();
        for (std::size_t index = worker; index < count && !m_error; index += stride) {
            ++m_busy;
            lock.unlock();
            std::exception_ptr problem;
            try {
                (*task)(index);
            } catch (...) {
                problem = std::current_exception();
            }
            lock.lock();
            --m_busy;
            if (problem && !m_error) {
                m_error = problem;
            }
        }
        --m_running;
        m_changed.notify_all();
    }
}

std::vector<std::pair<std::int64_t, std::int64_t>> splitRows(std::int64_t first, std::int64_t count, std::int64_t limit, int workers) {
    std::vector<std::pair<std::int64_t, std::int64_t>> parts;
    if (count <= 0) {
        return parts;
    }
    std::int64_t chunks = (count + limit - 1) / limit;
    chunks = std::min(count, (chunks + workers - 1) / workers * workers);
    for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
        const std::int64_t begin = count * chunk / chunks, end = count * (chunk + 1) / chunks;
        parts.emplace_back(first + begin, end - begin);
    }
    return parts;
}

}  // namespace rlcm::sampling
