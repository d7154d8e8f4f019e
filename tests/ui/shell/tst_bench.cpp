// The bench of the window tells every figure that is promised, on as little of everything as makes it. Prints what it measures.
#include <QApplication>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>

#include "core/store/workspace.h"
#include "tests/support/fake_library.h"
#include "tests/support/fake_run.h"
#include "ui/shell/ui_bench.h"
#include "ui/theme/theme.h"

using namespace rlcm;

class TestBench : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyFigureIsToldOnceAndIsANumber() {
        ui::apply(*qApp, ui::Mode::Light);
        const QTemporaryDir folder;
        ui::WindowOptions options;
        options.factory = test::fakeRunFactory({.epochTime = std::chrono::milliseconds(20), .imageSize = 16});
        options.library = std::make_shared<test::FakeLibrary>();
        std::vector<ui::UiTime> told;
        ui::benchUi(folder.path(), options, {.times = 1, .runs = 20, .studyRuns = 8, .curvePoints = 200, .images = 240, .sessionSeconds = 3},
                    [&told](const ui::UiTime& time) {
                        qInfo("%s: %.2f %s", qPrintable(time.what), time.own, qPrintable(time.unit));
                        told.push_back(time);
                    });
        QStringList names;
        for (const ui::UiTime& time : told) {
            QVERIFY2(std::isfinite(time.median) && std::isfinite(time.own) && time.limit > 0, qPrintable(time.what));
            QVERIFY2(time.unit == QLatin1String("MB") || (time.median > 0 && time.own >= 0), qPrintable(time.what));
            names << time.what;
        }
        const QStringList expected{QStringLiteral("new points on 8 curves of 1,000"),
                                   QStringLiteral("another x axis for 8 curves of 200"),
                                   QStringLiteral("8 curves of 200, raw and smoothed"),
                                   QStringLiteral("a step of the cursor over them"),
                                   QStringLiteral("opening a workspace of 20 runs"),
                                   QStringLiteral("filtering 20 runs"),
                                   QStringLiteral("filtering 20 runs by a setting"),
                                   QStringLiteral("a step of the budget of 8 runs"),
                                   QStringLiteral("changing between two pages with 8 runs"),
                                   QStringLiteral("dimming 8 curves of 200 when another measure is chosen"),
                                   QStringLiteral("another measure of 8 curves of 200"),
                                   QStringLiteral("a curve of 200 points as PDF"),
                                   QStringLiteral("a curve of 200 points as SVG"),
                                   QStringLiteral("a curve of 200 points as PNG"),
                                   QStringLiteral("the same as a table"),
                                   QStringLiteral("scrubbing to images not seen before"),
                                   QStringLiteral("scrubbing to images seen before"),
                                   QStringLiteral("a frame while 240 images scroll"),
                                   QStringLiteral("longest time without an answer in a session of 3 s"),
                                   QStringLiteral("decoded images that were kept at its end"),
                                   QStringLiteral("memory beside them that the rest of the session added")};
        QCOMPARE(names, expected);
        const std::vector<store::RunRow> runs = store::StoreReader(folder.filePath(QStringLiteral("images")).toStdString()).runs();
        const auto session = std::ranges::find(runs, "session", &store::RunRow::name);
        QVERIFY(session != runs.end() && session->counters.epoch > 2 && session->state == run::RunState::Stopped);  // it did train
    }
};

QTEST_MAIN(TestBench)
#include "tst_bench.moc"
