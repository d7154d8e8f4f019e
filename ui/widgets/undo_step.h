#pragma once
// A step of the one undo stack that two closures take back and do again.
#include <QUndoCommand>
#include <functional>
#include <utility>

namespace rlcm::ui {

/// What was done before it is pushed: the push itself does nothing. thread: GUI.
class UndoStep : public QUndoCommand {
public:
    /// `text` says of what, as "rename of “x”".
    UndoStep(const QString& text, std::function<void()> undo, std::function<void()> redo)
        : QUndoCommand(text), m_undo(std::move(undo)), m_redo(std::move(redo)) {}
    void undo() override { m_undo(); }
    void redo() override {
        if (std::exchange(m_isDone, true)) {
            m_redo();
        }
    }

private:
    std::function<void()> m_undo, m_redo;
    bool m_isDone = false;
};

}  // namespace rlcm::ui
