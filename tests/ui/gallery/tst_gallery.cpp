// The evaluation grid, its cache, what opens in the viewer and the export dialog, with images of a fake run.
#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QClipboard>
#include <QGuiApplication>
#include <QTest>

#include "tests/support/temp_workspace.h"
#include "ui/bridge/store_service.h"
#include "ui/gallery/evaluation_panel.h"
#include "ui/gallery/export_dialog.h"
#include "ui/gallery/image_viewer.h"
#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/format.h"
#include "ui/widgets/message_bar.h"

using namespace rlcm;

namespace {
constexpr int kWaitMs = 20000;

QString writeImage(const QTemporaryDir& folder, const QString& name, int side, Qt::GlobalColor colour) {
    QImage image(side, side, QImage::Format_RGB32);
    image.fill(colour);
    const QString file = folder.filePath(name);
    image.save(file);
    return file;
}

ui::GridContent contentOf(const std::vector<QString>& files, int side, std::int64_t epoch) {
    ui::GridContent content;
    content.run = "r0001";
    content.epoch = content.askedEpoch = epoch;
    for (std::size_t i = 0; i < files.size(); ++i) {
        store::SampleRow sample;
        sample.epoch = epoch;
        sample.index = static_cast<std::int64_t>(i);
        sample.prompt = "a cat number " + std::to_string(i);
        sample.reward = 2.5 + static_cast<double>(i);
        sample.width = sample.height = side;
        sample.file = files[i].toStdString();
        content.baseline[ui::imageKeyOf(sample)].reward = 2.0;
        content.samples.push_back(sample);
    }
    return content;
}
}  // namespace

namespace {

/// What a page of one run offers.
ui::ExportSubject subjectOf(const run::RunId& id, std::int64_t epoch) {
    ui::ExportSubject subject{.name = QStringLiteral("my run"), .images = ui::runImages(id, epoch)};
    subject.figure = ui::ExportSubject::Figure{.note = {}, .spec = figure::FigureSpec{.series = figure::seriesOf({"reward_mean", "eval_reward_mean"}, {id})}};
    subject.tables = {ui::runNumbers(id)};
    return subject;
}

}  // namespace

class TestGallery : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cacheDecodesOffThreadAndStaysBelowItsLimit();
    void allPlacesTogetherKeepNoMoreThanOne();
    void missingImageIsReportedNotWaitedForForever();
    void smallImagesAreEnlargedByWholeFactorsWithoutBlurring();
    void everyImageHasItsRewardAndDelta();
    void changesAreAgainstTheSamePromptAndNoise();
    void copiedImagesHaveTheirOwnSize();
    void upAndDownSelectAndReturnOpens();
    void scrubbingSwapsOnlyWhenTheNewImagesAreDecoded();
    void panelFallsBackToTheLatestEarlierEvaluationAndSaysSo();
    void theViewerFollowsTheGridAndStepsThroughEpochs();
    void aClickWithShiftComparesWithItsOwnBeginning();
    void exportWritesGridCurvesAndNumbers_data();
    void exportWritesGridCurvesAndNumbers();
    void exportFailureStaysInTheDialog();
};

void TestGallery::initTestCase() {
    ui::apply(*qApp, ui::Mode::Light);
}

void TestGallery::cacheDecodesOffThreadAndStaysBelowItsLimit() {
    const QTemporaryDir folder;
    constexpr qsizetype kLimit = 5 * 64 * 64 * 4;
    ui::ThumbnailCache cache(kLimit);
    QSignalSpy ready(&cache, &ui::ThumbnailCache::ready);
    for (int i = 0; i < 20; ++i) {
        QVERIFY(cache.image(writeImage(folder, QStringLiteral("%1.png").arg(i), 64, Qt::red)).isNull());
    }
    QTRY_COMPARE_WITH_TIMEOUT(ready.count(), 20, kWaitMs);
    QVERIFY(cache.bytes() <= kLimit);
    const QString last = ready.back().front().toString();
    QCOMPARE(cache.image(last).size(), QSize(64, 64));
    const QString large = writeImage(folder, QStringLiteral("large.png"), 400, Qt::blue);
    cache.image(large, 100);
    QTRY_VERIFY_WITH_TIMEOUT(cache.isSettled(large, 100), kWaitMs);
    QCOMPARE(cache.image(large, 100).size(), QSize(100, 100));
}

