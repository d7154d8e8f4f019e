// What the dialog of exports shows before anything is written, and the kinds of tables.
#include <QApplication>
#include <QComboBox>
#include <QDirIterator>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>

#include "core/base/error.h"
#include "tests/support/temp_workspace.h"
#include "ui/bridge/store_service.h"
#include "ui/gallery/export_dialog.h"
#include "ui/gallery/figure_preview.h"
#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"

using namespace rlcm;
using namespace rlcm::ui;

namespace {

constexpr int kWaitMs = 20000;

double proportion(const QImage& image) {
    return static_cast<double>(image.width()) / image.height();
}

}  // namespace

class TestExportDialog : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        apply(*qApp, Mode::Light);
        m_run = m_workspace.addRun(test::smallConfig(12));
        m_service = std::make_unique<StoreService>(m_workspace.path());
    }
    void theFigureIsSeenBeforeItIsSaved() {
        ExportDialog* dialog = open({.note = {}, .spec = figure::FigureSpec{.series = figure::seriesOf({"reward_mean"}, {m_run})}});
        const FigurePreview* preview = dialog->findChild<FigurePreview*>();
        QTRY_VERIFY_WITH_TIMEOUT(!preview->picture().isNull(), kWaitMs);
        QVERIFY(qAbs(proportion(preview->picture()) - 1.74) < 0.01);
        QCOMPARE(preview->picture().pixelColor(2, 2), QColor(Qt::white));
        const QImage wide = preview->picture();
        if (const QString folder = qEnvironmentVariable("RLCM_SCREENSHOT_DIR"); !folder.isEmpty()) {
            dialog->grab().save(folder + QStringLiteral("/export-figure.png"));
        }
        dialog->findChild<QComboBox*>(QStringLiteral("exportFigureSize"))->setCurrentIndex(1);
        QTRY_VERIFY_WITH_TIMEOUT(qAbs(proportion(preview->picture()) - 1.2) < 0.01, kWaitMs);
        dialog->close();
    }
    void whyThereIsNoFigureIsSaidInItsPlace() {
        ExportDialog* dialog = open({.note = {}, .spec = figure::FigureSpec{.series = figure::seriesOf({"no_such_measure"}, {m_run})}});
        const FigurePreview* preview = dialog->findChild<FigurePreview*>();
        QTRY_VERIFY_WITH_TIMEOUT(preview->words().contains(QStringLiteral("no_such_measure")), kWaitMs);
        QVERIFY(preview->picture().isNull());
        dialog->close();
    }
    void figuresThatAPageDrawsItselfAreSeenToo() {
        const auto draw = [](const QString& file, const QSizeF& millimetres) {
            QImage image(static_cast<int>(millimetres.width()), static_cast<int>(millimetres.height()), QImage::Format_RGB32);
            image.fill(Qt::red);
            image.save(file);
        };
        ExportDialog* dialog = open({.note = {}, .draw = draw});
        QCOMPARE(dialog->findChild<FigurePreview*>()->picture().size(), QSize(174, 100));
        dialog->close();
        const auto refuse = [](const QString&, const QSizeF&) { throw Error(ErrorKind::Config, "there is nothing to draw"); };
        dialog = open({.note = {}, .draw = refuse});
        QVERIFY(dialog->findChild<FigurePreview*>()->words().contains(QStringLiteral("nothing to draw")));
        dialog->close();
    }
    void sizeAndGapsOfAGridAreChosenAndForetold() {
        const QTemporaryDir folder;
        auto* dialog = new ExportDialog(*m_service, {.name = QStringLiteral("run"), .images = runImages(m_run, 12)}, ExportDialog::Tab::Images);
        dialog->show();
        const auto* forecast = dialog->findChild<QLabel*>(QStringLiteral("exportForecast"));
        const store::StoreReader reader(m_workspace.path());
        report::GridOptions options{.epoch = 12, .cellPixels = 64, .gapPixels = 20};
        dialog->findChild<QSpinBox*>(QStringLiteral("exportCell"))->setValue(64);
        dialog->findChild<QSpinBox*>(QStringLiteral("exportGap"))->setValue(20);
        const report::GridSize size = report::gridSize(reader, m_run, options);
        QTRY_COMPARE_WITH_TIMEOUT(forecast->text(), QStringLiteral("%1 × %2 pixels").arg(size.width).arg(size.height), kWaitMs);
        dialog->findChild<QComboBox*>(QStringLiteral("exportGapColour"))->setCurrentIndex(2);
        const QString file = folder.filePath(QStringLiteral("grid.png"));
        FileDialog::answerNext(file);
        bool isSaved = false;
        connect(dialog, &ExportDialog::saved, this, [&isSaved] { isSaved = true; });
        QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("exportSave")), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(isSaved, kWaitMs);
        const QImage grid(file);
        QCOMPARE(grid.size(), QSize(size.width, size.height));
        QCOMPARE(grid.pixelColor(5, size.height - 5), QColor(Qt::black));
        QCOMPARE(grid.pixelColor(5, 2), QColor(Qt::white));  // words stand on white
    }
    void tablesForPeopleAreSavedAndPutOnTheReport() {
        const QTemporaryDir folder;
        ExportSubject subject{.name = QStringLiteral("runs")};
        subject.tables = {runNumbers(m_run)};
        subject.words =
            ExportSubject::Words{.note = QStringLiteral("short"), .table = {.heads = {"Run", "Value"}, .rows = {{"a|b", "1,5"}}, .caption = "At epoch 4"}};
        auto* dialog = new ExportDialog(*m_service, std::move(subject), ExportDialog::Tab::Numbers);
        dialog->offerReport();
        dialog->show();
        QVERIFY(dialog->choose(ExportDialog::Tab::Numbers, QStringLiteral("tex")));
        QVERIFY(dialog->choose(ExportDialog::Tab::Numbers, QStringLiteral("md")));
        report::Card made;
        connect(dialog, &ExportDialog::cardMade, this, [&made](const report::Card& card) { made = card; });
        QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("exportToReport")), Qt::LeftButton);
        QVERIFY(made.kind == report::CardKind::Table && made.words == "At epoch 4");
        QCOMPARE(made.content, std::string("Run,Value\na|b,\"1,5\"\n"));
        const QString file = folder.filePath(QStringLiteral("table.md"));
        FileDialog::answerNext(file);
        QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("exportSave")), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(file), kWaitMs);
        QFile in(file);
        QVERIFY(in.open(QIODevice::ReadOnly));
        QCOMPARE(in.readAll(), QByteArray("| Run | Value |\n|---|---:|\n| a\\|b | 1,5 |\n\nAt epoch 4\n"));
    }
    void numbersGoToTensorBoardToo() {
        const run::RunId other = m_workspace.addRun(test::smallConfig(4));
        const QTemporaryDir folder;
        ExportSubject subject{.name = QStringLiteral("runs")};
        subject.tables = {runNumbers(m_run), runEvents({m_run, other})};
        auto* dialog = new ExportDialog(*m_service, std::move(subject), ExportDialog::Tab::Numbers);
        dialog->show();
        const auto* note = dialog->findChild<QLabel*>(QStringLiteral("exportNote"));
        QVERIFY(!note->text().contains(QStringLiteral("TensorBoard")));
        QVERIFY(dialog->choose(ExportDialog::Tab::Numbers, QStringLiteral("tfevents")));
        QVERIFY(note->text().contains(QStringLiteral("these 2 runs for TensorBoard")));
        FileDialog::answerNext(folder.path());
        QString saved;
        connect(dialog, &ExportDialog::saved, this, [&saved](const QString& written) { saved = written; });
        QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("exportSave")), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(saved, folder.path(), kWaitMs);
        int files = 0;
        for (QDirIterator each(folder.path(), {QStringLiteral("*tfevents*")}, QDir::Files, QDirIterator::Subdirectories); each.hasNext(); ++files) {
            QFile written(each.next());
            QVERIFY(written.open(QIODevice::ReadOnly));
            QVERIFY(written.readAll().contains("brain.Event:2"));
        }
        QCOMPARE(files, 2);
    }

private:
    ExportDialog* open(ExportSubject::Figure figure) {
        ExportSubject subject{.name = QStringLiteral("run")};
        subject.figure = std::move(figure);
        auto* dialog = new ExportDialog(*m_service, std::move(subject), ExportDialog::Tab::Figure);
        dialog->show();
        return dialog;
    }

    test::TempWorkspace m_workspace;
    run::RunId m_run;
    std::unique_ptr<StoreService> m_service;
};

QTEST_MAIN(TestExportDialog)
#include "tst_export_dialog.moc"
