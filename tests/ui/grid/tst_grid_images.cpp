// From the page of images to the viewer, to a file, and what happens when images come and go.
#include <QClipboard>
#include <QGuiApplication>
#include <QImage>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <filesystem>

#include "tests/ui/grid/grid_test.h"
#include "ui/gallery/image_viewer.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/message_bar.h"

using namespace rlcm;
using namespace rlcm::ui;
using figure::PivotAxis;
using figure::PivotSlot;
using test::kWaitMs;
using Place = PivotView::Place;

class TestGridImages : public test::GridTest {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { apply(*qobject_cast<QApplication*>(QCoreApplication::instance()), Mode::Light); }
    void init() { begin(); }
    void cleanup() { end(); }

    void imagesOpenInTheViewerAndTheArrowsStepThroughTheGrid();
    void anyTwoImagesAreCompared();
    void headersGoToTheirEpochAndTheirRun();
    void imagesAreCopiedAsTheyAreStored();
    void whatIsShownIsExported();
    void aLostImageIsToldWhereverItIsWanted();
    void newImagesComeAndWhatIsCurrentStays();
    void nothingToShowSaysTheNextStep();
    void looksRightInBothThemes();
};

void TestGridImages::imagesOpenInTheViewerAndTheArrowsStepThroughTheGrid() {
    open();
    QTest::mouseDClick(pivot().viewport(), Qt::LeftButton, {}, pivot().cellRect({1, 1}).center());
    ImageViewer& viewer = ImageViewer::of(*m_page);
    QVERIFY(viewer.isVisible());
    QCOMPARE(viewer.image(ImageViewer::Side::A)->place, QStringLiteral("ep 4"));
    QTest::keyClick(&viewer, Qt::Key_Right);
    QTest::keyClick(&viewer, Qt::Key_Down);
    QCOMPARE(viewer.image(ImageViewer::Side::A)->place, QStringLiteral("ep 8"));
    QCOMPARE(viewer.image(ImageViewer::Side::A)->prompt, QStringLiteral("an animal 2"));
    QVERIFY(viewer.image(ImageViewer::Side::A)->judge.has_value());
    QCOMPARE(viewer.image(ImageViewer::Side::A)->judgeModel, QStringLiteral("emoji-clip-judge"));
    QVERIFY(pivot().current() == (Place{2, 2}));
    QTest::keyClick(&viewer, Qt::Key_Escape);
    QVERIFY(!viewer.isVisible());
    pivot().setFocus();
    QTest::keyClick(&pivot(), Qt::Key_Return);
    QVERIFY(viewer.isVisible());
}

void TestGridImages::anyTwoImagesAreCompared() {
    open();
    ImageViewer& viewer = ImageViewer::of(*m_page);
    const auto place = [&](ImageViewer::Side side) { return viewer.image(side)->run + QLatin1Char(' ') + viewer.image(side)->place; };
    click({3, 2}, Qt::ShiftModifier);  // no A yet: its own beginning
    QVERIFY(viewer.isVisible());
    QCOMPARE(place(ImageViewer::Side::A), QStringLiteral("rlcm H2 compressibility s0 ep 0"));
    QCOMPARE(place(ImageViewer::Side::B), QStringLiteral("rlcm H2 compressibility s0 ep 12"));
    QTest::keyClick(&viewer, Qt::Key_Escape);
    click({2, 2});
    QTest::keyClick(&pivot(), Qt::Key_A);
    QVERIFY(!viewer.isVisible());
    QTest::keyClick(&pivot(), Qt::Key_Period);  // another run
    QTest::keyClick(&pivot(), Qt::Key_B);
    QVERIFY(viewer.isVisible());
    QCOMPARE(place(ImageViewer::Side::A), QStringLiteral("rlcm H2 compressibility s0 ep 8"));
    QCOMPARE(place(ImageViewer::Side::B), QStringLiteral("rlcm H4 compressibility s0 ep 8"));
    QTRY_VERIFY_WITH_TIMEOUT(viewer.isSettled(), kWaitMs);
    QCOMPARE(*viewer.canvas().meanDifference(), 0.0);  // fakes of one prompt and epoch look alike
    picture(QStringLiteral("grid-viewer"));
}

