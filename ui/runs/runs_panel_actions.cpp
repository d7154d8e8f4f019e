// What can be done with the runs of the list.
#include <QAction>
#include <QMenu>
#include <QTableView>
#include <algorithm>
#include <utility>

#include "ui/bridge/store_service.h"
#include "ui/runs/deleted_runs_dialog.h"
#include "ui/runs/runs_delegate.h"
#include "ui/runs/runs_filter.h"
#include "ui/runs/runs_panel.h"
#include "ui/theme/icons.h"
#include "ui/widgets/message_bar.h"

namespace rlcm::ui {

namespace {
bool isResumable(const store::RunRow& run) {
    using run::RunState;
    return run.state == RunState::Stopped || run.state == RunState::Failed || run.state == RunState::Interrupted || run.state == RunState::Queued;
}
}  // namespace

void RunsPanel::makeActions() {
    const auto make = [this](Icon which, const QString& text, const QKeySequence& key, const QString& tip, auto slot) {
        auto* action = new QAction(icon(which), text, this);
        action->setShortcut(key);
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        action->setToolTip(tip);
        action->setStatusTip(tip);
        connect(action, &QAction::triggered, this, slot);
        addAction(action);
        return action;
    };
    m_resume = make(Icon::Play, tr("&Resume"), {}, tr("Continue from the newest checkpoint"), [this] { Q_EMIT resumeRequested(m_selected); });
    m_clone = make(Icon::Clone, tr("C&lone…"), {}, tr("New run with the same settings"), [this] { Q_EMIT cloneRequested(m_selected); });
    m_rename = make(Icon::Rename, tr("Rena&me"), {Qt::Key_F2}, tr("Give the run another name"), [this] {
        const QModelIndex index = m_table->currentIndex().siblingAtColumn(RunsModel::Name);
        if (index.isValid()) {
            m_filter->setKept(m_selected);  // a live change must not take the row away under the editor
            forgetDeleted();                // what was done last is no longer the deletion
            m_table->edit(index);
        }
    });
    m_visible = make(Icon::Eye, tr("Show in c&harts"), {Qt::Key_V}, tr("Draw the selected runs in charts, or not"), [this] { toggleVisible(); });
    m_visible->setCheckable(true);
    m_visible->setIcon({});  // an icon would take the place of the check mark
    m_enqueue = make(Icon::Queue, tr("Add to &queue"), {}, tr("Run it after those that wait already"), [this] { enqueueSelected(); });
    m_delete = make(Icon::Trash, tr("&Delete"), QKeySequence::Delete, tr("Delete the selected runs; can be undone"), [this] { deleteSelected(); });

    m_menu = new QMenu(this);
    m_menu->addAction(m_resume);
    m_menu->addAction(m_enqueue);
    m_menu->addAction(m_clone);
    m_menu->addSeparator();
    m_menu->addAction(m_rename);
    QMenu* colours = m_menu->addMenu(tr("C&olour"));
    for (int colour = 0; colour < kRunColours; ++colour) {
        colours->addAction(swatch(colour), tr("Colour %1").arg(colour + 1), this, [this, colour] { setColour(colour); });
    }
    m_menu->addAction(m_visible);
    m_menu->addSeparator();
    m_menu->addAction(m_delete);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_table, &QTableView::customContextMenuRequested, this, [this](const QPoint& position) {
        if (!m_selected.empty()) {
            m_menu->popup(m_table->viewport()->mapToGlobal(position));
        }
    });
    updateActions();
}

