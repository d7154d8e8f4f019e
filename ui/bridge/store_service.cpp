#include "ui/bridge/store_service.h"

#include <chrono>
#include <exception>

#include "core/store/recorded.h"

namespace rlcm::ui {

namespace {
constexpr std::chrono::milliseconds kPollEvery{400};
constexpr int kThreadsAside = 2;  // an export must not hold up the curves
}  // namespace

StoreService::StoreService(std::filesystem::path workspace, QObject* parent)
    : QObject(parent), m_workspace(std::move(workspace)), m_isRecorded(store::isRecorded(m_workspace)), m_aside(kThreadsAside), m_line(1) {
    const auto open = [this] { m_isRecorded ? static_cast<void>(reader()) : static_cast<void>(editor()); };
    runInBackground({m_line, this}, open, [] {}, [this](const QString& text) { Q_EMIT openFailed(text); });
    connect(&m_pollTimer, &QTimer::timeout, this, [this] {
        if (!m_isPollAsked.exchange(true)) {  // a look that waits already is enough
            m_line.start([this] { poll(); });
        }
    });
    m_pollTimer.start(kPollEvery);
}

StoreService::~StoreService() {
    m_reads.renew();
}

const store::StoreReader& StoreService::reader() {
    if (!m_reader) {
        m_reader.emplace(m_workspace);
    }
    return *m_reader;
}

store::StoreEditor& StoreService::editor() {
    if (!m_editor) {
        m_editor.emplace(m_workspace);
    }
    return *m_editor;
}

OnError StoreService::orFailed(OnError onError) {
    return onError ? std::move(onError) : [this](const QString& text) { Q_EMIT failed(text); };
}

/// On the worker.
void StoreService::poll() {
    m_isPollAsked = false;
    try {
        const std::int64_t version = reader().dataVersion();
        if (version != m_version) {
            m_version = version;
            m_line.deliver(this, {}, [this] { Q_EMIT changed(); });
        }
    } catch (const std::exception&) {
        // No workspace yet, or a moment of contention: the next round looks again, and work reports its own failures.
    }
}

}  // namespace rlcm::ui
