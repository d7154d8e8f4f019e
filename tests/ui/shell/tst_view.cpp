// What the window shows is one value: it comes back after a restart, and every page follows it.
#include <QAction>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSpinBox>
#include <QTabWidget>
#include <QTableView>
#include <QTest>
#include <QToolButton>

#include "core/base/log.h"
#include "core/store/workspace.h"
#include "tests/support/temp_workspace.h"
#include "tests/ui/shell/desk.h"
#include "ui/bridge/run_controller.h"
#include "ui/charts/chart_widget.h"
#include "ui/charts/scatter_chart.h"
#include "ui/compare/compare_page.h"
#include "ui/gallery/evaluation_panel.h"
#include "ui/gallery/image_viewer.h"
#include "ui/grid/grid_page.h"
#include "ui/grid/pivot_view.h"
#include "ui/horizons/horizons_page.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/main_window.h"
#include "ui/theme/theme.h"
#include "ui/widgets/time_bar.h"

using namespace rlcm;
using test::Desk;
using test::find;
using test::kWaitMs;
using test::live;

namespace {

const ui::ChartWidget& compareChart(const ui::MainWindow& window) {
    return *find<ui::ChartWidget>(window, "compareChart");
}
/// The page of horizons has a row of images too.
QSpinBox* compareImage(const ui::MainWindow& window) {
    return window.findChild<ui::ComparePage*>()->findChild<QSpinBox*>(QStringLiteral("imageIndex"));
}
bool hasCurves(const ui::MainWindow& window) {
    return !compareChart(window).series().empty();
}

}  // namespace

class TestView : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { ui::apply(*qApp, ui::Mode::Light); }
    void choicesOfTheComparePageSurviveARestart();
    void selectionAxisAndPageSurviveARestart();
    void aWindowOpensAtTheNewestEpoch();
    void undoingTheViewIsShownByEveryPart();
    void zoomsComeAndGoWithTheView();
    void everyPageHasItsTabItsActionAndItsKey();
    void theLogNamesTheLevel();
    void theBudgetOfHorizonsTakesTheKeysAndSurvivesARestart();
    void runsBoxedOnHorizonsAreSelectedInTheList();
    void choicesOfTheGridSurviveARestart();
    void imagesOfTwoPagesAreCompared();
    void aPageBehindAnotherTabReadsNothing();
};

void TestView::choicesOfTheComparePageSurviveARestart() {
    Desk desk;
    desk.workspace.addStudy();
    {
        const auto window = desk.open();
        QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
        window->showPage(QStringLiteral("compare"));
        QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData() && hasCurves(*window), kWaitMs);
        auto* scalar = find<QComboBox>(*window, "scalar");
        scalar->setCurrentIndex(scalar->findData(QStringLiteral("reward_mean")));
        Q_EMIT scalar->activated(scalar->currentIndex());
        QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
        find<QComboBox>(*window, "xAxis")->setCurrentIndex(3);
        find<QToolButton>(*window, "group")->click();
        find<QToolButton>(*window, "raw")->click();
        find<QToolButton>(*window, "logY")->click();
        find<QToolButton>(*window, "outliers")->click();
        find<QComboBox>(*window, "band")->setCurrentIndex(2);
        find<QDoubleSpinBox>(*window, "halfLife")->setValue(2.5);
        compareImage(*window)->setValue(3);
        window->close();
    }
    const auto window = desk.open();
    QCOMPARE(window->view().state().page, QStringLiteral("compare"));
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData() && hasCurves(*window), kWaitMs);
    QCOMPARE(find<QComboBox>(*window, "scalar")->currentData().toString(), QStringLiteral("reward_mean"));
    QCOMPARE(find<QComboBox>(*window, "xAxis")->currentIndex(), 3);
    QVERIFY(find<QToolButton>(*window, "group")->isChecked());
    QVERIFY(!find<QToolButton>(*window, "raw")->isChecked());
    QVERIFY(find<QToolButton>(*window, "logY")->isChecked() && compareChart(*window).isLogY());
    QVERIFY(find<QToolButton>(*window, "outliers")->isChecked());
    QVERIFY(find<QComboBox>(*window, "band")->isEnabled());
    QCOMPARE(find<QComboBox>(*window, "band")->currentIndex(), 2);
    QCOMPARE(find<QDoubleSpinBox>(*window, "halfLife")->value(), 2.5);
    QCOMPARE(compareChart(*window).halfLife(), 2.5);
    QTRY_COMPARE_WITH_TIMEOUT(compareImage(*window)->value(), 3, kWaitMs);
    QCOMPARE(compareChart(*window).series().size(), std::size_t{4});
    // The cursor found its place on the axis though there were no curves yet when it was set.
    const store::StoreReader reader(desk.workspace.path());
    const auto points = reader.scalars(reader.runs().back().id, "reward_mean");
    QTRY_COMPARE_WITH_TIMEOUT(compareChart(*window).cursor().value_or(0), static_cast<double>(points.back().counters.rewardQueries), kWaitMs);
}

