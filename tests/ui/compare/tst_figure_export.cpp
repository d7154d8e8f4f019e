// What the compare page saves is what it shows: the same curves, the same numbers, the same colours as on the screen and in files made without one.
#include <QApplication>
#include <QDoubleSpinBox>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <algorithm>
#include <cmath>
#include <set>

#include "core/base/run_palette.h"
#include "core/report/report.h"
#include "tests/support/temp_workspace.h"
#include "tests/ui/compare/page_host.h"
#include "ui/bridge/store_service.h"
#include "ui/charts/chart_widget.h"
#include "ui/compare/compare_page.h"
#include "ui/runs/runs_model.h"
#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/message_bar.h"

using namespace rlcm;
using namespace rlcm::ui;

namespace {

/// Pixels of that colour, within 3 in each channel.
int pixelsLike(const QImage& image, const QColor& wanted) {
    int count = 0;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            const QColor at = image.pixelColor(x, y);
            const auto isNear = [](int a, int b) { return std::abs(a - b) <= 3; };
            count += isNear(at.red(), wanted.red()) && isNear(at.green(), wanted.green()) && isNear(at.blue(), wanted.blue()) ? 1 : 0;
        }
    }
    return count;
}

QByteArray contents(const QString& file) {
    QFile in(file);
    return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
}

}  // namespace

