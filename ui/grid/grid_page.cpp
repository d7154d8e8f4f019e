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
    loaded.images = runs == before->runs() ? before : std::make_shared<const figure::PivotImages>(std::move(runs));
    return loaded;
}

void GridPage::Impl::read() {
    if (!self->isVisible()) {
        isStale = true;
        return;
    }
    isDirty = isReading;
    if (isReading) {
        return;
    }
    isStale = false;
    isReading = true;
    store.readAside(
        self, {}, [before = data.images](const store::StoreReader& reader) { return readRuns(reader, before); }, [this](const Loaded& loaded) { take(loaded); },
        [this](const QString& message) {
            isReading = false;
            fail(message);
        });
}

void GridPage::Impl::take(const Loaded& loaded) {
    isReading = false;
    const bool isNew = loaded.images != data.images || !isLoaded;
    data = loaded;
    isLoaded = true;
    if (isNew) {
        makeGrid();
        Q_EMIT self->epochsChanged();
    }
    showEmptyState();
    controls->setNote(note());
    if (isDirty) {
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
    const bool isElsewhere = (isMoved && !view.pivot.has(PivotAxis::Epoch)) || (isOtherRun && !view.pivot.has(PivotAxis::Run));
    if (before.pivot != view.pivot || before.page != view.page || isElsewhere) {
        makeGrid();
    } else if (before != view) {
        controls->setView(view);
    }
}

void GridPage::Impl::makeGrid() {
    figure::PivotGrid grid(data.images, view.pivot, {.epoch = cursor.epoch, .run = run});
    QStringList pages;
    for (const figure::PivotHeader& header : grid.headers(PivotSlot::Pages)) {
        pages << QString::fromStdString(header.text).simplified();
    }
    const int page = std::clamp<int>(view.page, 0, std::max<int>(0, static_cast<int>(pages.size()) - 1));
    pivot->setGrid(std::move(grid), page);
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
    return m_impl->isLoaded && !m_impl->isReading && m_impl->pivot->isSettled();
}

std::optional<EpochRange> GridPage::epochs() const {
    std::int64_t last = 0, planned = 0;
    for (const auto& run : m_impl->data.images->runs()) {
        last = std::max(last, run->run.counters.epoch);
        planned = std::max(planned, run->run.epochs);
    }
    return EpochRange{.last = static_cast<int>(last), .planned = static_cast<int>(planned)};
}

void GridPage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    m_impl->connectViewer();
    if (m_impl->isStale) {
        refresh();
    }
}

void GridPage::keyPressEvent(QKeyEvent* event) {
    constexpr int kSizeStep = 16;
    GridView next = m_impl->view;
    if (event->modifiers() & (Qt::ControlModifier | Qt::AltModifier)) {
        return Page::keyPressEvent(event);
    }
    const int pages = static_cast<int>(m_impl->pivot->grid().headers(PivotSlot::Pages).size());
    switch (event->key()) {
        case Qt::Key_Comma:
        case Qt::Key_Period:
            next.page = std::clamp(m_impl->pivot->page() + (event->key() == Qt::Key_Comma ? -1 : 1), 0, std::max(0, pages - 1));
            return m_impl->propose(next);
        case Qt::Key_T:
            std::swap(next.pivot.axes[0], next.pivot.axes[1]);
            return m_impl->propose(next);
        case Qt::Key_S:
            next.pivot.order = next.pivot.order == figure::PivotOrder::ByChange ? figure::PivotOrder::AsChosen : figure::PivotOrder::ByChange;
            return m_impl->propose(next);
        case Qt::Key_Plus:
        case Qt::Key_Equal:
        case Qt::Key_Minus:
            next.side = std::clamp(next.side + (event->key() == Qt::Key_Minus ? -kSizeStep : kSizeStep), kLeastGridSide, kLargestGridSide);
            return m_impl->propose(next, MergeKey::Zoom);
        default:
            return Page::keyPressEvent(event);
    }
}

}  // namespace rlcm::ui
