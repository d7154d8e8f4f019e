#pragma once
#include <QObject>
#include <QString>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace rlcm::ui {

/// Measures how long the GUI thread takes to answer: a thread posts a ping every 10 ms (never two at once), and the
/// destructor writes {"pings", "longest_ms", "over_50_ms": [...]} to a file. For performance measurements only.
class Watchdog : public QObject {
    Q_OBJECT
public:
    explicit Watchdog(QString file, QObject* parent = nullptr);
    ~Watchdog() override;

private:
    using Clock = std::chrono::steady_clock;
    void answer(Clock::time_point asked);

    QString m_file;
    std::int64_t m_pings = 0;
    double m_longestMs = 0;
    std::vector<double> m_slow;
    std::atomic<bool> m_isWaiting{false};
    std::jthread m_thread;  // last: ends before the rest goes
};

}  // namespace rlcm::ui