void TestView::selectionAxisAndPageSurviveARestart() {
    Desk desk;
    const run::RunId first = desk.workspace.addRun(test::smallConfig(4));
    desk.workspace.addRun(test::smallConfig(4, 4, 1));
    {
        const auto window = desk.open();
        QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
        window->runs().select(first);
        find<QComboBox>(*window, "liveAxis")->setCurrentIndex(3);
        window->resize(1100, 700);
        window->close();
    }
    const auto window = desk.open();
    QTRY_COMPARE_WITH_TIMEOUT(live(*window).shownRun(), first, kWaitMs);
    QCOMPARE(find<QComboBox>(*window, "liveAxis")->currentIndex(), 3);
}

void TestView::aWindowOpensAtTheNewestEpoch() {
    Desk desk;
    desk.workspace.addRun(test::smallConfig(12));
    {
        const auto window = desk.open();
        QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
        window->view().apply({[](ui::ViewState& state) { state.goTo(4); }});
        QCOMPARE(window->timeBar().epoch(), 4);
        live(*window).rewardChart().zoomTo({1, 3, 0, 1});
        QVERIFY(window->view().state().live.panels.front().zoom.has_value());
        window->close();
    }
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    QCOMPARE(window->timeBar().epoch(), 12);
    QVERIFY(window->timeBar().isFollowing());
    QVERIFY(!live(*window).rewardChart().isZoomed());
}

void TestView::undoingTheViewIsShownByEveryPart() {
    Desk desk;
    const run::RunId first = desk.workspace.addRun(test::smallConfig(12));
    const run::RunId second = desk.workspace.addRun(test::smallConfig(12, 4, 1));
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    window->runs().select(first);
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    window->runs().select(second);
    QCOMPARE(live(*window).shownRun(), second);
    window->steps().undo();
    QCOMPARE(live(*window).shownRun(), first);
    QCOMPARE(window->runs().selected(), first);
    auto* axis = find<QComboBox>(*window, "liveAxis");
    axis->setCurrentIndex(4);
    window->steps().undo();
    QCOMPARE(axis->currentIndex(), 0);
    window->steps().redo();
    QCOMPARE(axis->currentIndex(), 4);
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    Q_EMIT live(*window).rewardChart().cursorMoved(1e12);  // the last point; there already
    QCOMPARE(window->timeBar().epoch(), 12);
    QVERIFY(window->timeBar().isFollowing());
    Q_EMIT live(*window).rewardChart().cursorMoved(0);
    QCOMPARE(window->timeBar().epoch(), 0);
    window->steps().undo();
    QCOMPARE(window->timeBar().epoch(), 12);
    QVERIFY(window->timeBar().isFollowing());
    window->showPage(QStringLiteral("models"));
    QVERIFY(!window->timeBar().isVisible());
    window->steps().undo();
    QCOMPARE(window->page(), QStringLiteral("live"));
    QVERIFY(window->timeBar().isVisible());
}

void TestView::zoomsComeAndGoWithTheView() {
    Desk desk;
    desk.workspace.addRun(test::smallConfig(12));
    const run::RunId other = desk.workspace.addRun(test::smallConfig(12, 4, 1));
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    ui::ChartWidget& chart = live(*window).rewardChart();
    chart.zoomTo({2, 6, -3, -1});
    window->steps().undo();
    QVERIFY(!chart.isZoomed());
    window->steps().redo();
    QVERIFY(chart.isZoomed());
    QCOMPARE(chart.visibleRange().x1, 6.0);
    window->runs().select(window->runs().selected() == other ? run::RunId("r0001") : other);
    QVERIFY2(!chart.isZoomed(), "another run is shown whole");
}

