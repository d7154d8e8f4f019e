// The time bar: it counts what the page's x axis counts, takes typed places, and shows what the runs of the page have there.
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QTest>

#include "core/run/measures.h"
#include "tests/ui/shell/desk.h"
#include "ui/charts/chart_widget.h"
#include "ui/gallery/evaluation_panel.h"
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

void type(const ui::MainWindow& window, const QString& place) {
    auto* field = find<QLineEdit>(window, "timePlace");
    field->setText(place);
    QTest::keyClick(field, Qt::Key_Return);
}
QString unitOf(const ui::MainWindow& window) {
    return find<QLabel>(window, "timeLabel")->text();
}
std::vector<store::ScalarRow> points(const Desk& desk, const run::RunId& id) {
    return store::StoreReader(desk.workspace.path()).scalars(id, run::measure::kEvalRewardMean);
}

}  // namespace

class TestTime : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { ui::apply(*qApp, ui::Mode::Light); }
    void onLiveTheBarCountsWhatTheChartDoes();
    void onCompareTheBarStandsWhereTheChartDoes();
    void ticksAreOfAllRunsThatAreShown();
};

void TestTime::onLiveTheBarCountsWhatTheChartDoes() {
    Desk desk;
    const run::RunId id = desk.workspace.addRun(test::smallConfig(12));
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    QCOMPARE(unitOf(*window), QStringLiteral("Epoch"));
    QCOMPARE(find<QLabel>(*window, "timeEnd")->text(), QStringLiteral("of 12"));
    type(*window, QStringLiteral("7"));
    QCOMPARE(window->view().state().cursor.epoch, 7);
    find<QComboBox>(*window, "liveAxis")->setCurrentIndex(static_cast<int>(ui::XAxis::RewardQueries));
    const auto rows = points(desk, id);  // at 0, 4, 8, 12
    QCOMPARE(unitOf(*window), ui::axisTitle(ui::XAxis::RewardQueries));
    QCOMPARE(window->timeBar().epoch(), 7);
    QCOMPARE(find<QLabel>(*window, "timeEnd")->text(), QStringLiteral("of %1").arg(rows.back().counters.rewardQueries));
    type(*window, QString::number(rows[2].counters.rewardQueries));
    QCOMPARE(window->view().state().cursor.epoch, 8);
    QVERIFY(!window->view().state().cursor.place);
    QCOMPARE(live(*window).rewardChart().cursor(), std::optional(static_cast<double>(rows[2].counters.rewardQueries)));
    find<QComboBox>(*window, "liveAxis")->setCurrentIndex(0);
    QCOMPARE(unitOf(*window), QStringLiteral("Epoch"));
    QCOMPARE(find<QLineEdit>(*window, "timePlace")->text(), QStringLiteral("8"));
    QTest::keyClick(window.get(), Qt::Key_Right);
    QCOMPARE(window->view().state().cursor.epoch, 9);
}

