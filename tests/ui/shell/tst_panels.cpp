// Several charts on the live page: what each shows, what all share, and that it comes back.
#include <QComboBox>
#include <QMenu>
#include <QTest>
#include <QToolButton>

#include "core/store/workspace.h"
#include "tests/support/temp_workspace.h"
#include "tests/ui/shell/desk.h"
#include "ui/charts/chart_widget.h"
#include "ui/live/chart_panels.h"
#include "ui/live/live_page.h"
#include "ui/live/measure_panel.h"
#include "ui/shell/main_window.h"
#include "ui/theme/theme.h"

using namespace rlcm;
using test::Desk;
using test::find;
using test::kWaitMs;
using test::live;
using test::picture;

namespace {

/// The menu of a chart as it is when it is opened.
QMenu* menuOf(ui::MainWindow& window, const char* name) {
    QMenu* menu = find<QToolButton>(window, name)->menu();
    Q_EMIT menu->aboutToShow();
    return menu;
}

QAction* entry(const QMenu* menu, const QString& text) {
    for (QAction* action : menu->actions()) {
        if (action->text().remove(QLatin1Char('&')) == text) {
            return action;
        }
    }
    return nullptr;
}

void choose(ui::MainWindow& window, const char* box, const QString& title) {
    auto* combo = find<QComboBox>(window, box);
    combo->setCurrentIndex(combo->findText(title));
    Q_EMIT combo->activated(combo->currentIndex());
}

}  // namespace

