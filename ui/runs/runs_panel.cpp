#include "ui/runs/runs_panel.h"

#include <QAction>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QStackedLayout>
#include <QTableView>
#include <QScopedValueRollback>
#include <QUndoStack>
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
constexpr int kNameWidth = 110, kStateWidth = 102, kStateIconWidth = 28, kStateAlarmsWidth = 132;

/// Leaves the keys of the time bar to the window; a click on an eye changes no selection.
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
            case Qt::Key_Space:
                event->ignore();
                break;
            default:
                QTableView::keyPressEvent(event);
        }
    }
    QItemSelectionModel::SelectionFlags selectionCommand(const QModelIndex& index, const QEvent* event) const override {
        const bool isMouse = event != nullptr &&
                             (event->type() == QEvent::MouseButtonPress || event->type() == QEvent::MouseButtonRelease || event->type() == QEvent::MouseMove);
        return isMouse && index.column() == RunsModel::Visible ? QItemSelectionModel::NoUpdate : QTableView::selectionCommand(index, event);
    }
};
}  // namespace

RunsPanel::RunsPanel(StoreService& store, QUndoStack& steps, QWidget* parent) : QWidget(parent), m_store(store), m_steps(steps), m_edits(store, steps) {
    setObjectName(QStringLiteral("runsPanel"));
    m_model = new RunsModel(this);
    m_filter = new RunsFilter(this);
    m_filter->setSourceModel(m_model);
    makeSearch();
    makeTable();
    makeActions();
    m_empty = new EmptyState(Icon::Chart, tr("No runs yet"), tr("Runs of this workspace will be listed here."), tr("New run…"), this);
    m_undoBar = new MessageBar(this);
    m_undoBar->setObjectName(QStringLiteral("undoBar"));
    m_undoTimeout.setSingleShot(true);
    m_undoTimeout.setInterval(kUndoMs);
    m_queue = new QueueBox(this);
    m_liveCheck.setInterval(kLiveCheckMs);
    layOut();
    connectWidgets();
    connectStore();
    setFocusProxy(m_table);
    refresh();
}

void RunsPanel::makeSearch() {
    m_search = new QLineEdit(this);
    m_search->setObjectName(QStringLiteral("runsFilter"));
    m_search->setPlaceholderText(tr("Filter: words, H>=4, reward>5"));
    m_search->setToolTip(
        tr("Shows runs that match every word, or \"several words\". Also: H>=4, reward>5, best>5, seed!=1, epoch<10, algo:ddpo, state:finished, tag:paper, any "
           "setting "
           "as learning_rate<1e-3, or, not, and /regular expressions/ in names (Ctrl+F). Ctrl+A then selects all that match."));
    m_search->setAccessibleName(tr("Filter runs"));
    m_search->setClearButtonEnabled(true);
    m_search->addAction(icon(Icon::Search, Role::MutedText), QLineEdit::LeadingPosition);
    m_filterProblem = new QLabel(this);
    m_filterProblem->setObjectName(QStringLiteral("filterProblem"));
    m_filterProblem->setWordWrap(true);
    m_filterProblem->setTextFormat(Qt::PlainText);
    m_filterProblem->hide();
}

void RunsPanel::layOut() {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto* top = new QVBoxLayout;
    top->setContentsMargins(spacing::kSmall, spacing::kSmall, spacing::kSmall, spacing::kSmall);
    top->addWidget(m_search);
    top->addWidget(m_filterProblem);
    layout->addLayout(top);
    m_stack = new QStackedLayout;
    m_stack->addWidget(m_table);
    m_stack->addWidget(m_empty);
    layout->addLayout(m_stack, 1);
    layout->addWidget(m_undoBar);
    layout->addWidget(m_queue);
}

void RunsPanel::connectWidgets() {
    connect(m_search, &QLineEdit::textChanged, this, &RunsPanel::setFilterText);
    connect(m_empty, &EmptyState::triggered, this, [this] {
        if (m_model->rowCount() == 0) {
            Q_EMIT newRunRequested();
        } else {
            m_search->clear();
        }
    });
    connect(m_undoBar, &MessageBar::actionTriggered, &m_steps, &QUndoStack::undo);
    connect(&m_undoTimeout, &QTimer::timeout, m_undoBar, &MessageBar::dismiss);
    connect(m_undoBar, &MessageBar::dismissed, this, &RunsPanel::endOffer);
    connect(&m_steps, &QUndoStack::indexChanged, this, &RunsPanel::endOffer);  // the bar undoes what was done last
    connect(m_queue, &QueueBox::startRequested, this, &RunsPanel::queueStartRequested);
    connect(m_queue, &QueueBox::holdRequested, this, &RunsPanel::queueHoldRequested);
}