void TestTime::onCompareTheBarStandsWhereTheChartDoes() {
    Desk desk;
    const std::vector<run::RunId> ids = desk.workspace.addStudy();
    const auto window = desk.open();
    window->showPage(QStringLiteral("compare"));
    auto* chart = find<ui::ChartWidget>(*window, "compareChart");
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData() && !chart->series().empty(), kWaitMs);
    find<QComboBox>(*window, "xAxis")->setCurrentIndex(static_cast<int>(ui::XAxis::DenoiserEvaluations));
    QTRY_COMPARE_WITH_TIMEOUT(unitOf(*window), ui::axisTitle(ui::XAxis::DenoiserEvaluations), kWaitMs);
    QVERIFY(window->timeBar().isFollowing());
    std::int64_t farthest = 0;
    for (const run::RunId& id : ids) {
        farthest = std::max(farthest, points(desk, id).back().counters.denoiserEvaluations);
    }
    QTRY_COMPARE_WITH_TIMEOUT(window->timeBar().placeOf(window->timeBar().last()), static_cast<double>(farthest), kWaitMs);
    const double wanted = static_cast<double>(points(desk, ids[1])[2].counters.denoiserEvaluations);
    type(*window, QString::number(wanted));
    const auto place = window->view().state().cursor.place;
    QVERIFY(place && place->unit == ui::XAxis::DenoiserEvaluations);
    QCOMPARE(place->x, wanted);
    QCOMPARE(chart->cursor(), std::optional(wanted));
    QVERIFY(!window->timeBar().isFollowing());
    QTest::keyClick(&window->timeBar(), Qt::Key_Right);
    QVERIFY(*chart->cursor() > wanted);
    Q_EMIT chart->cursorMoved(wanted);  // and the other way round
    QCOMPARE(window->timeBar().placeOf(window->timeBar().epoch()), wanted);
    window->showPage(QStringLiteral("live"));
    QCOMPARE(unitOf(*window), QStringLiteral("Epoch"));
    QCOMPARE(window->timeBar().last(), 12);
    window->showPage(QStringLiteral("compare"));
    QTRY_COMPARE_WITH_TIMEOUT(window->timeBar().placeOf(window->timeBar().epoch()), wanted, kWaitMs);
    QTest::keyClick(&window->timeBar(), Qt::Key_End);
    QVERIFY(window->timeBar().isFollowing() && !window->view().state().cursor.place && window->view().state().cursor.isFollowing);
    QCOMPARE(chart->cursor(), std::optional(static_cast<double>(farthest)));
    test::picture(*window, QStringLiteral("time-compare"));
}

void TestTime::ticksAreOfAllRunsThatAreShown() {
    Desk desk;
    run::RunConfig often = test::smallConfig(12);
    often.evaluation.every = 3;
    const run::RunId first = desk.workspace.addRun(test::smallConfig(12)), second = desk.workspace.addRun(often);
    {
        store::StoreEditor(desk.workspace.path()).claim(second);
        run::RunCommands commands;
        store::StoreWriter writer(desk.workspace.path(), second, commands);
        writer.onEvent(run::SettingEdited{second, 5, "training.learning_rate", "0.001", "0.0005"});
        writer.onEvent(run::AlertRaised{.id = second, .epoch = 9, .rule = "blur", .measure = "loss", .before = 2, .after = 1, .text = "blurred"});
        writer.onEvent(run::RunFinished{.id = second, .state = run::RunState::Finished, .error = {}, .counters = {}});
    }
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    window->runs().select(first);
    const auto marks = [&]() -> const ui::TimeMarks& { return window->timeBar().marks(); };
    QTRY_COMPARE_WITH_TIMEOUT(marks().images, (std::vector<double>{0, 4, 8, 12}), kWaitMs);
    QVERIFY(marks().alarms.empty() && marks().edits.empty());
    window->showPage(QStringLiteral("compare"));
    QTRY_COMPARE_WITH_TIMEOUT(marks().images, (std::vector<double>{0, 3, 4, 6, 8, 9, 12}), kWaitMs);
    QCOMPARE(marks().alarms, (std::vector<double>{9}));
    QCOMPARE(marks().edits, (std::vector<double>{5}));
    QCOMPARE(marks().checkpoints, (std::vector<double>{4, 8, 12}));
    QTest::keyClick(&window->timeBar(), Qt::Key_PageUp);
    QCOMPARE(window->view().state().cursor.epoch, 9);
    window->runs().model().setData(window->runs().model().index(window->runs().model().rowOf(second), ui::RunsModel::Visible), Qt::Unchecked,
                                   Qt::CheckStateRole);
    QTRY_COMPARE_WITH_TIMEOUT(marks().images, (std::vector<double>{0, 4, 8, 12}), kWaitMs);
    QVERIFY(marks().alarms.empty());
}

QTEST_MAIN(TestTime)
#include "tst_time.moc"
