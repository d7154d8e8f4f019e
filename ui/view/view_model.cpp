#include "ui/view/view_model.h"

#include <utility>

namespace rlcm::ui {

namespace {
constexpr std::size_t kMostSteps = 100;
}

void ViewModel::take(ViewState next) {
    if (next != m_state) {
        m_state = std::move(next);
        Q_EMIT changed();
    }
}

void ViewModel::apply(const ViewChange& change) {
    ViewState next = m_state;
    change.apply(next);
    if (next == m_state) {
        return;
    }
    const bool isMerged = change.key != MergeKey::None && change.key == m_lastKey && !m_past.empty();
    if (!isMerged) {
        m_past.push_back(m_state);
        if (m_past.size() > kMostSteps) {
            m_past.pop_front();
        }
    }
    m_future.clear();
    m_lastKey = change.key;
    take(std::move(next));
}

void ViewModel::follow(const std::function<void(ViewState&)>& change) {
    ViewState next = m_state;
    change(next);
    take(std::move(next));
}

void ViewModel::undo() {
    if (canUndo()) {
        m_future.push_back(m_state);
        ViewState before = std::move(m_past.back());
        m_past.pop_back();
        m_lastKey = MergeKey::None;
        take(std::move(before));
    }
}

void ViewModel::redo() {
    if (canRedo()) {
        m_past.push_back(m_state);
        ViewState after = std::move(m_future.back());
        m_future.pop_back();
        m_lastKey = MergeKey::None;
        take(std::move(after));
    }
}

void ViewModel::restore(const QJsonObject& json) {
    m_past.clear();
    m_future.clear();
    m_lastKey = MergeKey::None;
    take(viewStateFromJson(json));
}

}  // namespace rlcm::ui
