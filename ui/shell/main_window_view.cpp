// What is looked at: pages, time bar and list of runs show the view, and propose changes of it.
#include <QStackedWidget>
#include <QTabWidget>
#include <QSignalBlocker>
#include <algorithm>
#include <cmath>
#include <utility>

#include "core/store/workspace.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/main_window.h"
#include "ui/shell/welcome_page.h"
#include "ui/view/page.h"
#include "ui/widgets/format.h"
#include "ui/widgets/time_bar.h"

namespace rlcm::ui {

namespace {
/// A page scrolls where it has no room itself, and not because another would have none.
void askForRoom(const std::vector<Page*>& pages, const Page* shown) {
    for (Page* page : pages) {
        page->setSizePolicy(page->sizePolicy().horizontalPolicy(), page == shown ? QSizePolicy::Preferred : QSizePolicy::Ignored);
    }
}
}  // namespace

void MainWindow::connectView() {
    connect(&m_view, &ViewModel::changed, this, &MainWindow::showView);
    connect(m_time, &TimeBar::epochChanged, this,
            [this](int stop) { m_time->isFollowing() ? m_view.follow(movedTo(stop)) : m_view.apply({movedTo(stop), MergeKey::Cursor}); });
    connect(m_time, &TimeBar::followChanged, this, [this](bool isFollowing) {
        m_view.follow([isFollowing](ViewState& state) {
            state.cursor.isFollowing = isFollowing;
            state.cursor.place = isFollowing ? std::nullopt : state.cursor.place;
        });
    });
    connect(m_tabs, &QTabWidget::currentChanged, this, [this] {
        m_view.apply({[key = shownPage()->key()](ViewState& state) { state.page = key; }});
        showFittingPage();
        askForRoom(m_pages, shownPage());
        m_time->setVisible(shownPage()->epochs().has_value());
        updateTimeBar();
        refreshPages();
    });
    askForRoom(m_pages, shownPage());
}

Page* MainWindow::shownPage() const {
    return m_pages[static_cast<std::size_t>(m_tabs->currentIndex())];
}

Page* MainWindow::pageOf(const QString& key) const {
    const auto found = std::find_if(m_pages.begin(), m_pages.end(), [&](const Page* page) { return page->key() == key; });
    return found == m_pages.end() ? m_pages.front() : *found;
}

QString MainWindow::page() const {
    return m_stack->currentWidget() == m_welcome ? kWelcome : shownPage()->key();
}

QStringList MainWindow::pageKeys() const {
    QStringList keys;
    for (const Page* page : m_pages) {
        keys << page->key();
    }
    return keys;
}

void MainWindow::showPage(const QString& key) {
    m_isForcedWelcome = key == kWelcome;
    if (m_isForcedWelcome) {
        m_stack->setCurrentWidget(m_welcome);
        return;
    }
    m_stack->setCurrentWidget(m_work);
    m_runs->setFocus();
    m_tabs->setCurrentWidget(pageOf(key));
    showFittingPage();
}

/// A workspace without runs shows the welcome page, except for pages that are about something else, and while a
/// deletion can be undone in the list.
void MainWindow::showFittingPage() {
    if (!m_runs->hasLoaded()) {
        return;
    }
    const bool hasRuns = m_runs->model().rowCount() > 0 || m_runs->isOfferingUndo();
    const bool isElsewhere = m_stack->currentWidget() == m_work && !shownPage()->epochs();
    m_stack->setCurrentWidget((hasRuns && !m_isForcedWelcome) || isElsewhere ? m_work : m_welcome);
}

bool MainWindow::isShowingData() const {
    return m_runs->hasLoaded() && (page() == kWelcome || shownPage()->isShowingData());
}

/// Everything shows the view, or newer facts of what it shows already.
void MainWindow::showView() {
    const ViewState state = m_view.state();  // stays while this is shown
    m_tabs->setCurrentWidget(pageOf(state.page));
    if (!state.run.empty() && m_runs->selected() != state.run) {
        m_runs->select(state.run);
    }
    showList(state);
    showTime(state.cursor);
    if (m_view.state() != state) {
        return;
    }
    for (Page* page : m_pages) {
        page->showView(state);
    }
    const auto scale = std::tuple(state.page, state.live.axis, state.compare.axis);
    if (std::exchange(m_shownScale, scale) != scale) {
        updateTimeBar();
    } else if (!m_range.areEpochs) {
        m_range.here = shownPage()->epochs().value_or(m_range).here;
        placeTime();
    }
}

/// The change of view that a stop of the time bar stands for.
std::function<void(ViewState&)> MainWindow::movedTo(int stop) const {
    const bool isFollowing = m_time->isFollowing();
    if (m_range.areEpochs || isFollowing) {
        return
            [epoch = m_range.areEpochs ? stop : m_range.last, isFollowing](ViewState& state) { state.cursor = {.epoch = epoch, .isFollowing = isFollowing}; };
    }
    return [place = Cursor::Place{m_range.unit, m_time->placeOf(stop)}](ViewState& state) {
        state.cursor.place = place;
        state.cursor.isFollowing = false;
    };
}

void MainWindow::showTime(const Cursor& cursor) {
    if (!m_range.areEpochs) {
        return;  // where the page stands is known when it shows the view
    }
    if (cursor.isFollowing) {
        if (!m_time->isFollowing()) {
            m_time->setFollowing(true);
        }
    } else if (m_time->isFollowing() || cursor.epoch != m_time->epoch()) {
        m_time->standAt(cursor.epoch);                                         // which may lie beyond what is known yet; updateTimeBar() has the last word
        m_view.follow([cursor](ViewState& state) { state.cursor = cursor; });  // whatever the bar has told on its way here
    }
}

void MainWindow::goToEpoch(int epoch) {
    m_time->standAt(epoch);
    m_view.apply({movedTo(m_time->epoch()), MergeKey::Cursor});
}

/// Those behind other tabs read when they are shown: what nobody looks at must not take time from a run. The first page tells the time bar what the selected
/// run has.
void MainWindow::refreshPages() {
    if (m_stack->currentWidget() != m_work) {
        return;
    }
    m_pages.front()->refresh();
    if (shownPage() != m_pages.front()) {
        shownPage()->refresh();
    }
}

/// In the unit of the page that is shown, with all that its runs have there.
void MainWindow::updateTimeBar() {
    const std::optional<EpochRange> shown = shownPage()->epochs();
    EpochRange range = shown ? *shown : m_pages.front()->epochs().value_or(EpochRange());
    if (!range.isKnown) {
        return;
    }
    const bool isOtherScale = range.unit != m_range.unit || range.areEpochs != m_range.areEpochs;
    m_range = std::move(range);
    m_time->setUnit({.name = axisTitle(m_range.unit), .places = m_range.places, .end = m_range.end, .text = [unit = m_range.unit](double place) {
                         return isTime(unit) ? formatDuration(place) : QString::number(std::llround(place));
                     }});
    const int last = m_range.areEpochs ? m_range.last : std::max(0, static_cast<int>(m_range.places.size()) - 1);
    {
        const QSignalBlocker quiet(isOtherScale || !m_range.areEpochs ? m_time : nullptr);  // a stop of one scale says nothing on another
        m_time->setRange(last, m_range.areEpochs ? m_range.planned : last);
    }
    m_time->setMarks(m_range.marks);
    if (isOtherScale || !m_range.areEpochs) {
        placeTime();
    } else if (const Cursor cursor = m_view.state().cursor; !cursor.isFollowing && cursor.epoch != m_time->epoch()) {
        m_view.follow(movedTo(m_time->epoch()));  // there is nothing at the epoch that was asked for
    }
}

/// The time bar where the view stands, on a scale that it has just got.
void MainWindow::placeTime() {
    const Cursor cursor = m_view.state().cursor;
    const bool isPlace = !m_range.areEpochs && cursor.place && cursor.place->unit == m_range.unit;
    if (cursor.isFollowing && !isPlace) {
        m_time->setFollowing(true);
        m_view.follow([last = m_range.last](ViewState& state) { state.cursor = {.epoch = last, .isFollowing = true}; });
        return;
    }
    const double here = isPlace ? cursor.place->x : m_range.here.value_or(0);
    const int stop = m_range.areEpochs ? cursor.epoch : m_time->stopAt(here);
    m_time->setFollowing(false);
    if (stop != m_time->epoch()) {
        m_time->setEpoch(stop);
    }
}

}  // namespace rlcm::ui
