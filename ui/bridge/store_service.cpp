#include "ui/bridge/store_service.h"

#include <algorithm>
#include <chrono>
#include <exception>

namespace rlcm::ui {

namespace {
constexpr std::chrono::milliseconds kPollEvery{400};
}

StoreService::StoreService(std::filesystem::path workspace, QObject* parent)
    : QObject(parent), m_workspace(std::move(workspace)), m_thread([this](std::stop_token stop) { loop(std::move(stop)); }) {}

StoreService::~StoreService() {
    m_thread.request_stop();
    m_thread.join();
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

void StoreService::push(QObject* receiver, bool isEdit, std::function<Delivery(StoreService&)> work, OnError onError) {
    {
        const std::lock_guard lock(m_mutex);
        m_jobs.push_back({receiver, isEdit, std::move(work), std::move(onError)});
    }
    m_wake.notify_one();
}

void StoreService::loop(std::stop_token stop) {
    try {
        editor();
    } catch (const std::exception& error) {
        QMetaObject::invokeMethod(
            this, [this, text = QString::fromUtf8(error.what())] { Q_EMIT openFailed(text); }, Qt::QueuedConnection);
    }
    while (true) {
        Job job;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait_for(lock, stop, kPollEvery, [this] { return !m_jobs.empty(); });
            if (stop.stop_requested()) {
                std::erase_if(m_jobs, [](const Job& waiting) { return !waiting.isEdit; });
                if (m_jobs.empty()) {
                    break;
                }
            }
            if (!m_jobs.empty()) {
                job = std::move(m_jobs.front());
                m_jobs.pop_front();
            }
        }
        if (job.work) {
            perform(job);
        }
        if (!job.work || job.isEdit) {
            poll();
        }
    }
    m_reader.reset();
    m_editor.reset();
}

void StoreService::perform(Job& job) {
    try {
        deliver(job.receiver, job.work(*this));
    } catch (const std::exception& error) {
        const QString text = QString::fromUtf8(error.what());
        if (job.onError) {
            deliver(job.receiver, [onError = std::move(job.onError), text] { onError(text); });
        } else {
            deliver(this, [this, text] { Q_EMIT failed(text); });
        }
    }
}

void StoreService::poll() {
    try {
        const std::int64_t version = reader().dataVersion();
        if (version != m_version) {
            m_version = version;
            deliver(this, [this] { Q_EMIT changed(); });
        }
    } catch (const std::exception&) {
        // No workspace yet, or a moment of contention: the next round looks again, and work reports its own failures.
    }
}

void StoreService::deliver(const QPointer<QObject>& receiver, Delivery delivery) {
    // Posted to this object, which outlives the worker; whether the receiver still lives is looked at on its own thread.
    QMetaObject::invokeMethod(
        this,
        [receiver, delivery = std::move(delivery)] {
            if (receiver && delivery) {
                delivery();
            }
        },
        Qt::QueuedConnection);
}

}  // namespace rlcm::ui