void RunsPanel::connectStore() {
    connect(m_queue, &QueueBox::reordered, this, &RunsPanel::reorderQueue);
    connect(m_queue, &QueueBox::removed, this,
            [this](const run::RunId& id) { m_store.edit(this, [id](store::StoreEditor& editor) { editor.dequeue(id); }, [this] { refresh(); }); });
    connect(&m_store, &StoreService::changed, this, &RunsPanel::refresh);
    connect(&m_edits, &UndoableEdits::changed, this, &RunsPanel::refresh);
    connect(&m_edits, &UndoableEdits::failed, this, [this](const QString& message) {
        refresh();  // shows what the store still has
        Q_EMIT failed(message);
    });
    connect(&m_liveCheck, &QTimer::timeout, this, &RunsPanel::refresh);
    connect(m_model, &RunsModel::renamed, this, [this](const run::RunId& id, const QString& before, const QString& name) {
        const auto renameTo = [id](const QString& to) { return [id, to = to.toStdString()](store::StoreEditor& editor) { editor.rename(id, to); }; };
        m_edits.change(tr("rename of “%1”").arg(name), renameTo(name), renameTo(before));
    });
    connect(m_model, &RunsModel::visibilityChanged, this, [this](const run::RunId& id, bool isVisible) { setVisible({id}, isVisible); });
}

RunsPanel::~RunsPanel() {
    m_table->selectionModel()->disconnect(this);
}

