#include "ui/shell/ui_bench.h"

#include <QCoreApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QLocale>
#include <algorithm>
#include <cmath>
#include <ctime>
#include <memory>

#include "core/base/order_statistics.h"
#include "core/run/measures.h"
#include "core/run/field_table.h"
#include "core/run/presets.h"
#include "core/store/workspace.h"
#include "ui/charts/chart_widget.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/ui_bench_parts.h"
#include "ui/theme/theme.h"

namespace rlcm::ui {

namespace {

constexpr int kEvaluations = 20, kPatienceMs = 60000;

/// Eight curves that look like rewards: a rise with noise.
std::vector<Series> curves(std::size_t points, double unit) {
    std::vector<Series> all;
    for (int i = 0; i < 8; ++i) {
        Series one{.id = QString::number(i), .label = QStringLiteral("rlcm H4 compressibility s%1").arg(i), .colour = runColour(i)};
        for (std::size_t at = 0; at < points; ++at) {
            const double x = static_cast<double>(at);
            one.x.push_back(x * unit);
            one.y.push_back(std::log1p(x) / 8 + 0.2 * std::sin(x * 12.9898 + i) * std::sin(x * 78.233));
        }
        all.push_back(std::move(one));
    }
    return all;
}

QString counted(int number) {
    return QLocale(QLocale::English).toString(number);
}

void benchCharts(const Bench& bench) {
    ChartWidget chart;
    chart.resize(900, 500);
    chart.setRawVisible(true);
    chart.show();
    QCoreApplication::processEvents();
    chart.setHalfLife(3);
    const int times = bench.size.times, points = bench.size.curvePoints;
    const auto small = curves(1000, 1), smallNext = curves(1001, 1);
    bench.tell(bench.measured(QStringLiteral("new points on 8 curves of 1,000"), 15, times, [&](int i) {
        chart.setSeries(i % 2 == 0 ? small : smallNext);
        chart.replotNow();
    }));
    const auto byEpoch = curves(static_cast<std::size_t>(points), 1), byImages = curves(static_cast<std::size_t>(points), 32);
    bench.tell(bench.measured(QStringLiteral("another x axis for 8 curves of ") + counted(points), 150, times, [&](int i) {
        chart.setSeries(i % 2 == 0 ? byEpoch : byImages);
        chart.replotNow();
    }));
    bench.tell(bench.measured(QStringLiteral("8 curves of %1, raw and smoothed").arg(counted(points)), 80, times, [&](int i) {
        chart.setHalfLife(50 + i);
        chart.replotNow();
    }));
    bench.tell(bench.measured(QStringLiteral("a step of the cursor over them"), 8, 4 * times, [&](int i) { chart.setCursor(points / 100.0 * i); }));
}

void benchList(const Bench& bench) {
    const QString folder = bench.workspace("list"), count = counted(bench.size.runs);
    {
        store::StoreEditor editor(folder.toStdString(), store::Patience::Minutes);
        run::RunConfig config = run::firstStudy().config;
        for (int i = 0; i < bench.size.runs; ++i) {
            config.seed = i;
            config.sampling.steps = std::int64_t{2} << (i % 4);
            editor.createRun(config);
        }
    }
    std::unique_ptr<MainWindow> window;
    bench.tell(waiting(bench.measured(QStringLiteral("opening a workspace of %1 runs").arg(count), 1500, std::min(3, bench.size.times), [&](int) {
        window.reset();
        window = bench.open(folder, QStringLiteral("live"));
        waitFor([&] { return window->runs().hasLoaded(); });
        window->grab();
    })));
    bench.tell(bench.measured(QStringLiteral("filtering %1 runs").arg(count), 50, bench.size.times, [&](int i) {
        window->runs().setFilterText(i % 2 == 0 ? QStringLiteral("H8 s1") : QStringLiteral("H4 s2"));
        QCoreApplication::processEvents();
    }));
    // Another setting each time: what was asked once is known.
    bench.tell(bench.measured(QStringLiteral("filtering %1 runs by a setting").arg(count), 50, bench.size.times, [&](int i) {
        const std::string& path = run::fieldTable()[static_cast<std::size_t>(i)].path;
        window->runs().setFilterText(QString::fromStdString(path) + QStringLiteral("=7"));
        QCoreApplication::processEvents();
    }));
}

/// Evaluations of runs of four horizons, none of them trained.
void makeStudy(const QString& folder, int runs) {
    store::StoreEditor editor(folder.toStdString(), store::Patience::Minutes);
    run::RunConfig config = run::firstStudy().config;
    config.training.epochs = kEvaluations;
    for (int i = 0; i < runs; ++i) {
        config.seed = i / 4;
        config.sampling.steps = std::int64_t{2} << (i % 4);
        const run::RunId id = editor.createRun(config);
        editor.claim(id);
        run::RunCommands commands;
        store::StoreWriter writer(folder.toStdString(), id, commands);
        writer.onEvent(run::RunStarted{id, "{}", 0, {}});
        for (int epoch = 0; epoch <= kEvaluations; ++epoch) {
            run::Counters counters;
            counters.epoch = epoch;
            counters.images = counters.rewardQueries = 32 * epoch;
            counters.denoiserEvaluations = counters.nominalDenoiserEvaluations = 64 * config.sampling.steps * epoch;
            counters.activeSeconds = counters.wallSeconds = epoch;
            const double reward = -2.5 + 0.02 * epoch * static_cast<double>(i % 4 + 1) + 0.01 * (i % 7);
            writer.onEvent(run::EvaluationDone{id, epoch, counters, false, 0.1, {{std::string(run::measure::kEvalRewardMean), reward}}, {}});
        }
        run::Counters end;
        end.epoch = kEvaluations;
        writer.onEvent(run::RunFinished{id, run::RunState::Finished, {}, end, {}});
    }
}

void benchHorizons(const Bench& bench) {
    const QString folder = bench.workspace("study"), count = counted(bench.size.studyRuns);
    makeStudy(folder, bench.size.studyRuns);
    const auto window = bench.open(folder, QStringLiteral("horizons"));
    waitFor([&] { return window->isShowingData(); });
    bench.tell(bench.measured(QStringLiteral("a step of the budget of %1 runs").arg(count), 33, bench.size.times, [&](int i) {
        window->view().apply({[i](ViewState& state) { state.horizons.budget = 64.0 * (i + 1); }, MergeKey::Budget});
        QCoreApplication::processEvents();
    }));
    bench.tell(waiting(bench.measured(QStringLiteral("changing between two pages with %1 runs").arg(count), 150, bench.size.times, [&](int i) {
        window->showPage(i % 2 == 0 ? QStringLiteral("horizons") : QStringLiteral("compare"));
        waitFor([&] { return window->isShowingData(); });
        window->grab();
    })));
}

}  // namespace

double ownMilliseconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

void waitFor(const std::function<bool()>& isDone) {
    QElapsedTimer clock;
    clock.start();
    while (!isDone() && clock.elapsed() < kPatienceMs) {
        QCoreApplication::processEvents(QEventLoop::AllEvents, 5);
    }
}

UiTime waiting(UiTime time) {
    time.isWaiting = true;
    return time;
}

QString Bench::workspace(const char* name) const {
    return QDir(folder).filePath(QLatin1String(name));
}

std::unique_ptr<MainWindow> Bench::open(const QString& workspace, const QString& page) const {
    WindowOptions own = options;
    own.workspace = workspace.toStdString();
    own.settingsFile = workspace + QStringLiteral("/window.ini");
    auto window = std::make_unique<MainWindow>(std::move(own));
    window->resize(1280, 800);
    window->showPage(page);
    window->show();
    return window;
}

UiTime Bench::measured(const QString& what, double limit, int times, const std::function<void(int)>& work) const {
    std::vector<double> all, own;
    work(0);
    for (int i = 1; i <= times; ++i) {
        QElapsedTimer clock;
        clock.start();
        const double before = ownMilliseconds();
        work(i);
        own.push_back(ownMilliseconds() - before);
        all.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
    }
    return {what, quantile(all, 0.5), quantile(own, 0.5), limit};
}

void benchUi(const QString& folder, const WindowOptions& options, const BenchSize& size, const std::function<void(const UiTime&)>& tell) {
    const Bench bench{folder, options, size, tell};
    benchCharts(bench);
    benchList(bench);
    benchHorizons(bench);
    benchMeasure(bench);
    benchExport(bench);
    benchImages(bench);
}

}  // namespace rlcm::ui