void TestGallery::allPlacesTogetherKeepNoMoreThanOne() {
    const QTemporaryDir folder;
    constexpr int kSide = 1024, kImages = 40;  // 4 MiB each
    std::vector<std::unique_ptr<ui::ThumbnailCache>> places;
    for (int i = 0; i < 3; ++i) {
        places.push_back(std::make_unique<ui::ThumbnailCache>());
    }
    const QString first = writeImage(folder, QStringLiteral("0.png"), kSide, Qt::red);
    for (int i = 0; i < kImages; ++i) {
        const QString file = i == 0 ? first : writeImage(folder, QStringLiteral("%1.png").arg(i), kSide, Qt::red);
        ui::ThumbnailCache& place = *places[static_cast<std::size_t>(i % 3)];
        place.image(file);
        QTRY_VERIFY_WITH_TIMEOUT(place.isSettled(file), kWaitMs);
        QVERIFY2(!places[0]->image(file).isNull() && !places[2]->image(file).isNull(), "decoded once for all");
        QVERIFY(places[1]->bytes() <= ui::ThumbnailCache::kCommonBytes);
    }
    QVERIFY2(places[1]->bytes() > ui::ThumbnailCache::kCommonBytes / 2 && places[1]->image(first).isNull(), "the oldest went");
    ui::ThumbnailCache own(qsizetype{1} << 20);
    QCOMPARE(own.bytes(), 0);
    places.clear();
    QCOMPARE(ui::ThumbnailCache().bytes(), 0);
}

void TestGallery::missingImageIsReportedNotWaitedForForever() {
    ui::ThumbnailCache cache;
    const QString file = QStringLiteral("/nowhere/at/all.png");
    cache.image(file);
    QTRY_VERIFY_WITH_TIMEOUT(cache.isUnreadable(file), kWaitMs);
    QVERIFY(cache.isSettled(file));
}

void TestGallery::smallImagesAreEnlargedByWholeFactorsWithoutBlurring() {
    const QTemporaryDir folder;
    QImage checker(16, 16, QImage::Format_RGB32);
    for (int y = 0; y < 16; ++y) {
        for (int x = 0; x < 16; ++x) {
            checker.setPixel(x, y, (x + y) % 2 ? qRgb(255, 255, 255) : qRgb(255, 0, 255));
        }
    }
    const QString file = folder.filePath(QStringLiteral("checker.png"));
    checker.save(file);
    ui::ThumbnailCache cache;
    ui::EvaluationGrid grid(cache);
    grid.resize(500, 400);
    grid.setContent(contentOf({file}, 16, 4));
    grid.show();
    QTRY_VERIFY_WITH_TIMEOUT(grid.isSettled(), kWaitMs);
    const QImage shown = grid.viewport()->grab().toImage();
    const QRect cell = grid.cellRect(0);
    // Along one row of the upper half there are only the two colours, in runs of one whole factor.
    int run = 0, previous = -1, factor = 0;
    for (int x = cell.left() + 8; x < cell.right() - 8; ++x) {
        const QRgb pixel = shown.pixel(x, cell.top() + 20);
        QVERIFY2(pixel == qRgb(255, 255, 255) || pixel == qRgb(255, 0, 255), "blurred");
        const int colour = pixel == qRgb(255, 255, 255) ? 1 : 0;
        if (colour != previous && previous >= 0 && run > 0) {
            if (factor > 0 && x > cell.left() + 60) {
                QCOMPARE(run, factor);
            }
            factor = run;
            run = 0;
        }
        previous = colour;
        ++run;
    }
    QVERIFY(factor > 1);
}

