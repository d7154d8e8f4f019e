// Many runs and long runs on the compare page: what a redraw, an epoch and a step of the cursor cost. Prints what it measures;
// RLCM_SCALE_RUNS and RLCM_SCALE_EPOCHS ask for more than the suite has time for.
#include <QApplication>
#include <QComboBox>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <SQLiteCpp/SQLiteCpp.h>
#include <cmath>
#include <ctime>
#include <map>

#include "tests/support/temp_workspace.h"
#include "tests/ui/compare/page_host.h"
#include "ui/bridge/store_service.h"
#include "ui/charts/chart_widget.h"
#include "ui/compare/compare_loader.h"
#include "ui/compare/compare_page.h"
#include "ui/runs/runs_model.h"
#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"

using namespace rlcm;
using namespace rlcm::ui;

namespace {

int fromEnvironment(const char* name, int otherwise) {
    bool isNumber = false;
    const int value = qEnvironmentVariableIntValue(name, &isNumber);
    return isNumber ? value : otherwise;
}

/// Runs with curves and no images, written past the store: so many transactions would take minutes.
class LargeWorkspace {
public:
    run::RunId addRun(std::int64_t epochs, std::int64_t every, std::int64_t seed) {
        store::StoreEditor editor(m_folder.path());
        const run::RunId id = editor.createRun(test::smallConfig(epochs, 4, seed));
        add(id, 0, epochs, every);
        return id;
    }
    /// Epochs after `from` up to `to`.
    void add(const run::RunId& id, std::int64_t from, std::int64_t to, std::int64_t every) {
        SQLite::Database database((m_folder.path() / "workspace.sqlite").string(), SQLite::OPEN_READWRITE);
        SQLite::Transaction transaction(database);
        database.exec("INSERT OR IGNORE INTO metric (name) VALUES ('reward_mean'), ('eval_reward_mean')");
        const std::int64_t run = std::stoll(id.substr(1));
        const auto write = [&](const char* counters, const char* values, const char* metric, std::int64_t epoch) {
            SQLite::Statement row(database, counters);
            const std::int64_t k = epoch * 16;
            int at = 0;
            for (const std::int64_t value : {run, epoch, k, k, k * 4, epoch}) {
                row.bind(++at, value);
            }
            row.bind(++at, 1.5 * static_cast<double>(epoch));
            row.bind(++at, 1.75 * static_cast<double>(epoch));
            row.exec();
            SQLite::Statement value(database, values);
            value.bind(1, run);
            value.bind(2, metric);
            value.bind(3, epoch);
            value.bind(4, -2.0 + 0.3 * std::sin(0.01 * static_cast<double>(epoch * run)));
            value.exec();
        };
        constexpr const char* kValue = "(run_id, metric_id, epoch, value) VALUES (?1, (SELECT id FROM metric WHERE name = ?2), ?3, ?4)";
        const std::string scalar = std::string("INSERT INTO epoch_scalar ") + kValue, evaluated = std::string("INSERT INTO evaluation_scalar ") + kValue;
        for (std::int64_t epoch = from + 1; epoch <= to; ++epoch) {
            write("INSERT INTO epoch VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?5)", scalar.c_str(), "reward_mean", epoch);
            if (epoch % every == 0) {
                write("INSERT INTO evaluation VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 0, ?5)", evaluated.c_str(), "eval_reward_mean", epoch);
            }
        }
        transaction.commit();
    }
    const std::filesystem::path& path() const { return m_folder.path(); }

private:
    test::TempWorkspace m_folder;
};

/// Of processor time: other programs do not count.
template <typename Action>
double milliseconds(const Action& action) {
    const auto now = [] {
        timespec time{};
        ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
    };
    const double begin = now();
    action();
    return now() - begin;
}

}  // namespace

