#include "ui/bridge/run_bridge.h"

#include <utility>

namespace rlcm::ui {

namespace {

run::RunEvent withoutPixels(const run::RunEvent& event) {
    run::RunEvent copy = event;
    if (auto* evaluation = std::get_if<run::EvaluationDone>(&copy)) {
        for (run::EvaluationImage& image : evaluation->images) {
            image.png.reset();
        }
    }
    return copy;
}

}  // namespace

void RunBridge::onEvent(const run::RunEvent& event) noexcept {
    run::RunEvent light = withoutPixels(event);
    bool wasEmpty = false;
    {
        const std::lock_guard lock(m_mutex);
        wasEmpty = m_box.empty();
        m_box.push_back(std::move(light));
    }
    if (wasEmpty) {
        QMetaObject::invokeMethod(this, &RunBridge::drain, Qt::QueuedConnection);
    }
}

void RunBridge::drain() {
    std::vector<run::RunEvent> batch;
    {
        const std::lock_guard lock(m_mutex);
        batch.swap(m_box);
    }
    if (!batch.empty()) {
        Q_EMIT eventsReady(batch);
    }
}

}  // namespace rlcm::ui