void TestGallery::everyImageHasItsRewardAndDelta() {
    const QTemporaryDir folder;
    ui::ThumbnailCache cache;
    ui::EvaluationGrid grid(cache);
    grid.setContent(contentOf({writeImage(folder, QStringLiteral("a.png"), 16, Qt::red), writeImage(folder, QStringLiteral("b.png"), 16, Qt::red)}, 16, 8));
    QCOMPARE(grid.delta(1), std::optional<double>(1.5));
    QVERIFY(grid.describe(1).contains(QStringLiteral("a cat number 1")));
    QVERIFY(grid.describe(1).contains(ui::formatReward(3.5)));
    QVERIFY(grid.describe(1).contains(QStringLiteral("+1.500 since epoch 0")));
    ui::GridContent start = grid.content();
    start.epoch = start.askedEpoch = 0;
    grid.setContent(start);
    QTRY_VERIFY_WITH_TIMEOUT(grid.content().epoch == 0, kWaitMs);
    QVERIFY2(!grid.delta(0), "there is no change at epoch 0");
}

void TestGallery::changesAreAgainstTheSamePromptAndNoise() {
    const QTemporaryDir folder;
    ui::ThumbnailCache cache;
    ui::EvaluationGrid grid(cache);
    ui::GridContent content = contentOf(std::vector<QString>(3, writeImage(folder, QStringLiteral("a.png"), 16, Qt::red)), 16, 8);
    // Another set at epoch 0: the second prompt stood first, the third was not there.
    content.baseline.clear();
    content.baseline[ui::imageKeyOf(content.samples[1])].reward = -1.0;
    content.baseline[{content.samples[0].prompt, content.samples[0].noiseSeed + 1}].reward = 5.0;
    grid.setContent(content);
    QVERIFY(!grid.delta(0) && !grid.delta(2));
    QCOMPARE(grid.delta(1), std::optional<double>(content.samples[1].reward + 1.0));
    QVERIFY(grid.describe(2).contains(QStringLiteral("not in the evaluation of epoch 0")));
}

void TestGallery::copiedImagesHaveTheirOwnSize() {
    const QTemporaryDir folder;
    ui::ThumbnailCache cache;
    ui::EvaluationGrid grid(cache);
    grid.resize(300, 300);
    grid.setContent(contentOf(std::vector<QString>(9, writeImage(folder, QStringLiteral("large.png"), 512, Qt::blue)), 512, 4));
    grid.show();
    QTRY_VERIFY_WITH_TIMEOUT(grid.isSettled(), kWaitMs);
    QVERIFY(grid.cellRect(0).width() < 300);
    grid.copyImage(0);
    QCOMPARE(QGuiApplication::clipboard()->image().size(), QSize(512, 512));
}

void TestGallery::upAndDownSelectAndReturnOpens() {
    const QTemporaryDir folder;
    ui::ThumbnailCache cache;
    ui::EvaluationGrid grid(cache);
    std::vector<QString> files(3, writeImage(folder, QStringLiteral("a.png"), 16, Qt::red));
    grid.setContent(contentOf(files, 16, 4));
    grid.show();
    QSignalSpy activated(&grid, &ui::EvaluationGrid::activated);
    QTest::keyClick(&grid, Qt::Key_Down);
    QTest::keyClick(&grid, Qt::Key_Down);
    QTest::keyClick(&grid, Qt::Key_Up);
    QTest::keyClick(&grid, Qt::Key_Down);
    QCOMPARE(grid.current(), 1);
    for (int i = 0; i < 5; ++i) {
        QTest::keyClick(&grid, Qt::Key_Down);
    }
    QCOMPARE(grid.current(), 2);
    QTest::keyClick(&grid, Qt::Key_Return);
    QCOMPARE(activated.count(), 1);
    QTest::mouseDClick(grid.viewport(), Qt::LeftButton, {}, grid.cellRect(0).center());
    QCOMPARE(activated.back().front().toInt(), 0);
}

void TestGallery::scrubbingSwapsOnlyWhenTheNewImagesAreDecoded() {
    const QTemporaryDir folder;
    ui::ThumbnailCache cache;
    ui::EvaluationGrid grid(cache);
    grid.resize(400, 300);
    grid.setContent(contentOf({writeImage(folder, QStringLiteral("a.png"), 16, Qt::red)}, 16, 0));
    grid.show();
    QTRY_VERIFY_WITH_TIMEOUT(grid.isSettled(), kWaitMs);
    const QString next = writeImage(folder, QStringLiteral("b.png"), 16, Qt::blue);
    grid.setContent(contentOf({next}, 16, 4));
    QCOMPARE(grid.content().epoch, 0);  // still the old one, with its own label
    bool wasDecoded = false;
    connect(&grid, &ui::EvaluationGrid::contentShown, this, [&] { wasDecoded = cache.isSettled(next); });
    QTRY_COMPARE_WITH_TIMEOUT(grid.content().epoch, 4, kWaitMs);
    QVERIFY(wasDecoded);
}

