#include "ui/grid/grid_page.h"

#include <QKeyEvent>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "ui/bridge/store_service.h"
#include "ui/grid/grid_page_impl.h"
#include "ui/theme/theme.h"
#include "ui/widgets/empty_state.h"

namespace rlcm::ui {

using figure::PivotAxis;
using figure::PivotSlot;

namespace {

constexpr std::size_t kMostImages = 200'000;  // of all runs: some 60 MB of rows

bool isUnchanged(const figure::PivotRun& known, const store::RunRow& now) {
    return known.run == now && !run::isLive(now.state);
}

}  // namespace

GridPage::GridPage(StoreService& store, QWidget* parent) : Page(parent), m_impl(std::make_unique<Impl>(this, store)) {
    setObjectName(QStringLiteral("gridPage"));
    m_impl->build();
    m_impl->connectAll();
}

GridPage::~GridPage() = default;

void GridPage::Impl::build() {
    bar = new MessageBar(self);
    link = new ImageLink(self);
    stack = new QStackedWidget(self);
    empty = new EmptyState(Icon::Grid, {}, {}, {}, stack);
    auto* content = new QWidget(stack);
    pivot = new PivotView;
    controls =
        new GridControls([this](PivotAxis axis, const std::string& range) { return QString::fromStdString(pivot->grid().rangeError(axis, range)); }, content);
    auto* frame = makeCard(new QFrame(content));
    auto* inside = new QVBoxLayout(frame);
    inside->setContentsMargins(1, 1, 1, 1);
    inside->addWidget(pivot);
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(spacing::kSmall);
    column->addWidget(controls);
    column->addWidget(frame, 1);
    stack->addWidget(empty);
    stack->addWidget(content);
    auto* outer = new QVBoxLayout(self);
    outer->setContentsMargins(spacing::kMedium, spacing::kSmall, spacing::kMedium, spacing::kSmall);
    outer->addWidget(stack, 1);
    bar->floatOver(self);
    showEmptyState();
}

void GridPage::Impl::connectAll() {
    QObject::connect(controls, &GridControls::chosen, self, [this](const GridView& next) { propose(next); });
    QObject::connect(controls, &GridControls::pageChosen, self, [this](int page) { choosePage(page); });
    QObject::connect(controls, &GridControls::sizeChosen, self, [this](int side) {
        GridView next = view;
        next.side = side;
        propose(next, MergeKey::Zoom);
    });
    QObject::connect(empty, &EmptyState::triggered, self, [this] { Q_EMIT self->newRunRequested(nullptr); });
    QObject::connect(pivot, &PivotView::activated, self, [this](const PivotView::Place& place) { ImageViewer::of(*self).open(pivot->viewed(place), link); });
    QObject::connect(pivot, &PivotView::chosenAsA, self, [this](const PivotView::Place& place) { ImageViewer::of(*self).chooseA(pivot->viewed(place), link); });
    QObject::connect(pivot, &PivotView::comparedAsB, self,
                     [this](const PivotView::Place& place) { ImageViewer::of(*self).compare(pivot->viewed(place), link, pivot->viewedFirst(place)); });
    QObject::connect(pivot, &PivotView::sizeAsked, self, [this](int direction) { resize(direction); });
    QObject::connect(pivot, &PivotView::headerClicked, self, [this](PivotSlot slot, std::int64_t value) { goTo(view.pivot.axis(slot), value); });
    QObject::connect(pivot, &PivotView::currentChanged, self, [this] {
        if (pivot->has(pivot->current())) {
            Q_EMIT link->shown(pivot->viewed(pivot->current()));
        }
    });
    QObject::connect(link, &ImageLink::stepAsked, self, [this](int right, int down) {
        const PivotView::Place at = pivot->current();
        pivot->setCurrent({at.row + down, at.column + right});
    });
}

/// Marks A and B wherever they were chosen.
void GridPage::Impl::connectViewer() {
    ImageViewer& viewer = ImageViewer::of(*self);
    const auto mark = [this, &viewer] {
        const auto file = [&](ImageViewer::Side side) { return viewer.image(side) ? viewer.image(side)->file : QString(); };
        pivot->setMarks(file(ImageViewer::Side::A), file(ImageViewer::Side::B));
    };
    QObject::disconnect(&viewer, &ImageViewer::chosen, self, nullptr);
    QObject::connect(&viewer, &ImageViewer::chosen, self, mark);
    mark();
}

// --- data
// ---------------------------------------------------------------------------------------------------------------

/// Runs that are as they were are not read again. thread: of the store's.
GridPage::Impl::Loaded GridPage::Impl::readRuns(const store::StoreReader& reader, const std::shared_ptr<const figure::PivotImages>& before) {
    Loaded loaded;
    std::vector<std::shared_ptr<const figure::PivotRun>> runs;
    std::size_t images = 0;
    for (const store::RunRow& row : reader.runs()) {  // newest first
        if (!row.isVisible) {
            ++loaded.hidden;
            continue;
        }
        if (images >= kMostImages) {
            ++loaded.leftOut;
            continue;
        }
        const auto& old = before->runs();
        const auto known = std::find_if(old.begin(), old.end(), [&](const auto& one) { return one->run.id == row.id; });
        if (known != old.end() && isUnchanged(**known, row)) {
            runs.push_back(*known);
        } else {
            auto fresh = std::make_shared<const figure::PivotRun>(figure::readPivotRun(reader, row));
            runs.push_back(known != old.end() && **known == *fresh ? *known : fresh);
        }
        images += runs.back()->samples.size();
    }
    std::reverse(runs.begin(), runs.end());
    loaded.images = before;
    if (runs != before->runs()) {
        loaded.images = std::make_shared<const figure::PivotImages>(std::move(runs));
    }
    return loaded;
}

void GridPage::Impl::read() {
    if (!reading.ask(self->isVisible())) {
        return;
    }
    store.readAside(
        self, {}, [before = data.images](const store::StoreReader& reader) { return readRuns(reader, before); }, [this](const Loaded& loaded) { take(loaded); },
        [this](const QString& message) {
            reading.finish();
            fail(message);
        });
}

void GridPage::Impl::take(const Loaded& loaded) {
    reading.finish();
    const bool isNew = loaded.images != data.images || !isLoaded;
    data = loaded;
    isLoaded = true;
    if (isNew) {
        makeGrid();
        Q_EMIT self->epochsChanged();
    }
    showEmptyState();
    controls->setNote(note());
    if (reading.isWanted()) {
        read();
    }
}

// --- the view
// -----------------------------------------------------------------------------------------------------------

void GridPage::Impl::propose(const GridView& next, MergeKey key) const {
    Q_EMIT self->proposed({[next](ViewState& state) { state.grid = next; }, key});
}

void GridPage::Impl::show(const ViewState& state) {
    const GridView before = std::exchange(view, state.grid);
    const bool isMoved = std::exchange(cursor, state.cursor).epoch != cursor.epoch, isOtherRun = std::exchange(run, state.run) != run;
    pivot->setLook({view.side, view.badge, view.heat});
    pivot->setEpoch(cursor.epoch);
    const PivotAxis pages = view.pivot.axis(PivotSlot::Pages);
    const bool isElsewhere = (isMoved && (pages == PivotAxis::Epoch || !view.pivot.has(PivotAxis::Epoch))) ||
                             (isOtherRun && (pages == PivotAxis::Run || !view.pivot.has(PivotAxis::Run)));
    if (before.pivot != view.pivot || before.page != view.page || isElsewhere) {
        makeGrid();
    } else if (before != view) {
        controls->setView(view);
    }
}

/// Pages of runs are turned by the selection, pages of epochs by the time bar.
int GridPage::Impl::pageOf(const figure::PivotGrid& grid) const {
    const auto& pages = grid.headers(PivotSlot::Pages);
    int page = std::clamp<int>(view.page, 0, std::max<int>(0, static_cast<int>(pages.size()) - 1));
    std::int64_t newest = -1;
    for (int i = 0; i < static_cast<int>(pages.size()); ++i) {
        const std::int64_t value = pages[static_cast<std::size_t>(i)].value;
        const bool isRun = grid.spec().axis(PivotSlot::Pages) == PivotAxis::Run && data.images->runs()[static_cast<std::size_t>(value)]->run.id == run;
        const bool isEpoch = grid.spec().axis(PivotSlot::Pages) == PivotAxis::Epoch && value <= cursor.epoch && value > newest;
        if (isRun || isEpoch) {
            page = i;
            newest = value;
        }
    }
    return page;
}

void GridPage::Impl::choosePage(int page) const {
    const auto& pages = pivot->grid().headers(PivotSlot::Pages);
    if (page < 0 || page >= static_cast<int>(pages.size())) {
        return;
    }
    const std::int64_t value = pages[static_cast<std::size_t>(page)].value;
    const PivotAxis axis = view.pivot.axis(PivotSlot::Pages);
    const run::RunId chosen = axis == PivotAxis::Run ? data.images->runs()[static_cast<std::size_t>(value)]->run.id : run::RunId();
    Q_EMIT self->proposed({[page, value, axis, chosen](ViewState& state) {
        state.grid.page = page;
        if (axis == PivotAxis::Run) {
            state.select(chosen);
        } else if (axis == PivotAxis::Epoch) {
            state.goTo(static_cast<int>(value));
        }
    }});
}

/// A header of an epoch moves the time bar, one of a run selects it.
void GridPage::Impl::goTo(PivotAxis axis, std::int64_t value) const {
    if (axis == PivotAxis::Epoch) {
        Q_EMIT self->proposed({[value](ViewState& state) { state.goTo(static_cast<int>(value)); }, MergeKey::Cursor});
    } else if (axis == PivotAxis::Run) {
        Q_EMIT self->proposed({[id = data.images->runs()[static_cast<std::size_t>(value)]->run.id](ViewState& state) { state.select(id); }});
    }
}

void GridPage::Impl::resize(int direction) const {
    GridView next = view;
    next.side = std::clamp(pivot->sideBeside(direction), kLeastGridSide, kLargestGridSide);
    propose(next, MergeKey::Zoom);
}

void GridPage::Impl::makeGrid() {
    figure::PivotGrid grid(data.images, view.pivot, {.epoch = cursor.epoch, .run = run});
    const int page = pageOf(grid);
    pivot->setGrid(std::move(grid), page);
    QStringList pages;
    for (int i = 0; i < static_cast<int>(pivot->grid().headers(PivotSlot::Pages).size()); ++i) {
        pages << pivot->headerText(PivotSlot::Pages, i);
    }
    controls->setView(view);
    controls->setPages(pages, page);
    controls->setNote(note());
}

/// Where the axes stand that have no place in the grid.
QString GridPage::Impl::rest() const {
    const figure::PivotSpec& spec = view.pivot;
    const auto& runs = data.images->runs();
    QStringList words;
    if (!spec.has(PivotAxis::Epoch)) {
        words << tr("epoch %1 of the time bar").arg(cursor.epoch);
    }
    if (!spec.has(PivotAxis::Run) && !runs.empty()) {
        const bool isPart = spec.has(PivotAxis::Horizon) || spec.has(PivotAxis::Seed);
        const auto chosen = std::find_if(runs.begin(), runs.end(), [this](const auto& one) { return one->run.id == run; });
        words << (isPart ? tr("of several runs the selected, else the oldest")
                         : QString::fromStdString((chosen == runs.end() ? runs.front() : *chosen)->run.name).simplified());
    }
    if (!spec.has(PivotAxis::Prompt) && !spec.has(PivotAxis::RewardRank) && !data.images->prompts().empty()) {
        words << tr("the first prompt");
    }
    if (!spec.has(PivotAxis::Noise) && !spec.has(PivotAxis::RewardRank) && data.images->noises() > 1) {
        words << tr("noise 1 of %1").arg(data.images->noises());
    }
    return words.join(QStringLiteral(", "));
}

QString GridPage::Impl::note() const {
    const auto count = [this](PivotSlot slot) { return pivot->grid().headers(slot).size(); };
    const std::size_t rows = count(PivotSlot::Rows), columns = count(PivotSlot::Columns), images = pivot->summary().images;
    QStringList words{tr("%1 × %2, %3 images").arg(rows).arg(columns).arg(images)};
    if (rows * columns > images) {
        words << tr("%1 cells empty").arg(rows * columns - images);
    }
    if (const QString where = rest(); !where.isEmpty()) {
        words << where;
    }
    if (data.leftOut > 0) {
        words << tr("the %1 oldest runs are left out: hide others to see them").arg(data.leftOut);
    }
    return words.join(QStringLiteral("  ·  "));
}

void GridPage::Impl::showEmptyState() {
    const bool hasImages = data.images->images() > 0;
    stack->setCurrentIndex(hasImages ? 1 : 0);
    if (hasImages) {
        return;
    }
    if (!isLoaded) {
        empty->setContent(Icon::Grid, tr("Reading images…"), {});
    } else if (!data.images->runs().empty()) {
        empty->setContent(Icon::Grid, tr("No images yet"), tr("The first evaluation comes before training starts."));
    } else if (data.hidden > 0) {
        empty->setContent(Icon::EyeOff, tr("All runs are hidden"), tr("Tick the eye of a run in the list on the left to see its images here."));
    } else {
        empty->setContent(Icon::Grid, tr("Nothing to show yet"), tr("Evaluation images of all visible runs appear here, in rows and columns."), tr("New run"));
    }
}

void GridPage::showView(const ViewState& state) {
    m_impl->show(state);
}

void GridPage::refresh() {
    m_impl->read();
}

bool GridPage::isShowingData() const {
    return m_impl->isLoaded && !m_impl->reading.isUnderWay() && m_impl->pivot->isSettled();
}

std::optional<EpochRange> GridPage::epochs() const {
    std::int64_t last = 0, planned = 0;
    for (const auto& run : m_impl->data.images->runs()) {
        last = std::max(last, run->run.counters.epoch);
        planned = std::max(planned, run->run.epochs);
    }
    return EpochRange{.last = static_cast<int>(last), .planned = static_cast<int>(planned), .isKnown = m_impl->isLoaded};
}

void GridPage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    m_impl->connectViewer();
    if (m_impl->reading.isWanted()) {
        refresh();
    }
}

void GridPage::keyPressEvent(QKeyEvent* event) {
    GridView next = m_impl->view;
    if (event->modifiers() & (Qt::ControlModifier | Qt::AltModifier)) {
        return Page::keyPressEvent(event);
    }
    switch (event->key()) {
        case Qt::Key_Comma:
        case Qt::Key_Period:
            return m_impl->choosePage(m_impl->pivot->page() + (event->key() == Qt::Key_Comma ? -1 : 1));
        case Qt::Key_T:
            std::swap(next.pivot.axes[0], next.pivot.axes[1]);
            return m_impl->propose(next);
        case Qt::Key_S:
            next.pivot.order = next.pivot.order == figure::PivotOrder::ByChange ? figure::PivotOrder::AsChosen : figure::PivotOrder::ByChange;
            return m_impl->propose(next);
        case Qt::Key_Plus:
        case Qt::Key_Equal:
        case Qt::Key_Minus:
            return m_impl->resize(event->key() == Qt::Key_Minus ? -1 : 1);
        default:
            return Page::keyPressEvent(event);
    }
}

}  // namespace rlcm::ui
