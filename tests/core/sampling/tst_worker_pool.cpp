// Threads that run whole chunks: every task once, errors reach the caller, the caller is called while it waits.
#include <QtTest>

#include <atomic>
#include <stdexcept>
#include <vector>

#include "core/sampling/worker_pool.h"

using rlcm::sampling::WorkerPool;

class TestWorkerPool : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void runsEveryTaskExactlyOnceOnItsWorker() {
        WorkerPool pool(3);
        std::vector<std::thread::id> threadOf(20);
        std::vector<int> count(20, 0);
        for (int repeat = 0; repeat < 50; ++repeat) {
            pool.run(count.size(), [&](std::size_t task) {
                ++count[task];
                threadOf[task] = std::this_thread::get_id();
            });
        }
        for (std::size_t task = 0; task < count.size(); ++task) {
            QCOMPARE(count[task], 50);
            QVERIFY(threadOf[task] == threadOf[task % 3]);
        }
    }

    void passesTheFirstErrorToTheCallerAndStaysUsable() {
        WorkerPool pool(2);
        QVERIFY_EXCEPTION_THROWN(pool.run(8,
                                          [](std::size_t task) {
                                              if (task == 3) {
                                                  throw std::runtime_error("three");
                                              }
                                          }),
                                 std::runtime_error);
        std::atomic<int> done{0};
        pool.run(8, [&](std::size_t) { ++done; });
        QCOMPARE(done.load(), 8);
    }

    void callsTheWaiterWhileTasksRun() {
        WorkerPool pool(1);
        std::atomic<bool> isReleased{false};
        int ticks = 0;
        pool.run(
            1,
            [&](std::size_t) {
                while (!isReleased) {
                    std::this_thread::yield();
                }
            },
            [&] {
                if (++ticks == 2) {
                    isReleased = true;
                }
            });
        QCOMPARE(ticks, 2);
    }

    void acceptsNoTasks() {
        WorkerPool pool(2);
        pool.run(0, [](std::size_t) { QFAIL("there is no task"); });
    }
};

QTEST_GUILESS_MAIN(TestWorkerPool)
#include "tst_worker_pool.moc"
