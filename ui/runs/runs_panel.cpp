#include "ui/runs/runs_panel.h"

#include <QAction>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QStackedLayout>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/bridge/store_service.h"
#include "ui/runs/queue_box.h"
#include "ui/runs/runs_delegate.h"
#include "ui/runs/runs_filter.h"
#include "ui/theme/icons.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/message_bar.h"

namespace rlcm::ui {

namespace {
constexpr int kUndoMs = 15000;
constexpr int kLiveCheckMs = 3000;

/// Leaves the keys of the time bar to the window.
class RunsTable : public QTableView {
public:
    using QTableView::QTableView;

protected:
    void keyPressEvent(QKeyEvent* event) override {
        switch (event->key()) {
            case Qt::Key_Left:
            case Qt::Key_Right:
            case Qt::Key_Home:
            case Qt::Key_End:
            case Qt::Key_Space: event->ignore(); break;
            default: QTableView::keyPressEvent(event);
        }
    }
};

bool isResumable(const store::RunRow& run) {
    using run::RunState;
    return run.state == RunState::Stopped || run.state == RunState::Failed || run.state == RunState::Interrupted || run.state == RunState::Queued;
}
}  // namespace

RunsPanel::RunsPanel(StoreService& store, QWidget* parent) : QWidget(parent), m_store(store) {
    setObjectName(QStringLiteral("runsPanel"));
    m_model = new RunsModel(this);
    m_filter = new RunsFilter(this);
    m_filter->setSourceModel(m_model);

    m_search = new QLineEdit(this);
    m_search->setObjectName(QStringLiteral("runsFilter"));
    m_search->setPlaceholderText(tr("Filter: words, H>=4, reward>5"));
    m_search->setToolTip(tr("Shows runs that match every word. Also: H>=4, reward>5, seed=1, epoch<10 (Ctrl+F)"));
    m_search->setAccessibleName(tr("Filter runs"));
    m_search->setClearButtonEnabled(true);
    m_search->addAction(icon(Icon::Search, Role::MutedText), QLineEdit::LeadingPosition);
    connect(m_search, &QLineEdit::textChanged, this, &RunsPanel::setFilterText);

    makeTable();
    makeActions();
    m_empty = new EmptyState(Icon::Chart, tr("No runs yet"), tr("Runs of this workspace will be listed here."), tr("New run…"), this);
    connect(m_empty, &EmptyState::triggered, this, [this] {
        if (m_model->rowCount() == 0) {
            Q_EMIT newRunRequested();
        } else {
            m_search->clear();
        }
    });
    m_undoBar = new MessageBar(this);
    m_undoBar->setObjectName(QStringLiteral("undoBar"));
    connect(m_undoBar, &MessageBar::actionTriggered, this, &RunsPanel::undoDelete);
    m_undoTimeout.setSingleShot(true);
    m_undoTimeout.setInterval(kUndoMs);
    connect(&m_undoTimeout, &QTimer::timeout, m_undoBar, &MessageBar::dismiss);

    m_queue = new QueueBox(this);
    connect(m_queue, &QueueBox::startRequested, this, &RunsPanel::queueStartRequested);
    connect(m_queue, &QueueBox::reordered, this, &RunsPanel::reorderQueue);
    connect(m_queue, &QueueBox::removed, this, [this](const run::RunId& id) {
        m_store.edit(this, [id](store::StoreEditor& editor) { editor.dequeue(id); }, [this] { refresh(); });
    });

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto* top = new QVBoxLayout;
    top->setContentsMargins(spacing::kSmall, spacing::kSmall, spacing::kSmall, spacing::kSmall);
    top->addWidget(m_search);
    layout->addLayout(top);
    m_stack = new QStackedLayout;
    m_stack->addWidget(m_table);
    m_stack->addWidget(m_empty);
    layout->addLayout(m_stack, 1);
    layout->addWidget(m_undoBar);
    layout->addWidget(m_queue);

    connect(&m_store, &StoreService::changed, this, &RunsPanel::refresh);
    m_liveCheck.setInterval(kLiveCheckMs);
    connect(&m_liveCheck, &QTimer::timeout, this, &RunsPanel::refresh);
    connect(m_model, &RunsModel::renamed, this, [this](const run::RunId& id, const QString& name) {
        m_store.edit(this, [id, name = name.toStdString()](store::StoreEditor& editor) { editor.rename(id, name); }, [] {});
    });
    connect(m_model, &RunsModel::visibilityChanged, this, [this](const run::RunId& id, bool isVisible) {
        m_store.edit(this, [id, isVisible](store::StoreEditor& editor) { editor.setVisible(id, isVisible); }, [] {});
    });
    setFocusProxy(m_table);
    refresh();
}

RunsPanel::~RunsPanel() { m_table->selectionModel()->disconnect(this); }

void RunsPanel::makeTable() {
    m_table = new RunsTable(this);
    m_table->setObjectName(QStringLiteral("runsTable"));
    m_table->setAccessibleName(tr("Runs"));
    m_table->setModel(m_filter);
    m_table->setItemDelegate(new RunsDelegate(m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setEditTriggers(QAbstractItemView::EditKeyPressed);
    m_table->setStyleSheet(QStringLiteral("QTableView::item:focus { border: none; }"));  // the row shows the focus
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(34);
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    QHeaderView* header = m_table->horizontalHeader();
    header->setHighlightSections(false);
    header->setMinimumSectionSize(28);
    header->setSectionResizeMode(QHeaderView::Interactive);
    header->setSectionResizeMode(RunsModel::Visible, QHeaderView::Fixed);
    header->setSectionResizeMode(RunsModel::Name, QHeaderView::Stretch);
    header->resizeSection(RunsModel::Visible, 28);
    header->setStyleSheet(QStringLiteral("QHeaderView::section { padding: 6px 4px; }"));
    header->resizeSection(RunsModel::State, 102);
    header->resizeSection(RunsModel::LastReward, 72);
    header->resizeSection(RunsModel::Progress, 68);
    for (const int column : {RunsModel::Method, RunsModel::Steps, RunsModel::Reward}) {
        header->hideSection(column);
    }
    header->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(header, &QHeaderView::customContextMenuRequested, this, [this, header](const QPoint& position) {
        auto* menu = new QMenu(this);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        for (int column = RunsModel::State; column < RunsModel::kColumns; ++column) {
            QAction* action = menu->addAction(m_model->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
            action->setCheckable(true);
            action->setChecked(!header->isSectionHidden(column));
            connect(action, &QAction::toggled, header, [header, column](bool isShown) { header->setSectionHidden(column, !isShown); });
        }
        menu->popup(header->mapToGlobal(position));
    });
    m_table->setSortingEnabled(true);
    m_filter->sort(-1);
    header->setSortIndicator(-1, Qt::AscendingOrder);
    header->setSortIndicatorClearable(true);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &RunsPanel::onCurrentChanged);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &RunsPanel::onCurrentChanged);
}

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
    m_clone = make(Icon::Clone, tr("&Clone…"), {}, tr("New run with the same settings"), [this] { Q_EMIT cloneRequested(m_selected); });
    m_rename = make(Icon::Rename, tr("Re&name"), {Qt::Key_F2}, tr("Give the run another name"), [this] {
        const QModelIndex index = m_table->currentIndex().siblingAtColumn(RunsModel::Name);
        if (index.isValid()) {
            m_table->edit(index);
        }
    });
    m_visible = make(Icon::Eye, tr("Show in c&harts"), {Qt::Key_V}, tr("Draw the selected runs in charts, or not"), [this] { toggleVisible(); });
    m_visible->setCheckable(true);
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

void RunsPanel::refresh() {
    m_isDirty = true;
    if (m_isReading) {
        return;
    }
    m_isDirty = false;
    m_isReading = true;
    m_store.read(
        this, [](const store::StoreReader& reader) { return reader.runs(); },
        [this](const std::vector<store::RunRow>& runs) { take(runs); },
        [this](const QString& message) {
            m_isReading = false;
            m_hasLoaded = true;
            Q_EMIT failed(message);
        });
}

void RunsPanel::take(std::vector<store::RunRow> runs) {
    m_isReading = false;
    const bool hasForeignLive = std::any_of(runs.begin(), runs.end(), [](const store::RunRow& run) { return run::isLive(run.state) && !run.isOwnedHere; });
    hasForeignLive ? m_liveCheck.start() : m_liveCheck.stop();
    m_model->setRuns(std::move(runs));
    m_hasLoaded = true;
    m_queue->setRuns(m_model->runs(), !m_live.empty());
    if (!m_selected.empty() && m_model->find(m_selected) == nullptr) {
        m_selected.clear();
        Q_EMIT selectionChanged(m_selected);
    }
    if (!m_wanted.empty() && m_model->find(m_wanted) != nullptr) {
        select(std::exchange(m_wanted, {}));
    }
    updateStack();
    updateActions();
    Q_EMIT loaded();
    if (m_isDirty) {
        refresh();
    }
}

void RunsPanel::updateStack() {
    const bool hasRuns = m_model->rowCount() > 0;
    const bool hasMatches = m_filter->rowCount() > 0;
    if (hasRuns && !hasMatches) {
        m_empty->setContent(Icon::Search, tr("No run matches"), tr("%n run(s) hidden by the filter.", nullptr, m_model->rowCount()), tr("Clear filter"));
    } else if (!hasRuns) {
        m_empty->setContent(Icon::Chart, tr("No runs yet"), tr("Runs of this workspace will be listed here."), tr("New run…"));
    }
    m_stack->setCurrentWidget(hasMatches ? static_cast<QWidget*>(m_table) : m_empty);
}

void RunsPanel::setFilterText(const QString& text) {
    if (m_search->text() != text) {
        m_search->setText(text);  // comes back here
        return;
    }
    m_filter->setText(text);
    updateStack();
    if (!m_selected.empty()) {
        select(m_selected);
    }
}

void RunsPanel::focusFilter() {
    m_search->setFocus(Qt::ShortcutFocusReason);
    m_search->selectAll();
}

void RunsPanel::select(const run::RunId& id) {
    const int row = m_model->rowOf(id);
    if (row < 0) {
        m_wanted = id;
        return;
    }
    const QModelIndex index = m_filter->mapFromSource(m_model->index(row, RunsModel::Name));
    if (index.isValid()) {
        m_table->selectionModel()->setCurrentIndex(index, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
        m_table->scrollTo(index);
    }
}

void RunsPanel::onCurrentChanged() {
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    const QModelIndex current = m_table->currentIndex();
    run::RunId id;
    if (rows.isEmpty()) {
        id = m_selected;  // hidden by the filter, still shown; take() notices when it is gone
    } else {
        const QModelIndex shown = current.isValid() && rows.contains(current.siblingAtColumn(0)) ? current : rows.front();
        id = m_model->at(m_filter->mapToSource(shown).row()).id;
    }
    updateActions();
    if (id != m_selected) {
        m_selected = id;
        updateActions();
        Q_EMIT selectionChanged(id);
    }
}

std::vector<run::RunId> RunsPanel::selectedIds() const {
    std::vector<run::RunId> ids;
    for (const QModelIndex& index : m_table->selectionModel()->selectedRows()) {
        ids.push_back(m_model->at(m_filter->mapToSource(index).row()).id);
    }
    return ids;
}

void RunsPanel::setLive(const run::RunId& id, run::RunState state, double epochs) {
    const bool isOther = id != m_live;
    m_live = id;
    m_model->setLive(id, state, epochs);
    if (isOther) {
        m_queue->setRuns(m_model->runs(), !m_live.empty());
    }
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
    m_resume->setEnabled(run != nullptr && isIdle && isResumable(*run));
    m_resume->setToolTip(!isIdle ? tr("Another run is training in this window; add it to the queue instead") : tr("Continue from the newest checkpoint"));
    m_enqueue->setEnabled(run != nullptr && isResumable(*run) && run->queuePosition == 0 && run->id != m_live);
    m_clone->setEnabled(run != nullptr);
    m_rename->setEnabled(run != nullptr);
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
    const QString text = ids.size() == 1 && first != nullptr ? tr("Deleted “%1”.").arg(QString::fromStdString(first->name))
                                                             : tr("Deleted %n runs.", nullptr, static_cast<int>(ids.size()));
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
            refresh();
        },
        [this](const QString& message) { Q_EMIT failed(message); });
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
        [this] { refresh(); },
        [this](const QString& message) { Q_EMIT failed(message); });
}

void RunsPanel::reorderQueue(const std::vector<run::RunId>& order) {
    m_store.edit(
        this,
        [order](store::StoreEditor& editor) {
            for (const run::RunId& id : order) {
                editor.dequeue(id);
            }
            for (const run::RunId& id : order) {
                editor.enqueue(id);
            }
        },
        [this] { refresh(); });
}

QByteArray RunsPanel::saveState() const { return m_table->horizontalHeader()->saveState(); }
void RunsPanel::restoreState(const QByteArray& state) {
    if (!state.isEmpty()) {
        m_table->horizontalHeader()->restoreState(state);
    }
}

}  // namespace rlcm::ui