void TestGallery::panelFallsBackToTheLatestEarlierEvaluationAndSaysSo() {
    test::TempWorkspace workspace;
    const run::RunId id = workspace.addRun(test::smallConfig(12));
    ui::StoreService store(workspace.path());
    ui::ThumbnailCache cache;
    ui::EvaluationPanel panel(store, cache);
    panel.resize(800, 400);
    panel.show();
    panel.setEpoch(7);
    panel.setRun(id);
    const auto* facts = panel.findChild<QLabel*>(QStringLiteral("evaluationFacts"));
    QTRY_VERIFY_WITH_TIMEOUT(facts->text().contains(QStringLiteral("ep 4 (asked 7)")), kWaitMs);
    QCOMPARE(panel.grid().content().samples.size(), std::size_t{6});
    panel.setEpoch(8);
    QTRY_VERIFY_WITH_TIMEOUT(facts->text().startsWith(QStringLiteral("ep 8  ")), kWaitMs);
    QSignalSpy asked(&panel, &ui::EvaluationPanel::epochRequested);
    panel.stepImageEpoch(1);
    panel.stepImageEpoch(-1);
    QCOMPARE(asked.at(0).front().toInt(), 12);
    QCOMPARE(asked.at(1).front().toInt(), 4);
}

void TestGallery::theViewerFollowsTheGridAndStepsThroughEpochs() {
    test::TempWorkspace workspace;
    const run::RunId id = workspace.addRun(test::smallConfig(12));
    ui::StoreService store(workspace.path());
    ui::ThumbnailCache cache;
    QWidget window;
    window.resize(800, 600);
    auto* panel = new ui::EvaluationPanel(store, cache, &window);
    panel->setGeometry(window.rect());
    connect(panel, &ui::EvaluationPanel::epochRequested, panel, &ui::EvaluationPanel::setEpoch);
    window.show();
    panel->setEpoch(8);
    panel->setRun(id);
    QTRY_COMPARE_WITH_TIMEOUT(panel->grid().content().epoch, 8, kWaitMs);
    panel->grid().setFocus();
    QTest::mouseDClick(panel->grid().viewport(), Qt::LeftButton, {}, panel->grid().cellRect(0).center());
    ui::ImageViewer& viewer = ui::ImageViewer::of(*panel);
    QVERIFY(viewer.isVisible());
    QCOMPARE(viewer.size(), window.size());
    const auto* caption = viewer.findChild<QLabel*>(QStringLiteral("viewerA"));
    QTRY_VERIFY_WITH_TIMEOUT(caption->text().contains(QStringLiteral("ep 8")) && caption->text().contains(QStringLiteral("judge 0.8840")), kWaitMs);
    QTest::keyClick(&viewer, Qt::Key_Left);
    QTRY_VERIFY_WITH_TIMEOUT(caption->text().contains(QStringLiteral("ep 4")), kWaitMs);
    QTest::keyClick(&viewer, Qt::Key_Down);
    QCOMPARE(panel->grid().current(), 1);
    QTRY_VERIFY_WITH_TIMEOUT(caption->text().contains(QStringLiteral("“an animal 1”")), kWaitMs);
    QTest::keyClick(&viewer, Qt::Key_Escape);
    QVERIFY(!viewer.isVisible());
}