void TestGridImages::headersGoToTheirEpochAndTheirRun() {
    open();
    const QRect cell = pivot().cellRect({1, 0});
    QTest::mouseClick(pivot().viewport(), Qt::LeftButton, {}, QPoint(10, cell.center().y()));
    QCOMPARE(m_host->view.state().cursor.epoch, 4);
    choose("gridColumns", static_cast<int>(PivotAxis::Run));
    QTest::mouseClick(pivot().viewport(), Qt::LeftButton, {}, QPoint(pivot().cellRect({0, 2}).center().x(), 8));
    QCOMPARE(m_host->view.state().run, m_ids[2]);
}

void TestGridImages::imagesAreCopiedAsTheyAreStored() {
    open();
    click({1, 1});
    QTest::keyClick(&pivot(), Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QGuiApplication::clipboard()->image().size(), QSize(16, 16));
}

void TestGridImages::whatIsShownIsExported() {
    open();
    type("gridRowsRange", QStringLiteral("0-12 (+8)"));
    const QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("a.png"));
    QCOMPARE(test::saveAs(*m_page, *m_service, ExportDialog::Tab::Images, file), QString());
    const QImage written(file);
    QVERIFY(written.width() > 6 * 112 && written.width() < 1100 && written.height() > 2 * 112);
    QVERIFY(written.text(QStringLiteral("rlcm:rows")).contains(QStringLiteral("ep 8")));
    QVERIFY(written.text(QStringLiteral("rlcm:cells")).contains(QStringLiteral("an animal 3")));
    if (const QString kept = qEnvironmentVariable("RLCM_SCREENSHOT_DIR"); !kept.isEmpty()) {
        written.save(kept + QStringLiteral("/grid-export.png"));
    }
    QVERIFY(test::saveAs(*m_page, *m_service, ExportDialog::Tab::Images, QStringLiteral("/no/such/folder/a.png")).contains(QStringLiteral("/no/such/folder")));
}

void TestGridImages::aLostImageIsToldWhereverItIsWanted() {
    const store::SampleRow lost = store::StoreReader(m_workspace->path()).samples(m_ids[0], 4).at(1);
    std::filesystem::remove(lost.file);
    open();
    QVERIFY(pivot().cell({1, 1}).image->file == lost.file);
    picture(QStringLiteral("grid-lost"));
    QTest::mouseDClick(pivot().viewport(), Qt::LeftButton, {}, pivot().cellRect({1, 1}).center());
    ImageViewer& viewer = ImageViewer::of(*m_page);
    QTRY_VERIFY_WITH_TIMEOUT(viewer.isSettled(), kWaitMs);
    viewer.canvas().grab();
    QTest::keyClick(&viewer, Qt::Key_Escape);
    const QTemporaryDir folder;
    const QString failure = test::saveAs(*m_page, *m_service, ExportDialog::Tab::Images, folder.filePath(QStringLiteral("a.png")));
    QVERIFY2(failure.contains(QString::fromStdString(lost.file.filename().string())), qPrintable(failure));
}

void TestGridImages::newImagesComeAndWhatIsCurrentStays() {
    open();
    click({3, 4});
    const QString before = pivot().describe(pivot().current());
    m_workspace->addRun(test::smallConfig(20, 16, 0));
    m_page->refresh();
    QTRY_COMPARE_WITH_TIMEOUT(words(PivotSlot::Pages).size(), 9, kWaitMs);
    QCOMPARE(pivot().rows(), 6);
    QCOMPARE(pivot().describe(pivot().current()), before);
}

void TestGridImages::nothingToShowSaysTheNextStep() {
    checkThatNothingIsTold(QStringLiteral("Nothing to show yet"));
    store::StoreEditor(m_workspace->path()).createRun(test::smallConfig());
    m_page->refresh();
    QTRY_COMPARE_WITH_TIMEOUT(m_page->findChild<QLabel*>(QStringLiteral("emptyStateTitle"))->text(), QStringLiteral("No images yet"), kWaitMs);
}

void TestGridImages::looksRightInBothThemes() {
    open();
    click({2, 1});
    m_host->goTo(9);
    picture(QStringLiteral("grid-light"));
    apply(*qobject_cast<QApplication*>(QCoreApplication::instance()), Mode::Dark);
    picture(QStringLiteral("grid-dark"));
    apply(*qobject_cast<QApplication*>(QCoreApplication::instance()), Mode::Light);
}

QTEST_MAIN(TestGridImages)
#include "tst_grid_images.moc"