void TestView::everyPageHasItsTabItsActionAndItsKey() {
    Desk desk;
    desk.workspace.addRun(test::smallConfig(4));
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    const QStringList keys = window->pageKeys();
    QCOMPARE(keys, (QStringList{QStringLiteral("live"), QStringLiteral("compare"), QStringLiteral("horizons"), QStringLiteral("grid"), QStringLiteral("vote"),
                                QStringLiteral("studies"), QStringLiteral("settings"), QStringLiteral("models"), QStringLiteral("report")}));
    QCOMPARE(window->actions().pages.size(), static_cast<std::size_t>(keys.size()));
    QCOMPARE(find<QTabWidget>(*window, "pages")->count(), static_cast<int>(keys.size()));
    for (qsizetype i = keys.size() - 1; i >= 0; --i) {
        const QAction* action = window->actions().pages[static_cast<std::size_t>(i)];
        QCOMPARE(action->shortcut(), QKeySequence(QStringLiteral("Alt+%1").arg(i + 1)));
        window->actions().pages[static_cast<std::size_t>(i)]->trigger();
        QCOMPARE(window->page(), keys[i]);
        QCOMPARE(window->view().state().page, keys[i]);
    }
    window->showPage(QStringLiteral("no such page"));
    QCOMPARE(window->page(), keys.front());
}

void TestView::theLogNamesTheLevel() {
    const Desk desk;
    store::StoreEditor editor(desk.workspace.path());
    const run::RunId id = editor.createRun(test::smallConfig(4));
    editor.claim(id);
    run::RunCommands commands;
    store::StoreWriter writer(desk.workspace.path(), id, commands);
    for (const log::Level level : {log::Level::Debug, log::Level::Info, log::Level::Warning, log::Level::Error}) {
        writer.onEvent(run::LogLine{id, level, "line " + std::to_string(static_cast<int>(level))});
    }
    const auto window = desk.open();
    auto* log = find<QPlainTextEdit>(*window, "liveLog");
    QTRY_COMPARE_WITH_TIMEOUT(log->blockCount(), 4, kWaitMs);
    const QString text = log->toPlainText();
    for (const auto* line : {"  debug: line 0", "  line 1", "  warning: line 2", "  error: line 3"}) {
        QVERIFY2(text.contains(QLatin1String(line)), qPrintable(text));
    }
}

void TestView::theBudgetOfHorizonsTakesTheKeysAndSurvivesARestart() {
    Desk desk;
    desk.workspace.addStudy();
    double budget = 0;
    {
        const auto window = desk.open();
        QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
        window->showPage(QStringLiteral("horizons"));
        QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData() && !find<ui::ScatterChart>(*window, "horizonsChart")->points().empty(), kWaitMs);
        QVERIFY(!window->timeBar().isVisible());
        auto* list = find<QTableView>(*window, "runsTable");
        QTest::keyClick(list, Qt::Key_Home);  // the list has no use for it
        QCOMPARE(window->view().state().horizons.budget, std::optional(0.0));
        QTest::keyClick(list, Qt::Key_Right);
        budget = window->view().state().horizons.budget.value();
        QVERIFY(budget > 0);
        test::picture(*window, QStringLiteral("horizons-window"));
        window->close();
    }
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    QCOMPARE(window->page(), QStringLiteral("horizons"));
    QCOMPARE(window->view().state().horizons.budget, std::optional(budget));
}

void TestView::runsBoxedOnHorizonsAreSelectedInTheList() {
    Desk desk;
    const std::vector<run::RunId> ids = desk.workspace.addStudy();
    const auto window = desk.open();
    window->showPage(QStringLiteral("horizons"));
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData() && !find<ui::ScatterChart>(*window, "horizonsChart")->points().empty(), kWaitMs);
    Q_EMIT window->findChild<ui::HorizonsPage*>()->runsChosen({ids[1], ids[5]});
    QCOMPARE(find<QTableView>(*window, "runsTable")->selectionModel()->selectedRows().size(), 2);
    QCOMPARE(window->runs().selected(), ids[1]);
}

