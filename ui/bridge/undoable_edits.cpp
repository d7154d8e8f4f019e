#include "ui/bridge/undoable_edits.h"

#include <QUndoStack>

#include "ui/bridge/store_service.h"
#include "ui/widgets/undo_step.h"

namespace rlcm::ui {

UndoableEdits::UndoableEdits(StoreService& store, QUndoStack& steps, QObject* parent) : QObject(parent), m_store(store), m_steps(steps) {}

void UndoableEdits::change(const QString& text, const Edit& forward, const Edit& backward) {
    m_store.edit(
        this, forward,
        [this, text, forward, backward] {
            m_steps.push(new UndoStep(text, [this, backward] { edit(backward); }, [this, forward] { edit(forward); }));
            Q_EMIT changed();
        },
        [this](const QString& message) { Q_EMIT failed(message); });
}

void UndoableEdits::edit(const Edit& what) {
    m_store.edit(this, what, [this] { Q_EMIT changed(); }, [this](const QString& message) { Q_EMIT failed(message); });
}

}  // namespace rlcm::ui