class TestCompareScale : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { apply(*qobject_cast<QApplication*>(QCoreApplication::instance()), Mode::Light); }

    /// Twice the runs must not cost four times as much: a redraw is linear in the curves.
    void redrawsAreLinearInTheRuns() {
        const int most = fromEnvironment("RLCM_SCALE_RUNS", 400);
        LargeWorkspace workspace;
        std::vector<run::RunId> ids;
        for (int i = 0; i < most; ++i) {
            ids.push_back(workspace.addRun(20, 1, i));
        }
        store::StoreEditor editor(workspace.path());
        std::map<int, double> cost;
        for (const int count : {most / 4, most}) {
            for (int i = 0; i < most; ++i) {
                editor.setVisible(ids[static_cast<std::size_t>(i)], i < count);
            }
            StoreService service(workspace.path());
            const RunsModel runs;
            ComparePage page(service, runs);
            test::PageHost host(page);
            host.drawEachRun();
            page.resize(1280, 800);
            page.show();
            auto* chart = page.findChild<ChartWidget*>(QStringLiteral("compareChart"));
            QTRY_COMPARE_WITH_TIMEOUT(chart->series().size(), static_cast<std::size_t>(count), 60000);
            chart->replotNow();
            double least = 1e9;
            for (const Qt::Key key : {Qt::Key_4, Qt::Key_1, Qt::Key_4, Qt::Key_1}) {  // another axis: everything anew
                least = std::min(least, milliseconds([&] {
                                     QTest::keyClick(&page, key);
                                     chart->replotNow();
                                 }));
            }
            const double step = milliseconds([&] { host.goTo(10); });
            qInfo("%d visible runs: redraw %.0f ms, cursor step %.1f ms", count, least, step);
            cost[count] = least;
        }
        QVERIFY2(cost[most] < 10 * cost[most / 4] + 50, "superlinear");
    }

    /// A new epoch of a run is handed over as one point, however many there are; what is read stays equal to the store.
    void anEpochOfALongRunCostsWhatOneOfAShortRunDoes() {
        const int epochs = fromEnvironment("RLCM_SCALE_EPOCHS", 20000);
        LargeWorkspace workspace;
        const run::RunId id = workspace.addRun(epochs, 1, 0);
        StoreService service(workspace.path());
        CompareLoader loader(service);
        QSignalSpy loaded(&loader, &CompareLoader::curvesLoaded);
        const auto load = [&] {
            loader.loadCurves("eval_reward_mean");
            QVERIFY(loaded.wait(60000));
        };
        const double first = milliseconds(load);
        QCOMPARE(loader.data().runs.at(0).points.size(), static_cast<std::size_t>(epochs));
        double later = 1e9;
        for (int i = 1; i <= 5; ++i) {
            workspace.add(id, epochs + i - 1, epochs + i, 1);
            later = std::min(later, milliseconds(load));
        }
        qInfo("a run of %d epochs: first read %.1f ms, a new epoch %.2f ms", epochs, first, later);
        const store::StoreReader reader(workspace.path());
        QVERIFY(loader.data().runs.at(0).points == reader.scalars(id, "eval_reward_mean"));
        QVERIFY2(later < first / 4, "a new epoch reads the whole curve");
        // The history is written anew, as by a resume from an earlier epoch.
        {
            SQLite::Database database((workspace.path() / "workspace.sqlite").string(), SQLite::OPEN_READWRITE);
            for (const char* table : {"epoch_scalar", "epoch", "evaluation_scalar", "evaluation"}) {
                database.exec(std::string("DELETE FROM ") + table + " WHERE epoch > " + std::to_string(epochs - 10));
            }
        }
        load();
        QVERIFY(loader.data().runs.at(0).points == reader.scalars(id, "eval_reward_mean"));
        workspace.add(id, epochs - 10, epochs + 3, 1);
        load();
        QVERIFY(loader.data().runs.at(0).points == reader.scalars(id, "eval_reward_mean"));
        loader.loadCurves("reward_mean");
        QVERIFY(loaded.wait(60000));
        QCOMPARE(loader.data().scalar, std::string("reward_mean"));
        QVERIFY(loader.data().runs.at(0).points == reader.scalars(id, "reward_mean"));
    }

    /// The same on the page, with all that it draws.
    void anEpochOnThePageCostsLittle() {
        const int epochs = fromEnvironment("RLCM_SCALE_EPOCHS", 20000);
        std::map<int, double> cost, figure;
        const QTemporaryDir folder;
        for (const int count : {100, epochs}) {
            LargeWorkspace workspace;
            const run::RunId id = workspace.addRun(count, 1, 0);
            StoreService service(workspace.path());
            const RunsModel runs;
            ComparePage page(service, runs);
            test::PageHost host(page);
            host.drawEachRun();
            page.resize(1280, 800);
            page.show();
            auto* chart = page.findChild<ChartWidget*>(QStringLiteral("compareChart"));
            const auto points = [&] { return chart->series().empty() ? std::size_t{0} : chart->series()[0].x.size(); };
            QTRY_COMPARE_WITH_TIMEOUT(points(), static_cast<std::size_t>(count), 60000);
            chart->replotNow();
            double least = 1e9;
            for (int i = 1; i <= 5; ++i) {
                workspace.add(id, count + i - 1, count + i, 1);
                least = std::min(least, milliseconds([&] {
                                     page.refresh();
                                     while (points() < static_cast<std::size_t>(count + i)) {
                                         QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
                                     }
                                     chart->replotNow();
                                 }));
            }
            const QString file = folder.filePath(QStringLiteral("figure%1.png").arg(count));
            const double png = milliseconds([&] { QCOMPARE(test::saveAs(page, service, ExportDialog::Tab::Figure, file), QString()); });
            qInfo("a new epoch after %d on the page: %.1f ms; a PNG figure: %.0f ms", count, least, png);
            cost[count] = least;
            figure[count] = png;
        }
        QVERIFY2(cost[epochs] < cost[100] + 0.005 * epochs + 20, "whole curves are read again");
        QVERIFY2(figure[epochs] < figure[100] + 0.05 * epochs + 500, "superlinear");
    }

    /// Ten times the evaluations must not make a step of the cursor ten times as dear.
    void cursorStepsDoNotGrowWithTheRun() {
        const auto step = [](std::int64_t evaluations) {
            RunCurve run;
            for (std::int64_t epoch = 0; epoch < evaluations; ++epoch) {
                run.sampleEpochs.push_back(epoch);
                run.evaluations.push_back({{.epoch = epoch, .rewardQueries = epoch * 64}, 0});
            }
            std::int64_t sum = 0;
            double least = 1e9;
            for (int i = 0; i < 5; ++i) {
                least = std::min(least, milliseconds([&] {
                                     for (int k = 0; k < 200; ++k) {
                                         sum += imagesAt(run, XAxis::RewardQueries, static_cast<double>(evaluations * 64 - k)).epoch;
                                     }
                                 }));
            }
            return sum > 0 ? least : 1e9;
        };
        const double few = step(1000), many = step(100000);
        qInfo("200 cursor steps: %.3f ms with 1000 evaluations, %.3f ms with 100000", few, many);
        QVERIFY2(many < 20 * few + 5, "linear in the evaluations");
    }
};

QTEST_MAIN(TestCompareScale)
#include "tst_compare_scale.moc"
