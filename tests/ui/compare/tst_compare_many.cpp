// The page of comparisons with more runs than can be told apart as lines.
#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QScrollArea>
#include <QScrollBar>
#include <QTableView>
#include <QToolButton>
#include <QWheelEvent>

#include "tests/ui/compare/study_page_test.h"
#include "ui/charts/chart_widget.h"
#include "ui/compare/compare_page.h"
#include "ui/compare/image_row.h"
#include "ui/runs/runs_model.h"
#include "ui/theme/theme.h"

using namespace rlcm;
using namespace rlcm::ui;
using test::kWaitMs;

class TestCompareMany : public test::StudyPageTest<ComparePage> {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        apply(*qApp, Mode::Light);
        begin();
        for (const std::int64_t steps : {2, 4, 8}) {
            m_ids.push_back(m_workspace->addRun(test::smallConfig(12, steps, 2)));  // eleven runs of four kinds
        }
    }
    void init() {
        make();
        QTRY_COMPARE_WITH_TIMEOUT(chart().series().size(), std::size_t{4}, kWaitMs);
    }
    void cleanup() { closePage(); }
    void cleanupTestCase() { end(); }

    void seedsAreGroupedUntilSomebodyChooses() {
        auto* group = m_page->findChild<QToolButton*>(QStringLiteral("group"));
        QVERIFY(group->isChecked() && m_page->findChild<QComboBox*>(QStringLiteral("band"))->isEnabled());
        QVERIFY(!m_host->view.state().compare.isGrouped);
        QCOMPARE(chart().series().front().runs, 3);
        QVERIFY(!chart().series().front().bandLow.empty());
        QVERIFY2(chart().series().front().brief.endsWith(QStringLiteral(" ×3")), qPrintable(chart().series().front().brief));
        picture(QStringLiteral("compare-many"));
        QTest::mouseClick(group, Qt::LeftButton);
        QCOMPARE(m_host->view.state().compare.isGrouped, std::optional(false));
        QCOMPARE(chart().series().size(), std::size_t{11});
        picture(QStringLiteral("compare-many-ungrouped"));
        m_page->refresh();
        QTest::qWait(200);
        QVERIFY(!group->isChecked() && chart().series().size() == 11);
        QTest::keyClick(m_page.get(), Qt::Key_G);
        QCOMPARE(m_host->view.state().compare.isGrouped, std::optional(true));
        QCOMPARE(chart().series().size(), std::size_t{4});
    }
    void filesGroupAsTheScreenDoes() { QVERIFY(m_page->exportSubject()->figure->spec->grouping == figure::Grouping::Seeds); }
    void theChoiceIsKeptAndNoChoiceToo() {
        ViewState state = m_host->view.state();
        QVERIFY(!viewStateFromJson(toJson(state)).compare.isGrouped);
        state.compare.isGrouped = false;
        QCOMPARE(viewStateFromJson(toJson(state)).compare.isGrouped, std::optional(false));
    }
    void imagesOfOneKindStandTogetherAndTheWheelScrollsThem() {
        auto* row = m_page->findChild<ImageRow*>();
        QTRY_VERIFY_WITH_TIMEOUT(row->isSettled() && row->cells().size() == 11 && !row->cells()[10].file.isEmpty(), kWaitMs);
        QStringList kinds;
        for (const ImageCell& cell : row->cells()) {
            const QString kind = cell.fullName.left(cell.fullName.lastIndexOf(QLatin1Char(' ')));
            QVERIFY2(kinds.isEmpty() || kinds.last() == kind || !kinds.contains(kind), qPrintable(kind));
            kinds << kind;
        }
        QCOMPARE(row->findChild<QLabel*>(QStringLiteral("imagePlace"))->text(), QStringLiteral("ep 12"));
        auto* canvas = row->findChild<QWidget*>(QStringLiteral("imageCanvas"));
        const QScrollBar* bar = row->findChild<QScrollArea*>()->horizontalScrollBar();
        QVERIFY(bar->maximum() > 0 && bar->value() == 0);
        QWheelEvent wheel(QPointF(10, 10), canvas->mapToGlobal(QPointF(10, 10)), QPoint(), QPoint(0, -120), Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase,
                          false);
        QApplication::sendEvent(canvas, &wheel);
        QCOMPARE(bar->value(), std::min(120, bar->maximum()));
    }
    void imagesOfSeveralPlacesSayWhichUnderEach() {
        auto* row = m_page->findChild<ImageRow*>();
        m_host->goTo(5);
        QTRY_VERIFY_WITH_TIMEOUT(row->cells().size() == 11 && row->cells()[0].place == QStringLiteral("ep 4 (asked 5)"), kWaitMs);
        QCOMPARE(row->findChild<QLabel*>(QStringLiteral("imagePlace"))->text(), QString());
    }
    void aRowOfTheTableLetsItsCurveStandOut() {
        auto* table = m_page->findChild<QTableView*>(QStringLiteral("cursorTable"));
        QTRY_COMPARE_WITH_TIMEOUT(table->model()->rowCount(), 4, kWaitMs);
        const QModelIndex second = table->model()->index(1, 0);
        const QString id = second.data(Qt::UserRole).toString();
        QTest::mouseMove(table->viewport(), table->visualRect(second).center());
        QCOMPARE(chart().emphasis(), QStringList{id});
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(second).center());
        QTest::mouseMove(table->viewport(), table->visualRect(table->model()->index(0, 0)).center());
        QCOMPARE(chart().emphasis(), QStringList{id});  // a selection stays
        QTest::keyClick(table, Qt::Key_Escape);
        QCOMPARE(chart().emphasis(), QStringList());
    }

private:
    void make() override {
        m_service = std::make_unique<StoreService>(m_workspace->path());
        m_page = std::make_unique<ComparePage>(*m_service, m_runs);
        m_page->resize(900, 700);
        m_host = std::make_unique<test::PageHost>(*m_page);
        m_page->show();
        m_host->goTo(12);
    }
    ChartWidget& chart() { return *m_page->findChild<ChartWidget*>(); }

    RunsModel m_runs;
};

QTEST_MAIN(TestCompareMany)
#include "tst_compare_many.moc"