void RunsPanel::makeTable() {
    m_table = new RunsTable(this);
    m_table->setObjectName(QStringLiteral("runsTable"));
    m_table->setAccessibleName(tr("Runs"));
    m_table->setModel(m_filter);
    auto* delegate = new RunsDelegate(m_table);
    m_table->setItemDelegate(delegate);
    connect(delegate, &QAbstractItemDelegate::closeEditor, this, [this] { m_filter->setKept({}); });
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
    header->setTextElideMode(Qt::ElideRight);
    header->setMinimumSectionSize(28);
    header->setSectionResizeMode(QHeaderView::Interactive);
    header->setSectionResizeMode(RunsModel::Visible, QHeaderView::Fixed);
    header->setSectionResizeMode(RunsModel::Name, QHeaderView::Stretch);
    header->resizeSection(RunsModel::Visible, 28);
    header->setStyleSheet(QStringLiteral("QHeaderView::section { padding: 6px 4px; }"));
    header->resizeSection(RunsModel::State, kStateWidth);
    header->resizeSection(RunsModel::LastReward, 72);
    header->resizeSection(RunsModel::BestReward, 72);
    header->resizeSection(RunsModel::Progress, 68);
    for (const int column : {RunsModel::BestReward, RunsModel::Method, RunsModel::Steps, RunsModel::Reward, RunsModel::Tags}) {
        header->hideSection(column);
    }
    header->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(header, &QHeaderView::customContextMenuRequested, this, [this, header](const QPoint& position) {
        auto* menu = new QMenu(this);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        for (int column = RunsModel::State; column < RunsModel::kColumns; ++column) {
            QAction* action = menu->addAction(m_model->headerData(column, Qt::Horizontal, Qt::AccessibleTextRole).toString());
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
    if (!m_reading.ask()) {
        return;
    }
    m_store.read(
        this, [](const store::StoreReader& reader) { return reader.runs(); }, [this](std::vector<store::RunRow> runs) { take(std::move(runs)); },
        [this](const QString& message) {
            m_reading.finish();
            m_hasLoaded = true;
            Q_EMIT failed(message);
        });
}

void RunsPanel::take(std::vector<store::RunRow> runs) {
    m_reading.finish();
    const QScopedValueRollback taking(m_isTaking, true);
    const bool hasForeignLive = std::any_of(runs.begin(), runs.end(), [](const store::RunRow& run) { return run::isLive(run.state) && !run.isOwnedHere; });
    hasForeignLive ? m_liveCheck.start() : m_liveCheck.stop();
    m_model->setRuns(std::move(runs));
    m_hasLoaded = true;
    fitColumns();
    m_queue->setRuns(m_model->runs(), !m_live.empty(), m_isQueueHeld);
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
    if (m_reading.isWanted()) {
        refresh();
    }
}

void RunsPanel::updateStack() {
    const bool hasRuns = m_model->rowCount() > 0;
    const bool hasMatches = m_filter->rowCount() > 0;
    if (hasRuns && !hasMatches) {
        m_empty->setContent(Icon::Search, tr("No run matches"),
                            m_model->rowCount() == 1 ? tr("The filter hides one run.") : tr("The filter hides all %1 runs.").arg(m_model->rowCount()),
                            tr("Clear filter"));
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
    m_filterProblem->setText(m_filter->problem());
    m_filterProblem->setVisible(!m_filter->problem().isEmpty());
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

void RunsPanel::selectAll(const std::vector<run::RunId>& ids) {
    QItemSelection all;
    for (const run::RunId& id : ids) {
        const int row = m_model->rowOf(id);
        const QModelIndex index = row < 0 ? QModelIndex() : m_filter->mapFromSource(m_model->index(row, RunsModel::Name));
        if (index.isValid()) {
            all.select(index, index);
        }
    }
    if (!all.isEmpty()) {
        m_table->selectionModel()->select(all, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
        m_table->selectionModel()->setCurrentIndex(all.indexes().front(), QItemSelectionModel::NoUpdate);
        m_table->scrollTo(all.indexes().front());
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
        m_queue->setRuns(m_model->runs(), !m_live.empty(), m_isQueueHeld);
    }
    updateActions();
}

void RunsPanel::setQueueHeld(bool isHeld) {
    m_isQueueHeld = isHeld;
    m_queue->setRuns(m_model->runs(), !m_live.empty(), isHeld);
}

void RunsPanel::resizeEvent(QResizeEvent*) {
    fitColumns();
}

/// "123 / 1000" must be whole, and where names would have no room the state is its icon alone, and where there is room alarms stand behind its whole word; where even that is not enough the epochs give way. Columns that the user
/// has made wider stay so.
void RunsPanel::fitColumns() {
    const QFontMetrics metrics = m_table->fontMetrics();
    std::int64_t most = 0;
    for (const store::RunRow& run : m_model->runs()) {
        most = std::max(most, run.epochs);
    }
    const int wanted = metrics.horizontalAdvance(tr("%1 / %1").arg(most)) + 2 * spacing::kSmall;
    QHeaderView* header = m_table->horizontalHeader();
    if (header->sectionSize(RunsModel::Progress) < wanted && !header->isSectionHidden(RunsModel::Progress)) {
        header->resizeSection(RunsModel::Progress, wanted);
    }
    int others = 0;
    for (int column = 0; column < RunsModel::kColumns; ++column) {
        others += column == RunsModel::Name || column == RunsModel::State ? 0 : header->sectionSize(column);
    }
    const int room = width() - others - kStateIconWidth - (m_hasProgressGivenWay ? wanted : 0);
    if ((m_hasProgressGivenWay || !header->isSectionHidden(RunsModel::Progress)) && (room < kNameWidth) != m_hasProgressGivenWay) {
        m_hasProgressGivenWay = room < kNameWidth;
        header->setSectionHidden(RunsModel::Progress, m_hasProgressGivenWay);
        others += m_hasProgressGivenWay ? -wanted : wanted;
    }
    const int left = width() - others - kNameWidth;
    const bool isNarrow = left < kStateWidth;
    m_model->setStateIcons(isNarrow);
    const bool hasAlarms = std::ranges::any_of(m_model->runs(), [](const store::RunRow& run) { return run.alarms > 0; });
    const int state = header->sectionSize(RunsModel::State);
    if (!header->isSectionHidden(RunsModel::State) && (state == kStateWidth || state == kStateIconWidth || state == kStateAlarmsWidth)) {
        header->resizeSection(RunsModel::State, isNarrow ? kStateIconWidth : hasAlarms && left >= kStateAlarmsWidth ? kStateAlarmsWidth : kStateWidth);
    }
}

/// Behind the number of columns: a header of another version would show columns that it does not know.
QByteArray RunsPanel::saveState() const {
    QHeaderView* header = m_table->horizontalHeader();
    header->setSectionHidden(RunsModel::Progress, header->isSectionHidden(RunsModel::Progress) && !m_hasProgressGivenWay);
    const QByteArray state = header->saveState();
    header->setSectionHidden(RunsModel::Progress, header->isSectionHidden(RunsModel::Progress) || m_hasProgressGivenWay);
    return QByteArray(1, static_cast<char>(RunsModel::kColumns)) + state;
}
void RunsPanel::restoreState(const QByteArray& state) {
    if (!state.isEmpty() && state.front() == static_cast<char>(RunsModel::kColumns)) {
        m_table->horizontalHeader()->restoreState(state.sliced(1));
    }
}

}  // namespace rlcm::ui