void TestGallery::aClickWithShiftComparesWithItsOwnBeginning() {
    test::TempWorkspace workspace;
    const run::RunId id = workspace.addRun(test::smallConfig(12));
    ui::StoreService store(workspace.path());
    ui::ThumbnailCache cache;
    ui::EvaluationPanel panel(store, cache);
    panel.resize(800, 400);
    panel.show();
    panel.setEpoch(12);
    panel.setRun(id);
    QTRY_COMPARE_WITH_TIMEOUT(panel.grid().content().epoch, 12, kWaitMs);
    ui::ImageViewer& viewer = ui::ImageViewer::of(panel);
    QTest::mouseClick(panel.grid().viewport(), Qt::LeftButton, Qt::ShiftModifier, panel.grid().cellRect(2).center());
    QVERIFY(viewer.isVisible());
    QCOMPARE(viewer.image(ui::ImageViewer::Side::A)->place, QStringLiteral("ep 0"));
    QCOMPARE(viewer.image(ui::ImageViewer::Side::B)->place, QStringLiteral("ep 12"));
    QCOMPARE(viewer.image(ui::ImageViewer::Side::A)->noiseSeed, viewer.image(ui::ImageViewer::Side::B)->noiseSeed);
    QTest::keyClick(&viewer, Qt::Key_Escape);
    // By the keys: any image is A, any other B.
    panel.grid().setCurrent(0);
    QTest::keyClick(&panel.grid(), Qt::Key_A);
    QVERIFY(!viewer.isVisible());
    panel.grid().setCurrent(3);
    QTest::keyClick(&panel.grid(), Qt::Key_B);
    QVERIFY(viewer.isVisible());
    QCOMPARE(viewer.image(ui::ImageViewer::Side::A)->prompt, QStringLiteral("an animal 0"));
    QCOMPARE(viewer.image(ui::ImageViewer::Side::B)->prompt, QStringLiteral("an animal 3"));
    QVERIFY(viewer.findChild<QLabel*>(QStringLiteral("viewerNumbers"))->text().contains(QStringLiteral("mean |A − B|")) || !viewer.isSettled());
    QTRY_VERIFY_WITH_TIMEOUT(viewer.isSettled(), kWaitMs);
    QVERIFY(viewer.findChild<QLabel*>(QStringLiteral("viewerNumbers"))->text().contains(QStringLiteral("unlike prompts")));
}

void TestGallery::exportWritesGridCurvesAndNumbers_data() {
    QTest::addColumn<int>("tab");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("magic");
    QTest::newRow("grid") << 0 << QStringLiteral("grid.png") << QByteArray("\x89PNG");
    QTest::newRow("curves") << 1 << QStringLiteral("curves.pdf") << QByteArray("%PDF");
    QTest::newRow("numbers") << 2 << QStringLiteral("numbers.csv") << QByteArray();
}

void TestGallery::exportWritesGridCurvesAndNumbers() {
    QFETCH(int, tab);
    QFETCH(QString, name);
    QFETCH(QByteArray, magic);
    test::TempWorkspace workspace;
    const run::RunId id = workspace.addRun(test::smallConfig(12));
    const QTemporaryDir folder;
    const QString file = folder.filePath(name);
    ui::StoreService service(workspace.path());
    auto* dialog = new ui::ExportDialog(service, subjectOf(id, 12), static_cast<ui::ExportDialog::Tab>(tab));
    QString saved;
    connect(dialog, &ui::ExportDialog::saved, this, [&](const QString& path) { saved = path; });
    dialog->show();
    ui::FileDialog::answerNext(file);
    QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("exportSave")), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(saved, file, kWaitMs);
    QVERIFY(ui::FileDialog::lastSuggestion().contains(QStringLiteral("my-run")));
    QFile written(file);
    QVERIFY(written.open(QIODevice::ReadOnly));
    const QByteArray bytes = written.readAll();
    QVERIFY(bytes.size() > 200);
    QVERIFY(bytes.startsWith(magic));
}

void TestGallery::exportFailureStaysInTheDialog() {
    test::TempWorkspace workspace;
    const run::RunId id = workspace.addRun(test::smallConfig(4));
    ui::StoreService service(workspace.path());
    auto* dialog = new ui::ExportDialog(service, subjectOf(id, 4), ui::ExportDialog::Tab::Images);
    dialog->show();
    ui::FileDialog::answerNext(QStringLiteral("/nowhere/at/all/grid.png"));
    QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("exportSave")), Qt::LeftButton);
    auto* bar = dialog->findChild<ui::MessageBar*>();
    QTRY_VERIFY_WITH_TIMEOUT(bar->isVisible(), kWaitMs);
    QCOMPARE(bar->level(), ui::MessageLevel::Error);
    QVERIFY(dialog->isVisible());
    dialog->close();
}

QTEST_MAIN(TestGallery)
#include "tst_gallery.moc"