void TestView::choicesOfTheGridSurviveARestart() {
    Desk desk;
    desk.workspace.addStudy();
    ui::GridView before;
    {
        const auto window = desk.open();
        window->showPage(QStringLiteral("grid"));
        QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData() && find<ui::PivotView>(*window, "pivotView")->rows() == 4, kWaitMs);
        auto* columns = find<QComboBox>(*window, "gridColumns");
        columns->setCurrentIndex(static_cast<int>(figure::PivotAxis::Horizon));
        Q_EMIT columns->activated(columns->currentIndex());
        test::activate(*window);
        auto* range = find<QLineEdit>(*window, "gridRowsRange");
        range->setFocus();
        QTest::keyClicks(range, QStringLiteral("0-12 (+6)"));
        QTest::keyClick(range, Qt::Key_Return);
        find<QToolButton>(*window, "gridSort")->click();
        find<QToolButton>(*window, "gridPageAfter")->click();
        before = window->view().state().grid;
        QVERIFY(before != ui::GridView());
        window->close();
    }
    const auto window = desk.open();
    QCOMPARE(window->page(), QStringLiteral("grid"));
    QTRY_COMPARE_WITH_TIMEOUT(find<ui::PivotView>(*window, "pivotView")->rows(), 3, kWaitMs);
    QVERIFY(window->view().state().grid == before);
    QCOMPARE(find<QLineEdit>(*window, "gridRowsRange")->text(), QStringLiteral("0-12 (+6)"));
    QCOMPARE(find<QComboBox>(*window, "gridColumns")->currentText(), QStringLiteral("Horizon H"));
    QVERIFY(find<QToolButton>(*window, "gridSort")->isChecked());
}

void TestView::imagesOfTwoPagesAreCompared() {
    Desk desk;
    desk.workspace.addStudy();
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData() && !live(*window).images().grid().content().samples.empty(), kWaitMs);
    ui::EvaluationGrid& gallery = live(*window).images().grid();
    gallery.setCurrent(2);
    QTest::keyClick(&gallery, Qt::Key_A);
    window->showPage(QStringLiteral("grid"));
    auto* grid = find<ui::PivotView>(*window, "pivotView");
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData() && grid->rows() == 4, kWaitMs);
    QTest::mouseClick(grid->viewport(), Qt::LeftButton, Qt::ShiftModifier, grid->cellRect({1, 2}).center());
    ui::ImageViewer& viewer = ui::ImageViewer::of(*window);
    QVERIFY(viewer.isVisible() && viewer.size() == window->size());
    QCOMPARE(viewer.image(ui::ImageViewer::Side::A)->place, QStringLiteral("ep 12"));
    QCOMPARE(viewer.image(ui::ImageViewer::Side::B)->place, QStringLiteral("ep 4"));
    QCOMPARE(viewer.image(ui::ImageViewer::Side::A)->prompt, viewer.image(ui::ImageViewer::Side::B)->prompt);
    QTRY_VERIFY_WITH_TIMEOUT(find<QLabel>(*window, "viewerNumbers")->text().contains(QStringLiteral("CLIP cosine 0.500")), kWaitMs);
    test::picture(*window, QStringLiteral("viewer-of-two-pages"));
    // The keys are the viewer's while it is open: nothing moves below it.
    const int epoch = window->timeBar().epoch();
    QTest::keyClick(&viewer, Qt::Key_Left);
    QCOMPARE(window->timeBar().epoch(), epoch);
    QCOMPARE(viewer.image(ui::ImageViewer::Side::B)->prompt, QStringLiteral("an animal 1"));
    QTest::keyClick(&viewer, Qt::Key_Escape);
    QVERIFY(!viewer.isVisible());
}

/// Pages behind other tabs took a tenth of the trainer's time when each read whatever was new. The first one is always up to date: the time bar asks it.
void TestView::aPageBehindAnotherTabReadsNothing() {
    Desk desk;
    const run::RunId id = store::StoreEditor(desk.workspace.path()).createRun(test::smallConfig(2000));
    const auto window = desk.open();
    window->controller().start(id);
    const auto points = [&] { return hasCurves(*window) ? compareChart(*window).series().front().x.size() : 0; };
    window->showPage(QStringLiteral("compare"));
    QTRY_VERIFY_WITH_TIMEOUT(points() >= 2, kWaitMs);
    window->showPage(QStringLiteral("grid"));
    QTest::qWait(500);  // what was asked for before arrives
    const auto before = points();
    const std::size_t trained = live(*window).curvePoints("reward_mean");
    QTRY_VERIFY_WITH_TIMEOUT(live(*window).curvePoints("reward_mean") >= trained + 30, kWaitMs);
    QCOMPARE(points(), before);
    window->showPage(QStringLiteral("compare"));
    QTRY_VERIFY_WITH_TIMEOUT(points() > before, kWaitMs);
    window->controller().stopNow();
    QTRY_VERIFY_WITH_TIMEOUT(!window->controller().isActive(), kWaitMs);
}

QTEST_MAIN(TestView)
#include "tst_view.moc"
