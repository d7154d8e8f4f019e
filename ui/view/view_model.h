#pragma once
// The one owner of what the user looks at.
#include <QJsonObject>
#include <QObject>
#include <deque>
#include <functional>

#include "ui/view/view_state.h"

namespace rlcm::ui {

/// Changes of one kind that follow each other are one step to undo.
enum class MergeKey { None, Cursor, Smoothing, Zoom, Layout, Budget };

/// Another thing to look at.
struct ViewChange {
    std::function<void(ViewState&)> apply;
    MergeKey key = MergeKey::None;
};

/// Applies changes, undoes and redoes them, saves and restores the state. thread: GUI.
class ViewModel : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;

    const ViewState& state() const { return m_state; }
    /// As the user wants it: a step to undo, unless nothing changes.
    void apply(const ViewChange& change);
    /// As it comes by itself (the newest epoch, the first run): no step of its own.
    void follow(const std::function<void(ViewState&)>& change);
    bool canUndo() const { return !m_past.empty(); }
    bool canRedo() const { return !m_future.empty(); }
    void undo();
    void redo();
    QJsonObject save() const { return toJson(m_state); }
    /// Nothing can be undone afterwards. What is not understood is as in a fresh state.
    void restore(const QJsonObject& json);

Q_SIGNALS:
    /// state() is another one.
    void changed();

private:
    void take(ViewState next);

    ViewState m_state;
    std::deque<ViewState> m_past, m_future;  // the nearest last
    MergeKey m_lastKey = MergeKey::None;
};

}  // namespace rlcm::ui
