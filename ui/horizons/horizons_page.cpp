#include "ui/horizons/horizons_page.h"

#include <QKeyEvent>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "ui/bridge/run_controller.h"
#include "ui/bridge/store_service.h"
#include "ui/charts/scatter_chart.h"
#include "ui/compare/image_row.h"
#include "ui/horizons/horizons_page_impl.h"
#include "ui/widgets/arrange.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/empty_state.h"

namespace rlcm::ui {
namespace {

constexpr std::size_t kMostPinned = 6;

}  // namespace

void HorizonsPage::Impl::build() {
    bar = new MessageBar(self);
    stack = new QStackedWidget(self);
    empty = new EmptyState(Icon::Spark, {}, {}, {}, stack);
    auto* content = new QWidget(stack);
    controls = new HorizonsControls(content);
    chart = new ScatterChart;
    chart->setObjectName(QStringLiteral("horizonsChart"));
    table = new HorizonsTable(content);
    row = new ImageRow(content);
    row->setTitle(tr("Same prompt, same noise"));
    budgetBar = new BudgetBar(content);
    const ChartLayout layout = arrangeChart(cardAround(chart, content), table, row, 445);
    across = layout.across;
    down = layout.down;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(spacing::kMedium);
    column->addWidget(controls);
    column->addWidget(down, 1);
    column->addWidget(budgetBar);
    stack->addWidget(empty);
    stack->addWidget(content);
    auto* outer = new QVBoxLayout(self);
    outer->setContentsMargins(spacing::kMedium, spacing::kSmall, spacing::kMedium, spacing::kSmall);
    outer->addWidget(stack, 1);
    bar->floatOver(self, budgetBar->sizeHint().height());
    showEmptyState();
}

void HorizonsPage::Impl::connectAll() {
    QObject::connect(&loader, &CompareLoader::curvesLoaded, self, [this] { takeCurves(); });
    QObject::connect(&loader, &CompareLoader::imagesLoaded, self, [this](const std::vector<RunImages>& loaded) {
        images = loaded;
        areImagesRead = true;
        showImages();
    });
    QObject::connect(&loader, &CompareLoader::failed, self, [this](const QString& message) { fail(message); });
    QObject::connect(empty, &EmptyState::triggered, self, [this] { Q_EMIT self->newRunRequested(nullptr); });
    QObject::connect(controls, &HorizonsControls::chosen, self, [this](const HorizonsView& next) { propose(next); });
    QObject::connect(budgetBar, &BudgetBar::chosen, self, [this](double budget) { chooseBudget(budget); });
    QObject::connect(budgetBar, &BudgetBar::sharedChosen, self, [this] { chooseBudget(std::nullopt); });
    QObject::connect(budgetBar, &BudgetBar::unitChosen, self, [this](XAxis unit) { chooseUnit(unit); });
    QObject::connect(chart, &ScatterChart::hovered, self, [this](const QString& id) { light(id); });
    QObject::connect(chart, &ScatterChart::picked, self, [this](const QString& id) { pick(id); });
    QObject::connect(chart, &ScatterChart::opened, self, [this](const QString& id) { open(id); });
    QObject::connect(chart, &ScatterChart::boxed, self, [this](const QStringList& ids) { chooseRuns(ids); });
    QObject::connect(table, &HorizonsTable::hovered, self, [this](const QString& id) { light(id); });
    QObject::connect(table, &HorizonsTable::picked, self, [this](const QString& id) { pick(id); });
    QObject::connect(table, &HorizonsTable::opened, self, [this](const QString& id) { open(id); });
    QObject::connect(row, &ImageRow::imageIndexChanged, self, [this](int index) {
        HorizonsView next = view;
        next.image = index;
        propose(next);
    });
    QObject::connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, self, [this] { showTable(); });  // it has colours as data
    self->keepLayout(across, QStringLiteral("horizons/across"));
    self->keepLayout(down, QStringLiteral("horizons/down"));
    connectTimer();
}

void HorizonsPage::Impl::connectTimer() {
    if (store.isRecorded()) {
        controls->forbidMeasuring(tr("These are recorded runs, only to be looked at: times would be kept beside them"));
    }
    QObject::connect(controls, &HorizonsControls::measureAsked, self, [this] { measure(); });
    QObject::connect(controls, &HorizonsControls::cancelAsked, self, [this] { timer.cancel(); });
    QObject::connect(&timer, &ImageTimer::progressed, self,
                     [this](int done, int total) { controls->setMeasuring(true, tr("%1 of %2 samples").arg(done).arg(total)); });
    QObject::connect(&timer, &ImageTimer::measured, self, [this] { askForTimes(); });
    QObject::connect(&timer, &ImageTimer::finished, self, [this](const QString& problem) {
        controls->setMeasuring(false);
        askForTimes();
        if (!problem.isEmpty()) {
            fail(tr("Times could not be measured: %1").arg(problem));
        }
    });
}

// --- what the user does
// -----------------------------------------------------------------------------------------------

void HorizonsPage::Impl::propose(HorizonsView next, MergeKey key) const {
    Q_EMIT self->proposed({[next = std::move(next)](ViewState& state) { state.horizons = next; }, key});
}

void HorizonsPage::Impl::chooseBudget(std::optional<double> budget) const {
    HorizonsView next = view;
    next.budget = budget;
    propose(std::move(next), MergeKey::Budget);
}

/// The place in training stays, not the number.
void HorizonsPage::Impl::chooseUnit(XAxis unit) const {
    HorizonsView next = view;
    next.unit = unit;
    if (view.budget) {
        next.budget = convertX(data(), *view.budget, view.unit, unit);
    }
    propose(std::move(next));
}

