// What is looked at: pages, time bar and list of runs show the view, and propose changes of it.
#include <QStackedWidget>
#include <QTabWidget>
#include <algorithm>

#include "core/store/workspace.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/main_window.h"
#include "ui/shell/welcome_page.h"
#include "ui/view/page.h"
#include "ui/widgets/time_bar.h"

namespace rlcm::ui {

void MainWindow::connectView() {
    connect(&m_view, &ViewModel::changed, this, &MainWindow::showView);
    connect(m_time, &TimeBar::epochChanged, this, [this](int epoch) {
        const auto move = [epoch, isFollowing = m_time->isFollowing()](ViewState& state) { state.cursor = {.epoch = epoch, .isFollowing = isFollowing}; };
        m_time->isFollowing() ? m_view.follow(move) : m_view.apply({move, MergeKey::Cursor});
    });
    connect(m_time, &TimeBar::followChanged, this,
            [this](bool isFollowing) { m_view.follow([isFollowing](ViewState& state) { state.cursor.isFollowing = isFollowing; }); });
    connect(m_tabs, &QTabWidget::currentChanged, this, [this] {
        m_view.apply({[key = shownPage()->key()](ViewState& state) { state.page = key; }});
        showFittingPage();
        m_time->setVisible(shownPage()->epochs().has_value());
        updateTimeBar();
        refreshPages();
    });
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
    showTime(state.cursor);
    if (m_view.state() == state) {
        for (Page* page : m_pages) {
            page->showView(state);
        }
    }
}

void MainWindow::showTime(const Cursor& cursor) {
    if (cursor.isFollowing) {
        if (!m_time->isFollowing()) {
            m_time->setFollowing(true);
        }
    } else if (m_time->isFollowing() || cursor.epoch != m_time->epoch()) {
        goToEpoch(cursor.epoch);
    }
}

void MainWindow::goToEpoch(int epoch) {
    m_time->setPlaying(false);
    m_time->setFollowing(false);
    m_time->setEpoch(epoch);
    m_view.apply({[shown = m_time->epoch()](ViewState& state) { state.goTo(shown); }, MergeKey::Cursor});
}

void MainWindow::refreshPages() {
    if (m_stack->currentWidget() == m_work) {
        for (Page* page : m_pages) {
            page->refresh();
        }
    }
}

/// Range of the page that is shown; ticks are those of the selected run.
void MainWindow::updateTimeBar() {
    const std::optional<EpochRange> range = shownPage()->epochs();
    const std::optional<EpochRange> run = m_pages.front()->epochs();
    m_time->setRange((range ? range : run)->last, (range ? range : run)->planned);
    m_time->setImageEpochs(run->images);
    m_time->setCheckpointEpochs(run->checkpoints);
}

}  // namespace rlcm::ui