class TestFigureExport : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        apply(*qobject_cast<QApplication*>(QCoreApplication::instance()), Mode::Light);
        for (int seed = 0; seed < 10; ++seed) {
            const run::RunId id = m_workspace.addRun(test::smallConfig(12, seed < 5 ? 4 : 2, seed));
            store::StoreEditor(m_workspace.path()).setColour(id, seed);  // a run for each hue of the palette
        }
    }
    void init() {
        m_service = std::make_unique<StoreService>(m_workspace.path());
        m_page = std::make_unique<ComparePage>(*m_service, m_runs);
        m_host = std::make_unique<test::PageHost>(*m_page);
        m_host->drawEachRun();
        m_page->resize(1600, 1000);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
        QTRY_COMPARE(chart()->series().size(), std::size_t{10});
        chart()->replotNow();
    }
    void cleanup() {
        m_host.reset();
        m_page.reset();
        m_service.reset();
    }

    void everyRunHasTheSameColourOnTheScreenAndInFiles() {
        const QImage saved(save(QStringLiteral("page.png")));
        const store::StoreReader reader(m_workspace.path());
        std::vector<run::RunId> ids;
        std::set<int> given;
        for (const store::RunRow& run : reader.runs()) {
            ids.push_back(run.id);
            given.insert(run.colour);
        }
        QCOMPARE(given.size(), static_cast<std::size_t>(kRunHues));
        const QString alone = m_folder.filePath(QStringLiteral("alone.png"));
        report::exportFigure(reader, {.series = figure::seriesOf({"eval_reward_mean"}, ids)}, alone.toStdString());
        const QImage screen = chart()->grab().toImage(), file(alone);
        for (const int colour : given) {
            const auto name = QByteArray::number(colour);
            QVERIFY2(pixelsLike(screen, runColour(colour, false)) > 30, name);
            QVERIFY2(pixelsLike(saved, runColour(colour, false)) > 100, name);
            QVERIFY2(pixelsLike(file, runColour(colour, false)) > 30, name);
        }
    }
    void theSavedNumbersAreThoseOfTheScreen_data() {
        QTest::addColumn<bool>("isGrouped");
        QTest::addColumn<int>("axisKey");
        QTest::newRow("runs over epochs") << false << int(Qt::Key_1);
        QTest::newRow("seeds over queries") << true << int(Qt::Key_4);
        QTest::newRow("seeds over seconds") << true << int(Qt::Key_7);
    }
    void theSavedNumbersAreThoseOfTheScreen() {
        QFETCH(bool, isGrouped);
        QFETCH(int, axisKey);
        QTest::keyClick(m_page.get(), static_cast<Qt::Key>(axisKey));
        m_page->findChild<QToolButton*>(QStringLiteral("group"))->setChecked(isGrouped);
        m_page->findChild<QDoubleSpinBox*>(QStringLiteral("halfLife"))->setValue(3);
        const QList<QByteArray> lines = contents(save(QStringLiteral("numbers.csv"))).trimmed().split('\n');
        qsizetype line = 0;
        for (const Series& series : chart()->series()) {
            for (std::size_t i = 0; i < series.x.size(); ++i) {
                const QList<QByteArray> cells = lines.at(++line).split(',');
                const auto shown = chart()->valuesAt(series.x[i]);
                const auto value =
                    std::find_if(shown.begin(), shown.end(), [&](const CursorValue& one) { return chart()->series()[one.series].id == series.id; });
                QCOMPARE(QString::fromUtf8(cells[0]), series.label);
                QCOMPARE(cells[1].toDouble(), series.x[i]);
                QCOMPARE(cells[2].toDouble(), series.y[i]);
                QCOMPARE(cells[3].toDouble(), value->smoothed);
                QCOMPARE(cells[4].isEmpty(), series.bandLow.empty());
                if (!series.bandLow.empty()) {
                    QCOMPARE(cells[5].toDouble(), series.bandHigh[i]);
                }
                QCOMPARE(cells[6].toInt(), value->count);
            }
        }
        QCOMPARE(line + 1, lines.size());
    }
    void theSavedFigureIsTheOneThatItsSpecificationDraws() {
        m_page->findChild<QToolButton*>(QStringLiteral("group"))->setChecked(true);
        const QByteArray saved = contents(save(QStringLiteral("page.png")));
        const store::StoreReader reader(m_workspace.path());
        std::vector<run::RunId> ids;
        for (const store::RunRow& run : reader.runs()) {
            ids.insert(ids.begin(), run.id);
        }
        const figure::FigureSpec spec{.series = figure::seriesOf({"eval_reward_mean"}, ids),
                                      .grouping = figure::Grouping::Seeds,
                                      .halfLife = m_page->findChild<QDoubleSpinBox*>(QStringLiteral("halfLife"))->value(),
                                      .size = {.widthMm = 174, .heightMm = 100, .fontPt = 8, .dpi = 300}};
        const Json written = figure::toJson(spec);
        const QString file = m_folder.filePath(QStringLiteral("from specification.png"));
        report::exportFigure(reader, figure::figureSpecFromJson(written, "test"), file.toStdString());
        QVERIFY(saved.size() > 10000);
        QVERIFY(contents(file) == saved);
    }
    void aZoomedPageSavesWhatIsVisible() {
        chart()->zoomTo({3, 9, -10, 10});
        const QByteArray text = contents(save(QStringLiteral("zoomed.csv")));
        QVERIFY(text.contains(",4,") && text.contains(",8,") && !text.contains(",12,") && !text.contains(",0,"));
    }

private:
    ChartWidget* chart() const { return m_page->findChild<ChartWidget*>(QStringLiteral("compareChart")); }
    /// Saves as the user does and waits until it is said to be done.
    QString save(const QString& name) {
        const QString file = m_folder.filePath(QStringLiteral("%1 %2").arg(++m_saved).arg(name));  // never asks whether to replace
        const auto tab = name.endsWith(QLatin1String("csv")) ? ExportDialog::Tab::Numbers : ExportDialog::Tab::Figure;
        if (const QString failure = test::saveAs(*m_page, *m_service, tab, file); !failure.isEmpty()) {
            qWarning("%s", qPrintable(failure));
        }
        return file;
    }

    test::TempWorkspace m_workspace;
    QTemporaryDir m_folder;
    int m_saved = 0;
    std::unique_ptr<StoreService> m_service;
    RunsModel m_runs;
    std::unique_ptr<ComparePage> m_page;
    std::unique_ptr<test::PageHost> m_host;
};

QTEST_MAIN(TestFigureExport)
#include "tst_figure_export.moc"