/// Pins the images of a group, or lets them go.
void HorizonsPage::Impl::pick(const QString& id) const {
    HorizonsView next = view;
    const auto found = std::find(next.pinned.begin(), next.pinned.end(), id.toStdString());
    if (found != next.pinned.end()) {
        next.pinned.erase(found);
    } else if (next.pinned.size() < kMostPinned) {
        next.pinned.push_back(id.toStdString());
    } else {
        bar->showMessage(MessageLevel::Info, tr("Six points are pinned; click one of them to let it go."));
        return;
    }
    propose(std::move(next));
}

/// The runs of a group on the page of curves, at the same budget.
void HorizonsPage::Impl::open(const QString& id) const {
    chooseRuns({id});
    Q_EMIT self->proposed({[unit = view.unit, at = budget(), measure = view.measure](ViewState& state) {
        state.page = QStringLiteral("compare");
        state.compare.measure = measure;
        state.compare.axis = unit;
        state.compare.isGrouped = true;
        state.compare.zoom = {};
        if (unit != XAxis::Epoch) {
            state.cursor.place = {unit, at};
        }
    }});
}

void HorizonsPage::Impl::chooseRuns(const QStringList& ids) const {
    std::vector<run::RunId> runs;
    for (const figure::HorizonGroup& group : groups) {
        if (ids.contains(QString::fromStdString(group.id))) {
            runs.insert(runs.end(), group.runs.begin(), group.runs.end());
        }
    }
    Q_EMIT self->runsChosen(runs);
}

void HorizonsPage::Impl::light(const QString& id) {
    chart->setHighlight(id);
    table->setHighlight(id);
    const auto cell = std::find(cellGroups.begin(), cellGroups.end(), id);
    row->setHighlight(id.isEmpty() || cell == cellGroups.end() ? -1 : static_cast<int>(cell - cellGroups.begin()));
}

void HorizonsPage::Impl::measure() {
    const auto isTraining = [](const RunCurve& one) { return run::isLive(one.run.state); };
    if (controller.isActive() || std::any_of(data().runs.begin(), data().runs.end(), isTraining)) {
        Question question;
        question.level = MessageLevel::Warning;
        question.title = tr("A run is training");
        question.text =
            tr("It takes the processor from what is measured: times would be too long, and the run slower meanwhile. Better measure when it has ended.");
        question.buttons = {tr("Measure all the same"), tr("Cancel")};
        question.defaultButton = question.cancelButton = 1;
        if (MessageBox::ask(self, question) != 0) {
            return;
        }
    }
    std::vector<run::RunId> examples;
    for (const figure::HorizonGroup& group : groups) {
        if (!group.timing.empty()) {  // else its settings are of another version
            examples.push_back(group.id);
        }
    }
    controls->setMeasuring(true, tr("Loading…"));
    timer.start(store.workspace(), examples);
}

// --- the view
// -------------------------------------------------------------------------------------------------------

void HorizonsPage::Impl::show(const HorizonsView& next) {
    const HorizonsView before = std::exchange(view, next);
    if (next == before) {
        return;
    }
    controls->setView(next);
    if (next.measure != before.measure) {
        askForCurves();
    }
    if (next.unit != before.unit || next.reward != before.reward || next.measure != before.measure || next.band != before.band) {
        makeGroups();
    }
    showBudget();
}

HorizonsPage::HorizonsPage(HorizonsSources sources, QWidget* parent) : Page(parent), m_impl(std::make_unique<Impl>(this, std::move(sources))) {
    m_impl->build();
    m_impl->connectAll();
    setFocusPolicy(Qt::StrongFocus);
}

HorizonsPage::~HorizonsPage() {
    m_impl->timer.disconnect(this);
}

void HorizonsPage::showView(const ViewState& state) {
    m_impl->show(state.horizons);
    showLayout(state);
}

void HorizonsPage::refresh() {
    m_impl->askForCurves();
}

bool HorizonsPage::isShowingData() const {
    const bool isRead = m_impl->isLoaded && m_impl->areTimesRead && !m_impl->isReading();
    return isRead && (m_impl->rows.empty() || (m_impl->areImagesRead && m_impl->row->isSettled()));
}

void HorizonsPage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    m_impl->askForTimes();
    if (m_impl->isStale) {
        refresh();
    }
}

bool HorizonsPage::timeKey(int key) {
    switch (key) {
        case Qt::Key_Space:
            m_impl->budgetBar->setPlaying(!m_impl->budgetBar->isPlaying());
            return true;
        case Qt::Key_Left:
            m_impl->budgetBar->step(-1);
            return true;
        case Qt::Key_Right:
            m_impl->budgetBar->step(+1);
            return true;
        case Qt::Key_Home:
            m_impl->chooseBudget(m_impl->range.first);
            return true;
        case Qt::Key_End:
            m_impl->chooseBudget(std::nullopt);
            return true;
        default:
            return false;
    }
}

void HorizonsPage::keyPressEvent(QKeyEvent* event) {
    const bool isPlain = !(event->modifiers() & (Qt::ControlModifier | Qt::AltModifier));
    HorizonsView next = m_impl->view;
    if (isPlain && event->key() == Qt::Key_D) {
        next.hasDominated = !next.hasDominated;
        m_impl->propose(next);
    } else if (isPlain && event->key() == Qt::Key_B) {
        next.hasBase = !next.hasBase;
        m_impl->propose(next);
    } else if (!isPlain || !timeKey(event->key())) {
        Page::keyPressEvent(event);
    }
}

}  // namespace rlcm::ui
