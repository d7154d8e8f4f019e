// What can be done with the runs of the list.
#include <QAction>
#include <QMenu>
#include <QTableView>
#include <QUndoStack>
#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "core/base/run_palette.h"
#include "ui/bridge/store_service.h"
#include "ui/runs/deleted_runs_dialog.h"
#include "ui/runs/runs_delegate.h"
#include "ui/runs/runs_filter.h"
#include "ui/runs/runs_panel.h"
#include "ui/theme/icons.h"
#include "ui/widgets/undo_step.h"
#include "ui/widgets/format.h"
#include "ui/widgets/message_bar.h"

namespace rlcm::ui {

namespace {
bool isResumable(const store::RunRow& run) {
    using run::RunState;
    return run.state == RunState::Stopped || run.state == RunState::Failed || run.state == RunState::Interrupted || run.state == RunState::Queued;
}

std::function<void(store::StoreEditor&)> removing(const std::vector<run::RunId>& ids) {
    return [ids](store::StoreEditor& editor) {
        for (const run::RunId& id : ids) {
            editor.remove(id);
        }
    };
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
    m_sample = make(Icon::Camera, tr("&Images and LoRA…"), {}, tr("Make images with a checkpoint of the run, or save its LoRA for other programs"),
                    [this] { Q_EMIT sampleRequested(m_selected); });
    m_rename = make(Icon::Rename, tr("Rena&me"), {Qt::Key_F2}, tr("Give the run another name"), [this] {
        const QModelIndex index = m_table->currentIndex().siblingAtColumn(RunsModel::Name);
        if (index.isValid()) {
            m_filter->setKept(m_selected);  // a live change must not take the row away under the editor
            m_table->edit(index);
        }
    });
    m_visible = make(Icon::Eye, tr("Sho&w in charts"), {Qt::Key_V}, tr("Draw the selected runs in charts, or not"), [this] { toggleVisible(); });
    m_visible->setCheckable(true);
    m_visible->setIcon({});  // an icon would take the place of the check mark
    m_pin = make(Icon::Pin, tr("Pin to th&e top"), {Qt::Key_P}, tr("Keep the selected runs above all others, whatever is filtered and sorted"),
                 [this] { Q_EMIT pinRequested(selectedIds(), !m_model->isPinned(m_selected)); });
    m_baseline = make(Icon::Flag, tr("&Baseline"), {Qt::Key_B}, tr("Tell all others against this run, or against their own beginning again"),
                      [this] { Q_EMIT baselineRequested(m_model->baseline() == m_selected ? run::RunId() : m_selected); });
    for (QAction* mark : {m_pin, m_baseline}) {
        mark->setCheckable(true);
        mark->setIcon({});  // an icon would take the place of the check mark
    }
    m_enqueue = make(Icon::Queue, tr("Add to &queue"), {}, tr("Run it after those that wait already"), [this] { enqueueSelected(); });
    m_delete = make(Icon::Trash, tr("&Delete"), QKeySequence::Delete, tr("Delete the selected runs; can be undone"), [this] { deleteSelected(); });

    fillMenu();
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_table, &QTableView::customContextMenuRequested, this, [this](const QPoint& position) {
        if (!m_selected.empty()) {
            m_menu->popup(m_table->viewport()->mapToGlobal(position));
        }
    });
    updateActions();
}

void RunsPanel::fillMenu() {
    m_menu = new QMenu(this);
    m_menu->addAction(m_resume);
    m_menu->addAction(m_enqueue);
    m_menu->addAction(m_clone);
    m_menu->addAction(m_sample);
    m_menu->addSeparator();
    m_menu->addAction(m_rename);
    m_colours = m_menu->addMenu(tr("C&olour"));
    const std::array<QString, kRunHues> hues{tr("Blue"),  tr("Orange"), tr("Green"),   tr("Magenta"), tr("Violet"),
                                             tr("Ochre"), tr("Cyan"),   tr("Crimson"), tr("Slate"),   tr("Olive")};
    for (int hue = 0; hue < kRunHues; ++hue) {
        m_colours->addAction(swatch(paletteIndex(hue, kRunShades / 2)), hues[static_cast<std::size_t>(hue)], this, [this, hue] { setHue(hue); });
    }
    m_menu->addAction(m_visible);
    m_menu->addAction(m_pin);
    m_menu->addAction(m_baseline);
    m_menu->addSeparator();
    m_menu->addAction(m_delete);
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
    m_sample->setEnabled(run != nullptr && isOne);
    m_rename->setEnabled(run != nullptr && isOne);
    m_visible->setEnabled(run != nullptr);
    m_visible->setChecked(run != nullptr && run->isVisible);
    m_pin->setEnabled(run != nullptr && !ids.empty());
    m_pin->setChecked(run != nullptr && m_model->isPinned(run->id));
    m_baseline->setEnabled(run != nullptr && isOne);
    m_baseline->setChecked(run != nullptr && m_model->baseline() == run->id);
    m_delete->setEnabled(!ids.empty() && !hasLive);
    m_delete->setToolTip(hasLive ? tr("A run that is training cannot be deleted; stop it first") : tr("Delete the selected runs; can be undone"));
    if (m_store.isRecorded()) {
        m_colours->setEnabled(false);
        for (QAction* action : {m_resume, m_enqueue, m_clone, m_sample, m_rename, m_visible, m_delete}) {
            action->setEnabled(false);
            action->setToolTip(tr("These are recorded runs, only to be looked at"));
        }
    }
}

void RunsPanel::setMarks(const std::vector<run::RunId>& pinned, const run::RunId& baseline) {
    const bool isOther = std::ranges::any_of(
        m_model->runs(), [&](const store::RunRow& run) { return m_model->isPinned(run.id) != (std::ranges::find(pinned, run.id) != pinned.end()); });
    m_model->setMarks(pinned, baseline);
    if (isOther) {
        m_filter->pinsChanged();
        updateStack();
    }
    updateActions();
}

void RunsPanel::deleteSelected() {
    const std::vector<run::RunId> ids = selectedIds();
    if (ids.empty() || !m_delete->isEnabled()) {
        return;
    }
    m_store.edit(
        this, removing(ids),
        [this, ids, names = namesOf(ids)] {
            pushDelete(ids, names);
            offerUndo(tr("Deleted %1.").arg(names));
            refresh();
        },
        [this](const QString& message) { Q_EMIT failed(message); });
}

void RunsPanel::pushDelete(const std::vector<run::RunId>& ids, const QString& names) {
    const auto bringBack = [this, ids] {
        m_wanted = ids.front();
        edit([ids](store::StoreEditor& editor) {
            for (const run::RunId& id : ids) {
                editor.undelete(id);
            }
        });
    };
    m_steps.push(new UndoStep(tr("delete of %1").arg(names), bringBack, [this, ids] { edit(removing(ids)); }));
}

void RunsPanel::edit(const Edit& what) {
    m_store.edit(
        this, what, [this] { refresh(); },
        [this](const QString& message) {
            refresh();
            Q_EMIT failed(message);
        });
}

void RunsPanel::offerUndo(const QString& text) {
    m_isOffering = true;
    m_undoBar->showMessage(MessageLevel::Info, text, tr("Undo"));
    m_undoTimeout.start();
    Q_EMIT offerChanged();
}

/// Undo and "Deleted runs…" still bring them back.
void RunsPanel::endOffer() {
    if (std::exchange(m_isOffering, false)) {
        m_undoTimeout.stop();
        m_undoBar->dismiss();
        Q_EMIT offerChanged();
    }
}

QString RunsPanel::namesOf(const std::vector<run::RunId>& ids) const {
    const store::RunRow* first = m_model->find(ids.front());
    return ids.size() == 1 && first != nullptr ? tr("“%1”").arg(oneLine(first->name)) : tr("%1 runs").arg(ids.size());
}

void RunsPanel::openDeleted() {
    auto* dialog = new DeletedRunsDialog(m_store, window());
    connect(dialog, &DeletedRunsDialog::restored, this, [this](const run::RunId& id) {
        endOffer();
        refresh();
        select(id);
    });
    dialog->show();
}

void RunsPanel::setHue(int hue) {
    const std::vector<run::RunId> ids = selectedIds();
    if (ids.empty()) {
        return;
    }
    std::vector<std::pair<run::RunId, int>> now, before;
    for (const run::RunId& id : ids) {
        now.emplace_back(id, hue);
        before.emplace_back(id, hueOf(m_model->find(id)->colour));
    }
    const auto paint = [](const auto& colours) {
        return [colours](store::StoreEditor& editor) {
            for (const auto& [id, one] : colours) {
                editor.setColour(id, one);
            }
        };
    };
    m_edits.change(tr("colour of %1").arg(namesOf(ids)), paint(now), paint(before));
}

void RunsPanel::setVisible(const std::vector<run::RunId>& ids, bool isVisible) {
    if (ids.empty()) {
        return;  // what is selected is hidden by the filter
    }
    const auto show = [ids](bool isShown) {
        return [ids, isShown](store::StoreEditor& editor) {
            for (const run::RunId& id : ids) {
                editor.setVisible(id, isShown);
            }
        };
    };
    m_edits.change((isVisible ? tr("showing of %1") : tr("hiding of %1")).arg(namesOf(ids)), show(isVisible), show(!isVisible));
}

void RunsPanel::toggleVisible() {
    const store::RunRow* run = m_model->find(m_selected);
    if (run == nullptr) {
        return;
    }
    const bool isVisible = !run->isVisible;
    std::vector<run::RunId> others = selectedIds();
    std::erase_if(others, [&](const run::RunId& id) { return m_model->find(id)->isVisible == isVisible; });
    setVisible(others, isVisible);
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

std::vector<std::string> RunsPanel::waiting() const {
    std::vector<const store::RunRow*> rows;
    for (const store::RunRow& run : m_model->runs()) {
        if (run.queuePosition > 0) {
            rows.push_back(&run);
        }
    }
    std::sort(rows.begin(), rows.end(), [](auto* a, auto* b) { return a->queuePosition < b->queuePosition; });
    std::vector<std::string> names;
    for (const store::RunRow* row : rows) {
        names.push_back(row->name);
    }
    return names;
}

void RunsPanel::reorderQueue(const std::vector<run::RunId>& order) {
    // What it was is asked of the store when it changes: the list may not show an earlier move yet.
    auto before = std::make_shared<std::vector<run::RunId>>();
    m_edits.change(
        tr("order of the queue"), [order, before](store::StoreEditor& editor) { *before = editor.reorderQueue(order); },
        [before](store::StoreEditor& editor) { editor.reorderQueue(*before); });
}

}  // namespace rlcm::ui
