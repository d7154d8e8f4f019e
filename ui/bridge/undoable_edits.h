#pragma once
// Changes of the store that can be taken back.
#include <QObject>
#include <QString>
#include <functional>

class QUndoStack;

namespace rlcm::store {
class StoreEditor;
}

namespace rlcm::ui {

class StoreService;

/// Makes edits steps of the undo stack once the store has taken them. thread: GUI.
class UndoableEdits : public QObject {
    Q_OBJECT
public:
    using Edit = std::function<void(store::StoreEditor&)>;
    /// Both must outlive it.
    UndoableEdits(StoreService& store, QUndoStack& steps, QObject* parent = nullptr);
    /// Does `forward`; the step is called `text` and does `backward` when it is undone.
    void change(const QString& text, const Edit& forward, const Edit& backward);

Q_SIGNALS:
    /// The store has taken something: what was read before is old.
    void changed();
    /// It has not: what is shown as changed is not so.
    void failed(const QString& message);

private:
    void edit(const Edit& what);

    StoreService& m_store;
    QUndoStack& m_steps;
};

}  // namespace rlcm::ui
