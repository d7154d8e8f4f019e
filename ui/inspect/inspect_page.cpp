#include "ui/inspect/inspect_page.h"

#include <QCheckBox>
#include <QClipboard>
#include <QDesktopServices>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QUrl>
#include <QVBoxLayout>
#include <algorithm>
#include <numeric>

#include "ui/bridge/store_service.h"
#include "ui/inspect/run_history.h"
#include "ui/inspect/run_notes.h"
#include "ui/inspect/settings_model.h"
#include "ui/runs/runs_model.h"
#include "ui/theme/theme.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/flow_layout.h"

namespace rlcm::ui {
namespace {

constexpr std::size_t kMostRuns = 12;  // more columns than anybody reads
constexpr int kLeastColumn = 90, kMostColumn = 320, kLeastNames = 180, kTitlePadding = 16, kRowHeight = 26;

/// What the table shows of a run.
bool isSame(const store::RunRow& a, const store::RunRow& b) {
    return a.id == b.id && a.name == b.name && a.configJson == b.configJson && a.environmentJson == b.environmentJson;
}

}  // namespace

InspectPage::InspectPage(const Sources& sources, QWidget* parent)
    : Page(parent), m_runs(sources.runs), m_store(sources.store), m_edits(sources.store, sources.steps) {
    setObjectName(QStringLiteral("inspectPage"));
    m_model = new SettingsModel(QString::fromStdString(m_store.workspace().string()), this);
    m_stack = new QStackedWidget;
    m_stack->addWidget(new EmptyState(Icon::Settings, tr("No run selected"), tr("Select a run on the left to see what it was trained with.")));
    m_split = new QSplitter(Qt::Horizontal);
    m_split->setChildrenCollapsible(false);
    m_split->setHandleWidth(spacing::kMedium);
    m_split->addWidget(makeTable());
    m_split->addWidget(makeSide());
    m_split->setStretchFactor(0, 3);
    m_split->setStretchFactor(1, 2);
    m_stack->addWidget(m_split);
    keepLayout(m_split, QStringLiteral("inspect/split"));
    keepLayout(m_side, QStringLiteral("inspect/side"));
    connect(&m_edits, &UndoableEdits::failed, this, &Page::failed);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing::kMedium, spacing::kMedium, spacing::kMedium, spacing::kMedium);
    layout->setSpacing(spacing::kSmall);
    layout->addWidget(makeControls());
    layout->addWidget(m_stack, 1);
    updateText();
}

QWidget* InspectPage::makeControls() {
    const auto makeBox = [](const char* name, const QString& text, const QString& tip) {
        auto* box = new QCheckBox(text);
        box->setObjectName(QLatin1String(name));
        box->setToolTip(tip);
        return box;
    };
    const auto makeButton = [](const char* name, const QString& text, const QString& tip) {
        auto* button = new QPushButton(icon(Icon::Copy), text);
        button->setObjectName(QLatin1String(name));
        button->setToolTip(tip);
        button->setAutoDefault(false);
        return button;
    };
    m_search = new QLineEdit;
    m_search->setObjectName(QStringLiteral("settingsSearch"));
    m_search->setPlaceholderText(tr("Search settings and values"));
    m_search->setAccessibleName(m_search->placeholderText());
    m_search->setClearButtonEnabled(true);
    m_search->setFixedWidth(240);
    m_compare = makeBox("compareShown", tr("Beside the runs in charts"), tr("A column for each run whose eye is open in the list"));
    m_differences = makeBox("onlyDifferences", tr("Only differences"), tr("Between the runs; of a single run, from its closest preset"));
    m_noise = makeBox("hideNoise", tr("Without seed, name, compute"), tr("Leaves out what differs between runs that ask the same question"));
    m_copyCommand = makeButton("copyCommand", tr("Copy as command"), tr("The command that trains the selected run again"));
    m_copyTable = makeButton("copySettings", tr("Copy table"), tr("What is shown, for a spreadsheet"));
    m_openFolder = makeButton("openFolder", tr("Open folder"), tr("Images and checkpoints of the selected run"));
    m_openFolder->setIcon(icon(Icon::Folder));
    auto* controls = new QWidget;
    auto* flow = new FlowLayout(controls);
    flow->setContentsMargins(0, 0, 0, 0);
    for (QWidget* widget :
         {static_cast<QWidget*>(m_search), static_cast<QWidget*>(m_compare), static_cast<QWidget*>(m_differences), static_cast<QWidget*>(m_noise),
          static_cast<QWidget*>(m_copyCommand), static_cast<QWidget*>(m_copyTable), static_cast<QWidget*>(m_openFolder)}) {
        flow->addWidget(widget);
    }
    connect(m_search, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_model->setFilter(m_view, text);
        layOutTable();
    });
    connect(m_compare, &QCheckBox::toggled, this, [this](bool isOn) { proposeChoice(&InspectView::comparesShown, isOn); });
    connect(m_differences, &QCheckBox::toggled, this, [this](bool isOn) { proposeChoice(&InspectView::onlyDifferences, isOn); });
    connect(m_noise, &QCheckBox::toggled, this, [this](bool isOn) { proposeChoice(&InspectView::hidesNoise, isOn); });
    connect(m_copyCommand, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(m_model->command()); });
    connect(m_copyTable, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(m_model->tableText()); });
    connect(m_openFolder, &QPushButton::clicked, this, &InspectPage::openFolder);
    return controls;
}

