// The page of images in rows and columns, driven as a user does: axes, ranges, pages, what is painted.
#include <QHelpEvent>
#include <QImage>
#include <QScrollBar>
#include <QSlider>
#include <QToolButton>
#include <QToolTip>

#include "core/run/field_table.h"
#include "tests/ui/grid/grid_test.h"

using namespace rlcm;
using namespace rlcm::ui;
using figure::PivotAxis;
using figure::PivotSlot;
using test::kWaitMs;
using Place = PivotView::Place;

class TestGridPage : public test::GridTest {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { apply(*qobject_cast<QApplication*>(QCoreApplication::instance()), Mode::Light); }
    void init() { begin(); }
    void cleanup() { end(); }

    void imagesOfAllVisibleRunsStandInRowsColumnsAndPages();
    void anotherAxisIsChosenAndSwapsWithTheOneThatHadIt();
    void rangesAreTyped();
    void badRangesAreAnsweredInPlaceAndChangeNothing();
    void aCellWithoutAnImageThereShowsTheEarlierOneAndItsEpoch();
    void whatHasNoPlaceIsAtTheTimeBarAndTheSelectedRun();
    void whatIsPaintedIsTheImageWithABorderOfItsChange();
    void rowsAreSortedByTheirChange();
    void pagesAreTurned();
    void headersStayWhileTheCellsScroll();
    void keysGoFromCellToCell();
    void headersOfRunsSayInWhichSettingsTheyDiffer();
};

void TestGridPage::headersOfRunsSayInWhichSettingsTheyDiffer() {
    open();
    choose("gridColumns", static_cast<int>(PivotAxis::Run));
    QTRY_COMPARE_WITH_TIMEOUT(pivot().grid().spec().axis(PivotSlot::Columns), PivotAxis::Run, kWaitMs);
    run::RunConfig config = test::smallConfig(12, 4, 7);
    config.training.learningRate = 0.0125;
    m_workspace->addRun(config);
    m_page->refresh();
    QTRY_COMPARE_WITH_TIMEOUT(words(PivotSlot::Columns).size(), 9, kWaitMs);
    const QRect first = pivot().cellRect({0, 0});
    QHelpEvent help(QEvent::ToolTip, QPoint(first.center().x(), 4), pivot().viewport()->mapToGlobal(QPoint(first.center().x(), 4)));
    QCoreApplication::sendEvent(pivot().viewport(), &help);
    const QString rate = QString::fromStdString(run::fieldLabel("training.learning_rate"));
    QVERIFY2(QToolTip::text().contains(rate + QStringLiteral(" 0.001")), qPrintable(QToolTip::text()));
    picture(QStringLiteral("grid-differences"));
}

void TestGridPage::imagesOfAllVisibleRunsStandInRowsColumnsAndPages() {
    {
        store::StoreEditor editor(m_workspace->path());
        editor.setVisible(m_ids[7], false);
    }
    open();
    QCOMPARE(words(PivotSlot::Rows), (QStringList{QStringLiteral("ep 0"), QStringLiteral("ep 4"), QStringLiteral("ep 8"), QStringLiteral("ep 12")}));
    QCOMPARE(pivot().columns(), 6);
    QCOMPARE(words(PivotSlot::Pages).size(), 7);
    QCOMPARE(words(PivotSlot::Pages).front(), QStringLiteral("rlcm H2 compressibility s0"));  // the oldest
    QCOMPARE(note(), QStringLiteral("4 × 6, 24 images"));
    QVERIFY(m_page->epochs()->last == 12);
}

