#include "ui/shell/watchdog.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>

namespace rlcm::ui {

namespace {
constexpr std::chrono::milliseconds kEvery{10};
constexpr double kSlowMs = 50;
}  // namespace

Watchdog::Watchdog(QString file, QObject* parent) : QObject(parent), m_file(std::move(file)) {
    m_thread = std::jthread([this](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            if (!m_isWaiting.exchange(true)) {
                const auto asked = Clock::now();
                QMetaObject::invokeMethod(this, [this, asked] { answer(asked); }, Qt::QueuedConnection);
            }
            std::this_thread::sleep_for(kEvery);
        }
    });
}

void Watchdog::answer(Clock::time_point asked) {
    const double ms = std::chrono::duration<double, std::milli>(Clock::now() - asked).count();
    ++m_pings;
    m_longestMs = std::max(m_longestMs, ms);
    if (ms > kSlowMs) {
        m_slow.push_back(ms);
    }
    m_isWaiting = false;
}

Watchdog::~Watchdog() {
    m_thread.request_stop();
    m_thread.join();
    QJsonArray slow;
    for (const double ms : m_slow) {
        slow.append(ms);
    }
    const QJsonObject report{
        {QStringLiteral("pings"), static_cast<qint64>(m_pings)}, {QStringLiteral("longest_ms"), m_longestMs}, {QStringLiteral("over_50_ms"), slow}};
    QFile file(m_file);
    if (file.open(QIODevice::WriteOnly)) {
        file.write(QJsonDocument(report).toJson());
    }
}

}  // namespace rlcm::ui
