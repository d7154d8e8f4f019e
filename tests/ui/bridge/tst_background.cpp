// Work on other threads: who is answered, when, and what is dropped.
#include <QTest>
#include <QThread>
#include <atomic>
#include <latch>
#include <memory>
#include <stdexcept>
#include <vector>

#include "ui/bridge/background.h"

using namespace rlcm::ui;

namespace {
constexpr int kWaitMs = 20000;
}

class TestBackground : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theAnswerComesToTheThreadThatAsked() {
        BackgroundThreads threads(1);
        const QThread* worker = nullptr;
        const QThread* here = nullptr;
        runInBackground(
            {threads, this}, [] { return QThread::currentThread(); },
            [&](const QThread* thread) {
                worker = thread;
                here = QThread::currentThread();
            });
        QTRY_VERIFY_WITH_TIMEOUT(here != nullptr, kWaitMs);
        QCOMPARE(here, QThread::currentThread());
        QVERIFY(worker != here);
    }
    void oneThreadKeepsTheOrder() {
        BackgroundThreads threads(1);
        std::vector<int> answers;
        std::vector<const QThread*> workers;
        for (int i = 0; i < 50; ++i) {
            runInBackground(
                {threads, this}, [i] { return std::pair(i, QThread::currentThread()); },
                [&](const std::pair<int, QThread*>& answer) {
                    answers.push_back(answer.first);
                    workers.push_back(answer.second);
                });
        }
        QTRY_COMPARE_WITH_TIMEOUT(answers.size(), std::size_t{50}, kWaitMs);
        QVERIFY(std::is_sorted(answers.begin(), answers.end()));
        QVERIFY(std::all_of(workers.begin(), workers.end(), [&](const QThread* one) { return one == workers.front(); }));
    }
    void aFailureGoesToItsHandler() {
        BackgroundThreads threads(1);
        QString problem;
        runInBackground(
            {threads, this}, []() -> int { throw std::runtime_error("no such thing"); }, [](int) { QFAIL("there is no result"); },
            [&](const QString& text) { problem = text; });
        QTRY_COMPARE_WITH_TIMEOUT(problem, QStringLiteral("no such thing"), kWaitMs);
    }
    void aNewerQuestionDropsTheOlderOnes() {
        BackgroundThreads threads(1);
        Generation questions;
        std::latch entered(1), gate(1);
        std::atomic<bool> isBegun{false};
        std::vector<int> answers;
        const auto done = [&](int answer) { answers.push_back(answer); };
        const Generation::Token old = questions.token();
        runInBackground(
            {threads, this, old},
            [&] {
                entered.count_down();
                gate.wait();
                return 1;
            },
            done);
        runInBackground(
            {threads, this, old},
            [&] {
                isBegun = true;
                return 2;
            },
            done);
        entered.wait();
        runInBackground({threads, this, questions.renew()}, [] { return 3; }, done);
        QVERIFY(!old.isCurrent());
        gate.count_down();
        QTRY_COMPARE_WITH_TIMEOUT(answers, std::vector<int>{3}, kWaitMs);
        QVERIFY2(!isBegun, "what nobody asks for any more is not begun");
    }
    void whoeverIsGoneIsNotAnswered() {
        BackgroundThreads threads(1);
        auto receiver = std::make_unique<QObject>();
        std::latch gate(1);
        bool isFollowed = false;
        runInBackground({threads, receiver.get()}, [&] { gate.wait(); }, [] { QFAIL("the receiver is gone"); });
        receiver.reset();
        gate.count_down();
        runInBackground({threads, this}, [] {}, [&] { isFollowed = true; });
        QTRY_VERIFY_WITH_TIMEOUT(isFollowed, kWaitMs);
    }
    void theDestructorWaitsForWhatWasAsked() {
        std::atomic<int> ended{0};
        {
            BackgroundThreads threads(2);
            for (int i = 0; i < 8; ++i) {
                runInBackground({threads, this}, [&] { ++ended; }, [] { QFAIL("too late"); });
            }
        }
        QCOMPARE(ended.load(), 8);
        QCoreApplication::processEvents();
    }
};

QTEST_GUILESS_MAIN(TestBackground)
#include "tst_background.moc"