void TestGridPage::anotherAxisIsChosenAndSwapsWithTheOneThatHadIt() {
    open();
    choose("gridColumns", static_cast<int>(PivotAxis::Run));
    QVERIFY(state().pivot.axes == (std::array{PivotAxis::Epoch, PivotAxis::Run, PivotAxis::Prompt}));
    QCOMPARE(pivot().columns(), 8);
    QCOMPARE(words(PivotSlot::Pages).size(), 6);
    choose("gridPages", static_cast<int>(PivotAxis::RewardRank));
    QCOMPARE(words(PivotSlot::Pages).front(), QStringLiteral("best"));
    QVERIFY(pivot().cell({3, 0}).image->index == 5);  // of fakes the last prompt has the largest reward
    m_page->findChild<QToolButton*>(QStringLiteral("gridSwap"))->click();
    QVERIFY(state().pivot.axes == (std::array{PivotAxis::Run, PivotAxis::Epoch, PivotAxis::RewardRank}));
    m_host->steps.undo();
    QVERIFY(state().pivot.axes[0] == PivotAxis::Epoch);
    QCOMPARE(m_page->findChild<QComboBox*>(QStringLiteral("gridRows"))->currentText(), QStringLiteral("Epoch"));
    QCOMPARE(pivot().columns(), 8);
    choose("gridColumns", static_cast<int>(PivotAxis::Horizon));
    QCOMPARE(words(PivotSlot::Columns), (QStringList{QStringLiteral("H 2"), QStringLiteral("H 4"), QStringLiteral("H 8"), QStringLiteral("H 20")}));
    choose("gridPrompts", 2);
    QVERIFY(pivot().cell({0, 0}).image->isHeldOut);
}

void TestGridPage::rangesAreTyped() {
    open();
    type("gridRowsRange", QStringLiteral("0-12 (+8), last"));
    QCOMPARE(words(PivotSlot::Rows), (QStringList{QStringLiteral("ep 0"), QStringLiteral("ep 8"), QStringLiteral("ep 12")}));
    type("gridColumnsRange", QStringLiteral("animal"));
    QCOMPARE(pivot().columns(), 4);
    type("gridPagesRange", QStringLiteral("s1"));
    QCOMPARE(words(PivotSlot::Pages).size(), 4);
    QCOMPARE(m_host->steps.count(), 3);
    m_host->steps.undo();
    QCOMPARE(words(PivotSlot::Pages).size(), 8);
    QCOMPARE(m_page->findChild<QLineEdit*>(QStringLiteral("gridPagesRange"))->text(), QString());
    // A range belongs to its axis and comes back with it.
    choose("gridRows", static_cast<int>(PivotAxis::Seed));
    choose("gridRows", static_cast<int>(PivotAxis::Epoch));
    QCOMPARE(m_page->findChild<QLineEdit*>(QStringLiteral("gridRowsRange"))->text(), QStringLiteral("0-12 (+8), last"));
    QCOMPARE(pivot().rows(), 3);
}

void TestGridPage::badRangesAreAnsweredInPlaceAndChangeNothing() {
    open();
    auto* edit = m_page->findChild<QLineEdit*>(QStringLiteral("gridRowsRange"));
    const int height = m_page->findChild<QLabel*>(QStringLiteral("gridNote"))->y();
    edit->setFocus();
    QTest::keyClicks(edit, QStringLiteral("0-12 (+"));
    QVERIFY2(note().contains(QStringLiteral("Epoch: “0-12 (+” is no range")) && note().contains(QStringLiteral("0-80 (+20)")), qPrintable(note()));
    QVERIFY(edit->styleSheet().contains(QStringLiteral("border")));
    QCOMPARE(m_page->findChild<QLabel*>(QStringLiteral("gridNote"))->y(), height);
    QTest::keyClick(edit, Qt::Key_Return);
    QVERIFY(state() == GridView());
    QCOMPARE(pivot().rows(), 4);
    QTest::keyClicks(edit, QStringLiteral("8)"));
    QCOMPARE(note(), QStringLiteral("4 × 6, 24 images"));
    QTest::keyClick(edit, Qt::Key_Return);
    QCOMPARE(pivot().rows(), 2);
    QTest::keyClicks(edit, QStringLiteral(" and more"));
    QTest::keyClick(edit, Qt::Key_Escape);
    QCOMPARE(edit->text(), QStringLiteral("0-12 (+8)"));
    QVERIFY(edit->styleSheet().isEmpty());
    type("gridColumnsRange", QStringLiteral("zebra"));
    QVERIFY2(note().contains(QStringLiteral("no prompt has “zebra” in it")), qPrintable(note()));
}

void TestGridPage::aCellWithoutAnImageThereShowsTheEarlierOneAndItsEpoch() {
    m_workspace->addRun(test::smallConfig(4, 16, 0));  // ends at epoch 4
    open();
    choose("gridPages", static_cast<int>(PivotAxis::Prompt));
    choose("gridColumns", static_cast<int>(PivotAxis::Run));
    type("gridColumnsRange", QStringLiteral("H2, H16"));
    QCOMPARE(pivot().columns(), 3);
    const Place last{3, 2};
    QVERIFY(pivot().cell(last).isFallback());
    QVERIFY(!pivot().cell({3, 0}).isFallback());
    QVERIFY2(pivot().describe(last).contains(QStringLiteral("Epoch 4 (asked 12")), qPrintable(pivot().describe(last)));
    QCOMPARE(pivot().viewed(last).place, QStringLiteral("ep 4 (asked 12)"));
    picture(QStringLiteral("grid-earlier"));
}

