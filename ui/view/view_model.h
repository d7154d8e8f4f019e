#pragma once
// The one owner of what the user looks at.
#include <QJsonObject>
#include <QObject>
#include <QUndoStack>
#include <functional>

#include "ui/view/view_state.h"

namespace rlcm::ui {

/// Changes of one kind that follow each other are one step to undo.
enum class MergeKey { None, Cursor, Smoothing, Zoom, Layout, Budget, ImageSize };

/// Another thing to look at.
struct ViewChange {
    std::function<void(ViewState&)> apply;
    MergeKey key = MergeKey::None;
};

/// Applies changes, each a step of the undo stack, saves and restores the state. thread: GUI.
class ViewModel : public QObject {
    Q_OBJECT
public:
    /// `steps` must outlive it; steps of other kinds may stand between its own.
    explicit ViewModel(QUndoStack& steps, QObject* parent = nullptr);

    const ViewState& state() const { return m_state; }
    /// As the user wants it: a step to undo, unless nothing changes. What is proposed while another step is shown is part of that one.
    void apply(const ViewChange& change);
    /// As it comes by itself (the newest epoch, the first run): no step of its own.
    void follow(const std::function<void(ViewState&)>& change);
    QJsonObject save() const { return toJson(m_state); }
    /// Nothing can be undone afterwards. What is not understood is as in a fresh state.
    void restore(const QJsonObject& json);

Q_SIGNALS:
    /// state() is another one.
    void changed();

private:
    class Step;
    void take(ViewState next);
    void goTo(const ViewState& state);

    QUndoStack& m_steps;
    ViewState m_state;
    MergeKey m_lastKey = MergeKey::None;
    int m_series = 0;  // steps of one number that follow each other are one
    bool m_isPushing = false, m_isMoving = false;
};

}  // namespace rlcm::ui