QWidget* InspectPage::makeSide() {
    m_notes = new RunNotes(m_edits);
    if (m_store.isRecorded()) {
        m_notes->setReadOnly(tr("These runs were recorded; nothing about them can be changed"));
    }
    m_history = new RunHistory(m_store);
    m_side = new QSplitter(Qt::Vertical);
    m_side->setChildrenCollapsible(false);
    m_side->setHandleWidth(spacing::kMedium);
    m_side->addWidget(m_notes);
    m_side->addWidget(m_history);
    m_side->setStretchFactor(0, 2);
    m_side->setStretchFactor(1, 3);
    connect(m_history, &RunHistory::epochChosen, this, [this](int epoch) { Q_EMIT proposed({[epoch](ViewState& state) { state.goTo(epoch); }}); });
    return m_side;
}

void InspectPage::openFolder() {
    const std::filesystem::path folder = m_store.workspace() / "runs" / m_run;
    if (!QDesktopServices::openUrl(QUrl::fromLocalFile(QString::fromStdString(folder.string())))) {
        Q_EMIT failed(tr("No program opens folders here. It is %1").arg(QString::fromStdString(folder.string())));
    }
}

bool InspectPage::isShowingData() const {
    return m_history->isSettled();
}

QWidget* InspectPage::makeTable() {
    m_table = new QTableView;
    m_table->setObjectName(QStringLiteral("settingsTable"));
    m_table->setAccessibleName(tr("Settings"));
    m_table->setModel(m_model);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->viewport()->installEventFilter(this);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(kRowHeight);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_preset = makeMuted(new QLabel);
    m_preset->setObjectName(QStringLiteral("settingsPreset"));
    m_preset->setTextFormat(Qt::PlainText);
    m_preset->setWordWrap(true);
    auto* box = new QWidget;
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(spacing::kSmall);
    layout->addWidget(m_preset);
    layout->addWidget(m_table, 1);
    return box;
}

void InspectPage::proposeChoice(bool InspectView::* choice, bool isOn) {
    Q_EMIT proposed({[choice, isOn](ViewState& state) { state.inspect.*choice = isOn; }});
}

void InspectPage::showView(const ViewState& state) {
    showLayout(state);
    if (m_run == state.run && m_view == state.inspect) {
        showNotes();  // the list may know newer ones
        return;
    }
    m_run = state.run;
    m_view = state.inspect;
    for (const auto& [box, isOn] :
         {std::pair(m_compare, m_view.comparesShown), std::pair(m_differences, m_view.onlyDifferences), std::pair(m_noise, m_view.hidesNoise)}) {
        const QSignalBlocker quiet(box);
        box->setChecked(isOn);
    }
    m_model->setFilter(m_view, m_search->text());
    load();
}

void InspectPage::refresh() {
    load();
}

std::vector<store::RunRow> InspectPage::wantedRuns() const {
    std::vector<store::RunRow> runs;
    const store::RunRow* selected = m_runs.find(m_run);
    if (selected == nullptr) {
        return runs;
    }
    runs.push_back(*selected);
    for (const store::RunRow& run : m_runs.runs()) {
        if (m_view.comparesShown && run.isVisible && run.id != m_run && runs.size() < kMostRuns) {
            runs.push_back(run);
        }
    }
    return runs;
}

void InspectPage::load() {
    std::vector<store::RunRow> runs = wantedRuns();
    if (!std::ranges::equal(runs, m_loaded, isSame)) {
        m_loaded = std::move(runs);
        m_model->setRuns(m_loaded);
    }
    layOutTable();
    updateText();
    showNotes();
    if (isVisible()) {  // what nobody sees is not read
        m_history->setRun(m_loaded.empty() ? run::RunId() : m_run);
    }
}

void InspectPage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    load();
}

void InspectPage::showNotes() {
    if (const store::RunRow* selected = m_runs.find(m_run)) {
        m_notes->setRun(*selected);
    }
}

void InspectPage::layOutTable() {
    m_table->clearSpans();
    for (int row = 0; row < m_model->rowCount(); ++row) {
        if (m_model->isSection(row)) {
            m_table->setSpan(row, 0, 1, m_model->columnCount());
        }
    }
    m_table->resizeColumnsToContents();
    m_wholeWidths.clear();
    for (int column = 0; column < m_model->columnCount(); ++column) {
        m_wholeWidths.push_back(std::clamp(m_table->columnWidth(column) + kTitlePadding, kLeastColumn, kMostColumn));
    }
    fitColumns();
}

/// Names of settings give way to what they are set to, and the last column takes what room is left.
void InspectPage::fitColumns() {
    if (m_wholeWidths.empty()) {
        return;
    }
    const int room = m_table->viewport()->width(), values = std::accumulate(m_wholeWidths.begin() + 1, m_wholeWidths.end(), 0);
    std::vector<int> widths = m_wholeWidths;
    widths.front() = std::clamp(room - values, std::min(kLeastNames, widths.front()), widths.front());
    widths.back() += std::max(0, room - widths.front() - values);
    for (std::size_t column = 0; column < widths.size(); ++column) {
        m_table->setColumnWidth(static_cast<int>(column), widths[column]);
    }
}

bool InspectPage::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_table->viewport() && event->type() == QEvent::Resize) {
        fitColumns();
    }
    return Page::eventFilter(watched, event);
}

void InspectPage::updateText() {
    m_stack->setCurrentIndex(m_loaded.empty() ? 0 : 1);
    m_preset->setText(m_model->presetText());
    m_copyCommand->setEnabled(!m_model->command().isEmpty());
    m_copyTable->setEnabled(!m_loaded.empty());
    m_openFolder->setEnabled(!m_loaded.empty());
}

}  // namespace rlcm::ui