void TestGridPage::whatHasNoPlaceIsAtTheTimeBarAndTheSelectedRun() {
    open();
    choose("gridRows", static_cast<int>(PivotAxis::Noise));
    choose("gridPages", static_cast<int>(PivotAxis::Epoch));
    m_host->view.follow([this](ViewState& view) {
        view.grid.pivot.axes = {PivotAxis::Prompt, PivotAxis::Noise, PivotAxis::RewardRank};
        view.run = m_ids[2];
        view.goTo(9);
    });
    const figure::PivotCell one = pivot().cell({1, 0});
    QCOMPARE(one.run->run.id, m_ids[2]);
    QCOMPARE(one.image->epoch, 8);
    QVERIFY2(note().contains(QStringLiteral("epoch 9 of the time bar, rlcm H8 compressibility s0")), qPrintable(note()));
    m_host->goTo(3);
    QCOMPARE(pivot().cell({1, 0}).image->epoch, 0);
}

void TestGridPage::whatIsPaintedIsTheImageWithABorderOfItsChange() {
    open();
    choose("gridBadge", 0);
    const QImage screen = pivot().viewport()->grab().toImage();
    for (const Place& place : {Place{0, 0}, Place{2, 1}, Place{3, 3}}) {
        const figure::PivotCell one = pivot().cell(place);
        const QImage stored(QString::fromStdString(one.image->file.string()));
        const QPoint centre = pivot().cellRect(place).center();
        // 16 pixels, 8 times as large: the centre is in one of the four in the middle.
        const QRgb shown = screen.pixel(centre + QPoint(3, 3));
        QCOMPARE(QColor(shown), QColor(stored.pixel(8, 8)));
    }
    // A run that gains: the last row is the greenest, the first has no border.
    const QPoint corner(1, 20);
    const auto border = [&](int row) { return QColor(screen.pixel(pivot().cellRect({row, 0}).topLeft() + corner)); };
    QCOMPARE(border(0), colour(Role::Window));
    const double largest = pivot().summary().largestChange.begin()->second;
    for (const int row : {1, 2, 3}) {
        const double share = std::abs(*pivot().cell({row, 0}).change()) / largest;
        const QColor full = colour(*pivot().cell({row, 0}).change() >= 0 ? Role::Success : Role::Danger), back = colour(Role::Window);
        QVERIFY(std::abs(border(row).green() - (back.green() + (full.green() - back.green()) * share)) < 3);
        QVERIFY(std::abs(border(row).red() - (back.red() + (full.red() - back.red()) * share)) < 3);
    }
    choose("gridHeat", 0);
    QCOMPARE(QColor(pivot().viewport()->grab().toImage().pixel(pivot().cellRect({3, 0}).topLeft() + corner)), colour(Role::Window));
}

void TestGridPage::rowsAreSortedByTheirChange() {
    open();
    choose("gridRows", static_cast<int>(PivotAxis::Run));
    m_page->findChild<QToolButton*>(QStringLiteral("gridSort"))->click();
    QVERIFY(state().pivot.order == figure::PivotOrder::ByChange);
    type("gridPagesRange", QStringLiteral("last"));
    std::vector<double> changes;
    for (int row = 0; row < pivot().rows(); ++row) {
        changes.push_back(*pivot().summary().rowChange[static_cast<std::size_t>(pivot().gridRow(row))]);
    }
    QVERIFY(std::is_sorted(changes.rbegin(), changes.rend()) && changes.front() > changes.back());
    pivot().setFocus();
    QTest::keyClick(&pivot(), Qt::Key_S);
    QVERIFY(state().pivot.order == figure::PivotOrder::AsChosen);
    QCOMPARE(pivot().gridRow(0), 0);
}