void RunsPanel::updateActions() {
    const store::RunRow* run = m_model->find(m_selected);
    const std::vector<run::RunId> ids = selectedIds();
    const bool hasLive = std::any_of(ids.begin(), ids.end(), [this](const run::RunId& id) {
        const store::RunRow* one = m_model->find(id);
        return id == m_live || (one != nullptr && run::isLive(one->state));
    });
    const bool isIdle = m_live.empty();
    m_resume->setText(run != nullptr && run->state == run::RunState::Queued ? tr("&Start now") : tr("&Resume"));
    const bool isOne = ids.size() == 1;
    m_resume->setEnabled(run != nullptr && isOne && isIdle && isResumable(*run));
    m_resume->setToolTip(!isIdle ? tr("Another run is training in this window; add it to the queue instead") : tr("Continue from the newest checkpoint"));
    m_enqueue->setEnabled(run != nullptr && isResumable(*run) && run->queuePosition == 0 && run->id != m_live);
    m_clone->setEnabled(run != nullptr && isOne);
    m_rename->setEnabled(run != nullptr && isOne);
    m_visible->setEnabled(run != nullptr);
    m_visible->setChecked(run != nullptr && run->isVisible);
    m_delete->setEnabled(!ids.empty() && !hasLive);
    m_delete->setToolTip(hasLive ? tr("A run that is training cannot be deleted; stop it first") : tr("Delete the selected runs; can be undone"));
}

void RunsPanel::deleteSelected() {
    const std::vector<run::RunId> ids = selectedIds();
    if (ids.empty() || !m_delete->isEnabled()) {
        return;
    }
    const store::RunRow* first = m_model->find(ids.front());
    const QString text =
        ids.size() == 1 && first != nullptr ? tr("Deleted “%1”.").arg(QString::fromStdString(first->name)) : tr("Deleted %1 runs.").arg(ids.size());
    m_store.edit(
        this,
        [ids](store::StoreEditor& editor) {
            for (const run::RunId& id : ids) {
                editor.remove(id);
            }
        },
        [this, ids, text] {
            m_deleted = ids;
            m_undoBar->showMessage(MessageLevel::Info, text, tr("Undo"));
            m_undoTimeout.start();
            Q_EMIT undoChanged();
            refresh();
        },
        [this](const QString& message) { Q_EMIT failed(message); });
}

void RunsPanel::undoDelete() {
    if (m_deleted.empty()) {
        return;
    }
    m_wanted = m_deleted.front();
    m_store.edit(
        this,
        [ids = std::exchange(m_deleted, {})](store::StoreEditor& editor) {
            for (const run::RunId& id : ids) {
                editor.undelete(id);
            }
        },
        [this] {
            m_undoBar->dismiss();
            Q_EMIT undoChanged();
            refresh();
        },
        [this](const QString& message) { Q_EMIT failed(message); });
}

/// The runs deleted last are now found under "Deleted runs…" only.
void RunsPanel::forgetDeleted() {
    m_undoTimeout.stop();
    m_deleted.clear();
    m_undoBar->dismiss();
    Q_EMIT undoChanged();
}

void RunsPanel::openDeleted() {
    auto* dialog = new DeletedRunsDialog(m_store, window());
    connect(dialog, &DeletedRunsDialog::restored, this, [this](const run::RunId& id) {
        forgetDeleted();
        refresh();
        select(id);
    });
    dialog->show();
}

void RunsPanel::setColour(int colour) {
    m_store.edit(
        this,
        [ids = selectedIds(), colour](store::StoreEditor& editor) {
            for (const run::RunId& id : ids) {
                editor.setColour(id, colour);
            }
        },
        [this] { refresh(); });
}

void RunsPanel::toggleVisible() {
    const store::RunRow* run = m_model->find(m_selected);
    if (run == nullptr) {
        return;
    }
    const bool isVisible = !run->isVisible;
    for (const run::RunId& id : selectedIds()) {
        m_model->setData(m_model->index(m_model->rowOf(id), RunsModel::Visible), isVisible ? Qt::Checked : Qt::Unchecked, Qt::CheckStateRole);
    }
    updateActions();
}

void RunsPanel::enqueueSelected() {
    m_store.edit(
        this,
        [ids = selectedIds()](store::StoreEditor& editor) {
            for (const run::RunId& id : ids) {
                editor.enqueue(id);
            }
        },
        [this] { refresh(); }, [this](const QString& message) { Q_EMIT failed(message); });
}

void RunsPanel::reorderQueue(const std::vector<run::RunId>& order) {
    m_store.edit(
        this, [order](store::StoreEditor& editor) { editor.reorderQueue(order); }, [this] { refresh(); },
        [this](const QString& message) {
            refresh();  // shows the order that the queue still has
            Q_EMIT failed(message);
        });
}

}  // namespace rlcm::ui
