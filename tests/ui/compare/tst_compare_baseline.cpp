// The page of comparisons: a run that others are told against, the best value so far, and kinds of smoothing.
#include <QApplication>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QToolButton>
#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/number_text.h"
#include "tests/ui/compare/study_page_test.h"
#include "ui/charts/chart_widget.h"
#include "ui/compare/compare_page.h"
#include "ui/compare/cursor_table.h"
#include "ui/runs/runs_model.h"
#include "ui/theme/theme.h"

using namespace rlcm;
using namespace rlcm::ui;
using test::kWaitMs;

class TestCompareBaseline : public test::StudyPageTest<ComparePage> {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        apply(*qApp, Mode::Light);
        begin();
    }
    void init() { make(); }
    void cleanup() { closePage(); }
    void cleanupTestCase() { end(); }

    void othersAreToldAgainstTheBaselineAtTheCursor() {
        const auto header = [this] { return model().headerData(CursorModel::Delta, Qt::Horizontal, Qt::DisplayRole).toString(); };
        QCOMPARE(header(), QStringLiteral("Δ first"));
        QVERIFY(!chart().readoutAt(8).join(QLatin1Char('|')).contains(QStringLiteral("Δ")));
        setBaseline(m_ids[1]);
        QCOMPARE(header(), QStringLiteral("Δ base"));
        const double base = rowOf(m_ids[1]).smoothed;
        for (const CursorRow& row : model().rows()) {
            QCOMPARE(CursorModel::number(row, CursorModel::Delta), row.smoothed - base);
            QCOMPARE(row.label.endsWith(QStringLiteral("base")), row.id.toStdString() == m_ids[1]);
        }
        const QStringList lines = chart().readoutAt(8);
        QCOMPARE(std::ranges::count_if(lines, [](const QString& line) { return line.contains(QStringLiteral("  Δ ")); }), std::ptrdiff_t{7});
        const auto values = chart().valuesAt(8);
        const QString change = QString::fromStdString(changeText(values[0].smoothed - values[1].smoothed, values[1].smoothed));
        QVERIFY2(lines.join(QLatin1Char('|')).contains(QStringLiteral("  Δ ") + change), qPrintable(lines.join(QLatin1Char('|')) + change));
        picture(QStringLiteral("compare-baseline"));
        m_host->view.apply({[](ViewState& state) { state.baseline.clear(); }});
        QCOMPARE(header(), QStringLiteral("Δ first"));
        m_host->steps.undo();
        QCOMPARE(header(), QStringLiteral("Δ base"));
    }
    void aBaselineAmongSeedsIsTheMeanOfItsKind() {
        setBaseline(m_ids[5]);  // the second seed of the second kind
        m_page->findChild<QToolButton*>(QStringLiteral("group"))->setChecked(true);
        QCOMPARE(model().rows().size(), std::size_t{4});
        QVERIFY(rowOf(m_ids[1]).label.endsWith(QStringLiteral("base")));
        QCOMPARE(CursorModel::number(rowOf(m_ids[1]), CursorModel::Delta), 0.0);
    }
    void aBaselineThatIsNotDrawnChangesNothing() {
        setBaseline("r9999");
        QCOMPARE(model().headerData(CursorModel::Delta, Qt::Horizontal, Qt::DisplayRole).toString(), QStringLiteral("Δ first"));
    }
    void theBestValueSoFarStandsInTheTable() {
        m_host->goTo(8);
        const store::StoreReader reader(m_workspace->path());
        for (const run::RunId& id : m_ids) {
            double best = -1e9;
            for (const store::ScalarRow& row : reader.scalars(id, "eval_reward_mean")) {
                best = row.counters.epoch <= 8 ? std::max(best, row.value) : best;
            }
            QCOMPARE(rowOf(id).best, best);
        }
    }
    void anotherKindOfSmoothingIsDrawnExportedAndKept() {
        auto* smoother = m_page->findChild<QComboBox*>(QStringLiteral("smoother"));
        m_page->findChild<QDoubleSpinBox*>(QStringLiteral("halfLife"))->setValue(4);
        smoother->setCurrentIndex(2);
        QCOMPARE(m_host->view.state().compare.smoother, figure::Smoother::Median);
        QCOMPARE(m_page->exportSubject()->figure->spec->smoother, figure::Smoother::Median);
        // Evaluations at 0, 4, 8, 12: within 4 of 4 lie the first three.
        const store::StoreReader reader(m_workspace->path());
        const auto points = reader.scalars(m_ids[0], "eval_reward_mean");
        std::array<double, 3> near{points[0].value, points[1].value, points[2].value};
        std::ranges::sort(near);
        QCOMPARE(chart().valuesAt(4)[0].smoothed, near[1]);
        smoother->setCurrentIndex(1);
        QCOMPARE(chart().valuesAt(4)[0].smoothed, (points[0].value + points[1].value + points[2].value) / 3);
        m_host->steps.undo();
        QCOMPARE(smoother->currentIndex(), 2);
        QCOMPARE(chart().valuesAt(4)[0].smoothed, near[1]);
    }

private:
    void make() override {
        m_service = std::make_unique<StoreService>(m_workspace->path());
        m_page = std::make_unique<ComparePage>(*m_service, m_runs);
        m_page->resize(1100, 700);
        m_host = std::make_unique<test::PageHost>(*m_page);
        m_host->drawEachRun();
        m_page->show();
        m_host->goTo(12);
        QTRY_COMPARE_WITH_TIMEOUT(chart().series().size(), std::size_t{8}, kWaitMs);
    }
    void setBaseline(const run::RunId& id) {
        m_host->view.apply({[id](ViewState& state) { state.baseline = id; }});
    }
    ChartWidget& chart() { return *m_page->findChild<ChartWidget*>(); }
    CursorModel& model() { return *m_page->findChild<CursorModel*>(); }
    CursorRow rowOf(const run::RunId& id) {
        const auto found = std::ranges::find(model().rows(), QString::fromStdString(id), &CursorRow::id);
        return found == model().rows().end() ? CursorRow() : *found;
    }

    RunsModel m_runs;
};

QTEST_MAIN(TestCompareBaseline)
#include "tst_compare_baseline.moc"
