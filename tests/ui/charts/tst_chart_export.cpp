// Files that a chart writes.
#include <QApplication>
#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>
#include <sys/resource.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "core/base/error.h"
#include "tests/ui/charts/chart_fixture.h"
#include "ui/charts/chart_widget.h"
#include "ui/theme/theme.h"

using namespace rlcm::ui;
using rlcm::test::contents;
using rlcm::test::curve;
using rlcm::test::kNan;

class TestChartExport : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        apply(*qobject_cast<QApplication*>(QCoreApplication::instance()), Mode::Light);
        m_chart = std::make_unique<ChartWidget>();
        m_chart->resize(700, 420);
        m_chart->setAxisTitles(QStringLiteral("Epoch"), QStringLiteral("Reward"), QStringLiteral("epochs"));
    }
    void aFileThatCannotBeWrittenLeavesTheOldOne_data() {
        QTest::addColumn<QString>("name");
        for (const char* name : {"a.pdf", "a.svg", "a.png", "a.csv"}) QTest::newRow(name) << QString::fromLatin1(name);
    }
    void aFileThatCannotBeWrittenLeavesTheOldOne() {
        QFETCH(QString, name);
        m_chart->setSeries({curve(QStringLiteral("0"), 500, 0)});
        QTemporaryDir folder;
        const QString file = folder.filePath(name);
        const auto write = [&] { name.endsWith(QLatin1String("csv")) ? m_chart->exportCsv(file) : m_chart->exportTo(file); };
        write();
        const QByteArray before = contents(file);
        QVERIFY(before.size() > 2000);
        rlimit limit{};
        ::getrlimit(RLIMIT_FSIZE, &limit);
        const rlimit full{1000, limit.rlim_max};
        ::signal(SIGXFSZ, SIG_IGN);
        ::setrlimit(RLIMIT_FSIZE, &full);
        QString why;
        try {
            write();
        } catch (const rlcm::Error& error) {
            why = QString::fromUtf8(error.what());
        }
        ::setrlimit(RLIMIT_FSIZE, &limit);
        QVERIFY2(why.contains(file), qPrintable(why));
        QVERIFY2(why.contains(QString::fromLocal8Bit(std::strerror(EFBIG))), qPrintable(why));
        QCOMPARE(contents(file), before);
        QCOMPARE(QDir(folder.path()).entryList(QDir::Files | QDir::Hidden).size(), 1);
    }
    void aFigureWithoutRoomForItsLegendIsRefused() {
        std::vector<Series> all;
        for (int i = 0; i < 40; ++i) all.push_back(curve(QStringLiteral("%1").arg(i), 20, i % 10));
        m_chart->setSeries({all.begin(), all.begin() + 12});
        QTemporaryDir folder;
        const FigureStyle column{.widthMm = 84, .heightMm = 70, .fontPt = 7};
        const QString svg = folder.filePath(QStringLiteral("a.svg"));
        m_chart->exportTo(svg, column);
        for (int i = 0; i < 12; ++i) QVERIFY(contents(svg).contains(QStringLiteral(" s%1<").arg(i).toLatin1()));
        m_chart->setSeries(all);
        try {
            m_chart->exportTo(folder.filePath(QStringLiteral("b.pdf")), column);
            QFAIL("no exception");
        } catch (const rlcm::Error& error) {
            QVERIFY(std::string(error.what()).find("40 curves") != std::string::npos);
        }
        QVERIFY(!QFile::exists(folder.filePath(QStringLiteral("b.pdf"))));
    }
    void bandsAreOfTheValuesAndHoldTheMean() {
        Series mean{.id = QStringLiteral("g"), .label = QStringLiteral("group"), .colour = runColour(0)};
        for (int i = 0; i < 40; ++i) {
            mean.x.push_back(i);
            mean.y.push_back(i < 20 ? 0 : 10);  // the smoothed line lags behind the step
            mean.bandLow.push_back(mean.y.back() - 1);
            mean.bandHigh.push_back(mean.y.back() + 1);
            mean.counts.push_back(i == 39 ? 1 : 3);
        }
        m_chart->setSeries({mean});
        m_chart->setHalfLife(8);
        QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("a.csv"));
        m_chart->exportCsv(file);
        const QList<QByteArray> lines = contents(file).trimmed().split('\n');
        for (int i = 0; i < 39; ++i) {
            const QList<QByteArray> cells = lines[i + 1].split(',');
            QCOMPARE(cells[4].toDouble(), mean.bandLow[static_cast<std::size_t>(i)]);
            QCOMPARE(cells[5].toDouble(), mean.bandHigh[static_cast<std::size_t>(i)]);
            QVERIFY(cells[3].toDouble() >= cells[4].toDouble() && cells[3].toDouble() <= cells[5].toDouble());
            QCOMPARE(cells[6].toInt(), 3);
        }
        QVERIFY(lines.last().split(',')[3].toDouble() < 9);  // one run: nothing to keep it inside
        m_chart->setBandNote(QStringLiteral("band: min to max of the seeds"));
        const QString svg = folder.filePath(QStringLiteral("a.svg"));
        m_chart->exportTo(svg);
        QVERIFY(contents(svg).contains("band: min to max of the seeds"));
        QVERIFY(contents(svg).contains("kept inside its band"));
    }
    void curvesOfOneColourHaveDashesOfTheirOwn() {
        std::vector<Series> all;
        for (int i = 0; i < 3; ++i) all.push_back(curve(QStringLiteral("%1").arg(i), 20, 0));
        m_chart->setSeries(all);
        QTemporaryDir folder;
        const QString svg = folder.filePath(QStringLiteral("a.svg"));
        m_chart->exportTo(svg);
        QSet<QByteArray> patterns;
        static const QRegularExpression kDash(QStringLiteral("stroke-dasharray=\"([^\"]*)\""));
        for (auto found = kDash.globalMatch(QString::fromUtf8(contents(svg))); found.hasNext();) patterns.insert(found.next().captured(1).toLatin1());
        patterns.remove("none");
        QVERIFY(patterns.size() >= 2);  // beside the solid one; in the legend they are scaled with the pen
    }
    void exportedTableHoldsWhatIsShown() {
        Series series{.id = QStringLiteral("a"),
                      .label = QStringLiteral("run \"a\""),
                      .colour = runColour(0),
                      .x = {0, 1, 2},
                      .y = {4, kNan, 8}};
        m_chart->setSeries({series});
        m_chart->setHalfLife(1);
        QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("a.csv"));
        m_chart->exportCsv(file);
        // Smoothed at x = 2: (8 + 4/4) / (1 + 1/4) = 7.2
        QCOMPARE(contents(file),
                 QByteArray("series,x,raw,smoothed,low,high,runs\n\"run \"\"a\"\"\",0,4,4,,,1\n\"run "
                            "\"\"a\"\"\",1,,,,,1\n\"run \"\"a\"\"\",2,8,7.2,,,1\n"));
        m_chart->zoomTo({1.5, 2.5, 0, 10});
        m_chart->exportCsv(file);
        QCOMPARE(contents(file).count('\n'), 2);
    }
    void exportSaysWhatIsWrong() {
        m_chart->setSeries({curve(QStringLiteral("0"), 10, 0)});
        try {
            m_chart->exportTo(QStringLiteral("/no/such/folder/a.png"));
            QFAIL("no exception");
        } catch (const rlcm::Error& error) {
            QVERIFY(std::string(error.what()).find("/no/such/folder/a.png") != std::string::npos);
        }
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, m_chart->exportTo(QStringLiteral("/no/such/folder/a.svg")));
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, m_chart->exportTo(QStringLiteral("/no/such/folder/a.pdf")));
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, m_chart->exportTo(QStringLiteral("figure.doc")));
        QVERIFY_THROWS_EXCEPTION(rlcm::Error, m_chart->exportCsv(QStringLiteral("/no/such/folder/a.csv")));
    }

private:
    std::unique_ptr<ChartWidget> m_chart;
};

QTEST_MAIN(TestChartExport)
#include "tst_chart_export.moc"
