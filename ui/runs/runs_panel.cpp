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

QByteArray RunsPanel::saveState() const { return m_table->horizontalHeader()->saveState(); }
void RunsPanel::restoreState(const QByteArray& state) {
    if (!state.isEmpty()) {
        m_table->horizontalHeader()->restoreState(state);
    }
}

}  // namespace rlcm::ui
