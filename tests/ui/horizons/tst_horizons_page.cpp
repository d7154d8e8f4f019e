// The page of horizons, driven as a user does, on a study of fakes.
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <cmath>

#include "tests/ui/horizons/horizons_test.h"
#include "ui/compare/image_row.h"
#include "ui/gallery/image_viewer.h"
#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/message_bar.h"

using namespace rlcm;
using namespace rlcm::ui;
using test::kWaitMs;

class TestHorizonsPage : public test::HorizonsTest {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { apply(*qobject_cast<QApplication*>(QCoreApplication::instance()), Mode::Light); }
    void init() { begin(); }
    void cleanup() { end(); }

    void everyHorizonIsAPointWithTheMeanOfItsSeeds() {
        open();
        QCOMPARE(solid().size(), std::size_t{4});
        const store::StoreReader reader(m_workspace->path());
        const auto first = reader.scalars(m_ids[1], "eval_reward_mean"), second = reader.scalars(m_ids[5], "eval_reward_mean");  // H4, seeds 0 and 1
        const ScatterPoint four = point(m_ids[1]);
        QCOMPARE(four.y, (first.back().value + second.back().value) / 2);
        const double half = 12.706 * std::abs(first.back().value - second.back().value) / 2;  // t(1) s / sqrt(2)
        QVERIFY(std::abs(four.yHigh - four.y - half) < 1e-9);
        QCOMPARE(four.x, 4.0);
        QCOMPARE(four.label, QStringLiteral("H4"));
        QVERIFY(!four.isDiamond && point(m_ids[3]).isDiamond);
        QCOMPARE(point(m_ids[3]).x, 40.0);  // guidance takes two rows
        QVERIFY2(four.tip.contains(QStringLiteral("n = 2")), qPrintable(four.tip));
        QCOMPARE(table()->model()->rowCount(), 4);
        QCOMPARE(table()->model()->index(1, 1).data().toString(), QStringLiteral("4"));
        // Hollow and small: the models before training.
        const auto bases =
            std::count_if(chart()->points().begin(), chart()->points().end(), [](const ScatterPoint& one) { return one.isSmall && one.isHollow; });
        QCOMPARE(bases, 4);
    }
    void theBudgetMovesThePointsAndWhatEndedEarlierStaysHollow() {
        const run::RunId shorter = m_workspace->addRun(test::smallConfig(4, 16, 0));
        open();
        const store::StoreReader reader(m_workspace->path());
        const auto four = reader.scalars(m_ids[1], "eval_reward_mean"), other = reader.scalars(m_ids[5], "eval_reward_mean");
        // By itself: the largest that all have reached, which is where the short one ended.
        QVERIFY(!point(shorter).isHollow);
        QCOMPARE(point(m_ids[1]).y, (four[1].value + other[1].value) / 2);
        auto* slider = m_page->findChild<QSlider*>(QStringLiteral("budgetSlider"));
        slider->setValue(slider->maximum());
        QTRY_COMPARE(point(m_ids[1]).y, (four.back().value + other.back().value) / 2);
        QVERIFY(point(shorter).isHollow && !point(shorter).isOnFront);
        QVERIFY2(point(shorter).label.contains(QStringLiteral("ended at 64 queries")), qPrintable(point(shorter).label));
        QVERIFY(m_host->view.state().horizons.budget.has_value());
        m_page->findChild<QToolButton*>(QStringLiteral("budgetShared"))->click();
        QTRY_VERIFY(!point(shorter).isHollow);
        QVERIFY(!m_host->view.state().horizons.budget);
    }
    void playingGoesThroughTrainingAndEnds() {
        open();
        QTest::keyClick(m_page.get(), Qt::Key_Home);
        const double before = point(m_ids[1]).y;
        auto* slider = m_page->findChild<QSlider*>(QStringLiteral("budgetSlider"));
        QTest::keyClick(m_page.get(), Qt::Key_Space);
        QTRY_VERIFY(slider->value() > 40);
        QVERIFY(point(m_ids[1]).y > before);
        QTRY_COMPARE_WITH_TIMEOUT(slider->value(), slider->maximum(), kWaitMs);
        QTest::qWait(120);
        m_host->steps.undo();  // the whole play is one step
        QTRY_VERIFY(point(m_ids[1]).y <= before + 1e-12 || !m_host->view.state().horizons.budget);
    }
    void theFrontIsDrawnAndDominatedPointsGoOnDemand() {
        open();
        std::vector<run::RunId> front;
        for (const ScatterPoint& one : solid()) {
            if (one.isOnFront) {
                front.push_back(one.id.toStdString());
            }
            QCOMPARE(one.isDimmed, !one.isOnFront);
        }
        QVERIFY(!front.empty() && front.front() == m_ids[0]);  // the cheapest is always on it
        const std::size_t all = solid().size();
        m_page->findChild<QToolButton*>(QStringLiteral("horizonsDominated"))->click();
        QTRY_COMPARE(solid().size(), front.size());
        QCOMPARE(table()->model()->rowCount(), static_cast<int>(all));  // the table says it all
        QTest::keyClick(m_page.get(), Qt::Key_B);
        QTRY_COMPARE(chart()->points().size(), front.size());
    }
    void aClickPinsAndADoubleClickOpensTheRunsOnCompare() {
        open();
        auto* images = m_page->findChild<ImageRow*>();
        QTRY_COMPARE(images->cells().size(), std::size_t{4});
        QTRY_VERIFY(!images->cells()[0].file.isEmpty());
        QWidget* plot = chart()->findChild<QWidget*>(QStringLiteral("plot"));
        QTest::mouseClick(plot, Qt::LeftButton, {}, placeOf(m_ids[1]));
        QCOMPARE(m_host->view.state().horizons.pinned, std::vector<run::RunId>{m_ids[1]});
        QTRY_COMPARE(images->cells().size(), std::size_t{2});  // before and after
        QCOMPARE(images->cells()[0].place, QStringLiteral("before training"));
        QTRY_VERIFY(!images->cells()[0].file.isEmpty() && images->cells()[0].file != images->cells()[1].file);
        QVERIFY(point(m_ids[1]).isPinned);
        QTest::mouseClick(plot, Qt::LeftButton, {}, placeOf(m_ids[1]));
        QVERIFY(m_host->view.state().horizons.pinned.empty());

        QSignalSpy chosen(m_page.get(), &Page::runsChosen);
        QTest::mouseDClick(plot, Qt::LeftButton, {}, placeOf(m_ids[3]));
        QCOMPARE(m_host->view.state().page, QStringLiteral("compare"));
        QVERIFY(m_host->view.state().compare.isGrouped);
        QCOMPARE(m_host->view.state().compare.axis, XAxis::RewardQueries);
        QCOMPARE(chosen.count(), 1);
        QCOMPARE(chosen.front().front().value<std::vector<run::RunId>>(), (std::vector<run::RunId>{m_ids[3], m_ids[7]}));
    }
    void aBoxSelectsTheRunsInIt() {
        open();
        QSignalSpy chosen(m_page.get(), &Page::runsChosen);
        QWidget* plot = chart()->findChild<QWidget*>(QStringLiteral("plot"));
        const QPoint from(placeOf(m_ids[0]).x() - 12, 4), to(placeOf(m_ids[1]).x() + 12, plot->height() - 50);
        QTest::mousePress(plot, Qt::LeftButton, {}, from);
        QTest::mouseMove(plot, (from + to) / 2);
        QTest::mouseMove(plot, to);
        QTest::mouseRelease(plot, Qt::LeftButton, {}, to);
        QCOMPARE(chosen.count(), 1);
        QCOMPARE(chosen.front().front().value<std::vector<run::RunId>>(), (std::vector<run::RunId>{m_ids[0], m_ids[4], m_ids[1], m_ids[5]}));
    }
    void keysGoFromPointToPointAndPin() {
        open();
        QTest::keyClick(chart(), Qt::Key_Right);
        QTest::keyClick(chart(), Qt::Key_Right);
        QTest::keyClick(chart(), Qt::Key_Return);
        QCOMPARE(m_host->view.state().horizons.pinned, std::vector<run::RunId>{m_ids[1]});
    }
    void anImageOpensLargeAndTheArrowsGoFromRunToRun() {
        open();
        auto* images = m_page->findChild<ImageRow*>();
        QTRY_COMPARE(images->cells().size(), std::size_t{4});
        QTest::mouseDClick(m_page->findChild<QWidget*>(QStringLiteral("imageCanvas")), Qt::LeftButton, {}, QPoint(30, 30));
        ImageViewer& viewer = ImageViewer::of(*m_page);
        const auto run = [&viewer] { return viewer.image(ImageViewer::Side::A)->run; };
        QTRY_VERIFY(viewer.isVisible());
        QCOMPARE(run(), images->cells()[0].fullName);
        QCOMPARE(viewer.image(ImageViewer::Side::A)->judgeModel, QStringLiteral("emoji-clip-judge"));
        QTest::keyClick(&viewer, Qt::Key_Right);
        QCOMPARE(run(), images->cells()[1].fullName);
        QTest::keyClick(&viewer, Qt::Key_Down);
        QTRY_COMPARE(m_host->view.state().horizons.image, 1);
        QTRY_COMPARE(viewer.image(ImageViewer::Side::A)->prompt, QStringLiteral("an animal 1"));
        QTRY_VERIFY(viewer.isSettled());
        picture(QStringLiteral("horizons-large"));
        QTest::keyClick(&viewer, Qt::Key_Escape);
        QVERIFY(!viewer.isVisible());
        // Another is compared with it in one gesture.
        QWidget* canvas = m_page->findChild<QWidget*>(QStringLiteral("imageCanvas"));
        QTest::mouseClick(canvas, Qt::LeftButton, Qt::ShiftModifier, QPoint(canvas->width() - 30, 30));
        QVERIFY(viewer.isVisible());
        QCOMPARE(run(), images->cells()[1].fullName);
        QCOMPARE(viewer.image(ImageViewer::Side::B)->run, images->cells()[3].fullName);
        QTest::keyClick(&viewer, Qt::Key_Escape);
    }
    void tablesAreCopiedAndEverythingIsExportedByItsEnding() {
        open();
        m_page->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_page.get()));
        table()->setFocus();
        QTest::keyClick(table(), Qt::Key_C, Qt::ControlModifier);
        const QString copied = QGuiApplication::clipboard()->text();
        QVERIFY2(copied.contains(QStringLiteral("\nRLCM H4\tRLCM\t4\t4\t")), qPrintable(copied));
        const QTemporaryDir folder;
        for (const auto& [name, begins] : std::vector<std::pair<QString, QByteArray>>{{QStringLiteral("a.csv"), "group,method"},
                                                                                      {QStringLiteral("a.md"), "| Method"},
                                                                                      {QStringLiteral("a.tex"), "% needs"},
                                                                                      {QStringLiteral("a.svg"), "<?xml"},
                                                                                      {QStringLiteral("a.pdf"), "%PDF"},
                                                                                      {QStringLiteral("a.png"), "\x89PNG"}}) {
            const auto tab = name.endsWith(QLatin1String("g")) || name.endsWith(QLatin1String("f")) ? ExportDialog::Tab::Figure : ExportDialog::Tab::Numbers;
            QCOMPARE(test::saveAs(*m_page, *m_service, tab, folder.filePath(name)), QString());
            QFile file(folder.filePath(name));
            QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(name));
            QVERIFY2(file.readAll().startsWith(begins), qPrintable(name));
        }
        for (const auto& [tab, name] : {std::pair(ExportDialog::Tab::Numbers, "/no/such/folder/a.csv"), {ExportDialog::Tab::Figure, "/no/such/folder/a.pdf"}}) {
            QVERIFY(test::saveAs(*m_page, *m_service, tab, QLatin1String(name)).contains(QStringLiteral("/no/such/folder")));
        }
    }
    void unlikeRewardsShareNoAxis() {
        run::RunConfig config = test::smallConfig(12, 4, 0);
        config.reward.terms = "colourfulness";
        const run::RunId colour = m_workspace->addRun(config);
        open();
        QCOMPARE(solid().size(), std::size_t{4});
        auto* reward = m_page->findChild<QComboBox*>(QStringLiteral("horizonsReward"));
        QVERIFY(reward->isVisible());
        reward->setCurrentIndex(1);
        Q_EMIT reward->activated(1);
        QTRY_COMPARE(solid().size(), std::size_t{1});
        QCOMPARE(solid().front().id.toStdString(), colour);
    }
    void nothingToShowSaysTheNextStep() { checkThatNothingIsTold(QStringLiteral("No horizons yet")); }
    void looksRightInBothThemes() {
        m_workspace->addRun(test::smallConfig(4, 16, 0));
        open();
        auto* slider = m_page->findChild<QSlider*>(QStringLiteral("budgetSlider"));
        slider->setValue(slider->maximum());
        picture(QStringLiteral("horizons-light"));
        apply(*qobject_cast<QApplication*>(QCoreApplication::instance()), Mode::Dark);
        picture(QStringLiteral("horizons-dark"));
        apply(*qobject_cast<QApplication*>(QCoreApplication::instance()), Mode::Light);
        QVERIFY(!chart()->summary().isEmpty());
    }
};

QTEST_MAIN(TestHorizonsPage)
#include "tst_horizons_page.moc"