void TestGridPage::pagesAreTurned() {
    open();
    auto* pages = m_page->findChild<QComboBox*>(QStringLiteral("gridPage"));
    m_page->findChild<QToolButton*>(QStringLiteral("gridPageAfter"))->click();
    QCOMPARE(state().page, 1);
    QCOMPARE(pages->currentText(), QStringLiteral("rlcm H4 s0"));  // without the word that all share
    QCOMPARE(pivot().cell({0, 0}).run->run.id, m_ids[1]);
    pivot().setFocus();
    QTest::keyClick(&pivot(), Qt::Key_Period);
    QCOMPARE(pivot().cell({0, 0}).run->run.id, m_ids[2]);
    for (int i = 0; i < 9; ++i) {
        QTest::keyClick(&pivot(), Qt::Key_Comma);
    }
    QCOMPARE(state().page, 0);
    QCOMPARE(m_host->view.state().run, m_ids[0]);  // the run of the page is the selected one, and the other way round
    m_host->view.follow([this](ViewState& view) { view.select(m_ids[6]); });
    QCOMPARE(pivot().cell({0, 0}).run->run.id, m_ids[6]);
    QCOMPARE(pages->currentIndex(), 6);
    m_host->view.follow([this](ViewState& view) { view.select(m_ids[0]); });
    QVERIFY(!m_page->findChild<QToolButton*>(QStringLiteral("gridPageBefore"))->isEnabled());
    // Pages of epochs are turned by the time bar, and turn it.
    choose("gridPages", static_cast<int>(PivotAxis::Epoch));
    m_host->goTo(9);
    QCOMPARE(pages->currentText(), QStringLiteral("ep 8"));
    pivot().setFocus();
    QTest::keyClick(&pivot(), Qt::Key_Comma);
    QCOMPARE(m_host->view.state().cursor.epoch, 4);
    QCOMPARE(pages->currentText(), QStringLiteral("ep 4"));
}

void TestGridPage::headersStayWhileTheCellsScroll() {
    open();
    m_page->findChild<QSlider*>(QStringLiteral("gridSize"))->setValue(256);
    QCOMPARE(state().side, 256);
    QTRY_VERIFY(pivot().isSettled());
    pivot().viewport()->setFocus();
    const QRect before = pivot().cellRect({0, 0});
    const auto rowHeaders = [&](int y) { return pivot().viewport()->grab(QRect(0, y, before.left() - 2, 60)).toImage(); };
    const auto columnHeaders = [&] {
        return pivot().viewport()->grab(QRect(before.left(), 0, pivot().viewport()->width() - before.left(), before.top() - 2)).toImage();
    };
    const QImage columns = columnHeaders(), rows = rowHeaders(before.top() + 100);
    pivot().verticalScrollBar()->setValue(pivot().verticalScrollBar()->maximum());
    QCOMPARE(columnHeaders(), columns);
    QVERIFY(rowHeaders(before.top() + 100) != rows);  // other rows
    const QImage lower = rowHeaders(before.top() + 100);
    pivot().horizontalScrollBar()->setValue(pivot().horizontalScrollBar()->maximum());
    QVERIFY(columnHeaders() != columns);
    QCOMPARE(rowHeaders(before.top() + 100), lower);
    QVERIFY(pivot().cellRect({3, 5}).right() <= pivot().viewport()->width());
}

void TestGridPage::keysGoFromCellToCell() {
    open();
    pivot().setFocus();
    QTest::keyClick(&pivot(), Qt::Key_Down);
    QTest::keyClick(&pivot(), Qt::Key_Down);
    QTest::keyClick(&pivot(), Qt::Key_Right);
    QVERIFY(pivot().current() == (Place{1, 1}));
    QTest::keyClick(&pivot(), Qt::Key_End);
    QTest::keyClick(&pivot(), Qt::Key_PageDown);
    QVERIFY(pivot().current() == (Place{3, 5}));
    QTest::keyClick(&pivot(), Qt::Key_Right);
    QVERIFY(pivot().current() == (Place{3, 5}));
    QVERIFY(pivot().accessibleDescription().contains(QStringLiteral("a held-out thing 5")));
    QTest::keyClick(&pivot(), Qt::Key_Plus);
    QCOMPARE(state().side, GridView().side + 16);
    QTest::keyClick(&pivot(), Qt::Key_T);
    QVERIFY(state().pivot.axes[0] == PivotAxis::Prompt);
}

QTEST_MAIN(TestGridPage)
#include "tst_grid_page.moc"
