#include "ui/compare/compare_page.h"

#include <QKeyEvent>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>

#include "ui/charts/chart_widget.h"
#include "ui/compare/compare_page_impl.h"
#include "ui/runs/runs_model.h"
#include "ui/widgets/arrange.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/message_bar.h"

namespace rlcm::ui {
namespace {

constexpr int kLeastChart = 240;  // below its legend there must be room for curves; on a smaller screen the page scrolls

}  // namespace

void ComparePage::Impl::build() {
    bar = new MessageBar(self);
    stack = new QStackedWidget(self);
    empty = new EmptyState(Icon::Chart, {}, {}, {}, stack);
    auto* content = new QWidget(stack);
    controls = new CompareControls(content);
    chart = new ChartWidget(content);
    chart->setObjectName(QStringLiteral("compareChart"));
    chart->setMinimumHeight(kLeastChart);
    table = new CursorTable(content);
    row = new ImageRow(content);
    vote = makeOutlined(new QToolButton);
    vote->setObjectName(QStringLiteral("blindVote"));
    vote->setText(tr("Blind vote"));
    vote->setToolTip(tr("Say which images are better without knowing of which run they are"));
    row->addToHead(vote);
    const ChartLayout layout = arrangeChart(cardAround(chart, content), table, row, 500);
    across = layout.across;
    down = layout.down;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(spacing::kMedium);
    column->addWidget(controls);
    column->addWidget(down, 1);
    stack->addWidget(empty);
    stack->addWidget(content);
    auto* outer = new QVBoxLayout(self);
    outer->setContentsMargins(spacing::kMedium, spacing::kSmall, spacing::kMedium, spacing::kSmall);
    outer->setSpacing(spacing::kMedium);
    outer->addWidget(stack, 1);
    bar->floatOver(self);  // nothing moves under the mouse when it comes
    showAxis();
    showEmptyState();
    showCurves();
}

void ComparePage::Impl::connectAll() {
    QObject::connect(&loader, &CompareLoader::curvesLoaded, self, [this] { takeCurves(); });
    QObject::connect(&loader, &CompareLoader::imagesLoaded, self, [this](const std::vector<RunImages>& loaded) { takeImages(loaded); });
    QObject::connect(&loader, &CompareLoader::failed, self, [this](const QString& message) { fail(message); });
    QObject::connect(bar, &MessageBar::actionTriggered, self, [this] {
        bar->dismiss();
        self->refresh();
    });
    QObject::connect(empty, &EmptyState::triggered, self, [this] { Q_EMIT self->newRunRequested(nullptr); });
    QObject::connect(controls, &CompareControls::chosen, self, [this](const CompareView& next) { choose(next); });
    QObject::connect(chart, &ChartWidget::cursorMoved, self, [this](double x) { chooseCursor(x); });
    self->keepZoom(chart, [](ViewState& state) -> std::optional<Zoom>& { return state.compare.zoom; });
    QObject::connect(table, &CursorTable::activated, self, [this](const QString& id) {
        Q_EMIT self->proposed({[id](ViewState& state) {
            state.select(id.toStdString());
            state.page = QStringLiteral("live");
        }});
    });
    QObject::connect(table, &CursorTable::pointed, chart, &ChartWidget::setEmphasis);
    QObject::connect(row, &ImageRow::imageIndexChanged, self,
                     [this](int index) { Q_EMIT self->proposed({[index](ViewState& state) { state.compare.image = index; }}); });
    QObject::connect(vote, &QToolButton::clicked, self, &ComparePage::voteRequested);
    self->keepLayout(across, QStringLiteral("compare/across"));
    self->keepLayout(down, QStringLiteral("compare/down"));
}

// --- data
// --------------------------------------------------------------------------------------------------------

void ComparePage::Impl::askForCurves() {
    if (!self->isVisible()) {
        isStale = true;
        return;
    }
    isStale = false;
    loader.loadCurves(view.measure);
}

void ComparePage::Impl::takeCurves() {
    isLoaded = true;
    controls->setScalars(data().scalarNames);
    controls->setRewards(rewards());
    controls->setLongestX(longestX(data(), view.axis));
    if (!isCursorPlaced || cursor.isFollowing) {
        placeCursor();
    }
    showEmptyState();
    showCurves();
    Q_EMIT self->epochsChanged();
}

void ComparePage::Impl::takeImages(const std::vector<RunImages>& loaded) {
    images = loaded;
    showImages();
}

// --- the view
// ----------------------------------------------------------------------------------------------------

void ComparePage::Impl::show(const ViewState& state) {
    const CompareView& next = state.compare;
    const QSignalBlocker quiet(chart);
    const CompareView before = std::exchange(view, next);
    const bool isOtherAxis = next.axis != before.axis, isMoved = std::exchange(cursor, state.cursor) != state.cursor;
    const bool isOtherBaseline = std::exchange(baseline, state.baseline) != state.baseline;
    if (next != before) {
        controls->setView(next);
    }
    if (isOtherAxis) {
        showAxis();
    }
    if (isMoved || (isOtherAxis && chart->cursor())) {
        placeCursor();
    }
    if (next.measure != before.measure) {
        askForCurves();
    }
    CompareView withoutRest = before;  // what needs no other curves
    withoutRest.zoom = next.zoom;
    withoutRest.image = next.image;
    if (withoutRest != next || isOtherBaseline) {
        showCurves();
    } else if (isMoved) {
        showCursor();
    }
    if (next.image != before.image) {
        showImages();
    }
    showZoom(*chart, next.zoom);
}

void ComparePage::Impl::showAxis() {
    const XAxis axis = view.axis;
    controls->setLongestX(longestX(data(), axis));
    chart->setDurationAxis(isTime(axis));
    chart->setPlaceText([axis](double x) { return placeText(axis, x); });
    chart->resetZoom();
}

/// The cursor of all pages, unless another place was chosen here; following, it stays at the newest point.
void ComparePage::Impl::placeCursor() {
    const bool isChosenHere = cursor.place && cursor.place->unit == view.axis;
    if (!cursor.place && cursor.isFollowing && view.axis != XAxis::Epoch && longestX(data(), view.axis) > 0) {
        isCursorPlaced = true;
        chart->setCursor(longestX(data(), view.axis));  // the newest of all runs, where the time bar ends
        return;
    }
    isCursorPlaced = isChosenHere || view.axis == XAxis::Epoch || longestX(data(), view.axis) > 0;
    chart->setCursor(isChosenHere ? cursor.place->x : convertX(data(), cursor.epoch, XAxis::Epoch, view.axis));
}

/// On another axis the tracked point and the share of the axis that is smoothed over stay, not the numbers.
void ComparePage::Impl::choose(CompareView next) {
    std::optional<Cursor::Place> place = cursor.place;
    if (next.axis != view.axis) {
        const double before = longestX(data(), view.axis), after = longestX(data(), next.axis);
        if (before > 0 && after > 0) {
            next.halfLife = CompareControls::shownHalfLife(view.halfLife * after / before);
        }
        if (place) {
            place = {next.axis, convertX(data(), cursorX(), view.axis, next.axis)};
        }
    }
    if (next.axis != view.axis || next.isLogY != view.isLogY) {
        next.zoom = {};
    }
    const MergeKey key = next.halfLife != view.halfLife && next.axis == view.axis ? MergeKey::Smoothing : MergeKey::None;
    Q_EMIT self->proposed({[next, place](ViewState& state) {
                               state.compare = next;
                               state.cursor.place = place;
                           },
                           key});
}

void ComparePage::Impl::chooseCursor(double x) {
    Q_EMIT self->proposed({[x, axis = view.axis](ViewState& state) {
                               axis == XAxis::Epoch ? state.goTo(static_cast<int>(std::lround(x))) : static_cast<void>(state.cursor.place = {axis, x});
                           },
                           MergeKey::Cursor});
}

// --- public
// ------------------------------------------------------------------------------------------------------

ComparePage::ComparePage(StoreService& store, const RunsModel& runs, QWidget* parent) : Page(parent), m_impl(std::make_unique<Impl>(this, store, runs)) {
    m_impl->build();
    m_impl->connectAll();
    setFocusPolicy(Qt::StrongFocus);
}

ComparePage::~ComparePage() = default;

void ComparePage::showView(const ViewState& state) {
    m_impl->show(state);
    showLayout(state);
}

void ComparePage::refresh() {
    m_impl->askForCurves();
}

bool ComparePage::isShowingData() const {
    return m_impl->isLoaded && !m_impl->isReading();
}

std::optional<EpochRange> ComparePage::epochs() const {
    EpochRange range = m_impl->range;
    for (const store::RunRow& run : m_impl->list.runs()) {  // newer than the curves
        range.last = std::max(range.last, run.isVisible ? static_cast<int>(run.counters.epoch) : 0);
        range.planned = std::max(range.planned, run.isVisible ? static_cast<int>(run.epochs) : 0);
    }
    range.here = m_impl->chart->cursor();
    return range;
}

bool ComparePage::chooseAxis(XAxis axis) {
    CompareView next = m_impl->view;
    next.axis = axis;
    m_impl->choose(next);
    return true;
}

std::optional<ExportSubject> ComparePage::exportSubject() const {
    return m_impl->subject();
}

void ComparePage::copyTable() {
    m_impl->table->copy();
}

void ComparePage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    if (m_impl->isStale) {
        refresh();
    }
}

