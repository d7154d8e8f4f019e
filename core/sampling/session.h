#pragma once
// What everything that computes for one run shares.
#include <cstddef>
#include <functional>
#include <memory>

#include "core/sampling/collective.h"
#include "core/sampling/gate.h"
#include "core/sampling/worker_pool.h"

namespace rlcm::sampling {

/// Where commands are looked at, the threads that take chunks, who is told while the caller's thread waits for them, and the processes that train
/// together. thread: run() on one at a time; the gate on any.
struct Session {
    Session(Gate& runGate, int computeThreads, std::function<void()> onTick = [] {}, std::unique_ptr<Collective> processes = std::make_unique<Alone>());

    /// Runs task(0) .. task(count-1) on the workers, as WorkerPool::run, with `tick` while it waits.
    void run(std::size_t count, const std::function<void(std::size_t)>& task) { workers.run(count, task, tick); }

    Gate& gate;
    WorkerPool workers;
    std::function<void()> tick;  ///< called on the thread that waits
    std::unique_ptr<Collective> collective;
};

}  // namespace rlcm::sampling