class TestPanels : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        ui::apply(*qApp, ui::Mode::Light);
        m_desk = std::make_unique<Desk>();
        m_desk->workspace.addRun(test::smallConfig(12));
        open();
    }
    void cleanup() {
        m_window.reset();
        m_desk.reset();
    }
    void chartsAreAddedAndRemovedAndThatCanBeUndone() {
        QCOMPARE(charts().count(), std::size_t{2});
        entry(menuOf(*m_window, "panelMenu1"), QStringLiteral("Add a chart"))->trigger();
        QCOMPARE(charts().count(), std::size_t{3});
        QVERIFY(charts().chart(2).isVisible());
        QTRY_VERIFY_WITH_TIMEOUT(!charts().chart(2).series().empty(), kWaitMs);  // something that was not on the page
        QVERIFY(charts().measuresOf(2) != charts().measuresOf(1));
        picture(*m_window, QStringLiteral("panels"));
        entry(menuOf(*m_window, "panelMenu0"), QStringLiteral("Remove this chart"))->trigger();
        QCOMPARE(charts().count(), std::size_t{2});
        QVERIFY(charts().measuresOf(0) != ui::rewardMeasures());
        m_window->steps().undo();
        m_window->steps().undo();
        QCOMPARE(charts().count(), std::size_t{2});
        QCOMPARE(charts().measuresOf(0), ui::rewardMeasures());
        entry(menuOf(*m_window, "panelMenu1"), QStringLiteral("Remove this chart"))->trigger();
        QVERIFY2(!entry(menuOf(*m_window, "panelMenu0"), QStringLiteral("Remove this chart"))->isEnabled(), "one chart is always there");
    }
    void aChartShowsWhatItsBoxSays() {
        choose(*m_window, "panelMeasure1", ui::scalarTitle("loss"));
        QTRY_COMPARE_WITH_TIMEOUT(charts().chart(1).series().size(), std::size_t{1}, kWaitMs);
        QTRY_COMPARE_WITH_TIMEOUT(charts().chart(1).series().front().id, QStringLiteral("loss"), kWaitMs);
        choose(*m_window, "panelMeasure1", QStringLiteral("Reward"));
        QTRY_VERIFY_WITH_TIMEOUT(charts().chart(1).series().size() >= 2, kWaitMs);
    }
    void measuresOfOneUnitShareAChartAndOthersAreNotOffered() {
        choose(*m_window, "panelMeasure1", ui::scalarTitle("loss"));
        QMenu* also = entry(menuOf(*m_window, "panelMenu1"), QStringLiteral("Show with it"))->menu();
        QVERIFY(entry(also, ui::scalarTitle("reward_mean")) == nullptr);
        QAction* gradient = entry(also, ui::scalarTitle("grad_norm"));
        QVERIFY(gradient != nullptr && !gradient->isChecked());
        gradient->setChecked(true);
        QTRY_COMPARE_WITH_TIMEOUT(charts().chart(1).series().size(), std::size_t{2}, kWaitMs);
        QVERIFY(charts().chart(1).series()[0].colour != charts().chart(1).series()[1].colour);
        QCOMPARE(find<QComboBox>(*m_window, "panelMeasure1")->currentText(), ui::scalarTitle("loss") + QStringLiteral(" + 1"));
    }
    void placeAndCursorAreThoseOfAllCharts() {
        ui::ChartWidget &first = charts().chart(0), &second = charts().chart(1);
        const auto before = second.visibleRange();
        first.zoomTo({2, 6, -3, -1});
        QCOMPARE(second.visibleRange().x0, 2.0);
        QCOMPARE(second.visibleRange().x1, 6.0);
        QCOMPARE(second.visibleRange().y0, before.y0);  // its own values
        QVERIFY(second.isZoomedAlongX());
        second.zoomTo({3, 4, before.y0, before.y1});
        QCOMPARE(first.visibleRange().x0, 3.0);
        QCOMPARE(first.visibleRange().y0, -3.0);
        Q_EMIT second.cursorMoved(4);
        QCOMPARE(first.cursor(), std::optional(4.0));
        QCOMPARE(second.cursor(), std::optional(4.0));
        second.resetZoom();
        QVERIFY(!first.isZoomed() && !second.isZoomed());
    }
    void eachChartHasALogarithmicAxisOfItsOwn() {
        choose(*m_window, "panelMeasure1", ui::scalarTitle("loss"));
        entry(menuOf(*m_window, "panelMenu1"), QStringLiteral("Log y"))->setChecked(true);
        QVERIFY(charts().chart(1).isLogY() && !charts().chart(0).isLogY());
        QVERIFY(entry(menuOf(*m_window, "panelMenu1"), QStringLiteral("Log y"))->isChecked());
        m_window->close();
        open();
        QVERIFY(charts().chart(1).isLogY() && !charts().chart(0).isLogY());
        entry(menuOf(*m_window, "panelMenu1"), QStringLiteral("Log y"))->setChecked(false);
        QVERIFY(!charts().chart(1).isLogY());
        m_window->steps().undo();
        QVERIFY(charts().chart(1).isLogY());
    }
    void chartsComeBackAfterARestart() {
        entry(menuOf(*m_window, "panelMenu1"), QStringLiteral("Add a chart"))->trigger();
        choose(*m_window, "panelMeasure2", ui::scalarTitle("grad_norm"));
        m_window->close();
        open();
        QCOMPARE(charts().count(), std::size_t{3});
        QCOMPARE(charts().measuresOf(2), std::vector<std::string>{"grad_norm"});
        QTRY_VERIFY_WITH_TIMEOUT(!charts().chart(2).series().empty(), kWaitMs);
    }
    void narrowPagesPutChartsBelowEachOther() {
        charts().setFixedWidth(400);
        QCoreApplication::processEvents();
        QVERIFY(charts().panel(1).y() > charts().panel(0).y());
        charts().setFixedWidth(700);
        QTRY_COMPARE(charts().panel(1).y(), charts().panel(0).y());
    }

private:
    void open() {
        m_window.reset();
        m_window = m_desk->open();
        QTRY_VERIFY_WITH_TIMEOUT(m_window->isShowingData(), kWaitMs);
        charts().chart(0).replotNow();
        charts().chart(1).replotNow();
    }
    ui::ChartPanels& charts() { return live(*m_window).charts(); }

    std::unique_ptr<Desk> m_desk;
    std::unique_ptr<ui::MainWindow> m_window;
};

QTEST_MAIN(TestPanels)
#include "tst_panels.moc"