void ComparePage::keyPressEvent(QKeyEvent* event) {
    CompareView next = m_impl->view;
    const int digit = event->key() - Qt::Key_1;
    if (event->modifiers() & (Qt::ControlModifier | Qt::AltModifier)) {
        return Page::keyPressEvent(event);
    }
    switch (event->key()) {
        case Qt::Key_BracketLeft:
            next.halfLife = CompareControls::shownHalfLife(next.halfLife / 2);
            break;
        case Qt::Key_BracketRight:
            next.halfLife = CompareControls::shownHalfLife(next.halfLife * 2);
            break;
        case Qt::Key_R:
            next.hasRaw = !next.hasRaw;
            break;
        case Qt::Key_L:
            next.isLogY = !next.isLogY;
            break;
        case Qt::Key_O:
            next.ignoresOutliers = !next.ignoresOutliers;
            break;
        case Qt::Key_G:
            next.isGrouped = !m_impl->isGrouped();
            break;
        case Qt::Key_F:
            return m_impl->chart->resetZoom();
        default:
            if (digit < 0 || digit >= std::ssize(run::counterFields())) {
                return Page::keyPressEvent(event);
            }
            next.axis = static_cast<XAxis>(digit);
    }
    m_impl->choose(next);
}

}  // namespace rlcm::ui
