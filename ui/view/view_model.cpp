#include "ui/view/view_model.h"

#include <QScopedValueRollback>
#include <QUndoCommand>
#include <utility>

namespace rlcm::ui {

/// Goes between two states. What came by itself meanwhile is kept for the way back.
class ViewModel::Step : public QUndoCommand {
public:
    Step(ViewModel& view, ViewState next, int series)
        : QUndoCommand(differenceText(view.m_state, next)), m_view(view), m_before(view.m_state), m_after(std::move(next)), m_series(series) {}
    int id() const override { return m_series; }
    bool mergeWith(const QUndoCommand* later) override {
        m_after = static_cast<const Step*>(later)->m_after;
        return true;
    }
    void undo() override {
        m_after = m_view.m_state;
        m_view.goTo(m_before);
    }
    void redo() override {
        if (std::exchange(m_isDone, true)) {
            m_before = m_view.m_state;
        }
        m_view.goTo(m_after);
    }

private:
    ViewModel& m_view;
    ViewState m_before, m_after;
    int m_series;
    bool m_isDone = false;
};

ViewModel::ViewModel(QUndoStack& steps, QObject* parent) : QObject(parent), m_steps(steps) {
    connect(&m_steps, &QUndoStack::indexChanged, this, [this] { m_lastKey = m_isPushing ? m_lastKey : MergeKey::None; });
}

void ViewModel::take(ViewState next) {
    if (next != m_state) {
        m_state = std::move(next);
        Q_EMIT changed();
    }
}

/// As part of a step: whoever shows the state must not push another one meanwhile.
void ViewModel::goTo(const ViewState& state) {
    const QScopedValueRollback moving(m_isMoving, true);
    take(state);
}

void ViewModel::apply(const ViewChange& change) {
    if (m_isMoving) {
        follow(change.apply);
        return;
    }
    ViewState next = m_state;
    change.apply(next);
    if (next == m_state) {
        return;
    }
    m_series += change.key == MergeKey::None || change.key != m_lastKey ? 1 : 0;
    m_lastKey = change.key;
    const QScopedValueRollback pushing(m_isPushing, true);
    m_steps.push(new Step(*this, std::move(next), m_series));
}

void ViewModel::follow(const std::function<void(ViewState&)>& change) {
    ViewState next = m_state;
    change(next);
    take(std::move(next));
}

void ViewModel::restore(const QJsonObject& json) {
    m_steps.clear();
    m_lastKey = MergeKey::None;
    take(viewStateFromJson(json));
}

}  // namespace rlcm::ui
